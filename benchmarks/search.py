"""Search: the facts that are read from sentences, and what the ten homes found first are worth.

The homes are sales of the public King County file. A home is right where all facts of a sentence's true
answer hold of it, as far as the file has their columns; the rules take no part in that.
"""

import argparse
import math
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from realestate_assets.domain.core.geo import haversine_miles
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.search.description import describe, point_ids
from realestate_assets.domain.search.payload import payloads
from realestate_assets.domain.search.places import NEAR_MILES
from realestate_assets.domain.tables import PROPERTIES, SCORES
from realestate_assets.operations.search import search_properties
from resources.partition import Partition
from resources.vectors.sentences import Embedder
from resources.vectors.vectors import Vectors
from tests.unit.domain.search.query_cases import PLACES, SHORT, TODAY, cases, judge

FOUND = 10
PARTITION = Partition("king-wa", "2015-05")
COLUMNS = {
    "price": "sale_price_usd", "bedrooms": "bedrooms", "bathrooms": "bathrooms",
    "sqft_living": "living_area_sqft", "sqft_lot": "lot_area_sqft", "sqft_basement": "basement_sqft",
    "floors": "stories", "yr_built": "year_built",
    "condition": "condition_code", "grade": "quality_code", "view": "view_code", "lat": "latitude",
    "long": "longitude",
}  # fmt: skip
FULL_NAMES = {short: full for full, short in SHORT.items()}


def homes(path: Path, count: int) -> pd.DataFrame:
    """Sales of the file drawn at random, as properties."""
    raw = pd.read_csv(path, dtype={"zipcode": str}).drop_duplicates("id").sample(count, random_state=0)
    frame = pd.DataFrame(dict.fromkeys(PROPERTIES.column_names), index=range(count))
    for source, name in COLUMNS.items():
        frame[name] = raw[source].to_numpy(dtype=float)
    renovated = raw["yr_renovated"].to_numpy(dtype=float)
    return frame.assign(
        county=PARTITION.county_slug,
        month=PARTITION.month,
        property_id=[f"h{number}" for number in range(count)],
        property_type="single_family",
        state="WA",
        zip=raw["zipcode"].to_numpy(),
        year_renovated=np.where(renovated > 0, renovated, np.nan),
        is_waterfront=raw["waterfront"].to_numpy() == 1,
        sale_date=pd.to_datetime(raw["date"].str[:8]).to_numpy(),
    )


def holds(fact: str, frame: pd.DataFrame) -> np.ndarray | None:
    """Of which homes a true fact holds; none where the file has no column for it."""
    if fact.startswith("not "):
        positive = holds(fact.removeprefix("not "), frame)
        return None if positive is None else ~positive
    name, *words = fact.split()
    if name == "waterfront":
        return frame["is_waterfront"].to_numpy(dtype=bool)
    if name in ("place", "near"):
        return _placed(name, " ".join(words).removeprefix("in "), frame)
    if words[0] == "in":
        column = {"type": "property_type", "zip": "zip"}.get(name)
        return None if column is None else frame[column].isin(words[1:]).to_numpy()
    column = {"price": "sale_price_usd", "sale_date": "sale_day"}.get(name, FULL_NAMES.get(name, name))
    if column == "sale_day":
        values = frame["sale_date"].map(pd.Timestamp.toordinal).to_numpy(dtype=float)
        bounds = [float(date.fromisoformat(word).toordinal()) for word in words[1:]]
    elif column in frame and frame[column].notna().any():
        values = frame[column].to_numpy(dtype=float)
        bounds = [float(word) for word in words[1:]]
    else:
        return None
    low = bounds[0] if words[0] in (">=", "=", "between") else -math.inf
    high = bounds[-1] if words[0] in ("<=", "=", "between") else math.inf
    return (values >= low) & (values <= high)


