"""Which properties get a memo, and the rows of many tables brought together per memo."""

from collections.abc import Mapping

import pandas as pd

from realestate_assets.domain.memo.market import WHOLE_COUNTY
from realestate_assets.domain.memo.record import MemoRecord

# Rows of a source that holds sales: nothing was on offer.
RETROSPECTIVE = "retrospective"

KEY = ["county", "month", "property_id"]


def memo_candidates(scores: pd.DataFrame, min_score: float, limit: int) -> pd.DataFrame:
    """The best offers of each partition that need no review, at most `limit`, with `memo_rank` from 1.

    What is under contract or gone gets none. A partition without offers, of a source that holds sales alone,
    gets those of its best retrospective rows, whatever their score: homes that were sold are seldom deals,
    and their memos recommend nothing. Ties go by property_id: the order of the rows does not matter.
    """
    is_sound = (scores["value_status"] == "valued") & ~scores["needs_review"].eq(True).fillna(False)
    on_offer = scores["offer_state"] == "on_offer"
    has_offers = on_offer.groupby([scores["county"], scores["month"]]).transform("any")
    in_retrospect = (scores["offer_state"] == RETROSPECTIVE) & ~has_offers & scores["bird_dog_score"].notna()
    worthy = scores[is_sound & ((on_offer & (scores["bird_dog_score"] >= min_score)) | in_retrospect)]
    order = ["county", "month", "bird_dog_score", "property_id"]
    worthy = worthy.sort_values(order, ascending=[True, True, False, True], kind="stable")
    rank = worthy.groupby(["county", "month"]).cumcount() + 1
    return worthy.assign(memo_rank=rank)[rank <= limit].reset_index(drop=True)


def _records(frame: pd.DataFrame) -> list[dict]:
    return frame.astype(object).to_dict("records")


def _by_key(frame: pd.DataFrame) -> dict[tuple, list[dict]]:
    grouped: dict[tuple, list[dict]] = {}
    for row in _records(frame):
        grouped.setdefault(tuple(row[name] for name in KEY), []).append(row)
    return grouped


def memo_records(chosen: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[MemoRecord]:
    """One record per chosen score row, in their order.

    Args:
        chosen: rows of `memo_candidates`.
        tables: rows of features, properties, enrichments, enrichment_facts and comparables of the chosen;
            where known `market` (county, month, is_simulated, zip, sale_count, median_price_per_sqft_usd)
            and `contributions` (with the columns of the key; see `MemoRecord`).
    """
    grouped = {name: _by_key(frame) for name, frame in tables.items() if name != "market"}
    markets = _markets(tables["market"]) if "market" in tables else {}

    def every(name: str, key: tuple) -> list[dict]:
        return grouped.get(name, {}).get(key, [])

    def first(name: str, key: tuple) -> dict:
        return next(iter(every(name, key)), {})

    records = []
    for score in _records(chosen):
        key = tuple(score[name] for name in KEY)
        facts = sorted(every("enrichment_facts", key), key=lambda f: (f["field"], f["provider"]))
        home = first("properties", key)
        records.append(
            MemoRecord(
                score=score,
                features=first("features", key),
                property=home,
                enrichment=first("enrichments", key),
                facts=facts,
                comparables=every("comparables", key),
                market=_market_of(markets, score, home.get("zip")),
                contributions=every("contributions", key),
            )
        )
    return records


def _markets(frame: pd.DataFrame) -> dict[tuple, list[dict]]:
    """Months of each place; simulated sales apart, because a county may hold both."""
    grouped: dict[tuple, list[dict]] = {}
    for row in _records(frame):
        grouped.setdefault((row["county"], bool(row["is_simulated"]), row["zip"]), []).append(row)
    return grouped


def _market_of(markets: Mapping[tuple, list[dict]], score: Mapping, zip_code: object) -> list[dict]:
    """Months before the memo's own, of county and ZIP, in order."""
    kind = score["county"], bool(score["is_simulated"])
    rows = [row for place in (WHOLE_COUNTY, zip_code) for row in markets.get((*kind, place), [])]
    return sorted(
        (r for r in rows if r["month"] < score["month"]), key=lambda r: (r["zip"] != WHOLE_COUNTY, r["month"])
    )
