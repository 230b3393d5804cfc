"""CIELAB against published coordinates of sRGB's corners, and what makes it a colour space."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.answer.cielab import chroma_distance, lab

# Lindbloom's CIE colour calculator, sRGB under D65.
KNOWN = {
    (1, 0, 0): (53.24, 80.09, 67.20),
    (0, 1, 0): (87.73, -86.18, 83.18),
    (0, 0, 1): (32.30, 79.19, -107.86),
    (1, 1, 1): (100.0, 0.0, 0.0),
    (0, 0, 0): (0.0, 0.0, 0.0),
}


@pytest.mark.parametrize("rgb", KNOWN)
def test_corners_of_srgb(rgb: tuple[int, int, int]) -> None:
    np.testing.assert_allclose(lab(np.array(rgb)), KNOWN[rgb], atol=0.01)


def test_greys_have_no_chroma_and_a_lightness_that_rises() -> None:
    greys = np.repeat(np.linspace(0, 1, 256)[:, None], 3, 1)
    found = lab(greys)
    np.testing.assert_allclose(found[:, 1:], 0, atol=1e-10)
    assert (np.diff(found[:, 0]) > 0).all()


def test_the_linear_pieces_meet_the_powers() -> None:
    """At sRGB's 0.04045, and at (6/29)³ of white."""
    ends = np.array([0.04045, 1.055 * ((6 / 29) ** 3) ** (1 / 2.4) - 0.055])
    for end in ends:
        step = np.repeat(np.array([[end - 1e-7], [end + 1e-7]]), 3, 1)
        assert abs(np.diff(lab(step)[:, 0])[0]) < 1e-3


def test_the_distance_is_that_of_a_and_b_alone() -> None:
    red, grey = np.array([1.0, 0, 0]), np.array([0.2, 0.2, 0.2])
    assert chroma_distance(red, grey) == pytest.approx(np.hypot(80.09, 67.20), abs=0.01)
    assert chroma_distance(grey, np.ones(3)) == pytest.approx(0, abs=1e-9)
    assert chroma_distance(np.ones((2, 4, 3)), np.zeros((2, 4, 3))).shape == (2, 4)
