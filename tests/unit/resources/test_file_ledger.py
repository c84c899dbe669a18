"""Alerts in a file keep the rules of those in Postgres: one beginning, one end, nothing lost by a kill."""

from datetime import UTC, datetime, timedelta

import pytest

from resources.alerts.alert import Alert, Heard
from resources.alerts.file_ledger import FileLedger
from resources.errors import PermanentError, TransientError

pytestmark = pytest.mark.unit

NOON = datetime(2015, 3, 1, 12, tzinfo=UTC)
DOWN = Alert("watch:postgres", "Postgres is down", "refused", owners=("team:operations",))


@pytest.fixture
def ledger(tmp_path) -> FileLedger:
    return FileLedger(tmp_path / "watch" / "alerts.json")


def test_what_lasts_keeps_its_beginning_and_what_was_told(ledger):
    ledger.begin([DOWN], NOON)
    heard = {"default#1": Heard(True, NOON, NOON)}
    ledger.told({DOWN.key: heard}, NOON)
    ledger.begin([Alert(DOWN.key, DOWN.title, "still refused")], NOON + timedelta(hours=1))
    (kept,) = FileLedger(ledger.path).lasting("watch:")
    assert (kept.first_at, kept.alert.body, kept.told) == (NOON, "still refused", heard)


def test_what_is_over_stays_until_everyone_knows_and_begins_anew_after_that(ledger):
    ledger.begin([DOWN], NOON)
    ledger.end({DOWN.key: "it answers"}, NOON + timedelta(minutes=5))
    assert ledger.lasting() == []
    (over,) = ledger.unsettled()
    assert (over.closed_at, over.ended_by) == (NOON + timedelta(minutes=5), "it answers")
    ledger.begin([DOWN], NOON + timedelta(hours=2))
    ledger.settle([over])
    (again,) = ledger.lasting()
    assert again.first_at == NOON + timedelta(hours=2)
    ledger.end({DOWN.key: ""}, NOON + timedelta(hours=3))
    ledger.settle(ledger.unsettled())
    assert ledger.unsettled() == []


def test_the_end_of_what_does_not_last_is_no_alert(ledger):
    ledger.end({"watch:disk": "room again"}, NOON)
    assert ledger.unsettled() == []


def test_a_message_that_was_on_its_way_when_its_process_died_is_still_marked(ledger):
    ledger.begin([DOWN], NOON)
    ledger.under_way([DOWN.key], "default#1")
    (kept,) = FileLedger(ledger.path).unsettled()
    assert kept.being_told == "default#1"


def test_one_process_tells_at_a_time(ledger):
    with ledger.telling(), pytest.raises(TransientError, match="another process"), ledger.telling():
        raise AssertionError("two tell at once")
    with ledger.telling():
        pass


def test_a_file_that_cannot_be_read_is_named_with_what_to_do(ledger):
    ledger.begin([DOWN], NOON)
    ledger.path.write_text('[{"key": "watch:postgres"}]')
    with pytest.raises(PermanentError, match=r"alerts\.json cannot be read.*Delete it"):
        ledger.unsettled()
