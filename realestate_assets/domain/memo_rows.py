"""Which properties get a memo, and the rows of many tables brought together per memo."""

from collections.abc import Mapping

import pandas as pd

from realestate_assets.domain.memo import MemoRecord

KEY = ["county", "month", "property_id"]


def memo_candidates(scores: pd.DataFrame, min_score: float, limit: int) -> pd.DataFrame:
    """The best properties of each partition, at most `limit`, with their `memo_rank` from 1.

    Ties go by property_id, so that the order of the rows does not matter.
    """
    worthy = scores[(scores["bird_dog_score"] >= min_score) & (scores["value_status"] == "valued")]
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
        tables: rows of features, properties, enrichments, enrichment_facts and comparables of the chosen.
    """
    grouped = {name: _by_key(frame) for name, frame in tables.items()}

    def first(name: str, key: tuple) -> dict:
        return grouped[name].get(key, [{}])[0]

    records = []
    for score in _records(chosen):
        key = tuple(score[name] for name in KEY)
        facts = sorted(grouped["enrichment_facts"].get(key, []), key=lambda f: (f["field"], f["provider"]))
        records.append(
            MemoRecord(
                score=score,
                features=first("features", key),
                property=first("properties", key),
                enrichment=first("enrichments", key),
                facts=facts,
                comparables=grouped["comparables"].get(key, []),
            )
        )
    return records
