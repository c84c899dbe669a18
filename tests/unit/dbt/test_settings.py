"""What Python and dbt share is written once: macros made from the configuration, beside variables."""

import yaml

from realestate_assets.dbt.project import PROJECT_DIR, dbt_manifest
from realestate_assets.dbt.settings import SETTINGS_FILE, settings_macros
from realestate_assets.domain.scoring.config import load_scoring_config

VARIABLES = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


def features():
    return dbt_manifest()["nodes"]["model.realestate.features"]["columns"]


def test_the_macros_are_those_of_the_configuration():
    written = SETTINGS_FILE.read_text(encoding="utf-8")
    assert written == settings_macros(), "run .venv/bin/python tools/dbt_settings.py"


def test_the_macros_return_the_key_fields_of_a_score():
    text = settings_macros()
    assert all(f"'{field}'" in text for field in load_scoring_config().key_fields)


def test_a_field_is_listed_once_and_is_a_column_of_features():
    key_fields, reported = load_scoring_config().key_fields, VARIABLES["reported_fields"]
    listed = [*key_fields, *reported]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= features().keys()


def test_a_tenure_that_counts_as_long_is_neutral_in_the_score():
    tenure = load_scoring_config().components["motivation"].signals["tenure_years"]
    assert (tenure.low + tenure.high) / 2 == VARIABLES["long_tenure_years"]
