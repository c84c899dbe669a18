"""A secret may lie in a file: `NAME_FILE` in the place of `NAME`, in the environment as in `.env`."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.settings import Settings
from resources import home, secret_files
from resources.errors import PermanentError


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project, and an environment that is put back whole."""
    before = dict(os.environ)
    monkeypatch.setattr(home, "PROJECT_ROOT", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    for name in secret_files.NAMES:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def a_file(folder, value="from the file\n"):
    path = folder / "secret"
    path.write_text(value)
    return str(path)


@pytest.mark.parametrize("name", sorted(secret_files.NAMES))
def test_each_secret_may_lie_in_a_file(project, name):
    os.environ[f"{name}_FILE"] = a_file(project)
    assert home.setting(name) == "from the file"
    home.load_environment()
    assert os.environ[name] == "from the file"
    assert f"{name}_FILE" not in os.environ
    home.load_environment()
    assert home.setting(name) == "from the file"


@pytest.mark.parametrize("name", sorted(secret_files.NAMES))
def test_a_file_that_is_not_there_is_named_with_its_variable(project, name):
    os.environ[f"{name}_FILE"] = str(project / "absent")
    with pytest.raises(PermanentError, match=rf"{name}_FILE names .*absent: No such file"):
        home.load_environment()
    with pytest.raises(PermanentError, match=rf"unset {name}_FILE"):
        home.setting(name)


@pytest.mark.parametrize("name", sorted(secret_files.NAMES))
def test_a_secret_that_is_given_both_ways_is_refused(project, name):
    os.environ[f"{name}_FILE"] = a_file(project)
    os.environ[name] = "from the environment"
    with pytest.raises(PermanentError, match=f"{name} and {name}_FILE are both set") as refused:
        home.load_environment()
    assert "from the" not in str(refused.value)


def test_every_secret_setting_may_lie_in_a_file():
    secrets = {
        name.upper() for name, field in Settings.model_fields.items() if SecretStr in _types(field.annotation)
    }
    assert secrets <= secret_files.NAMES


def test_the_key_of_every_provider_may_lie_in_a_file():
    keys = {policy.key.env for policy in load_policies().values() if policy.key}
    assert keys <= secret_files.NAMES


def _types(annotation):
    return getattr(annotation, "__args__", (annotation,))


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\xff\xfe", "no text"),
        (b"a\0b", "NUL"),
        (b"x" * 70_000, "65,536"),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_without_what_it_holds(project, held, why):
    path = project / "secret"
    path.write_bytes(held)
    os.environ["DATABASE_URL_FILE"] = str(path)
    with pytest.raises(PermanentError, match=why) as refused:
        home.load_environment()
    assert str(path) in str(refused.value) and "xxx" not in str(refused.value)


def test_a_folder_is_no_secret(project):
    os.environ["DATABASE_URL_FILE"] = str(project)
    with pytest.raises(PermanentError, match="Is a directory"):
        home.load_environment()


def test_an_empty_variable_counts_as_not_set(project):
    os.environ["DATABASE_URL_FILE"] = ""
    home.load_environment()
    assert home.setting("DATABASE_URL") == ""
    os.environ["DATABASE_URL_FILE"] = a_file(project)
    os.environ["DATABASE_URL"] = ""
    home.load_environment()
    assert os.environ["DATABASE_URL"] == "from the file"


def test_the_env_file_names_files_too_and_the_environment_goes_before_it(project):
    (project / ".env").write_text(f"DATABASE_URL_FILE={a_file(project)}\n")
    assert home.setting("DATABASE_URL") == "from the file"
    os.environ["DATABASE_URL"] = "from the environment"
    assert home.setting("DATABASE_URL") == "from the environment"
    home.load_environment()
    assert os.environ["DATABASE_URL"] == "from the environment"
    assert "DATABASE_URL_FILE" not in os.environ


def test_a_file_of_the_environment_goes_before_the_env_files_value(project):
    (project / ".env").write_text("DATABASE_URL=from-env-file\n")
    os.environ["DATABASE_URL_FILE"] = a_file(project)
    home.load_environment()
    assert os.environ["DATABASE_URL"] == "from the file"


def test_both_ways_in_the_env_file_are_refused(project):
    (project / ".env").write_text(f"DATABASE_URL=one\nDATABASE_URL_FILE={a_file(project)}\n")
    with pytest.raises(PermanentError, match="both set"):
        home.load_environment()


def test_what_is_no_secret_of_ours_is_left_alone(project):
    os.environ["SSL_CERT_FILE"] = "/etc/ssl/absent.pem"
    os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/run/secrets/eks/absent"
    home.load_environment()
    assert os.environ["SSL_CERT_FILE"] == "/etc/ssl/absent.pem"
    assert os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"] == "/run/secrets/eks/absent"
    assert "SSL_CERT" not in os.environ


def test_in_the_folder_of_secrets_a_key_of_a_provider_of_ones_own_counts(project, monkeypatch):
    monkeypatch.setattr(secret_files, "FOLDER", f"{project}/")
    os.environ["ACME_KEY_FILE"] = a_file(project)
    home.load_environment()
    assert os.environ.pop("ACME_KEY") == "from the file"


@given(value=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=200))
def test_a_secret_comes_back_as_it_was_written(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("secrets") / "secret"
    for end in ("", "\n", "\r\n"):
        path.write_bytes((value + end).encode())
        assert secret_files.read_secret("QDRANT_API_KEY", str(path)) == value
