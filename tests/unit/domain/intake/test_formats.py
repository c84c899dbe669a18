"""The registry of formats and the formats a source may name are the same."""

from typing import get_args

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.formats.registry import FORMATS


def test_every_format_a_source_may_name_has_a_reader_and_no_reader_is_beyond_reach():
    assert set(get_args(FileSource.model_fields["format"].annotation)) == set(FORMATS)
