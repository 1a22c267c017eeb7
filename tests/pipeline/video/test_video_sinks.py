"""Where the frames of a video go."""

from __future__ import annotations

import weakref
from fractions import Fraction
from types import SimpleNamespace

import pytest

pytest.importorskip("av")

from srcli.core.geometry import Size
from srcli.pipeline.video.generate import Enlarged
from srcli.pipeline.video.segments import SegmentJournal
from srcli.pipeline.video.sinks import SegmentSink
from srcli.pipeline.video.source import made_up
from srcli.video.frame import VideoFrame
from srcli.video.plan import Wish, plan_output
from srcli.video.segment import encodable
from tests import moving

SIZE = Size(*moving.SIZE)


class Watched(Enlarged):
    """Can be seen to be let go of, as the slots of its parent can't."""


def test_no_frame_is_held_while_the_next_is_waited_for(tmp_path):
    info = made_up("waves", SIZE, time_base=Fraction(1, 25), frames=7, depth=8, has_alpha=False)
    plan = plan_output(info, Wish(SIZE, container="mp4", codec="h264", segment=3)).encoding
    seen = []

    def enlarged():
        for index in range(7):
            assert not [alive for alive in seen if alive() is not None], "a frame is held that was encoded"
            frame = VideoFrame(index, index, 1, False, False, lambda: None)
            made = Watched(frame, encodable(moving.levels(index), plan))
            seen.append(weakref.ref(made))
            yield made
            del made

    journal = SegmentJournal(tmp_path / "waves.mp4", {}, ".mp4")
    sink = SegmentSink(journal, plan, SimpleNamespace(damaged_packets=0), lambda _: None, lambda _: None)
    with journal.making(resume=False):
        sink.take(enlarged())
        assert [note.frames for note in journal.notes] == [3, 3, 1]
