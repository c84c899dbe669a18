"""Lake and vector index say of which version they are: older ones are brought here, newer ones refused."""

import json

import pytest

from realestate_assets.operations.layout import LAYOUT_FILE, Layout, NewerLakeError, bring_layout, layout_of
from realestate_assets.operations.migrate import bring_up_to_date
from resources.errors import PermanentError
from resources.lake.store import StoreResource

pytestmark = pytest.mark.integration

NEXT = Layout(lake=1, vectors=2)


class Index:
    """Counts how often it is made anew."""

    def __init__(self, error: Exception | None = None) -> None:
        self.made, self.error = 0, error

    def __call__(self) -> int:
        if self.error:
            raise self.error
        self.made += 1
        return 0


def test_a_lake_of_before_is_taken_over_as_version_1_and_its_index_stays(lake):
    lake.write_bytes("embeddings/county=king-wa/month=2015-03/data.parquet", b"x")
    index = Index()
    bring_layout(lake, index)
    assert index.made == 0
    assert json.loads(lake.read_bytes(LAYOUT_FILE))["lake"] == 1
    assert layout_of(lake).written_by


def test_an_index_of_an_older_version_is_made_anew_once(lake):
    index = Index()
    bring_layout(lake, index, NEXT)
    bring_layout(lake, index, NEXT)
    assert (index.made, layout_of(lake).vectors) == (1, 2)


def test_an_index_that_could_not_be_made_is_tried_again(lake):
    with pytest.raises(OSError, match="away"):
        bring_layout(lake, Index(OSError("away")), NEXT)
    index = Index()
    bring_layout(lake, index, NEXT)
    assert index.made == 1


def test_a_lake_of_a_newer_version_is_refused_and_left_alone(lake):
    newer = json.dumps({"lake": 2, "vectors": 1, "written_by": "9.1", "new": 1}).encode()
    lake.write_bytes(LAYOUT_FILE, newer)
    with pytest.raises(NewerLakeError, match=r"has layout 2, written by version 9\.1.*Install version 9\.1"):
        bring_layout(lake, Index())
    assert lake.read_bytes(LAYOUT_FILE) == newer


def test_an_index_of_a_newer_version_is_left_to_it(lake):
    index = Index()
    bring_layout(lake, index, NEXT)
    bring_layout(lake, index)
    assert (index.made, layout_of(lake).vectors) == (1, 2)


def test_a_file_that_cannot_be_read_is_named(lake):
    lake.write_bytes(LAYOUT_FILE, b"{")
    with pytest.raises(PermanentError, match=r"_layout\.json cannot be read"):
        layout_of(lake)


def test_a_lake_that_is_away_holds_up_no_upgrade_of_the_tables_and_a_newer_one_does(warehouse, tmp_path):
    away, said = StoreResource(root_url="/proc/no-lake"), []
    warehouse = warehouse.model_copy(update={"migrations": "realestate_assets:migrations"})
    resources = {"lake": away, "warehouse": warehouse, "vector_index": None}
    assert bring_up_to_date(resources, said.append).is_change
    assert said[0].startswith("The layout of the lake was not looked at: /proc/no-lake")
    newer = StoreResource(root_url=str(tmp_path))
    newer.write_bytes(LAYOUT_FILE, b'{"lake": 2, "vectors": 1, "written_by": "9.1"}')
    with pytest.raises(NewerLakeError):
        bring_up_to_date(resources | {"lake": newer}, said.append)
