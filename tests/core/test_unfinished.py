"""What a process is making is gone where it has to end at once, and what is finished stays."""

from __future__ import annotations

import subprocess
import sys


def test_all_that_is_unfinished_is_removed_and_nothing_else(tmp_path):
    program = """
import sys
from pathlib import Path
from srcli.core.unfinished import finish, register, remove_unfinished, starting

here = Path(sys.argv[1])
with starting(here / "file"):
    (here / "file").write_text("half")
(here / "folder" / "below").mkdir(parents=True)
register(here / "folder", here / "done", here / "never made")
(here / "done").write_text("whole")
finish(here / "done")
remove_unfinished()
"""
    (tmp_path / "of others").write_text("whole")
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"done", "of others"}
