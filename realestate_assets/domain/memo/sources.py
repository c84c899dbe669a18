"""Footnotes of a memo: which source stands behind each figure, with provider, date and letter.

A figure made of others carries the letters of all of them. What was generated marks all that is made of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import is_missing
from realestate_assets.domain.memo.record import MemoRecord
from realestate_assets.domain.memo.text import line

RECORD, MODEL, SALES, TERMS = "@record", "@model", "@sales", "@terms"
RENTALS = "@rentals"
LEARNED = "learned"

FIELD_NAMES = {
    "zip_median_income_usd": "household income",
    "zip_median_home_value_usd": "home value",
    "zip_median_age_years": "median age",
    "zip_owner_occupied_pct": "owner-occupied share",
    "zip_unemployment_pct": "unemployment",
    "zip_median_rent_usd": "median rent",
    "bedroom_rent_usd": "rent by bedrooms",
    "zip_population": "population",
    "quality_code": "construction grade",
    "effective_age_years": "effective age",
    "nearby_living_area_sqft": "living area of homes nearby",
    "nearby_lot_area_sqft": "lot area of homes nearby",
    "nearby_sales": "sales nearby",
    "price_class": "correction by price class",
}

_RENT = ("rent_monthly_usd",)
_COSTS = ("asking_price_usd", "market_value_p50_usd", "tax_annual_usd", "hoa_monthly_usd", TERMS)
# What a column is made of: other columns, or a source by its name. A column that is not here is its own.
BASES: dict[str, tuple[str, ...]] = {
    "asking_price_usd": (RECORD,),
    "price_per_sqft_usd": (RECORD,),
    "market_value_p10_usd": (MODEL,),
    "market_value_p50_usd": (MODEL,),
    "market_value_p90_usd": (MODEL,),
    "discount_to_value_pct": (MODEL, "asking_price_usd"),
    "discount_probability": (MODEL, "asking_price_usd"),
    "likely_sale_p10_usd": (MODEL, "asking_price_usd"),
    "likely_sale_p50_usd": (MODEL, "asking_price_usd"),
    "likely_sale_p90_usd": (MODEL, "asking_price_usd"),
    "sale_above_ask_probability": (MODEL, "asking_price_usd"),
    "gain_probability": (MODEL, "asking_price_usd"),
    "arv_usd": (SALES,),
    "arv_low_usd": (SALES,),
    "arv_high_usd": (SALES,),
    "repair_estimate_usd": ("condition_code", TERMS),
    "max_allowable_offer_usd": ("arv_usd", "repair_estimate_usd"),
    "rent_low_usd": (*_RENT, TERMS),
    "rent_high_usd": (*_RENT, TERMS),
    "noi_usd": (*_RENT, *_COSTS),
    "cap_rate_pct": (*_RENT, *_COSTS),
    "cash_on_cash_pct": (*_RENT, *_COSTS),
    "dscr": (*_RENT, *_COSTS),
    "stressed_dscr": (*_RENT, *_COSTS),
    "stressed_flip_roi_pct": ("arv_usd", *_COSTS),
    "meets_one_percent_rule": (*_RENT, "asking_price_usd"),
    "brrrr_cash_left_usd": ("arv_usd", *_COSTS),
    "irr_base_pct": (MODEL, *_RENT, *_COSTS),
    "gross_rent_multiplier": (*_RENT, "asking_price_usd"),
    "flip_profit_usd": ("arv_usd", *_COSTS),
    "flip_roi_pct": ("arv_usd", *_COSTS),
    "nearby_price_per_sqft_usd": (SALES,),
    "zip_median_price_per_sqft_usd": (SALES,),
    "zip_price_per_sqft_trend_pct": (SALES,),
    "zip_sale_count": (SALES,),
    "zip_months_of_supply": (SALES,),
    "market_appreciation_pct": (SALES,),
    "market_heat_pct": (SALES,),
    "outside_rate": (TERMS,),
    "neighborhood": (TERMS,),
    "neighborhood_multiplier": (TERMS,),
    "assessed_to_market_ratio": ("assessed_value_usd", "roll_market_value_usd"),
    "years_since_last_sale": ("last_sale_date",),
    "appreciation_since_last_sale_pct": ("last_sale_price_usd", "asking_price_usd"),
    "equity_usd": (MODEL,),
    "ltv_pct": (MODEL,),
}
# Where neither record nor provider says it, it was found among the earlier sales.
_ELSE_SALES = ("last_sale_date", "last_sale_price_usd")


@dataclass(frozen=True)
class Source:
    """One footnote."""

    provider: str
    fields: str
    date: str
    url: str | None = None
    is_simulated: bool = False
    is_later: bool = False
    letter: str = ""


def letter(position: int) -> str:
    """A, b, … z, aa, ab, …; letters, because a figure beside a figure reads as one more digit."""
    first, last = divmod(position, 26)
    return (chr(96 + first) if first else "") + chr(97 + last)


@dataclass(frozen=True)
class Footnotes:
    """The sources of one memo and which column rests on which."""

    sources: Mapping[str, Source]
    field_source: Mapping[str, str]
    recorded: frozenset[str]

    def behind(self, names: Iterable[str]) -> list[Source]:
        """The sources of these columns, in the order of their letters."""
        keys = {key for name in names for key in self._keys(name)} & self.sources.keys()
        found = keys or ({RECORD} & self.sources.keys())
        return sorted((self.sources[key] for key in found), key=lambda s: (len(s.letter), s.letter))

    def _keys(self, name: str) -> set[str]:
        if name.startswith("@"):
            return {name}
        if name == "rent_monthly_usd":
            if RENTALS in self.sources:
                return {RENTALS}
            # The rent for the bedroom count goes before the median of the ZIP.
            known = [n for n in ("bedroom_rent_usd", "zip_median_rent_usd") if n in self.field_source]
            return {self.field_source[known[0]]} if known else set()
        if name in BASES:
            return {key for part in BASES[name] for key in self._keys(part)}
        if name in self.recorded:
            return {RECORD}
        if name in self.field_source:
            return {self.field_source[name]}
        return {SALES} if name in _ELSE_SALES else set()

    def listed(self) -> list[Source]:
        """All sources in the order of their letters."""
        return list(self.sources.values())


def footnotes(record: MemoRecord, county_name: str, as_of: str, has_underwriting: bool) -> Footnotes:
    """All sources of a memo, lettered: the record, the model, earlier sales, assumptions, then providers.

    Args:
        record: the rows.
        county_name: for the sales.
        as_of: the first day of the month, as text.
        has_underwriting: whether assumptions are used.
    """
    found = {RECORD: _record_source(record), MODEL: _model_source(record.score, as_of)}
    if record.comparables or record.market:
        found[SALES] = Source(
            f"Sales recorded in {county_name}",
            "comparables, after-repair value, price level and trend",
            f"sold before {as_of}",
            is_simulated=bool(record.score["is_simulated"])
            or any(bool(comp["is_simulated"]) for comp in record.comparables),
        )
    if record.score.get("rent_source") == LEARNED:
        found[RENTALS] = _rental_source(record.score, county_name)
    if has_underwriting:
        settings = line(record.score["config_version"])
        found[TERMS] = Source(
            "Assumptions set for the county", "rates, loan and costs", f"settings {settings}"
        )
    provided = _providers(record.facts)
    field_source: dict[str, str] = {}
    for key, (source, fields) in provided.items():
        found[key] = source
        field_source |= dict.fromkeys(fields, key)
    lettered = {key: replace(source, letter=letter(k)) for k, (key, source) in enumerate(found.items())}
    recorded = frozenset(name for name, value in record.property.items() if not is_missing(value))
    return Footnotes(lettered, field_source, recorded)


def _record_source(record: MemoRecord) -> Source:
    p = record.property
    return Source(
        line(p["source"]) or "not named",
        "the property record",
        formats.day(p.get("observed_date")) or "no date",
        line(p.get("url")),
        bool(p["is_simulated"]),
    )


def _model_source(score: Mapping, as_of: str) -> Source:
    return Source(
        f"Value model {line(score['model_id'], 40)}",
        "market value with its range, discount",
        f"sales before {as_of}",
        is_simulated=bool(score["is_simulated"]),
    )


def _rental_source(score: Mapping, county_name: str) -> Source:
    return Source(
        f"Rental advertisements of {county_name}",
        f"the rent with its range, from {formats.count(score['rent_cases'])} rents asked",
        f"to {formats.day(score['rent_vintage'])}",
    )


def _dated(fact: Mapping) -> date | None:
    return fact.get("retrieved_at") if is_missing(fact.get("vintage")) else fact["vintage"]


def _providers(facts: Sequence[Mapping]) -> dict[str, tuple[Source, list[str]]]:
    """One source a provider, date and address, with the fields it gave."""
    groups: dict[tuple, list[str]] = {}
    for fact in facts:
        if fact["is_used"]:
            later = fact.get("is_later_vintage")
            key = (
                line(fact["provider"]) or "not named",
                formats.day(_dated(fact)) or "no date",
                line(fact.get("source_url")) or "",
                bool(fact["simulated"]),
                bool(later) and not is_missing(later),
            )
            groups.setdefault(key, []).append(fact["field"])
    listed = {}
    for key, fields in sorted(groups.items()):
        provider, dated, url, simulated, later = key
        names = ", ".join(sorted(field_name(field) for field in fields))
        listed["/".join(map(str, key))] = (
            Source(provider, names, dated, url or None, simulated, later),
            fields,
        )
    return listed


def field_name(field: str) -> str:
    """A column as words."""
    name = (
        field.removeprefix("extra_")
        .removeprefix("is_")
        .replace("zip_", "ZIP ")
        .replace("per_sqft", "per sq ft")
    )
    for unit in ("_usd", "_sqft", "_pct", "_code"):
        name = name.removesuffix(unit)
    return FIELD_NAMES.get(field, name.replace("_", " "))
