from __future__ import annotations

import itertools
import pickle
from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.domains import Choice, Grid, Integers, LogUniform, Uniform
from layerwise.platform.study.stage import Keep, Stage


def stage(**written: Any) -> Stage:
    keys: dict[str, Any] = {"name": "codes", "model": "denoising_autoencoder"}
    return Stage(**(keys | written))


def test_a_stage_without_domains_has_one_point() -> None:
    plain = stage(hidden=8)
    assert plain.settings == {"hidden": 8}
    assert plain.swept == ()
    assert plain.points() == [{}]


def test_grids_cross_and_the_last_varies_fastest() -> None:
    crossed = stage(hidden=Grid([4, 8]), corruption={"level": {"grid": [0, 0.1, 0.2]}})
    assert crossed.swept == ("hidden", "corruption.level")
    assert [tuple(point.values()) for point in crossed.points()] == list(
        itertools.product([4, 8], [0.0, 0.1, 0.2])
    )


def test_a_choice_is_tried_value_by_value_where_nothing_is_drawn() -> None:
    points = stage(optimiser=Choice(["adam", "momentum"]), hidden=Grid([4, 8])).points()
    assert [tuple(point.values()) for point in points] == [
        ("adam", 4), ("adam", 8), ("momentum", 4), ("momentum", 8),
    ]  # fmt: skip


def test_sampled_domains_are_drawn_together_and_a_choice_joins() -> None:
    points = stage(
        learning_rate=LogUniform(1e-4, 1e-1, 20),
        hidden=Grid([4, 8]),
        momentum=Uniform(0.0, 0.9, 20),
        optimiser=Choice(["adam", "momentum"]),
    ).points()
    assert len(points) == 40
    assert len({(p["learning_rate"], p["momentum"], p["optimiser"]) for p in points}) == 20
    assert {p["optimiser"] for p in points} == {"adam", "momentum"}
    assert [list(p) for p in points] == [["learning_rate", "hidden", "momentum", "optimiser"]] * 40
    assert [p["hidden"] for p in points[:4]] == [4, 8, 4, 8]


def test_widths_are_crossed_and_drawn_like_other_values() -> None:
    layers = [[500, 250], [300]]
    deep = stage(model="deep_autoencoder", layers=Grid(layers), hidden=Grid([30, 10]))
    assert [tuple(point.values()) for point in deep.points()] == [
        ((500, 250), 30), ((500, 250), 10), ((300,), 30), ((300,), 10),
    ]  # fmt: skip
    drawn = stage(
        model="deep_autoencoder", layers=Choice(layers), learning_rate=LogUniform(1e-4, 1e-1, 20)
    )
    assert {point["layers"] for point in drawn.points()} == {(500, 250), (300,)}
    assert Stage.of(deep.mapping()) == deep
    assert deep.mapping()["layers"] == {"grid": layers}


def test_more_samples_keep_the_first_ones_and_other_domains_change_nothing() -> None:
    few = stage(learning_rate=LogUniform(1e-4, 1e-1, 4)).points()
    many = stage(hidden=Grid([4]), learning_rate=LogUniform(1e-4, 1e-1, 9)).points()
    assert [p["learning_rate"] for p in many][:4] == [p["learning_rate"] for p in few]


def test_a_repeated_draw_is_one_point() -> None:
    points = stage(hidden=Integers(3, 5, 50)).points()
    assert sorted(int(point["hidden"]) for point in points) == [3, 4, 5]


def test_a_stage_can_be_pickled_and_compared() -> None:
    written = stage(keep={"best": 2}, corruption={"level": Grid([0.0, 0.5])}, visible=64)
    assert pickle.loads(pickle.dumps(written)) == written
    assert written != stage()


def test_the_promotion_rule_takes_its_gaps_from_the_objective() -> None:
    assert Keep(2).resolved("test/likelihood", "maximize") == Keep(2, "test/likelihood", "maximize")
    loss = Keep(2, by="train/loss")
    assert loss.resolved("test/likelihood", "maximize") == Keep(2, "train/loss", "minimize")
    most = Keep(2, by="train/likelihood", direction="maximize")
    assert most.resolved("train/loss", "minimize") == most


def test_a_searched_stage_needs_no_samples_and_has_no_list_of_points() -> None:
    searched = stage(
        search={"trials": 3},
        learning_rate=LogUniform(1e-4, 1.0),
        optimiser=Choice(["adam", "momentum"]),
        momentum=Uniform(0.1, 0.9, when={"optimiser": "momentum"}),
    )
    with pytest.raises(ValueError, match="its settings are proposed"):
        searched.points()
    assert searched.extremes() == [
        {"learning_rate": 1e-4, "optimiser": "adam"},
        {"learning_rate": 1.0, "optimiser": "adam"},
        {"learning_rate": 1e-4, "optimiser": "momentum", "momentum": 0.1},
        {"learning_rate": 1e-4, "optimiser": "adam"},
    ]


