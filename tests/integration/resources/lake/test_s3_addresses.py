"""S3 by TLS with one's own authority, links that run out, buckets in host names, large objects."""

import hashlib
import os
import time

import httpx
import pytest
from typer.testing import CliRunner

from realestate_assets.cli.app import app
from realestate_assets.settings import get_settings
from resources.errors import PermanentError
from resources.lake.listing import list_page
from resources.lake.s3_clients import arrow_filesystem, boto_client
from resources.lake.store import StoreResource
from tests.certificates import Authority
from tests.seaweed import seaweed

pytestmark = pytest.mark.integration
MIB = 1 << 20


@pytest.fixture(scope="module")
def https_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority.create(folder)
    certificate = authority.sign("server", ("127.0.0.1",))
    with seaweed(folder / "data", certificate=certificate, ca=authority.file) as server:
        yield server


@pytest.fixture
def https_store(https_server, monkeypatch):
    for name, value in https_server.environment.items():
        monkeypatch.setenv(name, value)
    return StoreResource(
        root_url=f"s3://{https_server.create_bucket()}/lake", s3_endpoint_url=https_server.endpoint_url
    )


def test_a_bucket_is_read_and_written_by_tls_with_ones_own_authority(https_store):
    https_store.write_bytes("a/b", b"over tls")
    assert https_store.read_bytes("a/b") == b"over tls"
    assert [file.path for file in list_page(https_store, "a", "", 10).files] == ["a/b"]


@pytest.mark.parametrize("given", ["another authority", "none"])
def test_a_certificate_of_an_unknown_authority_is_refused_with_what_to_set(
    https_store, monkeypatch, tmp_path, given
):
    if given == "none":
        monkeypatch.delenv("AWS_CA_BUNDLE")
    else:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(Authority.create(tmp_path, "other").file))
    for ask in (lambda: https_store.write_bytes("a", b""), lambda: list_page(https_store, "a", "", 10)):
        began = time.monotonic()
        with pytest.raises(
            PermanentError, match=r"AWS_CA_BUNDLE: The certificate of https://127.* not trusted"
        ):
            ask()
        assert time.monotonic() - began < 30


def test_an_authority_that_is_no_file_is_named(https_store, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/ca.pem")
    for ask in (lambda: https_store.write_bytes("a", b""), lambda: list_page(https_store, "a", "", 10)):
        with pytest.raises(PermanentError, match=r"AWS_CA_BUNDLE: there is no file /no/such/ca\.pem"):
            ask()


def test_a_link_gives_the_file_to_anybody_until_it_runs_out(s3_store):
    s3_store.write_bytes("memos/month=2015-03/a b.pdf", b"%PDF")
    link = s3_store.link("memos/month=2015-03/a b.pdf")
    assert httpx.get(link).content == b"%PDF"
    assert "test-secret-key" not in link
    # The same path without the signature stays closed.
    assert httpx.get(link.partition("?")[0]).status_code == 403
    short = s3_store.link("memos/month=2015-03/a b.pdf", hours=1 / 3600)
    time.sleep(2.5)
    assert httpx.get(short).status_code == 403
    assert httpx.get(link).status_code == 200


@pytest.mark.parametrize("hours", [0, -1, 24 * 7 + 1])
def test_a_link_holds_for_a_second_to_a_week(s3_store, hours):
    s3_store.write_bytes("a", b"")
    with pytest.raises(PermanentError, match="a second to a week"):
        s3_store.link("a", hours=hours)


def test_a_link_to_nothing_is_refused_and_a_local_file_is_its_own(s3_store, lake):
    with pytest.raises(PermanentError, match="does not exist"):
        s3_store.link("none")
    lake.write_bytes("a", b"1")
    assert lake.link("a") == lake.path("a")


def test_the_command_prints_a_link_that_opens(s3_store, s3_server, monkeypatch):
    s3_store.write_bytes("boards/a.html", b"<html>")
    monkeypatch.setenv("LAKE_URL", s3_store.root_url)
    monkeypatch.setenv("S3_ENDPOINT_URL", s3_server.endpoint_url)
    get_settings.cache_clear()
    for given in ("boards/a.html", f"{s3_store.root_url}/boards/a.html"):
        ended = CliRunner().invoke(app, ["link", given])
        assert ended.exit_code == 0, ended.output
        assert httpx.get(ended.stdout.strip()).content == b"<html>"
    ended = CliRunner().invoke(app, ["link", "boards/none.html"])
    assert ended.exit_code == 1 and "does not exist" in ended.stderr
    get_settings.cache_clear()


def test_the_bucket_stands_in_the_host_name_where_asked_for(s3_server, monkeypatch):
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    for endpoint, style, host in (
        ("http://store.example:9000", "virtual", "//bucket.store.example:9000/a"),
        ("http://store.example:9000", "", "//store.example:9000/bucket/a"),
        ("", "path", "//s3.amazonaws.com/bucket/a"),
        ("", "virtual", "//bucket.s3.amazonaws.com/a"),
    ):
        signed = boto_client(endpoint, style).generate_presigned_url(
            "get_object", Params={"Bucket": "bucket", "Key": "a"}
        )
        assert host in signed
    # The library for files resolves names of its own: the name it looks for tells how it asks.
    filesystem = arrow_filesystem("http://store.invalid:9000", "virtual")
    with pytest.raises(OSError, match=r"resolve"):
        filesystem.get_file_info("bucket/a")


@pytest.mark.long
@pytest.mark.parametrize("size", [6 * MIB + 1, 120 * MIB + 7])
def test_a_large_object_goes_up_in_parts_and_comes_back_whole(s3_store, size):
    data = os.urandom(MIB) * (size // MIB) + os.urandom(size % MIB)
    s3_store.write_bytes("large", data)
    assert s3_store.size("large") == size
    assert hashlib.sha256(s3_store.read_bytes("large")).digest() == hashlib.sha256(data).digest()
    with s3_store.open_input("large") as file:
        file.seek(size - 5)
        assert file.read() == data[-5:]
