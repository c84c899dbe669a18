"""The embeddings asset and the search over it, on the real model and the real embedded index."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from realestate_assets.assets.search import embeddings
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.search.facts import Fact
from realestate_assets.domain.tables import PROPERTIES, SCORES
from realestate_assets.operations.search import SearchResult, newest_months, search_properties
from realestate_assets.partitions import COUNTY_MONTH
from resources.errors import PermanentError
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.vectors.embedder import EmbedderResource
from resources.vectors.index import VectorIndexResource
from resources.vectors.points import Hit
from tests.unit.assets.frame_io import FrameIO, range_tags

pytestmark = pytest.mark.integration

HOMES = {
    "water": {"is_waterfront": True, "view_code": 4, "description": "Craftsman on the lake with a dock."},
    "condo": {"property_type": "condo", "bedrooms": 1.0, "description": "Downtown loft with city lights."},
    "farm": {"lot_area_sqft": 400_000.0, "description": "Barn, stable and pasture for horses."},
}
PRICES = {"water": 900_000.0, "condo": 300_000.0, "farm": 550_000.0}


def property_rows(month: str, homes: dict[str, dict] = HOMES) -> pd.DataFrame:
    base = {
        "county": "king-wa",
        "month": month,
        "property_type": "single_family",
        "bedrooms": 3.0,
        "zip": "98125",
    }
    rows = [{**base, "property_id": name, "street": f"{name} ST", **home} for name, home in homes.items()]
    return pd.DataFrame([{**dict.fromkeys(PROPERTIES.column_names), **row} for row in rows])


def score_rows(month: str, scores: dict[str, float | None]) -> pd.DataFrame:
    rows = [
        {"county": "king-wa", "month": month, "property_id": name, "bird_dog_score": score}
        for name, score in scores.items()
    ]
    frame = pd.DataFrame([{**dict.fromkeys(SCORES.column_names), **row} for row in rows])
    frame["asking_price_usd"] = [PRICES.get(name) for name in scores]
    return frame


@pytest.fixture
def index(tmp_path: Path) -> VectorIndexResource:
    return VectorIndexResource(root=str(tmp_path / "vectors"))


@pytest.fixture(scope="module")
def embedder() -> EmbedderResource:
    return EmbedderResource()


@pytest.fixture
def runner(tmp_path: Path, index: VectorIndexResource, embedder: EmbedderResource) -> Iterator:
    store = StoreResource(root_url=str(tmp_path / "lake"))

    def run(frames: dict[str, pd.DataFrame], first: str, last: str) -> pa.Table:
        upstream = [
            dg.AssetSpec(name, partitions_def=COUNTY_MONTH).with_io_manager_key("frames")
            for name in ("properties", "scores")
        ]
        result = dg.materialize(
            [embeddings, *upstream],
            selection=[embeddings],
            resources={
                "frames": FrameIO(frames),
                "lake_io": LakeIOManager(store=store),
                "lake": store,
                "embedder": embedder,
                "vector_index": index,
            },
            tags=range_tags("king-wa", first, last),
        )
        assert result.success
        run.counts = {
            event.partition: tuple(event.metadata[name].value for name in ("made", "reused"))
            for event in result.asset_materializations_for_node("embeddings")
        }
        return result.output_for_node("embeddings")

    yield run


def frames(scores: dict[str, float | None] | None = None) -> dict[str, pd.DataFrame]:
    months = ("2015-03", "2015-04")
    scores = scores or {"water": 70.0, "condo": 55.0, "farm": None}
    return {
        "properties": pd.concat([property_rows(month) for month in months]),
        "scores": pd.concat([score_rows(month, scores) for month in months]),
    }


def test_each_property_gets_a_unit_vector_and_a_point(runner, index):
    table = runner(frames(), "2015-03", "2015-03")
    assert table.num_rows == 3
    vectors = np.array(table["vector"].to_pylist())
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert table.schema.field("vector").type == pa.list_(pa.float32())
    assert index.count("king-wa", "2015-03") == 3


def test_different_homes_are_told_apart(runner):
    table = runner(frames(), "2015-03", "2015-03")
    vectors = np.array(table["vector"].to_pylist())
    assert (vectors @ vectors.T)[~np.eye(3, dtype=bool)].max() < 0.95


def test_a_run_of_one_month_gives_what_a_run_of_two_gives(runner):
    alone = runner(frames(), "2015-03", "2015-03")
    both = runner(frames(), "2015-03", "2015-04")
    assert both.filter(pa.compute.equal(both["month"], "2015-03")).equals(alone)


def test_the_order_of_the_rows_does_not_matter(runner):
    straight = runner(frames(), "2015-03", "2015-03")
    mixed = {name: frame.iloc[::-1] for name, frame in frames().items()}
    assert runner(mixed, "2015-03", "2015-03").equals(straight)


def test_a_second_run_makes_no_vector_and_changes_no_byte(runner, index):
    first = runner(frames(), "2015-03", "2015-04")
    # The homes of the second month read as those of the first.
    assert runner.counts == {"king-wa|2015-03": (3, 0), "king-wa|2015-04": (0, 3)}
    assert runner(frames({"water": 10.0}), "2015-03", "2015-04").equals(first)
    assert runner.counts == {"king-wa|2015-03": (0, 3), "king-wa|2015-04": (0, 3)}
    assert index.count("king-wa") == 6


def test_only_the_description_that_changed_is_embedded_again(runner):
    first = runner(frames(), "2015-03", "2015-03")
    changed = frames()
    is_farm = changed["properties"]["property_id"] == "farm"
    changed["properties"].loc[is_farm, "description"] = "Vineyard with a cellar."
    second = runner(changed, "2015-03", "2015-03")
    assert runner.counts == {"king-wa|2015-03": (1, 2)}
    same = [a == b for a, b in zip(first["vector"].to_pylist(), second["vector"].to_pylist(), strict=True)]
    assert dict(zip(first["property_id"].to_pylist(), same, strict=True)) == {
        "condo": True,
        "farm": False,
        "water": True,
    }


def test_vectors_of_another_model_are_made_again(runner, monkeypatch):
    runner(frames(), "2015-03", "2015-03")
    monkeypatch.setattr(EmbedderResource, "version", "of another model")
    table = runner(frames(), "2015-03", "2015-03")
    assert runner.counts == {"king-wa|2015-03": (3, 0)}
    assert set(table["model_version"].to_pylist()) == {"of another model"}


def test_points_that_are_gone_leave_the_index(runner, index):
    runner(frames(), "2015-03", "2015-04")
    fewer = frames()
    fewer["properties"] = fewer["properties"][fewer["properties"]["property_id"] != "farm"]
    runner(fewer, "2015-03", "2015-03")
    assert index.count("king-wa", "2015-03") == 2
    assert index.count("king-wa", "2015-04") == 3


def test_a_partition_without_properties_is_empty_and_fine(runner, index):
    assert runner(frames(), "2015-05", "2015-05").num_rows == 0
    assert index.count("king-wa", "2015-05") == 0


def search(
    query: str, index: VectorIndexResource, embedder: EmbedderResource, **options: Any
) -> SearchResult:
    slug = options.pop("county", "king-wa")
    return search_properties(
        query, slug, counties=load_counties(), embedder=embedder, vector_index=index, **options
    )


def found(query: str, index: VectorIndexResource, embedder: EmbedderResource, **options: Any) -> list[str]:
    return [row["property_id"] for row in search(query, index, embedder, **options).hits]


def test_a_sentence_finds_what_it_means(runner, index, embedder):
    runner(frames(), "2015-03", "2015-04")
    assert found("horses and land", index, embedder)[0] == "farm"
    assert found("lakefront home with a boat dock", index, embedder) == ["water"]
    assert found("place in the centre", index, embedder)[0] == "condo"


def test_facts_in_the_sentence_are_filters_unless_chosen_otherwise_or_taken_away(runner, index, embedder):
    runner(frames(), "2015-03", "2015-04")
    assert found("lakefront home under 600k", index, embedder) == []
    assert set(found("home over 500k", index, embedder)) == {"water", "farm"}
    chosen = [Fact("asking_price_usd", "", None, 2e6)]
    assert found("lakefront home under 600k", index, embedder, given=chosen) == ["water"]
    assert found("lakefront home under 600k", index, embedder, without=["asking_price_usd"]) == ["water"]
    assert "condo" not in found("2 bedrooms", index, embedder)
    assert set(found("no condos, not waterfront", index, embedder)) == {"farm"}


def test_what_the_homes_do_not_tell_is_told_and_ranks(runner, index, embedder):
    runner(frames(), "2015-03", "2015-03")
    result = search("house with a garage and a pool", index, embedder)
    assert [fact.key for fact in result.understood.facts] == ["property_type"]
    assert [each.label for each in result.not_applied] == ["pool", "garage"]
    assert "garage" in result.understood.text and "pool" in result.understood.text
    assert {hit["property_id"] for hit in result.hits} == {"water", "farm"}


def offers(states: dict[str, str], month: str) -> pd.DataFrame:
    rows = score_rows(month, dict.fromkeys(states, 50.0))
    rows["offer_state"] = list(states.values())
    return rows


def test_what_can_still_be_bought_comes_first_and_a_month_that_is_over_counts_no_more(
    runner, index, embedder
):
    data = frames()
    data["scores"] = pd.concat(
        [
            offers({"water": "on_offer", "condo": "on_offer", "farm": "on_offer"}, "2015-03"),
            offers({"water": "gone", "condo": "on_offer", "farm": "under_contract"}, "2015-04"),
        ]
    )
    runner(data, "2015-03", "2015-04")
    result = search("lakefront craftsman with horses", index, embedder, without=["is_waterfront"])
    assert result.hits[0]["property_id"] == "condo"
    assert [fact.key for fact in result.understood.facts] == ["offer_first"]
    plain = found("craftsman on the shore", index, embedder, without=["offer_first"])
    assert plain[0] == "water"
    assert found("for sale", index, embedder) == ["condo"]
    assert set(found("not under contract", index, embedder)) == {"condo", "water"}


def test_the_county_may_be_named_in_the_sentence(runner, index, embedder):
    runner(frames(), "2015-03", "2015-03")
    assert search("condo in King County", index, embedder, county=None).county == "king-wa"
    other = search("condo in Cook County", index, embedder)
    assert [each.label for each in other.not_applied] == ["cook-il"]
    with pytest.raises(PermanentError, match=r"--county.*king-wa"):
        search("condo", index, embedder, county=None)


def test_a_property_without_a_score_is_not_above_any(runner, index, embedder):
    runner(frames(), "2015-03", "2015-03")
    chosen = [Fact("bird_dog_score", "", 0)]
    assert set(found("home", index, embedder, given=chosen)) == {"water", "condo"}


def test_a_property_is_found_once_in_its_newest_month(runner, index, embedder):
    runner(frames(), "2015-03", "2015-04")
    rows = search("home", index, embedder, limit=3).hits
    assert [row["month"] for row in rows] == ["2015-04"] * 3
    similarity = [row["similarity"] for row in rows]
    assert similarity == sorted(similarity, reverse=True)
    assert {"street", "zip", "asking_price_usd", "bedrooms", "county", "property_id"} <= rows[0].keys()


def test_the_limit_counts_properties_and_not_points(runner, index, embedder):
    runner(frames(), "2015-03", "2015-04")
    rows = search("home", index, embedder, limit=2).hits
    assert len({row["property_id"] for row in rows}) == len(rows) == 2


def test_of_hits_in_several_months_the_newest_stays():
    hits = [
        Hit("1", 0.9, {"property_id": "a", "month": "2015-03"}),
        Hit("2", 0.8, {"property_id": "b", "month": "2015-03"}),
        Hit("3", 0.7, {"property_id": "a", "month": "2015-04"}),
    ]
    assert [hit.id for hit in newest_months(hits)] == ["2", "3"]
