from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study import Choice, Grid, Integers, LogUniform, Stage, Uniform


def stage(**written: Any) -> Stage:
    return Stage(name="codes", model="denoising_autoencoder", **written)


def test_a_conditional_value_is_swept_only_where_its_condition_holds() -> None:
    points = stage(
        optimiser=Grid(["adam", "momentum"]),
        momentum={"grid": [0.5, 0.9], "when": {"optimiser": "momentum"}},
    ).points()
    assert points == [
        {"optimiser": "adam"},
        {"optimiser": "momentum", "momentum": 0.5},
        {"optimiser": "momentum", "momentum": 0.9},
    ]


def test_a_condition_may_ask_about_a_number_in_its_own_type() -> None:
    written = stage(
        hidden=Integers(3, 4, 20),
        learning_rate=LogUniform(1e-3, 1.0, 20, when={"hidden": 4.0}),  # type: ignore[dict-item]
    )
    asked = written.settings["learning_rate"]
    assert isinstance(asked, LogUniform)
    assert asked.when == {"hidden": 4}
    for point in written.points():
        assert ("learning_rate" in point) == (point["hidden"] == 4)


def test_conditions_may_follow_one_another_in_any_written_order() -> None:
    points = stage(
        momentum=Grid([0.5], when={"corruption.kind": "gaussian"}),
        corruption={
            "level": Grid([0.1, 0.2], when={"optimiser": "momentum"}),
            "kind": Grid(["masking", "gaussian"], when={"corruption.level": 0.2}),
        },
        optimiser=Choice(["adam", "momentum"]),
    ).points()
    # The kind is at its default where it is left out, and its default is masking.
    assert {tuple(sorted(point.items())) for point in points} == {
        (("optimiser", "adam"),),
        (("corruption.level", 0.1), ("optimiser", "momentum")),
        (
            ("corruption.kind", "gaussian"),
            ("corruption.level", 0.2),
            ("momentum", 0.5),
            ("optimiser", "momentum"),
        ),
        (("corruption.kind", "masking"), ("corruption.level", 0.2), ("optimiser", "momentum")),
    }


def test_a_condition_reads_back() -> None:
    written = stage(
        optimiser=Choice(["adam", "momentum"]),
        momentum=Uniform(0.1, 0.9, 3, when={"optimiser": "momentum"}),
    )
    assert written.mapping()["momentum"] == {
        "uniform": [0.1, 0.9], "samples": 3, "when": {"optimiser": "momentum"},
    }  # fmt: skip
    assert Stage.of(written.mapping()) == written


TWO = {"optimiser": Grid(["adam", "momentum"])}


@pytest.mark.parametrize(
    ("when", "where", "said"),
    [
        ({"optimizer": "adam"}, "when.optimizer", "Did you mean 'optimiser'?"),
        ({"optimiser": "sgdd"}, "when.optimiser", "must be one of"),
        ({"momentum": 0.5}, "when.momentum", "must ask about another hyperparameter"),
        ({"optimiser": "rmsprop"}, "when.optimiser", "must be one of"),
        ({"hidden": 3}, "when.hidden", "give it a domain"),
        ({"learning_rate": 0.1}, "when.learning_rate", "no value is met exactly"),
        ({"epochs": 9}, "when.epochs", "It is drawn from 2 to 5."),
        ({"corruption": {"kind": "masking"}}, "when", "Write the whole path, corruption.kind."),
        ("optimiser", "when", "a mapping {path: value}"),
        ({}, "when", "must name at least one hyperparameter"),
    ],
)
def test_wrong_conditions(when: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        stage(
            **TWO,
            learning_rate=LogUniform(1e-3, 1.0, 4),
            epochs=Integers(2, 5, 4),
            momentum={"grid": [0.5, 0.9], "when": when},
        )
    assert caught.value.where == f"stages['codes'].momentum.{where}"
    assert said in str(caught.value)


def test_conditions_must_not_lead_back() -> None:
    with pytest.raises(StudyError, match="must not lead back to itself"):
        stage(
            optimiser=Grid(["adam", "momentum"], when={"momentum": 0.5}),
            momentum=Grid([0.5, 0.9], when={"optimiser": "momentum"}),
        )


def test_values_that_exclude_one_another_are_found_behind_a_condition() -> None:
    with pytest.raises(StudyError, match="for masking noise"):
        stage(
            corruption={
                "kind": Grid(["gaussian", "masking"]),
                "level": Uniform(0.1, 1.5, 1, when={"corruption.kind": "masking"}),
            }
        )
