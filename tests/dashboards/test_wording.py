"""Numbers and names as people read them."""

from __future__ import annotations

import math

import pytest

from layerwise.dashboards import wording
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import Interval

NONE = float("nan")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (1.234, "1.23"),
        (0.08213, "0.0821"),
        (19.23, "19.2"),
        (1234.5, "1234"),
        (-0.5, "−0.500"),
        (2.5e-7, "2.5e−7"),
        (3.21e9, "3.21e9"),
        (NONE, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_number(value: float, shown: str) -> None:
    assert wording.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"), (0.1, "0.1"), (0.25, "0.25"), (128.0, "128"), (1e-4, "0.0001"),
        (1e-5, "1e−5"), (-2.0, "−2"), ("gaussian", "gaussian"), (True, "yes"),
        (0.3333333, "0.3333"), (100.0, "100"), (2e7, "2e7"), (1230.4, "1230"), (NONE, "–"),
    ],
)  # fmt: skip
def test_value_text(value: object, shown: str) -> None:
    assert wording.value_text(value) == shown


def test_intervals() -> None:
    found = Interval(0.8231, 0.791, 0.8549, 3)
    assert wording.estimate(found) == "0.823 (95\u00a0% interval 0.791 to 0.855)"
    assert wording.plus_minus(found) == "0.823 ± 0.032"
    assert wording.plus_minus(Interval(12.0, 7.0, 17.0, 2)) == "12.0 ± 5.0"
    alone = Interval(0.8231, NONE, NONE, 1)
    assert wording.estimate(alone) == wording.plus_minus(alone) == "0.823"
    assert wording.spread(alone) == ""


def test_labels_come_from_the_study(crossing: Frames, two_stages: Frames) -> None:
    assert wording.axis_label(crossing, "corruption.level") == "noise level"
    assert wording.axis_label(crossing, "learning_rate") == "learning_rate"
    assert wording.axis_label(two_stages, "first.corruption.level") == "noise level (first)"
    metric = "validation/reconstruction_error"
    assert wording.measure_label(crossing, metric) == "validation reconstruction error"
    assert wording.measure_label(crossing, metric, split=False) == "reconstruction error"
    assert wording.measure_label(crossing, "test/dead_units") == "test dead units"
    assert wording.measure_unit(crossing, metric) == "squared error per sample"


def test_small_words() -> None:
    assert wording.count(1, "seed") == "1 seed"
    assert wording.count(12345, "seed") == "12 345 seeds"
    assert wording.word(3) == "three"
    assert wording.word(11) == "11"
    assert wording.listing(["a", "b", "c"]) == "a, b and c"
    assert wording.listing(["a"]) == "a"
    assert wording.capital("hoyer sparsity, ε") == "Hoyer sparsity, ε"
    assert wording.duration(8.24) == "8.2 s"
    assert wording.duration(200) == "3 min 20 s"
    assert wording.duration(7500) == "2 h 5 min"
