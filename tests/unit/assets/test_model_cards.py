"""The card of a small model."""

import json

from realestate_assets.assets.model_archive import ModelArchive
from realestate_assets.assets.model_cards import page, shown
from realestate_assets.domain.tables import MODEL_PROMOTIONS
from realestate_assets.domain.valuation.train import train, training_sales
from resources.partition import Partition
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


def test_a_model_whose_sales_are_not_in_the_warehouse_has_no_card(lake):
    homes = sold_homes(months=8, per_month=60)
    model = train(training_sales(homes, "2015-01", False), "county", quick_params())
    archive = ModelArchive(lake)
    archive.put(KING, model.to_row())
    assert shown(archive, decision(used_id=model.model_id), homes) is not None
    assert shown(archive, decision(used_id=model.model_id), homes.head(5)) is None
    assert shown(archive, decision(used_id=model.model_id, promoted=False), homes) is None
