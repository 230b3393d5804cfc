"""A grey image keeps its luma and takes the network's chroma."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.models.colouring import LUMA, colourise, luma
from layerwise.models.errors import InputError

RNG = np.random.default_rng(0)


def test_luma_is_that_of_bt_601() -> None:
    primaries = np.eye(3)
    np.testing.assert_allclose(luma(primaries)[:, 0], LUMA)
    # A grey pixel is its own luma.
    grey = RNG.random((5, 4))
    np.testing.assert_allclose(luma(np.tile(grey, 3)), grey)


def test_the_true_image_comes_back_from_a_network_that_knows_its_chroma() -> None:
    true = RNG.random((6, 3 * 16))
    # A network whose brightness is off by a pattern of its own, but whose colour differences hold.
    wrong = np.tile(RNG.normal(0, 0.3, (6, 16)), 3)
    found = colourise(luma(true), 48, lambda seen: true + wrong)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, true, atol=1e-6)


def test_luma_is_kept_wherever_no_colour_is_clipped() -> None:
    grey = RNG.uniform(0.3, 0.7, (10, 16))
    found = colourise(grey, 48, lambda seen: seen + RNG.normal(0, 0.2, seen.shape))
    assert found.min() >= 0
    assert found.max() <= 1
    inside = ((found > 0) & (found < 1)).reshape(10, 3, 16).all(1)
    assert 0.5 < inside.mean() < 1
    np.testing.assert_allclose(luma(found)[inside], grey[inside], atol=1e-6)


def test_the_network_sees_grey_on_all_planes() -> None:
    grey = RNG.random((2, 4))
    shown = []

    def nothing_added(seen: np.ndarray) -> np.ndarray:
        shown.append(seen)
        return seen

    found = colourise(grey, 12, nothing_added)
    np.testing.assert_array_equal(shown[0].reshape(2, 3, 4), np.stack([grey] * 3, 1))
    np.testing.assert_allclose(found, np.tile(grey, 3), atol=1e-7)


@pytest.mark.parametrize(
    ("grey", "visible", "said"),
    [
        (np.ones((1, 5)), 12, r"grey images of 4 pixels, \(N, 4\), but got \(1, 5\)"),
        (np.ones((1, 5)), 16, "a network of three planes, but got '16 inputs'"),
        (np.full((1, 4), 1.5), 12, "luma from 0 to 1, but got 1.5"),
        (np.full((1, 4), np.nan), 12, "luma from 0 to 1, but got nan"),
        ([["a", "b", "c", "d"]], 12, "a matrix of numbers"),
    ],
)
def test_what_is_no_grey_image_is_refused(grey: object, visible: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        colourise(grey, visible, lambda seen: seen)  # type: ignore[arg-type]
