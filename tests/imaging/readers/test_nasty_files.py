"""Files that are damaged, lying, huge or no pictures at all end in one clear error and leave nothing open."""

from __future__ import annotations

import os
from io import BytesIO

import corpus
import numpy as np
import pytest

from srcli.core.errors import InputError, OutputError
from srcli.core.names import printable
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import encode_picture, plan_encoding

SAMPLES = corpus.all_samples()


def decode(source, **options):
    with open_picture(source, **options) as picture:
        return picture.info, list(picture.frames())


def refusal(source, **options):
    with pytest.raises(InputError) as caught:
        decode(source, **options)
    return caught.value.message


@pytest.mark.parametrize("name", corpus.nasty_files())
def test_nasty_files_are_refused_by_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(corpus.nasty_files()[name])
    assert refusal(path).startswith(f"cannot read {path}: ")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_file_cut_in_the_middle_is_no_picture(sample):
    message = refusal(sample.data[: int(len(sample.data) * 0.6)])
    assert "truncated" in message or "damaged" in message


@pytest.mark.parametrize(
    "name",
    [
        "png-rgb",
        "png-rgb-16",
        "jpeg-rgb",
        "bmp-rgb",
        "ppm-rgb",
        "ppm-rgb-16",
        "webp-rgb",
    ],
)
def test_the_message_says_truncated(name):
    sample = next(sample for sample in SAMPLES if sample.name == name)
    assert refusal(sample.data[: int(len(sample.data) * 0.7)]).endswith(
        "truncated: the file ends before its picture does"
    )


def test_an_empty_file_says_so(tmp_path):
    path = tmp_path / "empty.png"
    path.touch()
    assert refusal(path) == f"cannot read {path}: the file is empty"


def test_bytes_are_called_standard_input():
    assert refusal(b"GIF89a").startswith("cannot read standard input: truncated")


def test_a_missing_file_and_a_folder_say_so(tmp_path):
    assert refusal(tmp_path / "no.png") == f"cannot read {tmp_path / 'no.png'}: no such file"
    folder = tmp_path / "x.png"
    folder.mkdir()
    assert refusal(folder) == f"cannot read {folder}: it is a folder"


@pytest.mark.skipif(os.name == "nt", reason="needs rights and links of Unix")
def test_links_in_a_circle_say_so(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    assert "circle" in refusal(tmp_path / "a.png")


@pytest.mark.skipif(os.name == "nt", reason="names of Windows are text")
def test_names_that_are_no_text_or_very_long_work(tmp_path):
    data = corpus.pillow_file(corpus.pixels(3), "PNG")
    odd = tmp_path / os.fsdecode(b"caf\xe9\n.png")
    long = tmp_path / ("n" * 251 + ".png")
    for path in (odd, long):
        path.write_bytes(data)
        assert decode(path)[0].format == "PNG"
    odd.write_bytes(b"GIF89a")
    message = refusal(odd)
    assert "caf\\xe9\\n.png" in message
    message.encode("utf-8")
    assert "\n" not in printable(odd)


@pytest.mark.parametrize("format_name", corpus.EXTENSIONS)
def test_content_decides_and_not_the_name(tmp_path, format_name):
    sample = next(sample for sample in SAMPLES if sample.format == format_name)
    path = tmp_path / ("x.jpg" if format_name != "JPEG" else "x.png")
    path.write_bytes(sample.data)
    info, _ = decode(path)
    assert info.format == format_name
    assert info.notes[0] == f"its name ends in {path.suffix}, but it is a {format_name} file"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"8BPS\0\1", "Photoshop"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
    ],
)
def test_known_strangers_are_named(head, name):
    assert refusal(head + bytes(100)) == f"cannot read standard input: {name} is not supported"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_more_pixels_than_allowed_are_refused_from_the_header(sample):
    assert "17x13 is 0 megapixels, the limit is 0" in refusal(sample.data, max_pixels=corpus.WIDTH * 12)
    assert decode(sample.data, max_pixels=corpus.WIDTH * corpus.HEIGHT)


def test_a_tiff_of_thousands_of_channels_is_refused_at_once():
    data = bytearray(next(sample for sample in SAMPLES if sample.name == "tiff-grey-alpha").data)
    position = data.index(bytes((0x15, 1, 3, 0, 1, 0, 0, 0)))
    data[position + 8 : position + 10] = (7170).to_bytes(2, "little")
    assert "7170 channels" in refusal(bytes(data))


def test_a_tiff_with_fewer_strips_than_rows_is_refused():
    data = bytearray(next(sample for sample in SAMPLES if sample.name == "tiff-grey").data)
    position = data.index(bytes((1, 1)), 4)
    data[position + 8 : position + 10] = (9000).to_bytes(2, "little")
    assert "its size takes strips, 693 in number, and its fields place 1" in refusal(bytes(data))


def test_the_bomb_names_its_size():
    assert refusal(corpus.bomb_png()).endswith("it declares 1600 megapixels, more than srcli decodes")


def test_a_file_is_closed_when_it_is_refused(tmp_path):
    path = tmp_path / "half.png"
    path.write_bytes(corpus.nasty_files()["half.png"])
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112
    for _ in range(5):
        refusal(path)
    after = len(os.listdir("/proc/self/fd")) if before else 0
    assert after == before


def test_nothing_is_written_to_the_terminal(capfd):
    for sample in SAMPLES:
        refusal(sample.data[: int(len(sample.data) * 0.6)])
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def encoding_of_a_png():
    with open_picture(corpus.pillow_file(corpus.pixels(3, height=300, width=400), "PNG")) as picture:
        encoding = plan_encoding(picture.info, picture.info.size, format="bmp", quality=None, strip=False)
        return list(picture.frames()), encoding


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110
def test_a_full_disk_is_an_output_error(tmp_path):
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    frames, encoding = encoding_of_a_png()
    with pytest.raises(OutputError, match="cannot write the BMP file: no space left on device") as caught:
        encode_picture(full, frames, encoding)
    assert caught.value.hint


def test_a_missing_folder_is_an_output_error(tmp_path):
    frames, encoding = encoding_of_a_png()
    with pytest.raises(OutputError, match="cannot write the BMP file: no such file"):
        encode_picture(tmp_path / "none" / "x", frames, encoding)


def test_an_error_of_the_frames_is_not_taken_for_one_of_the_disk():
    _, encoding = encoding_of_a_png()

    def frames():
        raise OSError(5, "the generator's own trouble")
        yield

    with pytest.raises(OSError, match="own trouble"):
        encode_picture(BytesIO(), frames(), encoding)


def test_a_broken_pipe_stays_one():
    class Pipe(BytesIO):
        def write(self, data):
            raise BrokenPipeError

    frames, encoding = encoding_of_a_png()
    with pytest.raises(BrokenPipeError):
        encode_picture(Pipe(), frames, encoding)


def test_frames_can_be_decoded_twice():
    for sample in SAMPLES:
        with open_picture(sample.data) as picture:
            first, second = next(picture.frames()), next(picture.frames())
            np.testing.assert_array_equal(first.colour, second.colour)


def test_a_kind_of_bmp_that_the_decoder_lacks_is_not_called_damaged():
    data = bytearray(corpus.pillow_file(corpus.pixels(3), "BMP"))
    # A palette of four colours is known to Windows CE alone.
    data[28:30] = (2).to_bytes(2, "little")
    with pytest.raises(InputError, match=r"BMP pixel depth \(2\) is not supported"):
        open_picture(bytes(data))
