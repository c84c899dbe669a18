"""A disk that takes no more is told with its folder and what is free, and nobody waits for it."""

import errno
import os

import dagster as dg
import pytest

from resources import disk, retries
from resources.errors import PermanentError, TransientError
from resources.retries import transient_errors_are_retried


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only"),
    ],
)
def test_what_no_wait_mends_is_not_tried_again_wherever_it_comes_from(tmp_path, number, what):
    with pytest.raises(PermanentError, match=what) as caught, transient_errors_are_retried(lambda: 0):
        raise OSError(number, os.strerror(number), str(tmp_path / "a.parquet"))
    assert str(tmp_path) in str(caught.value)


def test_another_error_of_the_system_stays_what_it_is():
    with pytest.raises(FileNotFoundError), transient_errors_are_retried(lambda: 0):
        raise FileNotFoundError(errno.ENOENT, "no such file", "/a")


def test_a_lost_connection_on_a_full_disk_is_no_matter_of_waiting(monkeypatch):
    lost = TransientError("Postgres: server closed the connection.")
    with pytest.raises(dg.RetryRequested), transient_errors_are_retried(lambda: 0):
        raise lost
    monkeypatch.setattr(disk, "FULL_BELOW_BYTES", 2**62)
    said = r"closed the connection\. .*: the disk is full: .* are free"
    with pytest.raises(PermanentError, match=said), transient_errors_are_retried(lambda: 0):
        raise lost


def test_a_step_that_waits_says_for_how_long_and_why(caplog, monkeypatch):
    monkeypatch.setattr(retries, "FIRST_WAIT_SECONDS", 15.0)
    with pytest.raises(dg.RetryRequested), transient_errors_are_retried(lambda: 1):
        raise TransientError("The bucket does not answer.")
    assert "The bucket does not answer. The step is tried again in 60 s (2 of 3)." in caplog.text


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e6, "2.5 MB"), (3.4e9, "3.4 GB")],
)
def test_bytes_are_told_in_words(count, said):
    assert disk.size(count) == said


def test_what_is_free_is_known_of_a_folder_that_is_not_there_yet(tmp_path):
    assert disk.free_bytes(tmp_path / "a" / "b") > 0
