"""The hundred and fifty sentences with their true answers, and how an understanding is held against them."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from realestate_assets.domain.counties.county import BUILT_IN_DIR, read_county
from realestate_assets.domain.search.facts import Fact
from realestate_assets.domain.search.places import gazetteer
from realestate_assets.domain.search.query import understand
from realestate_assets.domain.search.vocabulary import JOINING

TODAY = date(2015, 6, 15)
FOLDER = Path(__file__).parent / "queries"
SHORT = {
    "asking_price_usd": "price", "bedrooms": "beds", "bathrooms": "baths", "living_area_sqft": "living",
    "lot_area_sqft": "lot", "year_built": "year", "property_type": "type", "is_waterfront": "waterfront",
    "view_code": "view", "garage_spaces": "garage", "hoa_monthly_usd": "hoa", "condition_code": "condition",
    "basement_sqft": "basement", "year_renovated": "renovated", "sale_day": "sale_date",
    "days_on_market": "days", "bird_dog_score": "score",
}  # fmt: skip
PLACES = gazetteer(read_county(BUILT_IN_DIR / "king-wa.yaml"))


@dataclass(frozen=True)
class Judged:
    """The facts that are right, wrong and missing, as the files write them, and the words that remain."""

    right: set[str]
    wrong: set[str]
    missing: set[str]
    rest: str
    is_rest_right: bool
    is_told_right: bool


def cases(name: str) -> list[dict]:
    """The sentences of a file, `developed` or `held_out`."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def written(fact: Fact, true_facts: list[str]) -> str:
    """A fact as the files write it; a radius only where the true answer has one."""
    name, negated = SHORT.get(fact.field, fact.field), "not " if fact.is_negated else ""
    if fact.field == "near":
        plain = f"near {' '.join(fact.values)}"
        exact = f"{plain} {fact.circles[0].miles:g}"
        return negated + (exact if exact in true_facts else plain)
    if fact.values:
        return f"{negated}{name} in {' '.join(fact.values)}"
    if fact.field == "is_waterfront":
        return negated + name
    low, high = (_figure(name, each) for each in (fact.low, fact.high))
    if low == high:
        return f"{negated}{name} = {low}"
    if low and high:
        return f"{negated}{name} between {low} {high}"
    return f"{negated}{name} >= {low}" if low else f"{negated}{name} <= {high}"


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return ""
    if name == "sale_date":
        return date.fromordinal(int(value)).isoformat()
    return f"{value:g}" if value % 1 and value < 100 else f"{value:.0f}"


def content(text: str) -> list[str]:
    """The words of a rest that say something."""
    return [word for word in re.findall(r"[\w-]+", text.lower()) if word not in JOINING]


def judge(case: dict) -> Judged:
    """Hold what is understood against the true answer."""
    understood = understand(case["q"], TODAY, PLACES)
    found = {written(fact, case["facts"]) for fact in understood.facts}
    true = set(case["facts"])
    told = [wish.label for wish in understood.wishes]
    return Judged(
        found & true,
        found - true,
        true - found,
        understood.text,
        content(understood.text) == content(case["rest"]),
        sorted(told) == sorted(case.get("told", [])),
    )
