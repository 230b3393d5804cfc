"""Which settings stand beside the best."""

from __future__ import annotations

import itertools
from typing import Any

from layerwise.dashboards.statistics import Interval
from layerwise.platform.answer.alongside import alongside
from layerwise.platform.answer.ranking import Ranked


def ranking(*settings: tuple[dict[str, Any], float]) -> list[Ranked]:
    """Settings with their objective, lowest first."""
    order = sorted(settings, key=lambda one: one[1])
    return [
        Ranked(rank, values, (), Interval(mean, float("nan"), float("nan"), 1), {})
        for rank, (values, mean) in enumerate(order, start=1)
    ]


def test_the_best_at_each_other_value_of_the_strongest_regulariser() -> None:
    settings = [
        ({"learning_rate": rate, "corruption.level": level, "sparsity.weight": weight}, mean)
        for rate, level, weight in itertools.product((1, 2), (0.0, 0.1, 0.4), (0.0, 0.1))
        for mean in [1 + 100 * rate + 10 * level + weight]
    ]
    found = alongside(ranking(*settings))
    assert [row.values["corruption.level"] for row in found] == [0.1, 0.4]
    assert all(row.values["sparsity.weight"] == 0 for row in found)
    assert all(row.values["learning_rate"] == 1 for row in found)


def test_without_a_regulariser_any_hyperparameter_serves() -> None:
    found = alongside(ranking(*[({"activation": name}, ord(name)) for name in "cab"]))
    assert [row.values["activation"] for row in found] == ["b", "c"]


def test_a_stage_below_may_have_the_regulariser() -> None:
    found = alongside(ranking(*[({"first.corruption.level": x, "rate": -x}, x) for x in (1, 2)]))
    assert [row.rank for row in found] == [2]


def test_many_values_are_thinned_out_evenly() -> None:
    found = alongside(ranking(*[({"contraction.weight": x / 20}, x) for x in range(20)]))
    values = [row.values["contraction.weight"] for row in found]
    assert len(values) == 5
    assert (values[0], values[-1]) == (0.05, 0.95)
    assert values == sorted(values)


def test_nothing_to_compare() -> None:
    assert alongside([]) == []
    assert alongside(ranking(({}, 1.0))) == []
    assert alongside(ranking(({}, 1.0), ({}, 2.0))) == []
