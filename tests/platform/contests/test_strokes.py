"""Slant and ink of strokes that are drawn to measure."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.contests.strokes import ink, slant


def stroke(lean: float, size: int = 41) -> np.ndarray:
    """A stroke (size, size) through the middle, ``lean`` pixels to the right for each upwards."""
    image = np.zeros((size, size))
    middle = size // 2
    for y in range(middle - 10, middle + 11):
        place = middle - lean * (y - middle)
        left = int(np.floor(place))
        image[y, left] += 1 - (place - left)
        image[y, left + 1] += place - left
    return image


@pytest.mark.parametrize("lean", [-1.5, -1.0, -0.3, 0.0, 0.5, 1.0])
def test_a_sheared_stroke_leans_by_its_shear(lean: float) -> None:
    [found] = slant(stroke(lean)[None])
    assert found == pytest.approx(np.degrees(np.arctan(lean)), abs=1e-6)


def test_place_and_strength_do_not_matter_and_a_mirror_turns_it() -> None:
    image = stroke(0.5)
    same = np.stack([image, 3 * image, np.roll(image, (4, -3), (0, 1)), image - 1.0 * (image == 0)])
    np.testing.assert_allclose(slant(same), slant(image[None])[0])
    np.testing.assert_allclose(slant(image[None, :, ::-1]), -slant(image[None]))


def test_without_ink_or_height_there_is_no_slant() -> None:
    flat = np.zeros((5, 5))
    flat[2] = 1
    np.testing.assert_array_equal(slant(np.stack([np.zeros((5, 5)), flat])), [0.0, 0.0])


def test_ink_is_the_mean_of_what_is_there() -> None:
    np.testing.assert_allclose(ink(np.array([[[0.0, 1.0], [0.5, -3.0]]])), [0.375])
