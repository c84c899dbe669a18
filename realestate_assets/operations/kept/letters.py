"""Mail of a kept search: what a look found, in one letter, in the transaction of the look."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.people import User
from realestate_assets.app.searches import SavedSearch
from realestate_assets.app.secret import ServiceSecret
from realestate_assets.app.tenants import Tenant
from realestate_assets.domain.core import formats
from realestate_assets.operations.accounts import plans, quotas
from realestate_assets.operations.accounts.people import person
from realestate_assets.operations.kept import unsubscribe
from realestate_assets.operations.mail.letters import one_line
from realestate_assets.operations.mail.mailer import Mailer
from realestate_assets.operations.market.columns import properties

if TYPE_CHECKING:
    from realestate_assets.operations.kept.alerts import Found

_log = logging.getLogger(__name__)

TEMPLATE = "search_alert"
# A letter shows so many homes, and says how many there are.
SHOWN = 20
FIELDS = (
    "property_id", "street", "unit", "city", "state", "zip", "bedrooms", "bathrooms", "living_area_sqft",
    "year_built", "market_value_p50_usd",
)  # fmt: skip


@dataclass(frozen=True)
class AlertWriter:
    """Writes to whoever keeps a search, where they want mail of it.

    Args:
        mailer: puts letters into the outbox.
        secret: signs the link that ends them.
    """

    mailer: Mailer
    secret: ServiceSecret

    def __call__(self, session: Session, search: SavedSearch, found: "list[Found]") -> None:
        """Put one letter about all that was found on its way."""
        if not search.email or not found:
            return
        is_active = sa.select(User.user_id).where(User.user_id == search.user_id, User.state == "active")
        reader = person(session, self.mailer.sealer, search.user_id)
        if reader is None or session.execute(is_active).first() is None:
            return
        try:
            plan = session.scalars(sa.select(Tenant.plan)).one()
            quotas.take(session, search.tenant_id, plan, plans.MESSAGES)
        except quotas.QuotaExceededError:
            # What was found stands in the list of the search.
            _log.warning("search %s: no mail, the plan holds no more messages", search.search_id)
            return
        new = sum(each.kind == "new" for each in found)
        said = counted(new, len(found) - new)
        token = unsubscribe.token(self.secret, search.tenant_id, search.search_id)
        unsubscribe_url = self.mailer.url(f"{unsubscribe.PATH}/{token}")
        context = {
            "name": one_line(search.name),
            "said": said,
            "homes": self._homes(session, search, found[:SHOWN]),
            "more": len(found) - SHOWN if len(found) > SHOWN else 0,
            "frequency": search.frequency,
            "searches_url": self.mailer.url("/searches"),
        }
        self.mailer.post(
            session, search.user_id, reader.email, TEMPLATE, f"{said}: {search.name}", context,
            unsubscribe_url=unsubscribe_url, is_taken=True,
        )  # fmt: skip

    def _homes(self, session: Session, search: SavedSearch, found: "list[Found]") -> list[dict[str, Any]]:
        c = properties.c
        asked = sa.select(*(c[name] for name in FIELDS)).where(
            c.county == search.county,
            c.month.in_({each.month for each in found}),
            c.property_id.in_([each.property_id for each in found]),
        )
        rows = {row["property_id"]: dict(row) for row in session.execute(asked).mappings()}
        return [self._home(rows.get(each.property_id, {}), each) for each in found]

    def _home(self, row: Mapping[str, Any], found: "Found") -> dict[str, Any]:
        return {
            "url": self.mailer.url(f"/properties/{found.property_id}"),
            "address": _joined(", ", _joined(" ", row.get("street"), row.get("unit")), row.get("city"))
            or "Address not known",
            "is_cut": found.kind == "price_cut",
            "price": formats.usd(found.price_usd) or "no price asked",
            "before": formats.usd(found.before_usd),
            "facts": _joined(
                " · ",
                _with("bd", formats.compact(row.get("bedrooms"))),
                _with("ba", formats.compact(row.get("bathrooms"))),
                formats.sqft(row.get("living_area_sqft")),
                _with("our value", formats.usd(row.get("market_value_p50_usd")), before=True),
            ),
        }


def counted(new: int, cuts: int) -> str:
    """`2 new homes and 1 price cut`."""
    parts = [
        f"{count} {word if count == 1 else word + 's'}"
        for count, word in ((new, "new home"), (cuts, "price cut"))
        if count
    ]
    return " and ".join(parts)


def _with(word: str, text: str | None, *, before: bool = False) -> str | None:
    if text is None:
        return None
    return f"{word} {text}" if before else f"{text} {word}"


def _joined(between: str, *parts: object) -> str:
    return between.join(str(part) for part in parts if not formats.is_missing(part))
