"""The spiral: the same points everywhere, from the density that it says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from layerwise.platform.data import DataSource, describe, load, spiral


def test_its_centres_are_at_even_distances_along_the_curve() -> None:
    centres = spiral.density().centres
    assert centres.shape == (spiral.CENTRES, 2)
    apart = np.hypot(*np.diff(centres, axis=0).T)
    np.testing.assert_allclose(apart, apart.mean(), rtol=1e-2)
    assert apart.max() < spiral.SPREAD / 2  # else it were beads, no curve
    radius = np.hypot(*centres.T)
    assert (np.diff(radius) > 0).all()
    assert spiral.INNERMOST < radius[0] < radius[-1] < spiral.OUTERMOST


def test_its_points_are_drawn_from_its_density() -> None:
    samples = spiral.read()
    assert samples.x.shape == (spiral.SAMPLES, 2)
    density = spiral.density()
    other = density.samples(spiral.SAMPLES, np.random.default_rng(1))
    own, theirs = (density.log_density(x) for x in (samples.x, other))
    error = np.hypot(own.std(), theirs.std()) / np.sqrt(spiral.SAMPLES)
    assert abs(own.mean() - theirs.mean()) < 4 * error
    np.testing.assert_array_equal(samples.x, spiral.read().x)


def test_it_comes_with_its_density_unless_it_is_changed(
    source: Callable[..., DataSource],
) -> None:
    data = load(source("spiral"))
    assert data.density is not None
    assert data.density.spread == spiral.SPREAD
    assert data.features == ("x", "y")
    assert (len(data.train), len(data.validation), len(data.test)) == (4200, 900, 900)
    assert load(source("spiral", scale="standardise")).density is None
    assert load(source("digits")).density is None


def test_it_says_where_it_is_from() -> None:
    found = describe("spiral")
    assert found.here
    assert "layerwise computes" in found.licence
