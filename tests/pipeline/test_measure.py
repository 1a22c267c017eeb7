"""Pairing files by name, the rules for unlike pictures, and the statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError, UsageError
from srcli.core.outcome import Failure
from srcli.pipeline.measure.pair import MeasureSettings, PairReport, measure_pair, try_pair
from srcli.pipeline.measure.pairs import pair_up
from srcli.pipeline.measure.summary import bootstrap_interval, describe, summarise, unmet_gates


def _noise(height=20, width=31, channels=3, seed=1):
    levels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return levels[:, :, 0] if channels == 1 else levels


def _save(path, samples, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(samples).save(path, **options)
    return path


def _names(paths):
    return [path.name for path in paths]


class TestPairing:
    def _folders(self, tmp_path, results, references):
        for folder, names in (("results", results), ("references", references)):
            for name in names:
                _save(tmp_path / folder / name, _noise(3, 4))
        return tmp_path / "results", tmp_path / "references"

    def test_two_files_are_a_pair_whatever_their_names(self, tmp_path):
        pair = (_save(tmp_path / "a.png", _noise()), _save(tmp_path / "b.png", _noise()))
        assert pair_up(*pair).pairs == (pair,)

    def test_folders_pair_by_name_not_by_order(self, tmp_path):
        pairing = pair_up(*self._folders(tmp_path, ["b.png", "c.png"], ["a.png", "b.jpg", "c.bmp"]))
        assert [_names(pair) for pair in pairing.pairs] == [["b.png", "b.jpg"], ["c.png", "c.bmp"]]
        assert _names(pairing.missing) == ["a.png"]
        assert pairing.extra == ()

    def test_label_of_upscale_is_left_aside(self, tmp_path):
        pairing = pair_up(
            *self._folders(tmp_path, ["a_x4.png", "b_x2.5.png", "c_x4.png"], ["a.png", "b.png"])
        )
        assert [_names(pair) for pair in pairing.pairs] == [["a_x4.png", "a.png"], ["b_x2.5.png", "b.png"]]
        assert _names(pairing.extra) == ["c_x4.png"]

    def test_a_name_that_matches_whole_keeps_its_label(self, tmp_path):
        pairing = pair_up(*self._folders(tmp_path, ["a_x4.png"], ["a.png", "a_x4.png"]))
        assert [_names(pair) for pair in pairing.pairs] == [["a_x4.png", "a_x4.png"]]

    def test_one_file_finds_its_partner_in_a_folder(self, tmp_path):
        results, references = self._folders(tmp_path, ["a_x2.png"], ["a.png", "b.png"])
        pairing = pair_up(results / "a_x2.png", references)
        assert [_names(pair) for pair in pairing.pairs] == [["a_x2.png", "a.png"]]

    @pytest.mark.parametrize("results", [["a.png", "a.jpg"], ["a_x2.png", "a_x4.png"]])
    def test_two_files_of_one_name_are_ambiguous(self, tmp_path, results):
        with pytest.raises(InputError, match="have one name"):
            pair_up(*self._folders(tmp_path, results, ["a.png"]))

    def test_folders_below_count_on_request(self, tmp_path):
        folders = self._folders(tmp_path, ["one/a.png", "two/a.png"], ["one/a.png", "two/a.png"])
        assert len(pair_up(*folders, recursive=True).pairs) == 2
        with pytest.raises(InputError, match="no pictures in") as caught:
            pair_up(*folders)
        assert "-r" in caught.value.hint

    def test_other_files_are_no_pictures(self, tmp_path):
        results, references = self._folders(tmp_path, ["a.png"], ["a.png"])
        (results / "notes.txt").write_text("no picture")
        (results / ".hidden.png").write_text("no picture")
        assert len(pair_up(results, references).pairs) == 1

    def test_missing_folder_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"no such file or folder: .*nowhere"):
            pair_up(tmp_path / "nowhere", tmp_path)


class TestRules:
    def _measure(self, tmp_path, result, reference, **settings):
        pair = _save(tmp_path / "a_x4.png", result), _save(tmp_path / "b.png", reference)
        return measure_pair(*pair, MeasureSettings(**settings))

    def test_report_names_protocol_and_size(self, tmp_path):
        report = self._measure(tmp_path, _noise(), _noise(seed=2), shave=3)
        assert report.protocol == "luma (BT.601), shave 3, 8 bit"
        assert report.size == (31, 20)
        assert list(report.figures) == ["psnr", "ssim", "mse"]
        assert report.warnings == ()

    def test_identical_pictures_are_null_and_identical_in_json(self, tmp_path):
        report = self._measure(tmp_path, _noise(), _noise())
        assert report.figures["psnr"] == math.inf
        assert (report.to_json()["psnr"], report.to_json()["identical"]) == (None, True)

    def test_scale_is_read_from_the_name(self, tmp_path):
        assert "shave 4" in self._measure(tmp_path, _noise(), _noise(), shave=None).protocol

    def test_a_name_without_scale_is_refused(self, tmp_path):
        path = _save(tmp_path / "plain.png", _noise())
        with pytest.raises(UsageError, match=r"plain.png doesn't end with a scale") as caught:
            measure_pair(path, path, MeasureSettings(shave=None))
        assert "--shave 4" in caught.value.hint

    def test_different_sizes_are_never_resized(self, tmp_path):
        with pytest.raises(InputError, match=r"sizes differ: .*a_x4.png is 31x20, .*b.png is 30x20"):
            self._measure(tmp_path, _noise(), _noise(width=30))

    def test_grey_beside_colour_is_measured_as_rgb(self, tmp_path):
        grey = _noise(channels=1)
        report = self._measure(tmp_path, grey, np.repeat(grey[:, :, None], 3, axis=2))
        assert report.figures["psnr"] == math.inf
        assert "a_x4.png is grey: measured as RGB" in report.warnings[0]

    def test_mixed_depth_is_measured_at_the_lower_one(self, tmp_path):
        grey = np.minimum(_noise(channels=1), 254)
        report = self._measure(tmp_path, grey.astype(np.uint16) * 257 + 60, grey)
        assert report.protocol.endswith("8 bit")
        assert "has 16 bit" in report.warnings[0]
        assert report.figures["psnr"] == math.inf

    def test_sixteen_bit_pictures_keep_their_depth(self, tmp_path):
        grey = _noise(channels=1).astype(np.uint16) * 200
        report = self._measure(tmp_path, grey + 60, grey)
        assert report.protocol.endswith("16 bit")
        assert report.figures["mse"] == pytest.approx((60 / 257) ** 2, rel=1e-3)

    def test_transparent_pictures_are_measured_over_grey(self, tmp_path):
        alpha = np.where(np.arange(31) < 10, 0, 255).astype(np.uint8) * np.ones((20, 1), np.uint8)
        result, reference = (np.dstack([_noise(seed=seed), alpha]) for seed in (1, 2))
        result[:, 10:, :3] = reference[:, 10:, :3]
        report = self._measure(tmp_path, result, reference)
        assert report.figures["psnr"] == math.inf
        assert report.warnings == ("transparent pixels are measured over mid-grey",)

    def test_opaque_alpha_counts_for_nothing(self, tmp_path):
        opaque = np.dstack([_noise(), np.full((20, 31), 255, np.uint8)])
        report = self._measure(tmp_path, opaque, _noise())
        assert report.warnings == ()

    def test_one_transparent_picture_alone_is_refused(self, tmp_path):
        clear = np.dstack([_noise(), np.full((20, 31), 128, np.uint8)])
        with pytest.raises(InputError, match=r"a_x4.png is transparent in places and .*b.png is not"):
            self._measure(tmp_path, clear, _noise())

    def test_animations_and_cmyk_are_refused(self, tmp_path):
        frames = [Image.fromarray(_noise(seed=seed)) for seed in (1, 2)]
        frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
        Image.fromarray(_noise()).convert("CMYK").save(tmp_path / "ink.jpg")
        for name, reason in (("moving.gif", "animation of 2 frames"), ("ink.jpg", "is CMYK")):
            report = try_pair(tmp_path / name, tmp_path / name, MeasureSettings())
            assert reason in report.error
            assert report.exit_code == 1

    def test_settings_refuse_nonsense(self):
        with pytest.raises(UsageError, match="unknown metric 'snr'"):
            MeasureSettings(metrics=("snr",))
        with pytest.raises(UsageError, match="depth of 12 bit"):
            MeasureSettings(depth=12)


class TestSummary:
    def test_mean_median_and_interval(self):
        statistic = describe([30.0, 31.0, 35.0])
        assert (statistic.mean, statistic.median) == (32.0, 31.0)
        low, high = statistic.interval
        assert 30 <= low < 32 < high <= 35

    def test_one_picture_has_no_interval(self):
        assert describe([30.0]).interval is None

    def test_interval_agrees_with_the_normal_one_for_many_pictures(self):
        values = np.random.default_rng(3).normal(30, 2, size=400)
        half = 1.96 * values.std() / 20
        assert bootstrap_interval(list(values)) == pytest.approx(
            (values.mean() - half, values.mean() + half), abs=0.05
        )

    def test_interval_is_the_same_on_every_run(self):
        assert bootstrap_interval([1.0, 2.0, 5.0]) == bootstrap_interval([1.0, 2.0, 5.0])

    def test_infinite_figures_need_no_special_care(self):
        statistic = describe([math.inf, math.inf, 30.0])
        assert (statistic.mean, statistic.median) == (math.inf, math.inf)
        assert statistic.to_json()["mean"] is None
        assert describe([math.inf, math.inf]).interval == (math.inf, math.inf)

    def test_failed_pairs_are_left_out(self):
        reports = [PairReport("a", "b", figures={"psnr": 30.0}), PairReport("c", "d", failure=Failure("no"))]
        assert summarise(reports)["psnr"].mean == 30.0
        assert summarise(reports[1:]) == {}

    def test_gates_look_at_the_mean(self):
        summary = {"psnr": describe([30.0, 32.0])}
        assert unmet_gates(summary, {"psnr": 31.0}) == []
        assert unmet_gates(summary, {"psnr": 31.5}) == ["mean PSNR 31.0000 is below 31.5"]


@pytest.mark.parametrize(
    ("result", "references", "partner"),
    [
        ("photo_clean.png", ["photo.png"], "photo.png"),
        ("photo_soft_clean.png", ["photo.png"], "photo.png"),
        ("photo_old_clean.png", ["photo.png", "photo_old.png"], "photo_old.png"),
        ("photo_x4.png", ["photo.png", "photo_x4.png"], "photo_x4.png"),
        ("photo_002.png", ["photo.png"], None),
        ("photoclean.png", ["photo.png"], None),
        ("below/photo_clean.png", ["photo.png", "below/photo.png"], "below/photo.png"),
    ],
)
def test_what_restore_made_goes_with_what_it_was_made_of(tmp_path, result, references, partner):
    _save(tmp_path / "results" / result, _noise())
    for name in references:
        _save(tmp_path / "references" / name, _noise())
    found = pair_up(tmp_path / "results", tmp_path / "references", recursive=True)
    expected = [(tmp_path / "results" / result, tmp_path / "references" / partner)] if partner else []
    assert list(found.pairs) == expected


def test_what_a_generator_appends_gives_way_to_the_name_of_the_reference(tmp_path):
    for name in ("photo.png", "photo_clean.png"):
        _save(tmp_path / "results" / name, _noise())
    _save(tmp_path / "references" / "photo.png", _noise())
    found = pair_up(tmp_path / "results", tmp_path / "references")
    assert (_names(found.pairs[0]), _names(found.extra)) == (["photo.png"] * 2, ["photo_clean.png"])
