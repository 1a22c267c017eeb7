"""``srcli video``: what a person sees of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from srcli.cli.app import run
from tests import moving

pytest.importorskip("av", reason="the extra video is not installed")

QUICK = ("-m", "bicubic", "--preset", "ultrafast")


def video(*words, quick=QUICK):
    return run(["video", *map(str, words), *quick])


def lossless(*words):
    return video(*words, "--codec", "ffv1", quick=QUICK[:2])


def events(said):
    return [json.loads(line) for line in said.splitlines()]


def hidden(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_video_is_twice_as_large_beside_its_input(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4")
    assert video(clip) == 0
    frames = moving.frames_of(tmp_path / "clip_x2.mp4")
    assert [pixels.shape for _, pixels in frames] == [(72, 104, 3)] * 12
    said = capsys.readouterr()
    assert said.out == ""
    assert "clip_x2.mp4: 12 frames of 104x72" in said.err
    assert hidden(tmp_path) == []


def test_times_and_sound_are_those_of_the_input(tmp_path):
    clip = moving.clip(tmp_path / "clip.mp4", uneven=True, sound=True)
    assert video(clip) == 0
    larger = tmp_path / "clip_x2.mp4"
    assert [pts for pts, _ in moving.frames_of(larger)] == moving.times(12, uneven=True)
    assert moving.packets(larger, "audio") == moving.packets(clip, "audio")


def test_frames_look_as_pictures_of_them_do(tmp_path):
    """One way for pictures and videos: lossless in, the frame as a picture is the frame of the video."""
    options = {"qp": "0"}
    clip = moving.clip(tmp_path / "clip.mkv", codec="libx264rgb", pixel_format="rgb24", options=options)
    assert lossless(clip) == 0
    _, source = moving.frames_of(clip)[3]
    Image.fromarray(source).save(tmp_path / "frame.png")
    assert run(["upscale", str(tmp_path / "frame.png"), "-s", "2", "-m", "bicubic"]) == 0
    with Image.open(tmp_path / "frame_x2.png") as file:
        picture = np.asarray(file, np.int16)
    _, frame = moving.frames_of(tmp_path / "clip_x2.mkv")[3]
    assert np.abs(picture - frame).max() <= 1


@pytest.mark.parametrize(
    "words", [["-o", "o.mp4"], ["-o", "o.gif"], ["--frames", "frames"], ["-o", "-"], ["--dry-run"]]
)
def test_a_part_behind_the_end_is_an_error_and_leaves_nothing(words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    moving.clip(tmp_path / "clip.mp4")
    assert video("clip.mp4", "--start", "99", *words) == 1
    assert "nothing is left from 99 s on" in "".join(capsys.readouterr())
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_video_without_a_frame_is_an_error_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    """Such as one whose length nobody knows, begun behind its end."""
    monkeypatch.setattr("srcli.video.video.Part.check", lambda *_: None)
    clip = moving.clip(tmp_path / "clip.mp4")
    for name in ("o.mp4", "o.gif"):
        assert video(clip, "--start", "99", "-o", tmp_path / name) == 1
        assert "gave no frame" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_output_is_not_replaced_unasked(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4")
    (tmp_path / "clip_x2.mp4").write_bytes(b"precious")
    assert video(clip) == 1
    assert "clip_x2.mp4 exists already" in capsys.readouterr().err
    assert (tmp_path / "clip_x2.mp4").read_bytes() == b"precious"
    assert video(clip, "--overwrite") == 0
    assert len(moving.frames_of(tmp_path / "clip_x2.mp4")) == 12


def test_events_tell_start_progress_segments_and_end(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", sound=True)
    assert video(clip, "--json", "--segment", "5") == 0
    said = events(capsys.readouterr().out)
    assert [event["event"] for event in said if event["event"] != "progress"] == [
        "start",
        "segment",
        "segment",
        "segment",
        "done",
    ]
    start, done = said[0], said[-1]
    assert start["frames"] == 12
    assert start["output_size"] == [104, 72]
    assert [stream["action"] for stream in start["streams"]] == ["encode", "copy"]
    assert [event["frames"] for event in said if event["event"] == "segment"] == [5, 10, 12]
    assert done["status"] == "done"
    assert done["frames"] == 12
    assert done["model"] == "bicubic"
    assert done["error"] is None


def test_frames_that_equal_the_one_before_are_not_computed_again(tmp_path, capsys):
    shown = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3]
    options = {"qp": "0"}
    clip = moving.clip(tmp_path / "clip.mp4", frames=10, shown=shown, options=options)
    assert lossless(clip, "--json", "-o", tmp_path / "reused.mkv") == 0
    assert events(capsys.readouterr().out)[-1]["repeated"] == 6
    assert lossless(clip, "--no-same", "--json", "-o", tmp_path / "computed.mkv") == 0
    assert events(capsys.readouterr().out)[-1]["repeated"] == 0
    reused, computed = (moving.frames_of(tmp_path / name) for name in ("reused.mkv", "computed.mkv"))
    for (pts, frame), (other_pts, other) in zip(reused, computed, strict=True):
        assert pts == other_pts
        np.testing.assert_array_equal(frame, other)


def test_a_part_of_a_video(tmp_path):
    clip = moving.clip(tmp_path / "clip.mp4", frames=50)
    assert video(clip, "--start", "0:00.4", "--duration", "0.8", "-o", tmp_path / "trial.mp4") == 0
    assert len(moving.frames_of(tmp_path / "trial.mp4")) == 20


@pytest.mark.parametrize(
    "words",
    [
        ["--start", "soon"],
        ["--duration", "0"],
        ["--deinterlace", "maybe"],
        ["--segment", "0"],
        ["--codec", "mpeg9"],
        ["--strength", "2"],
        ["--rate", "0"],
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, words):
    clip = moving.clip(tmp_path / "clip.mp4", frames=3)
    assert video(clip, *words) == 2
    assert list(tmp_path.iterdir()) == [clip]


def test_no_input_is_a_mistake(capsys):
    assert run(["video"]) == 2
    assert "missing argument INPUT" in capsys.readouterr().err


def test_a_dry_run_tells_time_memory_and_disk_and_writes_nothing(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", sound=True)
    assert video(clip, "--dry-run", "--json") == 0
    (planned,) = events(capsys.readouterr().out)
    assert planned["frames"] == 12
    assert planned["output_size"] == [104, 72]
    assert planned["memory_bytes"] > 0
    assert planned["disk_peak_bytes"] == 2 * planned["disk_bytes"] > 0
    assert planned["seconds"] >= 0
    assert list(tmp_path.iterdir()) == [clip]
    assert video(clip, "--dry-run") == 0
    assert "1 of 1 to enlarge" in capsys.readouterr().out


def test_a_dry_run_sees_what_moves_beside_a_middle_that_stands_still(tmp_path, capsys):
    shown = [*range(40), *[40] * 40, *range(40, 80)]
    clip = moving.clip(tmp_path / "clip.mp4", frames=120, size=(90, 120), shown=shown)
    assert video(clip, "--dry-run", "--json", quick=QUICK[:2]) == 0
    told = events(capsys.readouterr().out)[0]["disk_bytes"]
    assert video(clip, quick=QUICK[:2]) == 0
    assert told > 0.7 * (tmp_path / "clip_x2.mp4").stat().st_size


def test_a_folder_of_videos_goes_into_a_folder(tmp_path, capsys):
    for name in ("a.mp4", "b.mkv"):
        moving.clip(tmp_path / "in" / name, frames=3)
    (tmp_path / "in" / "note.txt").write_text("no video", encoding="utf-8")
    assert video(tmp_path / "in", "-o", f"{tmp_path}/out/") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")) == [
        "a_x2.mp4",
        "b_x2.mkv",
    ]
    said = capsys.readouterr().err
    assert "left out: 1 other file" in said
    assert "2 done" in said


def test_one_bad_video_does_not_end_the_run(tmp_path, capsys):
    moving.clip(tmp_path / "a.mp4", frames=3)
    (tmp_path / "b.mp4").write_bytes(b"this is no video at all, whatever its name says")
    assert video(tmp_path, "-o", f"{tmp_path}/out/") == 1
    assert (tmp_path / "out" / "a_x2.mp4").exists()
    assert "b.mp4" in capsys.readouterr().err


def test_finished_videos_are_skipped(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", frames=3)
    assert video(clip, "--resume") == 0
    before = (tmp_path / "clip_x2.mp4").stat().st_mtime_ns
    assert video(clip, "--resume") == 0
    assert "finished before, skipped" in capsys.readouterr().err
    assert (tmp_path / "clip_x2.mp4").stat().st_mtime_ns == before
    assert video(clip, "--resume", "--crf", "30") == 1


def test_an_input_in_a_pipe_and_an_output_in_a_pipe(tmp_path):
    clip = moving.clip(tmp_path / "clip.mp4", frames=6, sound=True)
    command = [sys.executable, "-m", "srcli", "video", "-", "-o", "-", *QUICK]
    done = subprocess.run(command, input=clip.read_bytes(), capture_output=True, check=True)
    (tmp_path / "piped.mkv").write_bytes(done.stdout)
    assert len(moving.frames_of(tmp_path / "piped.mkv")) == 6
    contents = [content for _, _, content in moving.packets(clip, "audio")]
    assert [content for _, _, content in moving.packets(tmp_path / "piped.mkv", "audio")] == contents


def test_frames_go_to_pictures_and_come_back_with_times_and_sound(tmp_path):
    clip = moving.clip(tmp_path / "clip.mp4", uneven=True, sound=True)
    folder = tmp_path / "frames"
    assert video(clip, "--frames", folder) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"{number:06}.png" for number in range(1, 13)]
    with Image.open(folder / names[0]) as first:
        assert first.size == (104, 72)
    assert video(clip, "--frames", folder, "-o", tmp_path / "back.mp4") == 0
    back = moving.frames_of(tmp_path / "back.mp4")
    assert [pts for pts, _ in back] == moving.times(12, uneven=True)
    assert back[0][1].shape == (72, 104, 3)
    assert moving.packets(tmp_path / "back.mp4", "audio") == moving.packets(clip, "audio")


def test_pictures_of_a_folder_become_a_video_at_an_even_rate(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    for index in (10, 9, 8):
        Image.fromarray(moving.levels(index)).save(folder / f"page{index}.png")
    assert video("--frames", folder, "--rate", "5", "-o", tmp_path / "pages.mp4") == 0
    frames = moving.frames_of(tmp_path / "pages.mp4")
    assert [pixels.shape for _, pixels in frames] == [(72, 104, 3)] * 3
    # Number 8 comes before number 10, although its name does not.
    first = np.asarray(
        Image.fromarray(moving.levels(8)).resize((104, 72), Image.Resampling.BICUBIC), np.int16
    )
    assert np.abs(first - frames[0][1]).mean() < 6


def test_missing_pictures_are_told(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", frames=4)
    folder = tmp_path / "frames"
    assert video(clip, "--frames", folder) == 0
    (folder / "000004.png").unlink()
    assert video(clip, "--frames", folder, "-o", tmp_path / "back.mp4") == 1
    assert "3 pictures, and the video more frames" in capsys.readouterr().err
    assert not (tmp_path / "back.mp4").exists()


def animated(path, durations=(40, 200, 80)):
    pictures = [Image.fromarray(moving.levels(5 * index)) for index in range(len(durations))]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=list(durations), loop=0)
    return path


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.apng"])
def test_pictures_that_move_become_videos(tmp_path, name):
    source = animated(tmp_path / name)
    assert video(source, "-o", tmp_path / "a.mp4") == 0
    frames = moving.frames_of(tmp_path / "a.mp4")
    seconds = np.diff([pts for pts, _ in frames])
    assert seconds[1] / seconds[0] == pytest.approx(5, rel=0.02)
    assert frames[0][1].shape == (72, 104, 3)


@pytest.mark.parametrize("extension", ["gif", "webp", "apng"])
def test_videos_become_pictures_that_move(tmp_path, extension):
    clip = moving.clip(tmp_path / "clip.mp4", frames=5)
    target = tmp_path / f"clip.{extension}"
    assert video(clip, "-o", target) == 0
    with Image.open(target) as picture:
        assert picture.n_frames == 5
        assert picture.size == (104, 72)
        picture.load()
        assert picture.info["duration"] == pytest.approx(40)


def test_what_a_gif_loses_is_said_before(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", frames=2, sound=True)
    assert video(clip, "-o", tmp_path / "clip.gif") == 0
    said = capsys.readouterr().err
    assert "pictures hold no sound" in said
    assert "GIF holds 256 colours" in said


def test_a_picture_that_moves_stays_with_upscale_unless_a_video_is_asked_for(tmp_path, capsys):
    source = animated(tmp_path / "a.gif")
    assert video(source) == 1
    assert "srcli upscale" in capsys.readouterr().err


def test_a_still_picture_is_no_video(tmp_path, capsys):
    Image.fromarray(moving.levels(0)).save(tmp_path / "a.png")
    assert video(tmp_path / "a.png", "-o", tmp_path / "a.mp4") == 1
    assert "is a still picture" in capsys.readouterr().err


def test_upscale_names_the_command_for_videos(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", frames=3)
    assert run(["upscale", str(clip)]) == 1
    said = capsys.readouterr().err
    assert "it is a video" in said
    assert f"hint: srcli video {clip}" in said


def test_a_truncated_video_gives_what_there_is_and_says_so(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mkv", frames=60)
    data = clip.read_bytes()
    clip.write_bytes(data[: len(data) * 2 // 3])
    assert video(clip) == 1
    kept = len(moving.frames_of(tmp_path / "clip_x2.mkv"))
    assert 0 < kept < 60
    assert f"gave {kept} of about " in capsys.readouterr().err
    # It is not taken for finished.
    assert video(clip, "--resume") == 1
    assert "exists already" in capsys.readouterr().err


def test_a_codec_that_nobody_knows_is_told_in_one_line(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mkv", frames=3)
    clip.write_bytes(clip.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_NOBODY/KNOWS."))
    assert video(clip) == 1
    said = capsys.readouterr().err
    assert f"cannot read {clip}: FFmpeg knows no decoder for its video (stream 0)" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == [clip]


def test_frames_that_change_their_size_are_brought_to_the_first_one_and_counted(tmp_path, capsys):
    small = moving.clip(tmp_path / "small.h264", frames=4)
    large = moving.clip(tmp_path / "large.h264", frames=6, size=(90, 120))
    clip = tmp_path / "both.h264"
    clip.write_bytes(small.read_bytes() + large.read_bytes())
    assert video(clip, "-o", tmp_path / "both.mp4") == 0
    assert "6 frames had another size than the first, and were brought to that" in capsys.readouterr().err
    assert [pixels.shape for _, pixels in moving.frames_of(tmp_path / "both.mp4")] == [(72, 104, 3)] * 10


def test_an_interrupt_keeps_finished_segments_and_resume_gives_the_same_file(tmp_path, monkeypatch, capsys):
    from srcli.cli.video_report import Reporter

    clip = moving.clip(tmp_path / "clip.mp4", frames=20, uneven=True, sound=True)
    assert video(clip, "--segment", "6", "-o", tmp_path / "whole.mp4") == 0

    def interrupt(self, index, frames):
        raise KeyboardInterrupt

    target = tmp_path / "again.mp4"
    with monkeypatch.context() as patch:
        patch.setattr(Reporter, "segment", interrupt)
        assert video(clip, "--segment", "6", "-o", target) == 130
    assert not target.exists()
    assert len(hidden(tmp_path)) == 1
    capsys.readouterr()
    assert video(clip, "--segment", "6", "-o", target, "--resume", "--json") == 0
    said = events(capsys.readouterr().out)
    assert said[0]["resumed"] >= 6
    assert target.read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_a_full_disk_is_told_and_finished_segments_stay(tmp_path, monkeypatch, capsys):
    from srcli.core.errors import OutputError
    from srcli.video.segment import SegmentWriter

    clip = moving.clip(tmp_path / "clip.mp4", frames=12)
    write, written = SegmentWriter.write, []

    def fail(self, pixels, pts, duration):
        written.append(pts)
        if len(written) > 8:
            raise OutputError("cannot write: No space left on device")
        write(self, pixels, pts, duration)

    with monkeypatch.context() as patch:
        patch.setattr(SegmentWriter, "write", fail)
        assert video(clip, "--segment", "5") == 1
    said = capsys.readouterr().err
    assert "No space left" in said
    assert "hint: 5 frames are finished: --resume goes on behind them" in said
    assert not (tmp_path / "clip_x2.mp4").exists()
    assert video(clip, "--segment", "5", "--resume", "--json") == 0
    assert events(capsys.readouterr().out)[0]["resumed"] == 5


@pytest.fixture
def free(monkeypatch):
    """Says how much room a disk has."""
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")

    def say(free):
        monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(1 << 40, 0, free))

    return say


def test_a_disk_without_room_is_told_before_the_work(free, tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", sound=True)
    free(2000)
    assert video(clip) == 1
    said = capsys.readouterr().err
    assert "clip_x2.mp4 needs about" in said
    assert "1 KiB are free" in said
    assert video(clip, "--dry-run") == 1
    assert "1 KiB are free" in capsys.readouterr().err
    assert video(clip, "--frames", tmp_path / "frames") == 1
    assert list(tmp_path.iterdir()) == [clip]


def test_a_disk_that_may_lack_room_is_a_warning(free, tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", sound=True)
    assert video(clip, "--dry-run", "--json") == 0
    needed = events(capsys.readouterr().out)[0]["disk_peak_bytes"]
    free(needed - 1)
    assert video(clip) == 0
    assert "that may not suffice" in capsys.readouterr().err
    free(needed)
    assert video(clip, "--overwrite") == 0
    assert "suffice" not in capsys.readouterr().err


def test_pictures_take_about_the_room_that_was_told(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4")
    assert video(clip, "--frames", tmp_path / "frames", "--dry-run", "--json") == 0
    planned = events(capsys.readouterr().out)[0]["disk_peak_bytes"]
    assert video(clip, "--frames", tmp_path / "frames") == 0
    taken = sum(path.stat().st_size for path in (tmp_path / "frames").iterdir())
    assert planned == pytest.approx(taken, rel=0.3)


@pytest.fixture
def meanwhile(monkeypatch):
    """Has something done whenever a segment is whole, up to so many times; gives the times."""
    from srcli.cli.video_report import Reporter

    def whenever(change, times):
        done = []

        def segment(self, index, frames):
            if len(done) < times:
                done.append(change())

        monkeypatch.setattr(Reporter, "segment", segment)
        return done

    return whenever


def test_a_source_that_somebody_writes_to_is_given_up_after_a_second_try(tmp_path, meanwhile, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", frames=400)
    done = meanwhile(lambda: clip.write_bytes(clip.read_bytes() + b"more"), 100)
    assert video(clip, "--segment", "5") == 1
    said = capsys.readouterr().err
    assert "was changed while it was read" in said
    assert "once nothing writes to the file" in said
    assert "--resume" not in said, "segments of a file that is gone are worth nothing"
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert 2 <= len(done) < 100, "it went on to read for nothing"


def test_a_source_that_changed_once_is_read_once_more_behind_the_others(tmp_path, meanwhile, capsys):
    first, other = (moving.clip(tmp_path / f"{name}.mp4", frames=60) for name in "ab")
    later = moving.clip(tmp_path / "later" / "a.mp4", frames=30, codec="mpeg4")
    meanwhile(lambda: first.write_bytes(later.read_bytes()), 1)
    assert video(first, other, "-o", f"{tmp_path}/out/", "--segment", "5", "--json") == 0
    done = [event for event in events(capsys.readouterr().out) if event["event"] == "done"]
    assert [(event["input"], event["frames"]) for event in done] == [(str(other), 60), (str(first), 30)]
    assert "its file changed while it was read: it was read once more" in done[1]["warnings"]
    assert done[0]["warnings"] == []
    assert video(later, "-o", tmp_path / "alone.mp4", "--segment", "5") == 0
    assert (tmp_path / "out" / "a_x2.mp4").read_bytes() == (tmp_path / "alone.mp4").read_bytes()


def test_single_pictures_of_a_source_that_changed_are_told(tmp_path, monkeypatch, capsys):
    from srcli.pipeline.video import sinks

    clip = moving.clip(tmp_path / "clip.mp4", frames=3)
    write = sinks.write_picture

    def and_change(*words):
        write(*words)
        clip.write_bytes(clip.read_bytes() + b"more")

    monkeypatch.setattr(sinks, "write_picture", and_change)
    assert video(clip, "--frames", tmp_path / "frames") == 1
    assert "was changed while it was read" in capsys.readouterr().err


@pytest.mark.parametrize("each", [False, True])
def test_killed_runs_go_on_to_the_same_file(tmp_path, each):
    from tests.benchmarks.video_kills import kill_often

    found = kill_often(tmp_path, kills=3, seed=5, model="bicubic", each=each)
    assert found["kills"] == 3
    assert found["equal"] == found["same_frames"] == found["finished"] >= (3 if each else 1)
    assert found["left"] == 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs the signals of Unix")
def test_a_request_to_terminate_ends_the_run_and_leaves_no_half_file(tmp_path):
    clip = moving.clip(tmp_path / "clip.mp4", frames=400)
    command = [sys.executable, "-m", "srcli", "video", str(clip), "--json", "--segment", "5", *QUICK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        for line in process.stdout:
            if b'"segment"' in line:
                process.terminate()
                break
        process.stdout.read()
        assert process.wait() == 143
    assert not (tmp_path / "clip_x2.mp4").exists()
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert not list(folder.glob("part*"))


def test_videos_are_measured_frame_by_frame_and_over_time(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4", frames=5)
    again = moving.clip(tmp_path / "again.mp4", frames=5, options={"crf": "40"})
    assert run(["metrics", str(again), str(clip), "--json"]) == 0
    (report,) = events(capsys.readouterr().out)
    assert report["frames"] == 5
    assert len(report["per_frame"]["psnr"]) == 5
    assert report["psnr"] == pytest.approx(np.mean(report["per_frame"]["psnr"]))
    assert 10 < report["psnr"] < 60
    assert 10 < report["t-psnr"] < 70
    assert run(["metrics", str(clip), str(clip)]) == 0
    assert "T-PSNR" in capsys.readouterr().out
    assert run(["metrics", str(again), str(clip), "--csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6
    assert run(["metrics", str(again), str(clip), "--min-psnr", "60"]) == 1


def test_videos_of_two_lengths_are_not_compared(tmp_path, capsys):
    short, long = (moving.clip(tmp_path / f"{count}.mp4", frames=count) for count in (4, 6))
    assert run(["metrics", str(short), str(long)]) == 1
    assert "has only 4 frames" in capsys.readouterr().err


def test_scale_1_repairs_every_frame_as_restore_repairs_pictures(tmp_path, capsys):
    options = {"qp": "0"}
    clip = moving.clip(tmp_path / "clip.mkv", codec="libx264rgb", pixel_format="rgb24", options=options)
    assert video(clip, "-s", 1, "--codec", "libx264rgb", "--crf", 0, quick=()) == 0
    repaired = moving.frames_of(tmp_path / "clip_clean.mkv")
    assert "clip_clean.mkv: 12 frames of 52x36" in capsys.readouterr().err
    Image.fromarray(moving.frames_of(clip)[5][1]).save(tmp_path / "frame.png")
    assert run(["restore", str(tmp_path / "frame.png")]) == 0
    assert np.array_equal(repaired[5][1], np.asarray(Image.open(tmp_path / "frame_clean.png")))
    assert not np.array_equal(repaired[5][1], moving.frames_of(clip)[5][1])


def test_a_generator_that_keeps_the_size_asks_for_scale_1(tmp_path, capsys):
    clip = moving.clip(tmp_path / "clip.mp4")
    assert video(clip, "-m", "clean", quick=()) == 2
    assert "video -s 1" in capsys.readouterr().err
    assert video(clip, "-s", 1, "-m", "fast", quick=()) == 2
    assert "fast enlarges" in capsys.readouterr().err
