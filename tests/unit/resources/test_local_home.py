"""Local data lies where the environment says, else where `.env` says, else in the project."""

import pytest

from resources import home


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "PROJECT_ROOT", tmp_path)
    monkeypatch.delenv("REALESTATE_HOME", raising=False)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def test_without_any_setting_data_lies_in_the_project(project):
    assert home.data_home() == project / "data"
    assert home.embedded_postgres_root() == project / "data" / "postgres"


def test_the_environment_goes_before_the_env_file(project, monkeypatch):
    (project / ".env").write_text(f"REALESTATE_HOME={project}/from-file\n")
    assert home.data_home() == project / "from-file"
    monkeypatch.setenv("REALESTATE_HOME", f"{project}/from-environment")
    assert home.data_home() == project / "from-environment"


def test_an_empty_variable_counts_as_not_set(project, monkeypatch):
    monkeypatch.setenv("REALESTATE_HOME", "")
    assert home.data_home() == project / "data"


def test_a_command_is_named_as_it_is_started_here(project):
    assert home.command("dev") == "make dev"
    (project / "pyproject.toml").unlink()
    assert home.command("dev") == "realestate dev"


def test_an_installed_product_keeps_data_and_env_file_in_the_users_data_folder(project, monkeypatch):
    (project / "pyproject.toml").unlink()
    monkeypatch.setenv("XDG_DATA_HOME", f"{project}/share")
    assert home.data_home() == project / "share" / "realestate-os" / "data"
    (project / "share" / "realestate-os").mkdir(parents=True)
    (project / "share" / "realestate-os" / ".env").write_text(f"REALESTATE_HOME={project}/from-file\n")
    assert home.data_home() == project / "from-file"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", f"{project}/ann")
    assert home.data_home() == project / "ann" / ".local" / "share" / "realestate-os" / "data"
