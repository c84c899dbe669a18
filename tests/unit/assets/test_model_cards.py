"""The card of a small model."""

import json

import pyarrow as pa
import pyarrow.parquet as pq

from realestate_assets.assets.model_archive import ModelArchive
from realestate_assets.assets.model_cards import learned_offers, page, shown
from realestate_assets.domain.offers.asks import asked_sales
from realestate_assets.domain.offers.cases import purchases
from realestate_assets.domain.offers.model import learn_offers
from realestate_assets.domain.offers.params import load_offer_params
from realestate_assets.domain.tables import MODEL_PROMOTIONS
from realestate_assets.domain.valuation.train import train, training_sales
from resources.lake.files import partition_file
from resources.partition import Partition
from tests.unit.domain.offers.offered_homes import blind
from tests.unit.domain.offers.test_gain import with_gains
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

KING = "king-wa"
JANUARY, FEBRUARY = Partition(KING, "2015-01"), Partition(KING, "2015-02")


def decision(**more: object) -> dict:
    row = dict.fromkeys(MODEL_PROMOTIONS.column_names) | {"county": KING, "month": "2015-01"}
    row |= {"candidate_id": "a", "used_id": "a", "used_month": "2015-01", "promoted": True}
    row |= {"decision": "PROMOTED", "reasons": '["fine"]', "judged_sales": 9, "compared_sales": 0}
    return row | {"candidate_metrics": "{}", "champion_metrics": "{}", "is_simulated": False} | more


def test_the_card_shows_range_figures_groups_pictures_and_limits_and_escapes_what_it_is_told(lake):
    homes = sold_homes(months=8, per_month=60)
    model = train(training_sales(homes, "2015-01", False), "county", quick_params())
    archive = ModelArchive(lake)
    archive.put(KING, model.to_row())
    row = decision(
        used_id=model.model_id, is_simulated=True, reasons=json.dumps(["<script>alert(1)</script>"])
    )
    found = shown(archive, row, homes)
    text = page(*found).decode()
    for said in (model.model_id, model.train_from, model.train_to, "SIMULATED", "Known limits", "98103"):
        assert said in text
    assert text.count("data:image/png;base64,") == 3
    assert "<script>" not in text and "&lt;script&gt;" in text
    assert page(*found).decode() == text


def test_what_was_learned_from_offers_is_on_the_card_with_its_cases_and_what_came(lake):
    homes = sold_homes(months=8, per_month=60)
    model = train(training_sales(homes, "2015-01", False), "county", quick_params())
    archive = ModelArchive(lake)
    archive.put(KING, model.to_row())
    found = shown(archive, decision(used_id=model.model_id), homes)
    sales, records = with_gains()
    asked = asked_sales(records, blind(sales), "2015-01", 24, 730)
    params = load_offer_params()
    learned = learn_offers(asked, purchases(records, blind(sales), "2016-06", params.gain), KING, params)
    assert learned_offers(lake, JANUARY) is None
    frame = pa.Table.from_pylist([learned.to_row()])
    sink = pa.BufferOutputStream()
    pq.write_table(frame, sink)
    lake.write_bytes(partition_file("offer_models", JANUARY), sink.getvalue().to_pybytes())
    text = page(*found, learned_offers(lake, JANUARY)).decode()
    for said in ("90 gains of 3,000 purchases", "Fifth by chance", "resale within 400 days", "discount"):
        assert said in text
    assert "Fifth by chance" not in page(*found).decode()


def test_a_model_whose_sales_are_not_in_the_warehouse_has_no_card(lake):
    homes = sold_homes(months=8, per_month=60)
    model = train(training_sales(homes, "2015-01", False), "county", quick_params())
    archive = ModelArchive(lake)
    archive.put(KING, model.to_row())
    assert shown(archive, decision(used_id=model.model_id), homes) is not None
    assert shown(archive, decision(used_id=model.model_id), homes.head(5)) is None
    assert shown(archive, decision(used_id=model.model_id, promoted=False), homes) is None
