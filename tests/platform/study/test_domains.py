from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.platform.errors import StudyError
from layerwise.platform.study.domains import (
    Choice,
    Domain,
    Grid,
    Integers,
    LogUniform,
    Uniform,
    fractions,
    read_domain,
)

FIRST_DRAWS = [0.23075706860879852, 0.2126660120872097, 0.29864727217148734]
FIRST_RATE = 0.000837583810654

positive = st.floats(1e-300, 1e300)


@st.composite
def intervals(draw: st.DrawFn, ends: st.SearchStrategy[Any]) -> tuple[Any, Any]:
    low, high = sorted(draw(st.lists(ends, min_size=2, max_size=2, unique=True)))
    return low, high


domains = st.one_of(
    st.lists(st.floats(-9, 9), min_size=1, max_size=5, unique=True).map(Grid),
    st.lists(st.sampled_from(["l1", "kl", "none"]), min_size=1, unique=True).map(Choice),
    st.lists(st.lists(st.integers(1, 9)), min_size=1, unique_by=tuple).map(Grid),
    st.builds(
        lambda e, n: Uniform(e[0], e[1], n), intervals(st.floats(-1e308, 1e308)), st.integers(1, 99)
    ),
    st.builds(lambda e, n: LogUniform(e[0], e[1], n), intervals(positive), st.integers(1, 99)),
    st.builds(
        lambda e, n: Integers(e[0], e[1], n),
        intervals(st.integers(-(2**53), 2**53)),
        st.integers(1, 99),
    ),
)


@given(domains)
def test_a_domain_reads_back_from_what_it_writes(domain: Domain) -> None:
    assert read_domain(domain.mapping()) == domain
    assert pickle.loads(pickle.dumps(domain)) == domain


@given(domains, st.floats(0, 1, exclude_max=True))
def test_every_draw_lies_inside(domain: Any, fraction: float) -> None:
    value = domain.at(fraction)
    if isinstance(domain, Grid | Choice):
        assert value in domain.values
    else:
        assert domain.low <= value <= domain.high
        assert math.isfinite(value)
        assert type(value) is (int if isinstance(domain, Integers) else float)


def test_draws_depend_on_stage_path_and_index_alone() -> None:
    first = fractions("codes", "learning_rate", 5)
    assert fractions("codes", "learning_rate", 50)[:5] == first
    assert fractions("other", "learning_rate", 5) != first
    assert fractions("codes", "momentum", 5) != first


def test_draws_are_these_numbers_for_ever() -> None:
    """Another stream would train every sampled study again, under other keys."""
    assert fractions("codes", "learning_rate", 3) == FIRST_DRAWS
    assert LogUniform(1e-4, 1.0, 3).at(FIRST_DRAWS[0]) == FIRST_RATE


def test_draws_are_spread_evenly() -> None:
    counts, _ = np.histogram(fractions("codes", "level", 10_000), bins=10, range=(0, 1))
    # χ² with 9 degrees of freedom exceeds 27.9 once in a thousand.
    assert ((counts - 1000.0) ** 2 / 1000).sum() < 27.9


def test_log_uniform_spreads_the_logarithm() -> None:
    domain = LogUniform(1e-4, 1.0, 1)
    assert [domain.at(f) for f in (0.0, 0.25, 0.5)] == [1e-4, 1e-3, 1e-2]


def test_integers_include_both_ends() -> None:
    domain = Integers(3, 5, 1)
    assert [domain.at(f) for f in (0.0, 0.4, 1 - 2**-53)] == [3, 4, 5]


def test_checked_passes_every_value_with_its_path() -> None:
    assert Grid([0, 1]).checked(lambda value: float(str(value))).values == (0.0, 1.0)

    def refuse(value: object) -> float:
        raise StudyError("elsewhere", "never")

    with pytest.raises(StudyError, match="never"):
        Uniform(0.0, 1.0, 2).checked(refuse)


def test_numpy_values_are_taken() -> None:
    assert Grid(np.array([0.5, 1.0])) == Grid([0.5, 1.0])  # type: ignore[arg-type]  # what people do
    assert Uniform(np.float64(0), 1, 3) == Uniform(0.0, 1.0, 3)


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({"grid": []}, "grid", "at least one of the values"),
        ({"grid": 0.1}, "grid", "Write {grid: [a, b, …]}."),
        ({"grid": [1, 1.0]}, "grid[1]", "must be distinct"),
        ({"grid": [[1, [2]], 2]}, "grid[0]", "must be a single value, or a list of whole numbers"),
        ({"grid": [[1, 2], [1.0, 2]]}, "grid[1]", "must be distinct"),
        ({"choice": [{"a": 1}]}, "choice[0]", "must be a single value"),
        ({"grid": [1], "samples": 3}, "study", "a grid has as many values as it lists"),
        ({"grid": [1], "choice": [2]}, "study", "exactly one of the domains"),
        ({"gird": [1]}, "study", "Did you mean 'grid'?"),
        ({"log-uniform": [1, 2], "samples": 2}, "study", "Did you mean 'log_uniform'?"),
        ({}, "study", "exactly one of the domains grid, choice, uniform"),
        ({"uniform": [0, 1], "when": {}}, "when", "must name at least one hyperparameter"),
        ({"grid": [0, 1], "wen": {}}, "wen", "Did you mean 'when'?"),
        ({"uniform": [0, 1], "sample": 3}, "sample", "Did you mean 'samples'?"),
        ({"uniform": [0, 1], "samples": 0}, "samples", "from 1 to 100000"),
        ({"uniform": [0, 1], "samples": 2.5}, "samples", "must be a whole number"),
        ({"uniform": [0, 1], "samples": True}, "samples", "must be a whole number"),
        ({"uniform": [0, 1, 2], "samples": 3}, "uniform", "a list of two numbers, [low, high]"),
        ({"uniform": 3, "samples": 3}, "uniform", "a list of two numbers, [low, high]"),
        ({"uniform": [1, 0], "samples": 3}, "uniform", "low < high"),
        ({"uniform": [1, 1], "samples": 3}, "uniform", "A single value is written plainly"),
        ({"uniform": [0, "1e-3"], "samples": 3}, "uniform[1]", "write 1.0e-3"),
        ({"uniform": [0, math.inf], "samples": 3}, "uniform[1]", "Only finite numbers"),
        ({"uniform": [math.nan, 1], "samples": 3}, "uniform[0]", "Only finite numbers"),
        ({"log_uniform": [0, 1], "samples": 3}, "log_uniform[0]", "must be above 0"),
        ({"integers": [1, 2.5], "samples": 3}, "integers[1]", "must be a whole number"),
        ({"integers": [False, 2], "samples": 3}, "integers[0]", "write 0 if that is meant"),
    ],
)
def test_domains_that_make_no_sense(written: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        read_domain(written)
    assert caught.value.where == where
    assert said in str(caught.value)


def test_domains_built_in_python_are_checked_as_well() -> None:
    with pytest.raises(StudyError, match="low < high"):
        Integers(3, 1, 2)
    with pytest.raises(StudyError, match="at least one"):
        Choice([])
