"""Colours given to grey images: closed forms, what stays, and data that have none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layerwise.models import create
from layerwise.models.colouring import luma
from layerwise.platform.answer.cielab import chroma_distance
from layerwise.platform.contests.colourisers import STRENGTHS, Ridge, coloured, parted
from layerwise.platform.data import DataSet, load
from layerwise.platform.errors import DataError, StudyError
from layerwise.platform.study import Data
from layerwise.platform.uses import of
from layerwise.platform.uses.colourise import Colourise, by, psnr
from layerwise.platform.uses.findings import Contestant, Findings

STUDY: dict[str, Any] = {
    "study": "colours",
    "data": {"name": "digits"},
    "seeds": [0, 1],
    "stages": [
        {
            "name": "codes",
            "model": "denoising_autoencoder",
            "hidden": 32,
            "activation": "relu",
            "corruption": {"kind": "grey", "level": 1.0, "emphasis": 1.0},
            "learning_rate": 0.01,
            "batch_size": 20,
            "epochs": 40,
        }
    ],
}


def split(count: int, seed: int) -> NDArray[np.float32]:
    """Images of 2x3 pixels: red where the image is very dark or very bright, and blue between."""
    rng = np.random.default_rng(seed)
    bright = rng.uniform(0.25, 0.75, (count, 1))
    y = bright + rng.uniform(-0.03, 0.03, (count, 6))
    red = 0.15 * np.sign(np.abs(bright - 0.5) - 0.125)
    planes = [y + red, y - 0.3 * red, y - (0.299 - 0.3 * 0.587) / 0.114 * red]
    return np.concatenate(planes, 1).clip(0, 1).astype(np.float32)


DATA = DataSet(
    "two colours", split(300, 0), split(60, 1), split(40, 2), image_shape=(2, 3), channels=3,
    groups={
        "train": np.arange(300) % 4, "validation": np.full(60, 4), "test": 5 + np.arange(40) % 2
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def found(trained: Any) -> Findings:
    return Colourise(pictures=4).look(trained(STUDY, DATA))


def contestants(found: Findings, measure: int = 0) -> dict[str, Contestant]:
    return {one.name: one for one in found.measures[measure].contestants}


def test_contestants_and_measures(found: Findings) -> None:
    assert [(one.name, one.better) for one in found.measures] == [
        ("colourise/psnr", "higher"), ("colourise/chroma_error", "lower")
    ]  # fmt: skip
    for measure in (0, 1):
        own = contestants(found, measure)
        assert list(own) == ["codes", "ridge", "nearest", "mean_chroma", "grey", "untrained"]
        assert [one.control for one in own.values()] == [False] + 5 * [True]
        assert all(set(one.values) == {0, 1} for one in own.values())
        assert own["ridge"].values[0] == own["ridge"].values[1]


def test_what_no_line_tells_a_network_learns(found: Findings) -> None:
    ratio, error = contestants(found), contestants(found, 1)
    for seed in (0, 1):
        assert ratio["codes"].values[seed] > ratio["ridge"].values[seed] + 1
        assert error["codes"].values[seed] < error["ridge"].values[seed]
    # To a line, all that such colours have is their mean.
    assert ratio["ridge"].values[0] == pytest.approx(ratio["mean_chroma"].values[0], abs=0.1)


def test_numbers_are_those_of_the_definition(found: Findings, trained: Any) -> None:
    grey = np.clip(luma(DATA.test.astype(float)), 0, 1)
    tiled = np.tile(grey, 3)
    error = np.square(tiled - DATA.test).mean(1)
    expected = float(np.mean(10 * np.log10(1 / error)))
    assert contestants(found)["grey"].values[0] == pytest.approx(expected)
    network = trained(STUDY, DATA).leaves[0].network(1)
    seen = network.reconstruct(tiled).astype(float)
    rgb = np.clip(tiled + seen - np.tile(luma(seen), 3), 0, 1)
    ratio = float(psnr(rgb, DATA.test).mean())
    assert contestants(found)["codes"].values[1] == pytest.approx(ratio, abs=1e-4)
    pixels, true = (x.reshape(-1, 3, 6).transpose(0, 2, 1) for x in (rgb, DATA.test))
    away = float(chroma_distance(pixels, true).mean())
    assert contestants(found, 1)["codes"].values[1] == pytest.approx(away, abs=1e-4)


def test_the_strength_of_the_ridge_is_the_best_for_validation_images(found: Findings) -> None:
    grey, _ = parted(DATA.validation)
    fitted = Ridge.of(DATA.train)
    ratios = [
        psnr(coloured(grey, fitted.at(s)(grey)), DATA.validation).mean() for s in STRENGTHS
    ]  # fmt: skip
    best = STRENGTHS[int(np.argmax(ratios))]
    grey, _ = parted(DATA.test)
    expected = psnr(coloured(grey, fitted.at(best)(grey)), DATA.test).mean()
    assert contestants(found)["ridge"].values[0] == pytest.approx(float(expected))
    assert f"strength {best:g}" in found.said[0]
    assert "from 2 photographs" in found.said[0]


def test_pictures_keep_their_luma_and_stand_beside_the_truth(found: Findings) -> None:
    [entry] = found.inside.entries["colour"]
    assert entry["key"]
    parts = {part: found.inside.arrays[name] for part, name in entry["arrays"].items()}
    assert {part: array.shape for part, array in parts.items()} == {
        "grey": (4, 2, 3), "colourised": (4, 2, 3, 3), "true": (4, 2, 3, 3),
        "baseline": (4, 2, 3, 3),
    }  # fmt: skip
    assert all(array.dtype == np.uint8 for array in parts.values())
    weight = np.array([0.299, 0.587, 0.114])
    inside = (parts["colourised"] > 0) & (parts["colourised"] < 255)
    kept = inside.all(-1)
    assert kept.any()
    away = np.abs(parts["colourised"] @ weight - parts["grey"])[kept]
    assert away.max() <= 1
    # Two of each photograph, though they lie by turns in the test split.
    shown = parts["true"].transpose(0, 3, 1, 2).reshape(4, -1)
    places = [int(np.abs(np.rint(255 * DATA.test) - one).sum(1).argmin()) for one in shown]
    assert [place % 2 for place in places] == [0, 0, 1, 1]


def test_the_ratio_in_closed_form() -> None:
    true = np.full((3, 12), 0.5)
    off = true + np.array([[0.1], [0.01], [0.0]])
    np.testing.assert_allclose(psnr(off, true)[:2], [20.0, 40.0])
    assert psnr(off, true)[2] == pytest.approx(10 * np.log10(12 * 255**2))


def test_a_network_that_gives_back_what_it_sees_leaves_images_grey() -> None:
    network = create("linear_autoencoder", visible=18, hidden=18, seed=0)
    one, zero = np.eye(18, dtype=np.float32), np.zeros(18, dtype=np.float32)
    network.set_weights(
        {"weight": one, "hidden_bias": zero, "decoder_weight": one, "decoder_bias": zero}
    )
    grey, _ = parted(DATA.test)
    np.testing.assert_allclose(by(network)(grey), np.tile(grey, 3), atol=1e-6)


def test_a_network_that_did_not_learn_is_its_own_control(trained: Any) -> None:
    still = {**STUDY["stages"][0], "learning_rate": 0.0, "epochs": 1}
    measured = contestants(Colourise().look(trained({**STUDY, "stages": [still]}, DATA)))
    assert measured["codes"].values == measured["untrained"].values


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"image_shape": None}, "needs images"),
        ({"channels": 1}, "red, green and blue"),
        ({"image_shape": (2, 2)}, "red, green and blue"),
        ({"test": split(4, 3) * 2}, "from 0 to 1"),
    ],
)
def test_data_without_colours_are_refused(changed: dict[str, Any], message: str) -> None:
    Colourise().check(DATA)
    with pytest.raises(DataError, match=message):
        Colourise().check(replace(DATA, **changed))


def test_grey_digits_are_refused() -> None:
    with pytest.raises(DataError, match="1 of 8x8 in 64 inputs"):
        Colourise().check(load(Data(name="digits")))


def test_settings_have_a_range() -> None:
    assert of({"colourise": {"pictures": 3}}) == Colourise(pictures=3)
    with pytest.raises(StudyError, match="pictures"):
        of({"colourise": {"pictures": 0}})
