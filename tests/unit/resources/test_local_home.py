"""Local data lies where the environment says, else where `.env` says, else in the project."""

import pytest

from resources import home


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "PROJECT_ROOT", tmp_path)
    monkeypatch.delenv("REALESTATE_HOME", raising=False)
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
