"""Rules without a network: closed forms on few images of few pixels."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.models.colouring import luma
from layerwise.platform.contests.colourisers import (
    Ridge,
    coloured,
    mean_chroma,
    nearest,
    parted,
)

WEIGHT = np.array([0.299, 0.587, 0.114])


def images(count: int, pixels: int, seed: int = 0) -> np.ndarray:
    """Made of other numbers from 0 to 1 in every plane, (count, 3 · pixels)."""
    return np.random.default_rng(seed).random((count, 3 * pixels))


def test_luma_and_chroma_make_up_an_image() -> None:
    x = images(5, 4)
    grey, chroma = parted(x)
    np.testing.assert_allclose(coloured(grey, chroma), x)
    np.testing.assert_allclose(luma(chroma), 0, atol=1e-15)
    white, none = parted(np.ones((1, 12), np.float32))
    assert white.max() <= 1
    np.testing.assert_allclose(none, 0, atol=1e-6)


def test_colours_that_leave_the_range_are_clipped() -> None:
    found = coloured(np.array([[0.5]]), np.array([[0.8, -0.1, -0.7]]))
    np.testing.assert_allclose(found, [[1.0, 0.4, 0.0]])


def test_the_mean_chroma_is_one_colour() -> None:
    x = images(6, 4)
    expected = np.array([
        (x[:, 4 * plane : 4 * plane + 4] - parted(x)[0]).mean() for plane in range(3)
    ])  # fmt: skip
    found = mean_chroma(x)(np.zeros((2, 4)))
    np.testing.assert_allclose(found, np.tile(np.repeat(expected, 4), (2, 1)))
    assert expected @ WEIGHT == pytest.approx(0)


def test_the_nearest_image_of_training_is_itself() -> None:
    x = images(6, 4)
    grey, chroma = parted(x)
    np.testing.assert_allclose(nearest(x)(grey[::-1]), chroma[::-1])
    np.testing.assert_allclose(nearest(x)(grey[2:3] + 1e-6), chroma[2:3])


@pytest.mark.parametrize(("count", "pixels"), [(30, 4), (6, 16)])
def test_ridge_regression_is_its_normal_equations(count: int, pixels: int) -> None:
    """By either way, more images than pixels or fewer."""
    x, new = images(count, pixels), parted(images(3, pixels, seed=1))[0]
    grey, chroma = parted(x)
    y, c = grey - grey.mean(0), chroma - chroma.mean(0)
    for strength in (0.1, 10.0):
        slope = np.linalg.solve(y.T @ y + strength * np.eye(pixels), y.T @ c)
        expected = (new - grey.mean(0)) @ slope + chroma.mean(0)
        np.testing.assert_allclose(Ridge.of(x).at(strength)(new), expected, atol=1e-10)


def test_a_ridge_that_is_strong_gives_the_mean() -> None:
    x = images(8, 4)
    found = Ridge.of(x).at(1e12)(parted(images(2, 4, seed=3))[0])
    np.testing.assert_allclose(found, np.tile(parted(x)[1].mean(0), (2, 1)), atol=1e-9)


def test_colours_that_are_linear_in_luma_are_found() -> None:
    """R = y + 0.1 y, B balances it."""
    y = np.random.default_rng(0).random((40, 4)) * 0.6
    x = np.concatenate([1.1 * y, y, (1 - 0.299 * 1.1 - 0.587) / 0.114 * y], 1)
    grey, chroma = parted(x)
    np.testing.assert_allclose(grey, y)
    np.testing.assert_allclose(Ridge.of(x).at(1e-9)(grey), chroma, atol=1e-7)
