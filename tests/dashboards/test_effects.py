"""Comparisons of a hyperparameter's values in the same company, seed by seed."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_studies import CROSSING, measures

from layerwise.dashboards import effects
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval

METRIC = "validation/reconstruction_error"


def law(level: float, sparse: float, contract: float, seed: int) -> float:
    """What the made-up trial of that setting reaches."""
    setting = dict(zip(CROSSING, (level, sparse, contract), strict=True))
    return measures(setting, seed, 6, 6)["reconstruction_error"]


def average(level: float, seed: int) -> float:
    rest = itertools.product(CROSSING["sparsity.weight"], CROSSING["contraction.weight"])
    return float(np.mean([law(level, sparse, contract, seed) for sparse, contract in rest]))


def test_the_average_is_over_all_settings_of_the_others(crossing: Frames) -> None:
    found = effects.effect(crossing, "codes", "corruption.level", METRIC)
    assert (found.company, found.possible) == (6, 6)
    table = found.table[found.table["view"] == "average"].set_index("value")
    for level in CROSSING["corruption.level"]:
        expected = interval([average(level, seed) for seed in range(3)])
        row = table.loc[level]
        assert row["mean"] == pytest.approx(expected.mean)
        assert row["low"] == pytest.approx(expected.low)
        assert row["n"] == 3


def test_where_a_hyperparameter_is_left_out_there_is_no_point(crossing: Frames) -> None:
    runs = crossing.runs.copy()
    runs.loc[runs["corruption.level"] == 0.4, "sparsity.weight"] = np.nan
    frames = replace(crossing, runs=runs, memory={})
    found = effects.effect(frames, "codes", "sparsity.weight", METRIC)
    assert set(found.table["value"]) == set(CROSSING["sparsity.weight"])
    kept = runs[runs["corruption.level"] == 0.0]
    average = found.table[found.table["view"] == "average"].set_index("value")["mean"]
    for weight, rows in kept.groupby("sparsity.weight"):
        assert average[weight] == pytest.approx(rows[METRIC].mean())


def test_differences_are_paired_over_seeds(crossing: Frames) -> None:
    found = effects.effect(crossing, "codes", "corruption.level", METRIC).difference(0.4, 0.0)
    expected = interval([average(0.4, seed) - average(0.0, seed) for seed in range(3)])
    assert [found.mean, found.low] == pytest.approx([expected.mean, expected.low])
    unpaired = interval([average(0.4, seed) for seed in range(3)])
    assert found.high - found.low < (unpaired.high - unpaired.low) / 3


def test_the_other_line_holds_the_best_settings_values(crossing: Frames) -> None:
    best = effects.best_setting(crossing, "codes")
    assert best is not None
    assert [best[path] for path in CROSSING] == [0.0, 0.0, 0.0]
    found = effects.effect(crossing, "codes", "sparsity.weight", METRIC)
    table = found.table[found.table["view"] == "best"].set_index("value")
    for weight in CROSSING["sparsity.weight"]:
        expected = interval([law(0.0, weight, 0.0, seed) for seed in range(3)])
        assert table["mean"][weight] == pytest.approx(expected.mean)


def test_what_diverged_takes_its_company_out_for_every_value(diverged: Frames) -> None:
    found = effects.effect(diverged, "codes", "corruption.level", METRIC)
    assert (found.company, found.possible) == (4, 6)
    order = effects.ranked(diverged, "codes")
    assert order["diverged"].sum() == 3
    lost = order[order["diverged"] > 0]
    assert set(lost["rank"]) == {11, 12}


def test_random_draws_are_points(crossing: Frames) -> None:
    rng = np.random.default_rng(0)
    draws = pd.DataFrame(rng.uniform(size=(12, 3)), columns=list(CROSSING))
    settings = {name: i for i, name in enumerate(crossing.runs["setting"].unique())}
    place = crossing.runs["setting"].map(settings)
    runs = crossing.runs.assign(**{p: draws.loc[place, p].to_numpy() for p in CROSSING})
    drawn = Frames(runs, crossing.history, crossing.study)
    found = effects.effect(drawn, "codes", "corruption.level", METRIC)
    assert not found.crossed
    assert list(found.table["view"].unique()) == ["draw"]
    assert list(found.table["value"]) == sorted(draws["corruption.level"])


def test_further_seeds_count_for_the_winner_and_not_for_effects(crossing: Frames) -> None:
    """The best two settings have two seeds more; effects are averages over those that all have."""
    rule = {"start": 3, "max": 5, "until": 0.005, "stage": "codes"}
    before = effects.ranked(crossing, "codes")
    best = crossing.runs[crossing.runs["setting"].isin(before.index[:2])]
    more = [best[best["seed"] == 0].assign(seed=seed) for seed in (3, 4)]
    runs = pd.concat([crossing.runs, *more], ignore_index=True)
    adding = Frames(runs, crossing.history, {**crossing.study, "seeds": rule})
    order = effects.ranked(adding, "codes")
    assert list(order["n"]) == [5, 5, *[3] * 10]
    assert order["whole"].all()
    assert list(order["rank"]) == list(range(1, 13))
    found = effects.standing(adding, "codes")
    assert found is not None
    assert (found.seeds, found.waiting) == (5, False)
    path = "corruption.level"
    fair = effects.effect(adding, "codes", path, METRIC).table
    pd.testing.assert_frame_equal(fair, effects.effect(crossing, "codes", path, METRIC).table)
    # A stage on the way is compared by the seeds that all its settings have.
    way = Frames(runs, crossing.history, {**crossing.study, "seeds": rule | {"stage": "later"}})
    assert list(effects.ranked(way, "codes")["n"]) == [3] * 12


def test_labels_have_the_rank_and_the_values(crossing: Frames) -> None:
    labels, order = effects.ranked_labels(crossing, "codes"), effects.ranked(crossing, "codes")
    assert list(labels.index) == list(order.index)
    assert labels.iloc[0] == "1. noise level 0, sparsity weight 0, contraction weight 0"
    assert [label.split(". ")[0] for label in labels] == [str(rank) for rank in order["rank"]]


def test_what_was_stopped_is_not_ranked(crossing: Frames) -> None:
    last = effects.ranked(crossing, "codes").index[0]
    stopped = crossing.runs["stopped_at"].where(crossing.runs["setting"] != last, 2.0)
    some = Frames(crossing.runs.assign(stopped_at=stopped), crossing.history, crossing.study)
    order = effects.ranked(some, "codes")
    assert len(order) == 11
    assert last not in order.index
    assert order["whole"].all()


def test_nothing_finished_gives_empty_tables(crossing: Frames) -> None:
    none = Frames(crossing.runs.assign(status="RUNNING"), crossing.history, crossing.study)
    assert effects.ranked(none, "codes").empty
    assert effects.best_setting(none, "codes") is None
    assert effects.effect(none, "codes", "corruption.level", METRIC).table.empty
