"""Small videos for tests, made with PyAV; import only where the extra `video` is installed."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from srcli.core.geometry import Size
from srcli.video.join import join
from srcli.video.plan import Wish, plan_output
from srcli.video.scheduling import usual_scheduling
from srcli.video.segment import SegmentWriter, encodable, segment_suffix
from srcli.video.video import open_video

SIZE = Size(48, 64)
QUICK = {"libx264": {"preset": "ultrafast", "crf": "10"}, "libx265": {"preset": "ultrafast"}}
# With reordering, x265 makes up decoding times for streams of a frame or two.
QUIET = {"libx265": ("x265-params", "log-level=none:bframes=0")}


def picture(index, size=SIZE):
    """A smooth picture that moves, (height, width, 3) uint8."""
    down, across = np.mgrid[0 : size.height, 0 : size.width].astype(np.float32)
    shift = index * 3
    channels = [
        128 + 90 * np.sin((across + shift) / 9),
        128 + 90 * np.cos((down + shift) / 11),
        128 + 90 * np.sin((across + down) / 13),
    ]
    return np.rint(np.stack(channels, -1)).astype(np.uint8)


def native(levels, pix_fmt, size=SIZE):
    """A frame whose planes are flat, or hold the arrays given."""
    frame = av.VideoFrame(size.width, size.height, pix_fmt)
    deep = frame.format.components[0].bits > 8
    for plane, level in zip(frame.planes, levels, strict=True):
        view = np.frombuffer(plane, "<u2" if deep else np.uint8)
        pitch = plane.line_size // view.itemsize
        view = view[: plane.height * pitch].reshape(plane.height, pitch)
        view[:, : plane.width] = level
    return frame


def make(
    path,
    codec="libx264",
    *,
    size=SIZE,
    pts=20,
    base=Fraction(1, 12800),
    rate=Fraction(25),
    pix_fmt="yuv420p",
    options=None,
    frame=None,
    muxer=None,
    container_options=None,
    before=None,
    after=None,
    **context,
):
    """Write a video.

    Args:
        path: of the file.
        codec: the encoder.
        size: of its frames.
        pts: times in ticks, or how many frames at the rate.
        base: seconds a tick.
        rate: told to the encoder.
        pix_fmt: of its frames.
        options: of the encoder.
        frame: gives a frame of an index; by default a smooth picture.
        muxer: of the container.
        container_options: of the muxer.
        before: called with container and video stream before the first frame, to add what surrounds it.
        after: called with container and what `before` gave behind each frame's packets.
        context: attributes of the codec's context.
    """
    step = round(1 / rate / base)
    times = [index * step for index in range(pts)] if isinstance(pts, int) else pts
    options = dict(QUICK.get(codec, {}) if options is None else options)
    if codec in QUIET:
        name, value = QUIET[codec]
        options[name] = ":".join(filter(None, [value, options.get(name)]))
    with (
        usual_scheduling(),
        av.open(str(path), "w", format=muxer, container_options=container_options or {}) as container,
    ):
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = size.width, size.height, pix_fmt
        stream.codec_context.time_base = stream.time_base = base
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        state = before(container, stream) if before else None
        for index, time in enumerate(times):
            shown = frame(index) if frame else smooth(index, pix_fmt, size)
            shown.pts, shown.time_base = time, base
            container.mux(stream.encode(shown))
            if after:
                after(container, state, index)
        container.mux(stream.encode())
    return Path(path)


def fields(path, codec="libx264", *, order, marked=True, size=SIZE, options=None, **more):
    """Write a video of frames of two moments, with a bright bar that moves by 4 pixels a field.

    Args:
        path: of the file.
        codec: the encoder.
        order: ``t`` or ``b``, the field that is shown first.
        marked: whether each frame says so itself.
        size: of its frames.
        options: of the encoder.
        more: see `make`.
    """
    options = {"x264-params": "interlaced=1", "crf": "4"} if options is None else options
    frame = alternating(order, size, marked=marked)
    return make(path, codec, size=size, options=options, frame=frame, **more)


def alternating(order, size=SIZE, *, marked=True):
    """Gives frames of two moments."""

    def frame(index):
        pixels = np.full((*size, 3), 40, np.uint8)
        for field in (0, 1):
            left = bar(2 * index + (field if order == "t" else 1 - field))
            pixels[field::2, left : left + 12] = 220
        made = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        return _marked(made, order) if marked else made

    return frame


def fields_later(path, *, order, first):
    """A video whose frames are of two moments from one on."""
    fields = alternating(order)
    return make(
        path,
        "ffv1",
        options={"flags": "+ildct"},
        frame=lambda index: smooth(index) if index < first else fields(index),
    )


def second_video(size):
    """What ``make`` takes for a further video stream, of MPEG-4."""

    def before(container, stream):
        second = container.add_stream("mpeg4", rate=25)
        second.width, second.height, second.pix_fmt = size.width, size.height, "yuv420p"
        return second

    def after(container, second, index):
        frame = smooth(index, "yuv420p", size)
        frame.pts, frame.time_base = index, Fraction(1, 25)
        container.mux(second.encode(frame))

    return {"before": before, "after": after}


def bar(moment):
    """Where the bar begins at a moment, in pixels."""
    return 4 * moment % 40


def _marked(frame, order):
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    mark, sink = graph.add("setfield", f"mode={order}ff"), graph.add("buffersink")
    source.link_to(mark)
    mark.link_to(sink)
    graph.configure()
    graph.push(frame)
    return graph.pull()


def smooth(index, pix_fmt="yuv420p", size=SIZE):
    return av.VideoFrame.from_ndarray(picture(index, size), format="rgb24").reformat(
        format=pix_fmt, dst_colorspace="itu601"
    )


def sound(container, codec="aac", rate=48000, **attributes):
    """Add a stream of sound; its packets come from `tones`."""
    stream = container.add_stream(codec, rate=rate)
    stream.layout = "stereo"
    for name, value in attributes.items():
        setattr(stream, name, value)
    return stream


def tones(container, stream, seconds=0.8, start=0):
    """Mux a tone."""
    rate = stream.codec_context.sample_rate
    chunk = stream.codec_context.frame_size or 1024
    for at in range(0, int(seconds * rate), chunk):
        wave = np.sin(np.arange(at, at + chunk) * 440 / rate * 6.28).astype(np.float32) * 0.2
        planar = "p" in stream.codec_context.format.name[-1:]
        samples = np.stack([wave, wave]) if planar else np.stack([wave, wave], -1).reshape(1, -1)
        name = "fltp" if planar else "flt"
        frame = av.AudioFrame.from_ndarray(samples, format=name, layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, start + at, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def enlarged(source, output, *, scale=2, segment=250, part=None, between=None, deinterlace="refuse", **wish):
    """Bring a video through the whole room, each pixel repeated; gives the plan and the reader."""
    source, output = Path(source), Path(output)
    with open_video(source, deinterlace=deinterlace) as video:
        plan = plan_output(
            video.info,
            Wish(
                size=video.info.size.scaled(scale),
                container=wish.pop("container", output.suffix[1:]),
                segment=segment,
                whole=part is None,
                **wish,
            ),
        )
        reader = video.frames(part)
        segments = write(reader, plan.encoding, output.parent, scale)
        join(segments, plan, output, source, between=between)
    return plan, reader


def write(frames, encoding, folder, scale=2):
    """Segments of frames, each pixel repeated and cut or padded to the plan's size."""
    segments, writer = [], None
    for count, frame in enumerate(frames):
        if count % encoding.segment == 0:
            if writer:
                writer.__exit__(None, None, None)
                segments.append(writer.segment)
            writer = SegmentWriter(folder / f"part{len(segments)}{segment_suffix(encoding)}", encoding)
            writer.__enter__()
        made = encodable(fit(frame.pixels(), encoding.size, scale), encoding)
        writer.write(made, frame.pts, frame.duration)
    writer.__exit__(None, None, None)
    return [*segments, writer.segment]


