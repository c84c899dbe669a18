"""The marts over the small market."""

import pytest

from realestate_assets.dbt.build import generate_docs, run_dbt
from realestate_assets.dbt.docs_key import docs_key
from realestate_assets.domain.scoring.components import field_completeness
from realestate_assets.domain.scoring.config import load_scoring_config
from resources.partition import Partition
from resources.warehouse import connections as postgres
from resources.warehouse.analyst_role import analyst_state
from tests.integration.dbt.conftest import BUILD, SCORES
from tests.integration.dbt.raw import loaded, snapshot
from tests.overview import overview_queries

pytestmark = [pytest.mark.integration]

MARCH = {"county": "king-wa", "month": "2015-03"}


def test_the_best_real_deal_is_first_and_generated_ones_come_last(first):
    board = first.tables["marts.deal_board"].sort_values("rank_in_partition")
    assert board["property_id"].tolist() == ["subject", "resold", "generated_subject"]
    assert board["rank_in_partition"].tolist() == [1, 2, 3]
    assert board["memo_pdf_path"].tolist()[0] == "memos/subject.pdf"


def test_trends_count_the_months_own_sales_and_compare_with_the_month_before(first):
    february = MARCH | {"month": "2015-02"}
    trend = first.row("marts.market_trends", **february, zip="ALL", is_simulated=False)
    assert (trend["property_count"], trend["sale_count"], trend["active_listing_count"]) == (1, 1, 0)
    # 400 USD per sq ft in February after 250 in January.
    assert trend["median_price_per_sqft_change_pct"] == pytest.approx((400 / 250 - 1) * 100)
    # March has a home for sale, and a resale that is no market sale.
    trend = first.row("marts.market_trends", **MARCH, zip="ALL", is_simulated=False)
    assert (trend["property_count"], trend["sale_count"], trend["active_listing_count"]) == (2, 0, 1)


def test_the_quality_table_adds_up_and_shows_how_full_the_fields_are(first):
    adds_up = first.row("marts.data_quality", **MARCH, metric="adds_up", detail="all")
    assert adds_up["metric_value"] == 0 and adds_up["is_passed"]
    filled = first.row("marts.data_quality", **MARCH, metric="filled_pct", detail="assessed_value_usd")
    assert filled["metric_value"] == pytest.approx(100 / 3)


def test_only_a_changed_value_adds_to_the_history_of_quality(first, changed):
    history = "marts.data_quality_history"
    assert len(changed.tables[history].query("version_number == 1")) >= len(first.tables[history]) > 0
    march = Partition("king-wa", "2015-03")
    four = [{"month": "2015-03", "rows_received": 4}]
    with loaded(changed.warehouse, "source_files", four, [march]):
        # `run`: the counts no longer add up, which a test of data_quality says.
        run_dbt(changed.warehouse, ["run", "--select", "data_quality", "data_quality_history"], [march])
    later = snapshot(changed.warehouse, history).query("version_number > 1 and month == '2015-03'")
    # One row more than the three before.
    assert later.set_index("metric")["value_change"].to_dict()["received"] == 1
    assert set(later["metric"]) == {"received", "adds_up"}


def test_each_record_says_how_complete_it_is(first):
    quality = first.tables["marts.record_quality"].set_index("property_id")
    assert quality.loc["subject", "completeness_pct"] > quality.loc["generated_subject", "completeness_pct"]
    assert "bedrooms" in quality.loc["generated_subject", "missing_fields"]


def test_a_record_is_as_complete_as_the_score_counts_it(first):
    key = ["county", "month", "property_id"]
    features = first.tables["marts.features"].set_index(key)
    quality = first.tables["marts.record_quality"].set_index(key)
    counted = field_completeness(features, load_scoring_config().key_fields) * 100
    assert quality.loc[features.index, "completeness_pct"].tolist() == pytest.approx(counted.tolist())
    assert len(set(counted)) > 1


def test_throughput_follows_the_stages(first):
    march = first.tables["marts.pipeline_throughput"].query("county == 'king-wa' and month == '2015-03'")
    counts = march.sort_values("stage_order").set_index("stage")["row_count"].to_dict()
    assert counts == {
        "received": 3,
        "properties": 3,
        "enrichments": 1,
        "nearby_sales": 3,
        "features": 3,
        "scores": 3,
        "memos": 1,
    }


