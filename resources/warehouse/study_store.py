"""Where tuning studies are recorded: Optuna's tables, in a schema of their own of the warehouse."""

from typing import Any

import optuna
import psycopg2

from resources.warehouse.warehouse import Warehouse

SCHEMA = "tuning"


def study_storage(warehouse: Warehouse) -> optuna.storages.RDBStorage:
    """Optuna's storage on the warehouse; its tables are made where they are not there.

    The connection is made here and not from a URL, which would carry the password through the library.
    """
    warehouse.execute(f"create schema if not exists {SCHEMA}")

    def connect() -> Any:
        # Asked for each time: an embedded server that was killed between two trials is started again.
        parts: dict[str, Any] = {**warehouse.connection_parts()}
        return psycopg2.connect(**parts, options=f"-csearch_path={SCHEMA}")

    return optuna.storages.RDBStorage(
        "postgresql+psycopg2://",
        engine_kwargs={
            "creator": connect,
            # A trial takes minutes: a connection kept open between two would only be in the way.
            "pool_size": 1,
            "pool_pre_ping": True,
        },
    )
