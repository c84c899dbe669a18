"""The section of a memo on owner, assessment and tax."""

from collections.abc import Mapping

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.memo.figures import Figure, Figures

OWNER_TYPE_NAMES = {
    "person": "Person",
    "company": "Company",
    "trust": "Trust",
    "bank": "Bank or lender",
    "government": "Public body",
}


def owner_section(record: Mapping, enrichment: Mapping, figures: Figures) -> list[Figure] | None:
    """Owner, tenure, assessment and tax; what was derived from a simulated value is marked as it is.

    Args:
        record: the property's row.
        enrichment: its enriched fields.
        figures: all its rows.
    """
    f = figures
    mail = ("owner_mailing_address", "owner_mailing_state", "owner_occupied")
    signals = f.raw("distress_signal_count")
    found = f.known(
        f.shown("Owner of record", "owner_name", _said(record, enrichment, "owner_name")),
        f.shown(
            "Kind of owner", "owner_type", OWNER_TYPE_NAMES.get(f.raw("owner_type")), like=("owner_name",)
        ),
        f.shown(
            "Mailing address", "owner_mailing_address", _said(record, enrichment, "owner_mailing_address")
        ),
        f.shown("Absentee owner", "is_absentee_owner", formats.yes_no(f.raw("is_absentee_owner")), like=mail),
        f.shown(
            "Lives out of state",
            "is_absentee_out_of_state",
            formats.yes_no(f.raw("is_absentee_out_of_state")),
            like=mail,
        ),
        f.shown(
            "Owned for",
            "tenure_years",
            formats.years(f.raw("tenure_years")),
            like=("owner_since_date", "last_sale_date"),
        ),
        f.shown("Taxes at a tax sale", "is_tax_delinquent", formats.yes_no(f.raw("is_tax_delinquent"))),
        f.usd("Unpaid taxes", "tax_delinquent_usd"),
        f.plain("Latest tax sale", "tax_sale_year"),
        f.shown(
            "Distress signals",
            "distress_signal_count",
            None if signals is None else f"{int(signals)} of 4",
            like=("is_tax_delinquent", "owner_name", *mail, "owner_since_date"),
        ),
        f.shown("Last sale", "last_sale_date", formats.day(f.raw("last_sale_date"))),
        f.usd("Last sale price", "last_sale_price_usd"),
        f.years("Since that sale", "years_since_last_sale"),
        f.percent("Change since that sale", "appreciation_since_last_sale_pct"),
        f.usd("Property tax a year", "tax_annual_usd"),
        f.usd("Assessed value", "assessed_value_usd"),
        f.usd("Roll market value", "roll_market_value_usd"),
        f.decimal("Assessed to market", "assessed_to_market_ratio"),
        f.usd("Equity", "equity_usd"),
        f.percent("Loan to value", "ltv_pct"),
    )
    return found or None


def _said(record: Mapping, enrichment: Mapping, name: str) -> str | None:
    """What the record itself says of its owner, or else a provider: the order of `owner_signals`."""
    known = [row.get(name) for row in (record, enrichment) if not is_missing(row.get(name))]
    return " ".join(str(known[0]).split()) if known else None
