"""The room of videos without PyAV."""

from __future__ import annotations

import subprocess
import sys

import pytest

from srcli.core.errors import MissingExtra
from srcli.video.video import open_video


def test_without_the_extra_the_error_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra, match="video") as caught, open_video(tmp_path / "a.mp4"):
        pass
    assert caught.value.exit_code == 3
    assert ".[video]" in caught.value.hint


def test_a_program_loads_pyav_only_when_it_opens_a_video():
    script = (
        "import sys, srcli.video.video, srcli.video.join, srcli.video.plan; sys.exit('av' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