def test_only_a_new_version_adds_to_the_score_history_and_says_what_moved(changed):
    warehouse = changed.warehouse
    history = changed.tables["marts.score_history"]
    # Three builds of the same model, configuration and scores.
    assert history["version_number"].tolist() == [1, 1, 1]
    march, april = Partition("king-wa", "2015-03"), Partition("king-wa", "2015-04")
    better = {"model_id": "m2", "bird_dog_score": 85.0, "points": '{"undervaluation": 40, "equity": 45}'}
    worse = {"month": "2015-04", "bird_dog_score": 60.0, "points": '{"undervaluation": 15, "equity": 45}'}
    with loaded(warehouse, "scores", [SCORES[0] | better], [march]):
        run_dbt(warehouse, [*BUILD, "--select", "score_history"], [march])
        with loaded(warehouse, "scores", [SCORES[0] | better | worse], [april]):
            results = run_dbt(warehouse, [*BUILD, "--select", "score_history"], [march, april])["results"]
    assert {result["status"] for result in results} <= {"success", "pass"}
    history = snapshot(warehouse, "marts.score_history").query("property_id == 'subject'")
    history = history.sort_values(["month", "version_number"])
    assert history["month"].tolist() == ["2015-03", "2015-03", "2015-04"]
    assert history["model_id"].tolist() == ["m1", "m2", "m2"]
    assert history["score_change"].tolist()[1:] == pytest.approx([15.0, -25.0])
    assert history["previous_month"].tolist()[1:] == ["2015-03", "2015-03"]
    told = history["change_explanation"].tolist()
    assert told[1] == "Score 70.0 to 85.0 (+15.0): undervaluation +10.0, equity +5.0"
    assert told[2] == "Score 85.0 to 60.0 (-25.0): undervaluation -25.0"


def test_the_docs_are_one_page_that_holds_every_model(first, tmp_path):
    page = generate_docs(first.warehouse, tmp_path / "docs")
    text = page.read_text(encoding="utf-8")
    assert page == tmp_path / "docs" / "index.html"
    assert "model.realestate.features" in text and "model.realestate.score_history" in text
    assert "Five questions, worked" in text
    assert "exposure.realestate.investor_memos" in text and "exposure.realestate.deal_boards" in text


def test_what_the_docs_say_has_another_key_once_it_changes(first, monkeypatch):
    keys = [docs_key(first.warehouse)]
    assert docs_key(first.warehouse) == keys[0]
    first.warehouse.execute("create view marts.further as select 1 as one")
    try:
        keys.append(docs_key(first.warehouse))
        first.warehouse.execute("comment on column marts.further.one is 'what it is'")
        keys.append(docs_key(first.warehouse))
        first.warehouse.execute("create or replace view marts.further as select 1 as one, 2 as two")
        keys.append(docs_key(first.warehouse))
    finally:
        first.warehouse.execute("drop view marts.further")
    assert docs_key(first.warehouse) == keys[0]
    monkeypatch.setattr("realestate_assets.dbt.docs_key.project_fingerprint", lambda: "another")
    keys.append(docs_key(first.warehouse))
    assert len(set(keys)) == 5


def test_new_rows_leave_the_key_of_the_docs_as_it_is(first):
    before = docs_key(first.warehouse)
    with first.warehouse.connect() as connection:
        postgres.run(connection, "update marts.features set month = month")
    assert docs_key(first.warehouse) == before


@pytest.mark.parametrize("sql", overview_queries(), ids=lambda sql: sql.split("from ")[1].split()[0])
def test_a_worked_query_of_the_overview_gives_rows_to_an_analyst(first, sql):
    with first.warehouse.connect() as connection:
        postgres.run(connection, "set local role analyst")
        rows = postgres.query(connection, sql.strip().removesuffix(";"))
    assert rows
    assert all(None not in row[:2] for row in (list(row.values()) for row in rows))


def test_an_analyst_reads_every_mart_that_dbt_built(first):
    state = analyst_state(first.warehouse)
    # Tables and views alike.
    marts = first.warehouse.read(
        "select count(*) as n from information_schema.tables where table_schema = 'marts'"
    )
    assert state.readable == state.marts == marts["n"][0].as_py() >= 8
    assert state.beyond is None


def test_every_dbt_unit_test_passes(again):
    statuses = {k: s for k, s in again.statuses.items() if k.startswith("unit_test.")}
    assert len(statuses) >= 20
    assert set(statuses.values()) == {"pass"}
