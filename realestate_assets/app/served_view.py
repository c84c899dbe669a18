"""What a view of schema `served` is: a query over tables of the market that shows a tenant's counties."""

import hashlib
from dataclasses import dataclass

from realestate_assets.app.engine import TENANT

# `{entitled}` in a view's SQL: the counties of the tenant that asks.
ENTITLED = f"""(
    select e.county from app.county_entitlements e
    where e.tenant_id = nullif(current_setting('{TENANT}', true), '')::uuid
      and (e.until is null or e.until > now())
)"""  # noqa: S608 - a name of ours


@dataclass(frozen=True)
class View:
    """A view of `served`.

    Args:
        name: its name in schema `served`.
        over: tables that must exist, as `raw.scores`; without them there is no view.
        sql: the query; `{entitled}` stands for the counties of the asking tenant, and must stand in it.
    """

    name: str
    over: tuple[str, ...]
    sql: str

    def __post_init__(self) -> None:
        if "{entitled}" not in self.sql:
            raise ValueError(f"{self.name} shows every county to every tenant: it has no {{entitled}}")

    @property
    def query(self) -> str:
        """The SQL with its counties."""
        return self.sql.replace("{entitled}", ENTITLED)

    @property
    def mark(self) -> str:
        """Comment of the view that tells what it was made from."""
        return f"Made by the service: {hashlib.sha256(self.query.encode()).hexdigest()[:16]}"