def test_rules_take_their_gaps_from_the_objective() -> None:
    written = stage(hidden=Grid([2, 3]), search={"trials": 3}, stop={"plateau": {}})
    placed = written.placed(None, "validation/log_likelihood", "maximize")
    assert placed.search is not None
    assert placed.stop is not None
    assert placed.stop.plateau is not None
    assert (placed.search.by, placed.search.direction) == (
        ("validation/log_likelihood",),
        ("maximize",),
    )
    assert placed.stop.plateau.direction == "maximize"
    assert Stage.of(placed.mapping()).placed(None, "train/loss", "minimize") == placed


def test_without_after_a_stage_follows_the_previous_one() -> None:
    assert stage().placed("first", "train/loss", "minimize").after == ("first",)
    assert stage().placed(None, "train/loss", "minimize").after == ()
    assert stage(after=[]).placed("first", "train/loss", "minimize").after == ()
    assert stage(after=["a", "b"]).placed("first", "train/loss", "minimize").after == ("a", "b")


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({"name": "../x"}, "stage.name", "must be a name"),
        ({"model": "autoencodr"}, "stages['codes'].model", "Did you mean autoencoder?"),
        ({"model": 3}, "stages['codes'].model", "must be text"),
        ({"after": "first"}, "stages['codes'].after", "Write [first]."),
        ({"after": 3}, "stages['codes'].after", "must be a list of stages"),
        ({"after": ["a", "a"]}, "stages['codes'].after[1]", "must be distinct"),
        ({"after": [3]}, "stages['codes'].after[0]", "must be text"),
        ({"keep": 2}, "stages['codes'].keep", "Write {best: 2}."),
        ({"keep": {"bets": 2}}, "stages['codes'].keep.bets", "Did you mean 'best'?"),
        ({"keep": {"best": 0}}, "stages['codes'].keep.best", "from 1 to"),
        ({"keep": {"best": 2, "by": "loss"}}, "stages['codes'].keep.by", "validation/loss"),
        (
            {"keep": {"best": 2, "direction": "min"}},
            "stages['codes'].keep.direction",
            "must be one of minimize, maximize",
        ),
        ({"visible": 0}, "stages['codes'].visible", "from 1 to"),
        ({"visible": 6.4}, "stages['codes'].visible", "must be a whole number"),
        ({"self": 1}, "stages['codes'].self", "is not a key here"),
        (
            {"learning_rate": LogUniform(1e-4, 1, 4), "momentum": Uniform(0, 0.9, 5)},
            "stages['codes'].momentum.samples",
            "Write samples: 4.",
        ),
        ({"learning_rate": LogUniform(1e-4, 1)}, "stages['codes'].learning_rate", "Write samples"),
        ({"search": {"trials": 3}}, "stages['codes'].search", "has nothing to propose"),
        (
            {"search": {"trial": 3}, "hidden": Grid([2, 3])},
            "stages['codes'].search.trial",
            "Did you mean 'trials'?",
        ),
        ({"stop": {"plateu": {}}}, "stages['codes'].stop.plateu", "Did you mean 'plateau'?"),
        (
            {
                "search": {"trials": 3},
                "corruption": {"kind": "masking", "level": Uniform(0.0, 1.5)},
            },
            "stages['codes'].corruption.level",
            "from 0 to 1 for masking noise",
        ),
        (
            {"hidden": Grid(range(1, 401)), "epochs": Grid(range(1, 401))},
            "stages['codes']",
            "must give at most 100000 settings, but got 160000",
        ),
        (
            {"corruption": {"kind": "masking", "level": Grid([0.5, 1.5])}},
            "stages['codes'].corruption.level",
            "from 0 to 1 for masking noise, but got 1.5",
        ),
        (
            {"corruption": {"kind": "masking", "level": Uniform(0.0, 1.0000001, 1)}},
            "stages['codes'].corruption.level",
            "from 0 to 1 for masking noise",
        ),
    ],
)
def test_wrong_stages(written: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        stage(**written)
    assert caught.value.where == where
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"name": "a"}, "needs the key 'model'"),
        ({"name": "a", "modle": "autoencoder"}, "Did you mean 'model'?"),
        ({"nam": "a", "model": "autoencoder", "hidden": 3}, "Did you mean 'name'?"),
        ("autoencoder", "must be a mapping with a name, a model"),
        ({1: 2}, "every key must be text"),
    ],
)
def test_wrong_mappings(written: object, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Stage.of(written)
    assert said in str(caught.value)
