"""Sound, subtitles, chapters, attachments, covers and words come out as they went in."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction
from io import BytesIO

import pytest

pytest.importorskip("av", reason="pip install '.[video]'")

import av
import clips
import numpy as np
from PIL import Image

from srcli.core.errors import OutputError
from srcli.video.join import join
from srcli.video.plan import Wish, plan_output
from srcli.video.video import Part, open_video

COMMENT, DEFAULT, FORCED = 8, 1, 64
CHAPTERS = [("Anfang", 0, 300), ("Überfluß 終", 300, 800)]


def with_two_sounds(path, codecs=("aac", "ac3")):
    def before(container, stream):
        one = clips.sound(container, codecs[0])
        two = clips.sound(container, codecs[1])
        one.metadata["language"], two.metadata["language"] = "deu", "eng"
        two.metadata["title"] = "Kommentar"
        two.disposition = COMMENT
        container.metadata["title"] = "Größe"
        container.metadata["artist"] = "srcli"
        container.set_chapters(
            [
                {
                    "id": n,
                    "start": start,
                    "end": end,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title},
                }
                for n, (title, start, end) in enumerate(CHAPTERS)
            ]
        )
        return one, two

    def after(container, streams, index):
        if index == 0:
            for stream in streams:
                clips.tones(container, stream)

    return clips.make(path, before=before, after=after)


def with_subtitles(path, codec, texts, *, fonts=()):
    def before(container, stream):
        subtitles = container.add_mux_stream(codec)
        subtitles.time_base = Fraction(1, 1000)
        subtitles.metadata["language"] = "fra"
        subtitles.disposition = FORCED
        for name, data in fonts:
            container.add_attachment(name, "font/ttf", data)
        return subtitles

    def after(container, subtitles, index):
        if index == 0:
            for n, text in enumerate(texts):
                packet = av.Packet(text)
                packet.pts = packet.dts = 100 + 300 * n
                packet.duration, packet.time_base, packet.stream = 200, Fraction(1, 1000), subtitles
                container.mux(packet)

    return clips.make(path, before=before, after=after, base=Fraction(1, 1000))


def described(path):
    with av.open(str(path)) as container:
        return [
            (
                stream.type,
                stream.codec.canonical_name,
                stream.metadata.get("language"),
                int(stream.disposition),
            )
            for stream in container.streams
            if stream.type in ("video", "audio", "subtitle")
        ]


def texts(path):
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        base = stream.time_base
        return [
            (packet.pts * base, packet.duration * base, bytes(packet))
            for packet in container.demux(stream)
            if packet.size > 2
        ]


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_two_sounds_keep_packets_languages_and_dispositions(tmp_path, suffix):
    source = with_two_sounds(tmp_path / f"a.{suffix}")
    clips.enlarged(source, tmp_path / f"b.{suffix}", segment=7)
    assert clips.packets(tmp_path / f"b.{suffix}") == clips.packets(source)
    assert described(tmp_path / f"b.{suffix}") == described(source)
    with av.open(str(source)) as old, av.open(str(tmp_path / f"b.{suffix}")) as new:
        assert new.metadata["title"] == "Größe"
        # Matroska writes names in capitals.
        assert "srcli" in (new.metadata.get("artist"), new.metadata.get("ARTIST"))
        assert [
            (
                chapter["start"] * chapter["time_base"],
                chapter["end"] * chapter["time_base"],
                chapter["metadata"],
            )
            for chapter in new.chapters()
        ] == [
            (
                chapter["start"] * chapter["time_base"],
                chapter["end"] * chapter["time_base"],
                chapter["metadata"],
            )
            for chapter in old.chapters()
        ]
        assert [chapter["metadata"]["title"] for chapter in new.chapters()] == [
            title for title, _, _ in CHAPTERS
        ]


def test_an_independent_ffmpeg_decodes_the_result_without_a_word(tmp_path):
    ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="pip install imageio-ffmpeg")
    source = with_two_sounds(tmp_path / "a.mp4")
    clips.enlarged(source, tmp_path / "b.mp4", segment=7, preset="medium")

    def complaints(path):
        command = [
            ffmpeg.get_ffmpeg_exe(),
            "-v",
            "warning",
            "-xerror",
            "-i",
            path,
            "-map",
            "0",
            "-f",
            "null",
            "-",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0
        return [line.partition("] ")[2] for line in done.stderr.splitlines()]

    assert complaints(tmp_path / "b.mp4") == complaints(source)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="no ffprobe: apt-get install ffmpeg")
def test_an_independent_ffprobe_sees_the_same_times_sound_and_colours(tmp_path):
    source = with_two_sounds(tmp_path / "a.mp4")
    clips.enlarged(source, tmp_path / "b.mp4", segment=7)

    def probed(path):
        words = (
            "-v error -show_entries packet=stream_index,pts,duration:stream=codec_name,duration_ts,time_base"
        )
        tags = ",color_range,color_space,color_primaries,color_transfer,chroma_location"
        command = ["ffprobe", *f"{words}{tags} -of json".split(), str(path)]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        times = sorted((each["stream_index"], each["pts"]) for each in told["packets"])
        video = told["streams"][0]
        return times, (video["duration_ts"], video["time_base"]), video

    before, after = probed(source), probed(tmp_path / "b.mp4")
    assert after[:2] == before[:2]
    colours = {key: value for key, value in after[2].items() if key.startswith(("color_", "chroma_"))}
    assert colours == {
        "color_range": "tv",
        "color_space": "smpte170m",
        "color_primaries": "smpte170m",
        "color_transfer": "smpte170m",
        "chroma_location": "left",
    }


def test_sound_that_goes_from_mp4_to_matroska_keeps_its_bytes(tmp_path):
    source = with_two_sounds(tmp_path / "a.mp4")
    clips.enlarged(source, tmp_path / "b.mkv")
    hashes = [
        [[packet[-1] for packet in stream] for stream in clips.packets(path)]
        for path in (source, tmp_path / "b.mkv")
    ]
    assert hashes[0] == hashes[1]


def test_sound_and_subtitles_are_left_out_if_asked(tmp_path):
    source = with_two_sounds(tmp_path / "a.mp4")
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4", audio=False)
    assert clips.packets(tmp_path / "b.mp4") == []
    assert plan.losses == ()


@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "mov_text"), ("mkv", "subrip")])
def test_text_subtitles_become_the_kind_that_the_container_holds(tmp_path, suffix, codec):
    other = {
        "mp4": ("a.mkv", "subrip", b"<i>Gr\xc3\xbc\xc3\x9fe</i>"),
        "mkv": ("a.mp4", "mov_text", b"\0\x09Gr\xc3\xbc\xc3\x9fe."),
    }
    name, source_codec, text = other[suffix]
    source = with_subtitles(tmp_path / name, source_codec, [text, text])
    plan, _ = clips.enlarged(source, tmp_path / f"b.{suffix}")
    assert any(f"as {codec}" in loss for loss in plan.losses)
    kind, written, language, disposition = described(tmp_path / f"b.{suffix}")[1]
    # MP4 makes one track of each kind the default one.
    assert (kind, written, language, disposition & FORCED) == ("subtitle", codec, "fra", FORCED)
    shown = texts(tmp_path / f"b.{suffix}")
    assert [time for time, _, _ in shown] == [Fraction(1, 10), Fraction(2, 5)]
    assert all("Grüße" in text.decode() and b"<" not in text for _, _, text in shown)


@pytest.mark.parametrize(
    ("suffix", "codec", "text"), [("mp4", "mov_text", b"\0\x03abc"), ("mkv", "subrip", b"abc")]
)
def test_subtitles_that_fit_are_copied(tmp_path, suffix, codec, text):
    source = with_subtitles(tmp_path / f"a.{suffix}", codec, [text, text])
    plan, _ = clips.enlarged(source, tmp_path / f"b.{suffix}")
    assert plan.losses == ()
    assert texts(tmp_path / f"b.{suffix}") == texts(source)


def test_styled_subtitles_and_fonts_stay_in_matroska_and_are_refused_for_mp4(tmp_path):
    line = b"0,0,Default,,0,0,0,,{\\i1}abc"
    fonts = [("Schrift ß.ttf", bytes(range(256)) * 5)]
    source = with_subtitles(tmp_path / "a.mkv", "ass", [line], fonts=fonts)
    clips.enlarged(source, tmp_path / "b.mkv")
    assert texts(tmp_path / "b.mkv") == texts(source)
    with av.open(str(tmp_path / "b.mkv")) as container:
        attachment = container.streams.attachments[0]
        assert (attachment.name, attachment.mimetype, attachment.data) == (
            "Schrift ß.ttf",
            "font/ttf",
            fonts[0][1],
        )
    info = clips.info(source)
    with pytest.raises(OutputError, match="holds no subtitles of the kind ass") as caught:
        plan_output(info, Wish(size=info.size, container="mp4"))
    assert ".mkv" in caught.value.hint


def test_attachments_are_said_to_be_dropped_where_there_is_no_place(tmp_path):
    source = with_subtitles(
        tmp_path / "a.mkv", "subrip", [b"abc"], fonts=[("a.ttf", b"123"), ("b.ttf", b"456")]
    )
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4")
    assert any("attachment" in loss and "2 times" in loss for loss in plan.losses)


def png():
    buffer = BytesIO()
    Image.fromarray(clips.picture(5)).save(buffer, "PNG")
    return buffer.getvalue()


def with_cover(path):
    data = png()
    if path.suffix == ".mkv":

        def before(container, stream):
            container.add_attachment("cover.png", "image/png", data)

        return clips.make(path, before=before), data

    def before(container, stream):
        cover = container.add_mux_stream("png", width=64, height=48)
        cover.disposition = 1 << 10
        cover.time_base = Fraction(1, 90000)
        return cover

    def after(container, cover, index):
        if index == 0:
            packet = av.Packet(data)
            packet.pts = packet.dts = 0
            packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, 90000), cover, True
            container.mux(packet)

    return clips.make(path, before=before, after=after), data


@pytest.mark.parametrize("old", ["mp4", "mkv"])
@pytest.mark.parametrize("new", ["mp4", "mkv"])
def test_a_cover_is_no_video_and_is_kept(tmp_path, old, new):
    source, data = with_cover(tmp_path / f"a.{old}")
    info = clips.info(source)
    assert [stream.kind for stream in info.streams] == ["video", "cover"]
    plan, _ = clips.enlarged(source, tmp_path / f"b.{new}")
    assert plan.losses == ()
    written = clips.info(tmp_path / f"b.{new}")
    assert (written.codec, [stream.kind for stream in written.streams]) == ("h264", ["video", "cover"])
    with av.open(str(tmp_path / f"b.{new}")) as container:
        cover = container.streams[1]
        assert bytes(next(packet for packet in container.demux(cover) if packet.size)) == data


def test_of_two_videos_one_is_written_and_the_other_is_said_to_be_dropped(tmp_path):
    source = clips.make(tmp_path / "a.mkv", **clips.second_video(clips.Size(32, 32)))
    plan, _ = clips.enlarged(source, tmp_path / "b.mkv")
    assert any("another video stream" in loss for loss in plan.losses)
    assert clips.info(source, stream=1).size == (32, 32)


def test_a_part_takes_its_sound_and_its_chapters_along(tmp_path):
    source = with_two_sounds(tmp_path / "a.mp4")
    clips.enlarged(source, tmp_path / "b.mp4", part=Part(0.2, 0.4), between=(0.2, 0.6))
    assert [time for time, _ in clips.times(tmp_path / "b.mp4")] == [Fraction(n, 25) for n in range(10)]
    old, new = clips.packets(source)[0], clips.packets(tmp_path / "b.mp4")[0]
    moved = {packet[-1]: packet[0] for packet in new}
    assert 18 <= len(new) <= 21
    for time, _, name in old:
        if name in moved and moved[name] >= 0:
            assert abs(time - Fraction(1, 5) - moved[name]) <= Fraction(1, 48000)
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == [
            title for title, _, _ in CHAPTERS
        ]


def test_hevc_in_mp4_carries_the_tag_that_apple_wants(tmp_path):
    source = clips.make(tmp_path / "a.mp4", "libx265", pts=4)
    clips.enlarged(source, tmp_path / "b.mp4")
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert container.streams.video[0].codec_tag == "hvc1"


def words(path):
    with av.open(str(path)) as container:
        found = {key.lower(): value for key, value in container.metadata.items()}
    # FFmpeg from 9 on tells what stands in the movie's header and among Apple's keys.
    if "creation_time" in found:
        (found["creation_time"],) = set(found["creation_time"].split(";"))
    return found


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_words_timecodes_and_titles_of_tracks_are_kept(tmp_path, suffix):
    said = {
        "title": "Größe",
        "comment": "c",
        "date": "2020",
        "creation_time": "2021-02-03T04:05:06.000000Z",
        "com.apple.quicktime.make": "Maker",
    }

    def before(container, stream):
        container.metadata.update(said)
        stream.metadata.update({"language": "deu", "title": "Spur", "timecode": "01:02:03:04"})

    options = {} if suffix == "mkv" else {"movflags": "use_metadata_tags"}
    source = clips.make(tmp_path / f"a.{suffix}", before=before, container_options=options)
    plan, _ = clips.enlarged(source, tmp_path / f"b.{suffix}")
    assert plan.losses == ()
    written = words(tmp_path / f"b.{suffix}")
    assert {key: written.get(key) for key in said} == said
    with av.open(str(tmp_path / f"b.{suffix}")) as container:
        stream = container.streams.video[0]
        track = {key.lower(): value for key, value in stream.metadata.items()}
        assert "Spur" in (track.get("title"), track.get("name"))
        assert track["timecode"] == "01:02:03:04"


def test_words_that_mp4_has_no_place_for_are_said_to_be_dropped(tmp_path):
    def before(container, stream):
        container.metadata.update({"title": "a", "mood": "b"})

    source = clips.make(tmp_path / "a.mkv", before=before)
    plan, _ = clips.enlarged(source, tmp_path / "b.mp4")
    assert any("MOOD are dropped" in loss for loss in plan.losses)
    assert words(tmp_path / "b.mp4")["title"] == "a"


class Pipe(BytesIO):
    def seekable(self):
        return False


def piped(source, folder, container):
    pipe = Pipe()
    with open_video(source) as video:
        plan = plan_output(video.info, Wish(size=video.info.size.scaled(2), container=container))
        segments = clips.write(video.frames(), plan.encoding, folder)
    join(segments, plan, pipe, source)
    (folder / f"b.{container}").write_bytes(pipe.getvalue())
    return plan


def test_a_pipe_gets_matroska(tmp_path):
    piped(with_two_sounds(tmp_path / "a.mp4"), tmp_path, "mkv")
    assert len(clips.times(tmp_path / "b.mkv")) == 20
    assert len(clips.packets(tmp_path / "b.mkv")) == 2


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le", "gray"])
def test_a_pipe_gets_bare_frames_if_asked(tmp_path, pix_fmt):
    source = clips.make(tmp_path / "a.mkv", "ffv1", pix_fmt=pix_fmt)
    plan = piped(source, tmp_path, "y4m")
    assert any("even rate" in loss for loss in plan.losses)
    for one, other in zip(clips.pixels(source), clips.pixels(tmp_path / "b.y4m"), strict=True):
        assert np.abs(one.mean((0, 1)) - other.mean((0, 1))).max() * 255 < 0.5


def test_a_trimmed_start_stays_trimmed(tmp_path):
    """Frames before the start of an edit list are decoded and not shown."""
    source = clips.make(
        tmp_path / "a.mp4",
        pts=[512 * n - 1536 for n in range(20)],
        container_options={"movie_timescale": "12800"},
    )
    _, reader = clips.enlarged(source, tmp_path / "b.mp4", segment=6)
    assert reader.missing == 0
    assert clips.times(tmp_path / "b.mp4") == clips.times(source)
    assert clips.times(source)[0][0] == 0
