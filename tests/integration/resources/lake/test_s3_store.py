"""The file store on a real S3 server."""

import os

import pytest

from resources.errors import PermanentError, TransientError
from resources.lake.listing import top_level
from resources.lake.store import StoreResource

pytestmark = pytest.mark.integration

SECRETS = ("test-secret-key", "wrong-secret")


def test_objects_are_written_read_listed_and_deleted(s3_store):
    for name, data in (
        ("b/month=2015-03/x", b"1"),
        ("b/month=2015-03/x", b"two"),
        ("a", b""),
        ("b/.x.tmp", b""),
    ):
        s3_store.write_bytes(name, data)
    assert s3_store.read_bytes("b/month=2015-03/x") == b"two"
    assert s3_store.size("b/month=2015-03/x") == 3
    assert s3_store.modified("a").tzinfo is not None
    assert s3_store.list_files() == ["a", "b/month=2015-03/x"]
    assert s3_store.list_files("nowhere") == []
    assert s3_store.exists("a")
    assert not s3_store.exists("b")
    s3_store.delete("a")
    s3_store.delete("a")
    assert not s3_store.exists("a")
    with pytest.raises(PermanentError, match=r"s3://bucket.*/lake/a does not exist"):
        s3_store.read_bytes("a")


def test_an_object_larger_than_one_part_arrives_whole(s3_store):
    data = os.urandom(1_000_000) * 12
    s3_store.write_bytes("big", data)
    assert s3_store.read_bytes("big") == data


@pytest.mark.parametrize("method", ["write", "read", "list", "exists"])
def test_a_missing_bucket_says_what_to_create(s3_store, method):
    store = StoreResource(root_url="s3://not-there/lake", s3_endpoint_url=s3_store.s3_endpoint_url)
    calls = {
        "write": lambda: store.write_bytes("a", b""),
        "read": lambda: store.read_bytes("a"),
        "list": store.list_files,
        "exists": lambda: store.exists("a"),
    }
    with pytest.raises(
        PermanentError, match=r"bucket not-there does not exist.*aws s3 mb s3://not-there"
    ) as e:
        calls[method]()
    assert s3_store.s3_endpoint_url in str(e.value)


def test_wrong_credentials_are_named_but_not_shown(s3_store, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
    store = StoreResource(root_url=s3_store.root_url, s3_endpoint_url=s3_store.s3_endpoint_url)
    with pytest.raises(PermanentError, match="AWS credentials") as caught:
        store.write_bytes("a", b"")
    assert not any(secret in f"{caught.value}{store!r}" for secret in SECRETS)


def test_a_server_that_is_not_there_is_a_transient_failure(s3_store, monkeypatch):
    monkeypatch.setattr("resources.lake.s3_clients.S3_ATTEMPTS", 1)
    store = StoreResource(root_url="s3://bucket/lake", s3_endpoint_url="http://127.0.0.1:1")
    with pytest.raises(TransientError, match="s3://bucket/lake"):
        store.write_bytes("a", b"")


def test_folders_and_files_at_the_root_of_a_bucket_are_told_apart(s3_store):
    for name in ("king-wa/sales/a.csv", "kingwa/b.csv", "top.csv"):
        s3_store.write_bytes(name, b"1")
    assert top_level(s3_store) == (["king-wa", "kingwa"], ["top.csv"])
