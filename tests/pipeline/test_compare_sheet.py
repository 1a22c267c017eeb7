"""Comparisons: panes, close-ups and the sheet."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError, UsageError
from srcli.core.events import Events
from srcli.core.geometry import Size
from srcli.imaging.pixels.lettering import draw_words
from srcli.pipeline.compare.comparison import compare_methods
from srcli.pipeline.compare.crops import Box, check_boxes, choose_boxes, parse_box
from srcli.pipeline.compare.page import make_page
from srcli.pipeline.compare.sheet import draw_sheet
from srcli.upscaling.methods import Method

METHODS = [Method("bicubic", 2), Method("nearest", 2)]


@pytest.fixture
def pair(tmp_path):
    levels = np.random.default_rng(4).integers(0, 256, (30, 42, 3), dtype=np.uint8)
    Image.fromarray(levels).save(tmp_path / "small.png")
    Image.fromarray(levels.repeat(2, axis=0).repeat(2, axis=1)).save(tmp_path / "large.png")
    return tmp_path / "small.png", tmp_path / "large.png"


def _compare(source, reference=None):
    return compare_methods(source, reference, METHODS, 2, Events())


class TestComparison:
    def test_panes_end_with_the_reference(self, pair):
        comparison = _compare(*pair)
        assert [pane.label for pane in comparison.panes] == ["bicubic", "nearest", "reference"]
        assert {pane.colour.shape for pane in comparison.panes} == {(60, 84, 3)}
        assert str(comparison.protocol) == "luma (BT.601), shave 2, 8 bit"
        assert comparison.panes[0].figures["psnr"] < 30
        assert comparison.panes[1].to_json()["psnr"] is None
        assert comparison.panes[1].figures["ssim"] == 1

    def test_without_reference_there_are_no_figures(self, pair):
        comparison = _compare(pair[0])
        assert comparison.protocol is None
        assert [pane.figures for pane in comparison.panes] == [{}, {}]

    def test_a_reference_of_another_size_is_refused(self, pair):
        with pytest.raises(InputError, match=r"small.png is 42x30, and .*small.png x2 is 84x60") as caught:
            _compare(pair[0], pair[0])
        assert "srcli degrade" in caught.value.hint

    def test_grey_and_colour_meet_as_rgb(self, pair, tmp_path):
        Image.open(pair[0]).convert("L").save(tmp_path / "grey.png")
        assert {pane.colour.shape[2] for pane in _compare(tmp_path / "grey.png", pair[1]).panes} == {3}
        assert {pane.colour.shape[2] for pane in _compare(tmp_path / "grey.png").panes} == {1}

    def test_transparent_pictures_are_laid_over_grey(self, tmp_path):
        Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(tmp_path / "clear.png")
        np.testing.assert_allclose(_compare(tmp_path / "clear.png").panes[0].colour, 0.5, atol=1e-6)


class TestCrops:
    def test_close_ups_lie_where_versions_differ(self):
        first = np.zeros((200, 300, 3), np.float32)
        second = first.copy()
        second[20:40, 30:50] = 1
        second[150:160, 250:260] = 0.5
        boxes = choose_boxes([first, second], 2)
        assert [(box.width, box.height) for box in boxes] == [(75, 56)] * 2
        assert boxes[0].of(second).sum() == pytest.approx(20 * 20 * 3)
        assert boxes[1].of(second).sum() == pytest.approx(10 * 10 * 3 / 2)

    def test_close_ups_do_not_overlap(self):
        versions = np.random.default_rng(2).random((2, 150, 220, 1)).astype(np.float32)
        seen = np.zeros((150, 220, 1), int)
        for box in choose_boxes(list(versions), 5):
            seen[box.y : box.y + box.height, box.x : box.x + box.width] += 1
        assert seen.max() == 1

    def test_close_ups_keep_apart_in_a_large_picture(self):
        first = np.zeros((900, 1200, 1), np.float32)
        second = first.copy()
        second[300:500, 300:700] = 1
        second[800:820, 1100:1120] = 0.1
        boxes = choose_boxes([first, second], 3)
        assert abs(boxes[0].x - boxes[1].x) >= 200 or abs(boxes[0].y - boxes[1].y) >= 150

    def test_a_small_picture_is_one_close_up(self):
        assert choose_boxes([np.zeros((20, 30, 1), np.float32)] * 2, 3) == (Box(0, 0, 30, 20),)

    def test_boxes_are_read_and_checked(self):
        box = parse_box("4, 5,30,20")
        assert (box, str(box)) == (Box(4, 5, 30, 20), "4,5,30,20")
        check_boxes([box], Size(25, 34))
        with pytest.raises(UsageError, match="the crop 4,5,30,20 reaches beyond the result, which is 33x25"):
            check_boxes([box], Size(25, 33))

    @pytest.mark.parametrize("text", ["", "1,2,3", "1,2,30,x", "-1,2,30,30", "1,2,30,5"])
    def test_other_words_are_no_box(self, text):
        with pytest.raises(UsageError, match="crop"):
            parse_box(text)


class TestSheet:
    def test_close_ups_stand_on_the_sheet_pixel_for_pixel(self, pair):
        comparison = _compare(*pair)
        box = Box(10, 8, 64, 48)
        sheet = draw_sheet(comparison, [box])
        close_up = box.of(comparison.panes[-1].colour).repeat(4, axis=0).repeat(4, axis=1)[24:]
        windows = np.lib.stride_tricks.sliding_window_view(sheet[:, :, 0], close_up.shape[:2])
        first = np.argwhere(windows[:, :, 0, 0] == close_up[0, 0, 0])
        assert any(np.array_equal(sheet[y : y + 168, x : x + 256], close_up) for y, x in first)

    @pytest.mark.parametrize("boxes", [[Box(0, 0, 84, 60)], [Box(0, 0, 16, 16), Box(60, 40, 24, 20)]])
    def test_any_close_up_has_room(self, pair, boxes):
        sheet = draw_sheet(_compare(*pair), boxes)
        assert sheet.dtype == np.float32
        assert 0 <= sheet.min() <= sheet.max() <= 1
        np.testing.assert_array_equal(sheet[-20:], 1)
        np.testing.assert_array_equal(sheet[:, -10:], 1)

    def test_a_tall_grey_picture_has_room(self, tmp_path):
        Image.new("L", (12, 150), 77).save(tmp_path / "tall.png")
        comparison = _compare(tmp_path / "tall.png")
        boxes = choose_boxes([pane.colour for pane in comparison.panes], 3)
        assert draw_sheet(comparison, boxes).shape[2] == 3

    def test_words_are_drawn_in_lines_of_one_height(self):
        low, high = draw_words("aaa", 14), draw_words("ÄÄ|gg", 14)
        assert low.shape[0] == high.shape[0]
        assert 0 == low.min() < low.max() <= 1
        assert draw_words("", 14).sum() == 0


def test_page_holds_everything_and_asks_for_nothing(pair):
    text = make_page(_compare(*pair), [Box(0, 0, 20, 20)])
    assert text.count("data:image/png;base64,") == 3
    assert "http" not in text.replace("http-equiv", "")
    assert "default-src 'none'" in text
    assert "/*" not in text.split("<script>")[0].split("</style>")[1]
