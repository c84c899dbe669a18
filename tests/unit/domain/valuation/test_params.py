import pytest
import yaml

from realestate_assets.domain.valuation.params import BUILT_IN_FILE, load_params
from resources.errors import PermanentError


def _written(tmp_path, change) -> object:
    values = yaml.safe_load(BUILT_IN_FILE.read_text())
    change(values)
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def test_the_shipped_parameters_are_valid_and_give_an_interval_of_80_percent():
    params = load_params()
    assert params.intervals.upper_level - params.intervals.lower_level == pytest.approx(0.8)


def test_every_key_of_the_shipped_file_has_a_comment_in_its_section():
    text = BUILT_IN_FILE.read_text()
    sections = [block for block in text.split("\n\n") if ":" in block]
    assert len(sections) >= 7
    assert all("#" in section for section in sections)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda v: v["learner"].update(rounds=0), "learner.rounds"),
        (lambda v: v["learner"].update(round=10), "learner.round"),
        (lambda v: v.pop("nearby"), "nearby"),
        (lambda v: v["comparables"].update(radii_miles=[2.0, 1.0]), "comparables"),
        (lambda v: v["comparables"].update(max_gross_share=1.0), "comparables.max_gross_share"),
        (lambda v: v["intervals"].update(lower_level=0.6), "intervals.lower_level"),
        (lambda v: v["intervals"].update(forward_factor=0.5), "intervals.forward_factor"),
        (lambda v: v["ensemble"].update(local_weight=1.5), "ensemble.local_weight"),
        (lambda v: v["neighbourhood"]["alike_scales"].update(color=1), "neighbourhood.alike_scales.color"),
    ],
)
def test_a_wrong_parameter_is_a_permanent_error_that_names_it(tmp_path, change, field):
    with pytest.raises(PermanentError, match=r"params\.yaml is not valid") as caught:
        load_params(_written(tmp_path, change))
    assert caught.value.field == field


def test_a_file_that_is_not_yaml_is_a_permanent_error(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("nearby: [1,")
    with pytest.raises(PermanentError, match="not valid YAML"):
        load_params(path)


def test_the_settings_stored_with_a_model_leave_out_what_does_not_shape_it():
    stored = load_params().model_settings()
    assert "parallel_fits" not in stored["training"]
    assert set(load_params().model_dump()) - set(stored) == {"nearby", "comparables"}
