"""The code location in a process of its own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration


def test_importing_the_code_location_opens_no_connection(tmp_path):
    """A refused port as database: import must not notice."""
    code = "import realestate_assets.definitions as d; d.defs.resolve_asset_graph()"
    env = {
        "PATH": "/usr/bin:/bin",
        "REALESTATE_HOME": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody:no-pass@127.0.0.1:1/none",
        "LAKE_URL": "s3://no-such-bucket",
        "S3_ENDPOINT_URL": "http://127.0.0.1:1",
        "QDRANT_URL": "http://127.0.0.1:1",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
