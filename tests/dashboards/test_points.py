"""Points as columns: nothing is lost between rows and columns, and the last of a step stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards.points import Point, Points

NAMES = st.sampled_from(["a", "b", "c"])
ROWS = st.lists(
    st.tuples(
        NAMES,
        NAMES,
        st.integers(0, 3),
        st.one_of(st.none(), st.floats(allow_nan=False)),
        st.integers(0, 5),
    ),
    max_size=30,
)


@given(ROWS, ROWS)
def test_rows_come_back_as_they_were(first: list[Point], second: list[Point]) -> None:
    assert list(Points.of(first)) == first
    assert list(Points.joined([Points.of(first), Points.of([]), Points.of(second)])) == [
        *first,
        *second,
    ]


@given(ROWS, st.sets(NAMES))
def test_some_runs_alone(rows: list[Point], runs: set[str]) -> None:
    assert list(Points.of(rows).of_runs(runs)) == [row for row in rows if row[0] in runs]


@given(ROWS, st.permutations(["a", "b", "c"]))
def test_of_each_step_the_last_one_logged_stays(rows: list[Point], runs: list[str]) -> None:
    expected: dict[tuple[int, str, int], Point] = {}
    for row in rows:
        place = (runs.index(row[0]), row[1], row[2])
        if place not in expected or row[4] >= expected[place][4]:
            expected[place] = row
    found = Points.of(rows).latest(runs)
    assert list(found) == [expected[place] for place in sorted(expected)]
    assert found.runs == tuple(runs)


def test_no_number_is_nan_in_the_column() -> None:
    made = Points.of([("r", "m", 0, None, 1), ("r", "m", 1, 2.0, 1)])
    assert made.value.tolist() == pytest.approx([float("nan"), 2.0], nan_ok=True)
    assert len(made) == 2


@given(ROWS)
def test_what_is_in_order_is_not_copied(rows: list[Point]) -> None:
    runs = list(dict.fromkeys(row[0] for row in rows))
    once = Points.of(rows).latest(runs)
    again = once.latest(runs)
    assert list(again) == list(once)
    assert again.value is once.value
