"""``srcli video`` where PyAV is not installed."""

from __future__ import annotations

import sys

from srcli.cli.app import run


def test_the_missing_extra_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "av", None)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2avc1mp41")
    assert run(["video", str(clip), "-m", "bicubic"]) == 3
    assert "pip install '.[video]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [clip]