def _placed(name: str, said: str, frame: pd.DataFrame) -> np.ndarray:
    found = np.zeros(len(frame), dtype=bool)
    rest = said
    for place in sorted(PLACES.places.values(), key=lambda each: -len(each.name)):
        if place.name not in rest or place.circle is None:
            continue
        rest = rest.replace(place.name, "", 1)
        digits = rest.strip()
        own = place.circle.miles + (NEAR_MILES if name == "near" else 0)
        miles = float(digits) if name == "near" and digits else own
        place_at = (np.array([place.circle.latitude]), np.array([place.circle.longitude]))
        positions = (frame["latitude"].to_numpy(dtype=float), frame["longitude"].to_numpy(dtype=float))
        is_around = haversine_miles(*place_at, *positions) <= miles
        found |= frame["zip"].isin(place.zips).to_numpy() if place.zips and name == "place" else is_around
    return found


def gain(ids: list[str], right: set[str]) -> float:
    """NDCG of the first ten, a home being right or not."""
    discounts = 1 / np.log2(np.arange(2, FOUND + 2))
    won = sum(discount for each, discount in zip(ids, discounts, strict=False) if each in right)
    return float(won / discounts[: len(right)].sum())


def facts_row(name: str) -> str:
    """Precision and recall of the facts of one file of sentences."""
    judged = [judge(case) for case in cases(name)]
    right, wrong, missing = (
        sum(len(getattr(each, kind)) for each in judged) for kind in ("right", "wrong", "missing")
    )
    exact = sum(not each.wrong and not each.missing for each in judged)
    precision, recall = right / (right + wrong), right / (right + missing)
    return f"| {name} | {len(judged)} | {right + missing} | {precision:.3f} | {recall:.3f} | {exact} |"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", type=Path, required=True, help="kc_house_data.csv as published")
    parser.add_argument("--homes", type=int, default=5000, help="how many of its sales are indexed")
    options = parser.parse_args()
    print("| sentences | n | facts | precision | recall | wholly right |\n|---|---|---|---|---|---|")
    print(facts_row("developed"), facts_row("held_out"), sep="\n", flush=True)
    frame = homes(options.input, options.homes)
    scores = pd.DataFrame(dict.fromkeys(SCORES.column_names), index=frame.index)
    scores = scores.assign(
        property_id=frame["property_id"],
        asking_price_usd=frame["sale_price_usd"],
        offer_state="retrospective",
    )
    embedder = Embedder()
    with tempfile.TemporaryDirectory() as folder:
        index = Vectors(root=folder)
        vectors = embedder.encode(describe(frame).tolist())
        ids = point_ids(frame["property_id"], frame["month"])
        index.replace_partition(PARTITION, ids, vectors, payloads(frame, scores))
        # Opened once, not for each of the hundreds of questions.
        index = index.kept_open(Path(folder) / ".copies")
        print("\n| sentences | n | nDCG@10 facts and vector | nDCG@10 vector alone |\n|---|---|---|---|")
        for name in ("developed", "held_out"):
            print(_ranked(name, frame, embedder, index), flush=True)


def _ranked(name: str, frame: pd.DataFrame, embedder: Embedder, index: Vectors) -> str:
    both, alone = [], []
    for case in cases(name):
        known = [found for fact in case["facts"] if (found := holds(fact, frame)) is not None]
        right = set(frame.loc[np.logical_and.reduce(known), "property_id"]) if known else set()
        if not right or len(right) == len(frame):
            continue
        result = search_properties(
            case["q"],
            PARTITION.county_slug,
            counties=load_counties(),
            embedder=embedder,
            vector_index=index,
            today=TODAY,
            limit=FOUND,
        )
        both.append(gain([hit["property_id"] for hit in result.hits], right))
        hits = index.search(PARTITION.county_slug, embedder.encode([case["q"]])[0], FOUND)
        alone.append(gain([hit.payload["property_id"] for hit in hits], right))
    return f"| {name} | {len(both)} | {np.mean(both):.3f} | {np.mean(alone):.3f} |"


if __name__ == "__main__":
    main()
