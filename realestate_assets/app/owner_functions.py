"""Functions of the tables' owner that the service's role may call: all that looks beyond one tenant.

Each is narrow, pins its search_path, and is nobody else's to call.
"""

import sqlalchemy as sa

from realestate_assets.app import (
    event_functions,
    identities,
    mails,
    search_functions,
    sign_in,
    tenant_functions,
)
from realestate_assets.app.service_role import ROLE

FUNCTIONS = {
    **sign_in.FUNCTIONS,
    **identities.FUNCTIONS,
    **event_functions.FUNCTIONS,
    **search_functions.FUNCTIONS,
    **tenant_functions.FUNCTIONS,
    **mails.FUNCTIONS,
}


def ensure_owner_functions(connection: sa.Connection) -> None:
    """Make them as the code says."""
    for signature, sql in FUNCTIONS.items():
        connection.exec_driver_sql(sql)
        connection.exec_driver_sql(f"revoke all on function {signature} from public")
        connection.exec_driver_sql(f"grant execute on function {signature} to {ROLE}")
