"""The service's secret: set, or made once in a file that its owner alone reads."""

import stat
import threading

import pytest

from realestate_assets.app.secret import FILE, service_secret
from resources.errors import PermanentError


def test_the_secret_that_is_set_goes_before_the_file_and_must_be_long_enough(tmp_path):
    assert service_secret("s" * 32, tmp_path).value == b"s" * 32
    assert not (tmp_path / FILE).exists()
    with pytest.raises(PermanentError, match="fewer than 32") as refused:
        service_secret("short", tmp_path)
    assert "short" not in str(refused.value)


def test_processes_that_start_at_once_share_one_secret_of_their_owner_alone(tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(service_secret(None, tmp_path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.value for each in found}) == 1
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_keys_of_two_purposes_have_nothing_in_common_and_the_secret_does_not_show(tmp_path):
    secret = service_secret("s" * 32, tmp_path)
    assert secret.key("one") == secret.key("one") != secret.key("two")
    assert "ssss" not in repr(secret)
