"""Folders for one piece of work: gone at its end, and swept where a process was killed."""

import os
import subprocess
import sys
from pathlib import Path

from resources.scratch import scratch_folder, scratch_root


def test_a_folder_is_there_while_it_is_used_and_gone_after(tmp_path):
    with scratch_folder("dbt", tmp_path) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
        assert folder.name.startswith("dbt-")
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_it_lies_with_the_local_data_and_not_in_the_temporary_folder():
    assert scratch_root() == Path(os.environ["REALESTATE_HOME"]).resolve() / "scratch"


def test_what_a_killed_process_left_is_removed_and_what_another_uses_is_not(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from resources.scratch import scratch_folder\n"
        "with scratch_folder('dbt', Path(sys.argv[1])) as folder:\n"
        "    (folder / 'big').write_bytes(b'x' * 1000)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    with scratch_folder("dbt", tmp_path) as mine:
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
        left = {path for path in tmp_path.iterdir() if path.is_dir()} - {mine}
        assert len(left) == 1
        with scratch_folder("docs", tmp_path) as next_one:
            assert {path for path in tmp_path.iterdir() if path.is_dir()} == {mine, next_one}
