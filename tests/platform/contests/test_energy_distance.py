"""Energy distances against sums written out and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.contests import energy_distance as module
from layerwise.platform.contests.energy_distance import energy_distance


def test_of_two_points_it_is_twice_their_distance() -> None:
    assert energy_distance(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])) == pytest.approx(10.0)


def test_a_set_is_at_0_from_itself_and_the_order_does_not_matter() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(30, 3)), generator.normal(size=(20, 3)) + 1
    assert energy_distance(x, x[::-1]) == pytest.approx(0.0, abs=1e-12)
    assert energy_distance(x, y) == pytest.approx(energy_distance(y, x))
    assert energy_distance(x, y) == pytest.approx(energy_distance(x + 5, y + 5))
    assert energy_distance(2 * x, 2 * y) == pytest.approx(2 * energy_distance(x, y))


def test_on_a_line_it_is_twice_the_square_between_distribution_functions() -> None:
    x, y = np.array([[0.0], [1.0], [4.0]]), np.array([[2.0], [3.0]])
    places = np.arange(0.0, 4.0)
    gap = (x <= places).mean(0) - (y <= places).mean(0)
    assert energy_distance(x, y) == pytest.approx(2 * np.square(gap).sum())


def test_parts_of_the_work_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    x, y = generator.normal(size=(50, 2)), generator.normal(size=(40, 2))
    whole = energy_distance(x, y)
    monkeypatch.setattr(module, "_MOST_AT_ONCE", 240)
    assert energy_distance(x, y) == pytest.approx(whole)
