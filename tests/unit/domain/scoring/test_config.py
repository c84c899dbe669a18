"""The settings file of the score: what it refuses, and what of it a version tells apart."""

from pathlib import Path

import pytest
import yaml

from realestate_assets.domain.scoring.config import BUILT_IN_FILE, config_version, load_scoring_config
from resources.errors import PermanentError
from tests.unit.domain.scoring.scoring_frames import CONFIG, KING


def edited(tmp_path: Path, **changes: object) -> Path:
    """scoring.yaml with dotted settings replaced; a None removes one."""
    content = yaml.safe_load(BUILT_IN_FILE.read_text())
    for dotted, value in changes.items():
        *parents, last = dotted.split("__")
        target = content
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[last]
        else:
            target[last] = value
    path = tmp_path / "scoring.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"components__yield__weight": 0.3}, "components must sum to 1"),
        ({"components__yield__signals__cap_rate_pct__weight": 0.9}, "signals must sum to 1"),
        ({"components__yield": None}, "components must be exactly"),
        ({"components__yield__signals__cap_rate_pct__low": -3}, "low must be 0 or more"),
        ({"components__undervaluation__signals__gain_probability__low": 30}, "must rise"),
        ({"components__market__signals__market_heat_pct__high": 96}, "must differ"),
        ({"components__motivation__signals__tenure_years__low": 30}, "pressure to sell"),
        ({"components__motivation__signals__is_bank_owner__when_true": 0.2}, "pressure to sell"),
        ({"classes__good": 90}, "excellent > good > fair"),
        ({"unknown_setting": 1}, "unknown_setting"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_their_name(tmp_path, changes, said):
    with pytest.raises(PermanentError, match=r"scoring\.yaml") as refused:
        load_scoring_config(edited(tmp_path, **changes))
    assert said in str(refused.value)


def test_every_setting_that_matters_is_in_the_version(tmp_path):
    version = config_version(CONFIG, KING)
    changed = load_scoring_config(edited(tmp_path, memo_min_score=55))
    assert config_version(changed, KING) != version
    other_terms = KING.model_copy(
        update={"underwriting": KING.underwriting.model_copy(update={"interest_rate": 0.05})}
    )
    assert config_version(CONFIG, other_terms) != version
    elsewhere = KING.model_copy(update={"timezone": "UTC"})
    assert config_version(CONFIG, elsewhere) == version
    assert len(version) == 12