def fit(pixels, size, scale):
    large = pixels.repeat(scale, 0).repeat(scale, 1)
    rows = np.minimum(np.arange(size.height) * large.shape[0] // size.height, large.shape[0] - 1)
    columns = np.minimum(np.arange(size.width) * large.shape[1] // size.width, large.shape[1] - 1)
    return large[rows][:, columns] if large.shape[:2] != size else large


def times(path, **options):
    """When each frame is shown and how long, in seconds, exactly."""
    with open_video(Path(path), **options) as video:
        base = video.info.time_base
        return [(frame.pts * base, frame.duration * base) for frame in video.frames()]


def pixels(path, **options):
    with open_video(Path(path), **options) as video:
        return [frame.pixels() for frame in video.frames()]


def info(path, **options):
    with open_video(Path(path), **options) as video:
        return video.info


def packets(path, kind="audio"):
    """Streams of a kind: for each its time, its duration and the hash of what is in it."""
    found = {}
    with av.open(str(path)) as container:
        for packet in container.demux():
            stream = packet.stream
            if packet.size and stream.type == kind:
                base = packet.time_base
                stamp = tuple(
                    None if value is None else value * base for value in (packet.pts, packet.duration)
                )
                found.setdefault(stream.index, []).append((*stamp, hashlib.sha256(bytes(packet)).hexdigest()))
    return list(found.values())


def planes(path):
    """The first frame's stored samples."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        return frame.format.name, [
            array[:, : plane.width] for plane, array in zip(frame.planes, _arrays(frame), strict=True)
        ]


def _arrays(frame):
    deep = frame.format.components[0].bits > 8
    for plane in frame.planes:
        view = np.frombuffer(plane, "<u2" if deep else np.uint8)
        pitch = plane.line_size // view.itemsize
        yield view[: plane.height * pitch].reshape(plane.height, pitch).copy()
