"""Positions and ticks of a hyperparameter's values."""

from __future__ import annotations

import pytest

from layerwise.dashboards.figures.scales import scale, ticks


def test_linear_and_named() -> None:
    assert scale([0.4, 0.0, 0.4], log=False).positions == (0.0, 0.4)
    named = scale(["masking", "gaussian"], log=True)
    assert (named.labels, named.positions) == (("gaussian", "masking"), (0.0, 1.0))


def test_widths_are_named_in_the_order_of_their_numbers() -> None:
    assert scale(["[1000, 250]", "[30]", "[1000, 9]"], log=False).labels == (
        "[30]",
        "[1000, 9]",
        "[1000, 250]",
    )


def test_logarithmic_with_a_zero() -> None:
    along = scale([0.0, 1e-3, 1e-1, 1e-2], log=True)
    assert along.positions == pytest.approx((-4, -3, -2, -1))
    assert along.gap == pytest.approx(-3.5)
    assert along.at(0.0) == pytest.approx(-4)
    assert scale([0.0, 0.1], log=True).positions == pytest.approx((-2, -1))
    assert scale([1.0, 10.0], log=True).gap is None


def test_no_logarithm_of_what_is_negative_or_all_zero() -> None:
    assert scale([-1.0, 1.0], log=True).positions == (-1.0, 1.0)
    assert scale([0.0], log=True).positions == (0.0,)


def test_ticks_are_at_values_while_there_is_room() -> None:
    assert ticks(scale([0.0, 0.1, 0.4], log=False))["ticktext"] == ["0", "0.1", "0.4"]
    crowded = ticks(scale([0.0, 0.001, 0.01, 1.0], log=False))
    assert crowded["ticktext"] == ["0", "1"]
    many = ticks(scale([10 ** (i / 5 - 3) for i in range(16)], log=True))
    assert many["ticktext"] == ["0.001", "0.01", "0.1", "1"]
    assert ticks(scale([i / 20 for i in range(20)], log=False)) == {}
    assert ticks(scale(["<i>b"], log=False))["ticktext"] == ["&lt;i&gt;b"]


def test_long_labels_get_room_and_names_are_all_there() -> None:
    drawn = [0.001816, 0.02853, 0.2416, 0.3902, 0.4229, 0.4807]
    found = ticks(scale(drawn, log=True))
    assert found["ticktext"] == ["0.001816", "0.02853", "0.2416"]
    short = ticks(scale([0.0, 0.1, 0.2, 0.3], log=False))
    assert len(short["ticktext"]) == 4
    names = [f"[{width}, {width}, {width}]" for width in (100, 200, 300, 400, 500)]
    assert len(ticks(scale(names, log=False))["ticktext"]) == 5
