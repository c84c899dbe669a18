"""How long what is kept: retention.yaml."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from realestate_assets.domain.core.config_file import CONFIG_DIR, read_settings
from realestate_assets.domain.core.strict_model import StrictModel

RETENTION_FILE = "retention.yaml"
# Budgets are counted over a month of calls.
LONGEST_BUDGET_DAYS = 40
AUDIT_DAYS = 1095

Days = Annotated[int | None, Field(ge=1)]


class RetentionRules(StrictModel):
    """Days by kind; None keeps all. See retention.yaml for what each kind is."""

    runs: Days
    check_executions: Days
    backfills: Days
    events: Days
    provider_calls: Annotated[int | None, Field(ge=LONGEST_BUDGET_DAYS)]
    reject_replays: Days
    check_results: Days
    alerts: Days
    heartbeats: Days
    # Files of before know no log.
    audit: Days = AUDIT_DAYS
    models: Days
    quarantine: Days
    leftovers: Days


def retention_rules(own_folder: Path | None) -> RetentionRules:
    """The file beside one's own county files, else the built-in one.

    Raises:
        PermanentError: it is not valid.
    """
    own = own_folder / RETENTION_FILE if own_folder else None
    return read_settings(own if own and own.exists() else CONFIG_DIR / RETENTION_FILE, RetentionRules)
