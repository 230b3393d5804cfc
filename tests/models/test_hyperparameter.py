"""Declarations check values; what is declared wrongly fails when the class is made."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.models.errors import HyperparameterError
from layerwise.models.hyperparameter import (
    Hyperparameter,
    Part,
    choice,
    collect,
    default,
    number,
    part,
    structural,
)

RATE: Hyperparameter = number(0.5, low=0.0, high=1.0, admits_high=False, meaning="rate", unit="1")
COUNT: Hyperparameter = structural(3, low=1, high=10, meaning="count", unit="units")
KIND: Hyperparameter = choice("gaussian", ("gaussian", "masking"), meaning="kind")
SWITCH: Hyperparameter = structural(False, meaning="switch")

anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()),
    st.complex_numbers(), st.just(10**400), st.just(np.float32(0.25)),
)  # fmt: skip


@given(anything)
def test_a_value_passes_checked_or_is_refused(value: Any) -> None:
    for declared in (RATE, COUNT, KIND, SWITCH):
        try:
            checked = declared.check(value)
        except HyperparameterError:
            continue
        assert checked == value
        assert declared.check(checked) == checked
        if declared is RATE:
            assert isinstance(checked, float)
            assert 0 <= checked < 1
        elif declared is COUNT:
            assert type(checked) is int
            assert 1 <= checked <= 10
        else:
            assert type(checked) is (str if declared is KIND else bool)


@given(st.floats(min_value=0, max_value=1, exclude_max=True))
def test_every_number_in_the_range_passes(value: float) -> None:
    assert RATE.check(value) == value


@given(st.floats().filter(lambda x: not 0 <= x < 1))
def test_no_number_outside_the_range_passes(value: float) -> None:
    with pytest.raises(HyperparameterError):
        RATE.check(value)


@pytest.mark.parametrize("value", [True, "0.5", [0.5], math.nan, math.inf, 1.0, -0.1])
def test_refusals_state_the_rule(value: Any) -> None:
    with pytest.raises(HyperparameterError, match="must be a number from 0 and below 1, but got"):
        RATE.check(value)


def test_whole_numbers_may_come_as_floats_and_from_numpy() -> None:
    for value in (3.0, np.int64(3), np.float64(3.0)):
        assert type(COUNT.check(value)) is int
    with pytest.raises(HyperparameterError, match="a whole number from 1 to 10"):
        COUNT.check(2.5)


def test_a_misspelt_choice_is_told_apart() -> None:
    with pytest.raises(HyperparameterError, match=r"Did you mean masking\?"):
        KIND.check("maskng")


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("a number from 0 upwards", {"low": 0.0}),
        ("a number above 0", {"low": 0.0, "admits_low": False}),
        ("a number to 9", {"high": 9.0}),
        ("a number above 0 and below 1", {"low": 0.0, "high": 1.0, "admits_low": False,
                                          "admits_high": False}),
        ("a number from 0 to 1", {"low": 0.0, "high": 1.0}),
    ],
)  # fmt: skip
def test_ranges_in_words(text: str, bounds: dict[str, Any]) -> None:
    assert number(0.5, meaning="m", unit="u", **bounds).range_text == text


def test_incomplete_declarations_fail() -> None:
    for wrong, message in [
        (lambda: number(0.0, low=0.0, meaning="", unit="u"), "meaning"),
        (lambda: number(0.0, low=0.0, meaning="m", unit=""), "unit"),
        (lambda: number(0.0, meaning="m", unit="u"), "range"),
        (lambda: number(-1.0, low=0.0, meaning="m", unit="u"), "from 0 upwards"),
        (lambda: choice("c", ("a", "b"), meaning="m"), "one of a, b"),
    ]:
        with pytest.raises(HyperparameterError, match=message):
            wrong()


class Noise(Part):
    level = number(0.0, low=0.0, meaning="noise level", unit="standard deviations")


class Plain:
    width = structural(8, low=1, meaning="width", unit="units")
    noise = part(Noise)


def test_parts_and_overrides_are_collected_by_path() -> None:
    class Noisy(Plain):
        width = default(16)
        noise = part(Noise, level=0.3)

    found = collect(Noisy)
    assert {path: h.default for path, h in found.items()} == {"width": 16, "noise.level": 0.3}
    assert {path: h.default for path, h in collect(Plain).items()} == {
        "width": 8,
        "noise.level": 0.0,
    }
    assert all(h.path == path for path, h in found.items())


def test_a_default_out_of_range_fails_when_it_is_collected() -> None:
    class Wrong(Plain):
        width = default(0)

    class Misspelt(Plain):
        noise = part(Noise, levle=0.3)

    with pytest.raises(HyperparameterError, match="width: must be a whole number from 1"):
        collect(Wrong)
    with pytest.raises(HyperparameterError, match="levle"):
        collect(Misspelt)


def test_a_part_carries_its_values() -> None:
    assert Noise({"level": 0.25}).level == 0.25
    assert list(Noise.hyperparameters) == ["level"]
