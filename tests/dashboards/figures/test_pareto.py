"""The front is what nothing dominates; the table's numbers are those of the runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from layerwise.dashboards.figures import pareto
from layerwise.dashboards.frames import Frames

ERROR, SPARSITY, PROBE = pareto.ERROR, "validation/hoyer_sparsity", "validation/probe_accuracy"
WAYS = ("lower", "higher", "higher")
# Few distinct numbers, so that ties are common.
VALUES = st.integers(1, 14).flatmap(
    lambda n: arrays(np.float64, (n, 3), elements=st.integers(-3, 3).map(float))
)


def probed(frames: Frames, **columns: float) -> Frames:
    """The frames with a made-up probe accuracy that falls with the noise level."""
    runs = frames.runs.copy()
    runs[PROBE] = 0.9 - 0.1 * runs["corruption.level"] + 0.001 * runs["seed"]
    return replace(frames, runs=runs.assign(**columns), memory={})


def dominates(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """By the definition, one pair at a time."""
    costs = [(a[0], b[0]), (-a[1], -b[1]), (-a[2], -b[2])]
    return all(x <= y for x, y in costs) and any(x < y for x, y in costs)


@given(VALUES)
def test_members_are_not_dominated_and_every_other_is_by_a_member(
    values: NDArray[np.float64],
) -> None:
    found = pareto.front(values, WAYS)
    assert found.any()
    for row, on_front in zip(values, found, strict=True):
        rivals = values if on_front else values[found]
        assert on_front != any(dominates(rival, row) for rival in rivals)


@given(VALUES, st.randoms(use_true_random=False))
def test_order_and_monotone_transforms_do_not_matter(
    values: NDArray[np.float64], random: object
) -> None:
    found = pareto.front(values, WAYS)
    order = np.random.default_rng(random.getrandbits(32)).permutation(len(values))  # type: ignore[attr-defined]
    assert list(pareto.front(values[order], WAYS)) == list(found[order])
    bent = np.column_stack([np.exp(values[:, 0]), values[:, 1] ** 3, 2 * values[:, 2] - 5])
    assert list(pareto.front(bent, WAYS)) == list(found)
    assert list(pareto.front(-values, ("higher", "lower", "lower"))) == list(found)


@given(VALUES)
def test_ties_stay_together(values: NDArray[np.float64]) -> None:
    found = pareto.front(values, WAYS)
    assert list(pareto.front(np.vstack([values, values]), WAYS)) == [*found, *found]


def test_nothing_and_what_is_not_a_number() -> None:
    assert pareto.front(np.empty((0, 2)), WAYS[:2]).shape == (0,)
    assert list(pareto.front([[np.nan, 9.0], [1.0, 1.0], [np.inf, 2.0]], WAYS[:2])) == [
        False,
        True,
        True,
    ]


def test_the_table_is_the_mean_over_seeds(crossing: Frames) -> None:
    frames = probed(crossing)
    table = pareto.table(frames, "codes")
    assert len(table) == 12
    assert table["whole"].all()
    for row in table.to_dict("records"):
        own = [run for run in frames.runs.to_dict("records") if run["setting"] == row["setting"]]
        assert row["n"] == len(own) == 3
        for name in (ERROR, SPARSITY, PROBE):
            assert row[name] == pytest.approx(sum(run[name] for run in own) / 3)
        assert row["sparsity.weight"] == own[0]["sparsity.weight"]
        better = [
            other["setting"]
            for other in table.to_dict("records")
            if dominates(*(np.array([r[ERROR], r[SPARSITY], r[PROBE]]) for r in (other, row)))
        ]
        assert row["front"] == (not better)


def test_two_objectives_are_joined_and_three_are_coloured(crossing: Frames) -> None:
    two = pareto.figure(crossing, "codes")
    table = pareto.table(crossing, "codes")
    on_front = table[table["front"]]
    assert two.data[0].mode == "lines"
    assert list(two.data[0].x) == list(on_front[ERROR]) == sorted(on_front[ERROR])
    assert list(two.data[0].y) == sorted(on_front[SPARSITY])
    three = pareto.figure(probed(crossing), "codes", narrow=True)
    assert {trace.mode for trace in three.data} == {"markers"}
    assert {trace.marker.symbol for trace in three.data} == {"circle", "diamond"}
    assert three.layout.coloraxis.colorbar.orientation == "h"
    assert sum(len(trace.x) for trace in three.data if trace.name is None) == 12


def test_the_sentence_names_the_ends(crossing: Frames) -> None:
    table = pareto.table(crossing, "codes")
    said = pareto.sentence(crossing, "codes")
    assert "of 12 settings are on the Pareto front of validation reconstruction error and" in said
    assert (
        "noise level 0, sparsity weight 0, contraction weight 0 has the lowest reconstruction "
        f"error (reconstruction error {table[ERROR].iloc[0]:.2f}" in said
    )
    assert "noise level 0.4, sparsity weight 0.01, contraction weight 0 has the highest" in said
    assert "the highest probe accuracy" in pareto.sentence(probed(crossing), "codes")


def test_a_setting_that_lost_a_seed_is_shown_and_not_compared(diverged: Frames) -> None:
    table = pareto.table(diverged, "codes")
    lost = table[~table["whole"]]
    assert len(lost) > 0
    assert not lost["front"].any()
    left = f"Not compared, for a lost or missing seed: {len(lost)} setting"
    assert left in pareto.sentence(diverged, "codes")
    names = [trace.name for trace in pareto.figure(diverged, "codes").data]
    assert "a seed is lost or missing" in names


def test_an_equal_mean_is_a_tie_in_whatever_order_it_was_summed(crossing: Frames) -> None:
    same = probed(crossing, **{ERROR: 1.0, SPARSITY: 0.5})
    same.runs[PROBE] = 0.1 * (1 + (same.runs["seed"] + np.arange(len(same.runs)) // 3) % 3)
    assert pareto.table(same, "codes")["front"].all()


def test_little_and_nothing_and_what_is_missing(
    one_trial: Frames, one_seed: Frames, running: Frames, crossing: Frames
) -> None:
    assert len(pareto.table(one_trial, "codes")) == 1
    assert "nothing is traded" in pareto.sentence(one_trial, "codes")
    assert pareto.table(one_seed, "codes")["whole"].all()
    assert len(pareto.figure(running, "codes").data) > 0
    for frames in (
        probed(crossing, **{SPARSITY: np.nan, "validation/active_units": np.nan}),
        replace(crossing, runs=crossing.runs.assign(status="FAILED"), memory={}),
        replace(crossing, runs=crossing.runs.drop(columns=ERROR), memory={}),
    ):
        assert pareto.table(frames, "codes").empty
        assert not pareto.figure(frames, "codes").data
        assert pareto.sentence(frames, "codes").startswith("No finished trial")


def test_without_hoyers_measure_fewer_units_are_sparser(crossing: Frames) -> None:
    runs = crossing.runs.drop(columns=SPARSITY)
    frames = replace(crossing, runs=runs, memory={})
    assert pareto.objectives(frames, "codes")[1] == ("validation/active_units", "lower")
    assert pareto.figure(frames, "codes").layout.yaxis.autorange == "reversed"
    assert "the lowest active units" in pareto.sentence(frames, "codes")


def test_names_are_text(hostile: Frames) -> None:
    stage = hostile.stages[0]
    text = str(pareto.draw(hostile, stage).spec())
    assert "&lt;i&gt;gaussian" in text
    assert "<i>gaussian" not in text
    assert "%{x}" not in text
