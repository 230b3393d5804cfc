from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study import Data, Grid, Keep, Objective, Resources, Stage, Study
from layerwise.platform.study.validation import InvalidStudyError


def study(**written: Any) -> Study:
    keys: dict[str, Any] = {
        "study": "noise",
        "data": "digits",
        "stages": [{"name": "first", "model": "autoencoder"}],
    }
    return Study(**(keys | written))


def chain(*stages: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"model": "autoencoder", **stage} for stage in stages]


def test_only_name_data_and_stages_are_needed() -> None:
    least = study()
    assert least.name == "noise"
    assert least.question == ""
    assert least.data == Data(name="digits")
    assert least.seeds == (0,)
    assert least.stages == (Stage(name="first", model="autoencoder"),)
    assert least.objective == Objective("validation/reconstruction_error", "minimize")
    assert least.resources == Resources(1.0, 0.0)
    assert least.dtype == "float32"


def test_objects_and_mappings_mean_the_same() -> None:
    objects = study(
        data=Data(name="digits", test=0.2),
        seeds=np.arange(3),
        stages=[
            Stage(
                name="a",
                model="denoising_autoencoder",
                corruption={"level": Grid([0.0, 0.25])},
                keep=Keep(2),
            )
        ],
        objective=Objective("validation/loss", "minimize"),
        resources=Resources(gpus=0.5),
    )
    mappings = study(
        data={"name": "digits", "test": 0.2},
        seeds=[0, 1, 2],
        stages=[
            {
                "name": "a",
                "model": "denoising_autoencoder",
                "corruption": {"level": {"grid": [0, 0.25]}},
                "keep": {"best": 2},
            }
        ],
        objective={"minimize": "validation/loss"},
        resources={"cpus": 1, "gpus": 0.5},
    )
    assert objects == mappings
    assert pickle.loads(pickle.dumps(objects)) == objects
    assert objects != study()


def test_stages_are_a_chain_unless_they_say_after() -> None:
    stages = study(
        stages=chain(
            {"name": "a"}, {"name": "b"}, {"name": "c", "after": ["a"]}, {"name": "d", "after": []}
        )
    ).stages
    assert [stage.after for stage in stages] == [(), ("a",), ("a",), ()]


def test_a_stage_may_come_after_one_that_is_written_later() -> None:
    stages = study(stages=chain({"name": "a", "after": ["b"]}, {"name": "b", "after": []})).stages
    assert [stage.after for stage in stages] == [("b",), ()]


def test_in_order_is_parents_first_and_else_as_written() -> None:
    written = study(
        stages=chain(
            {"name": "top", "after": ["b", "c"]},
            {"name": "c", "after": ["a"]},
            {"name": "a", "after": []},
            {"name": "a2"},
            {"name": "b", "after": []},
        )
    )
    assert [stage.name for stage in written.in_order()] == ["a", "c", "a2", "b", "top"]
    assert [
        stage.name for stage in study(stages=chain({"name": "x"}, {"name": "a"})).in_order()
    ] == [
        "x",
        "a",
    ]


def test_promotion_follows_the_objective_unless_told_otherwise() -> None:
    stages = study(
        stages=chain(
            {"name": "a", "keep": {"best": 1}},
            {"name": "b", "keep": {"best": 1, "by": "train/loss"}},
            {"name": "c", "keep": {"best": 1, "direction": "minimize"}},
        ),
        objective={"maximize": "validation/log_likelihood"},
    ).stages
    assert [stage.keep for stage in stages] == [
        Keep(1, "validation/log_likelihood", "maximize"),
        Keep(1, "train/loss", "minimize"),
        Keep(1, "validation/log_likelihood", "minimize"),
    ]


def test_a_stage_object_serves_several_studies() -> None:
    follower = Stage(name="second", model="autoencoder", keep={"best": 1})
    one = study(stages=[Stage(name="one", model="autoencoder"), follower])
    two = study(
        stages=[Stage(name="two", model="autoencoder"), follower],
        objective={"maximize": "test/log_likelihood"},
    )
    assert one.stages[1].after == ("one",)
    assert two.stages[1].after == ("two",)
    assert one.stages[1].keep == Keep(1, "validation/reconstruction_error", "minimize")
    assert follower.after == ()


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({"study": "../x"}, "study", "must be a name"),
        ({"question": 3}, "question", "Put it in quotes: '3'."),
        ({"data": "digit"}, "data.name", "Did you mean digits?"),
        ({"seeds": []}, "seeds", "at least one of the whole numbers"),
        ({"seeds": 3}, "seeds", "Write [3]."),
        ({"seeds": {0, 1}}, "seeds", "must be a list"),
        ({"seeds": [0, 0]}, "seeds[1]", "must be distinct"),
        ({"seeds": [0, True]}, "seeds[1]", "must be a whole number"),
        ({"seeds": [2**31]}, "seeds[0]", "from 0 to 2147483647"),
        ({"seeds": [-1]}, "seeds[0]", "from 0 to 2147483647"),
        ({"seeds": "0, 1"}, "seeds", "must be a list"),
        ({"stages": []}, "stages", "at least one of the stages"),
        ({"stages": {"name": "a"}}, "stages", "must be a list of stages"),
        ({"stages": ["a"]}, "stages[0]", "must be a mapping with a name, a model"),
        ({"stages": chain({"name": "a", "hidden": 0})}, "stages[0].hidden", "from 1"),
        ({"stages": chain({"name": "a"}, {"name": "a"})}, "stages[1].name", "no other stage"),
        (
            {"stages": chain({"name": "first"}, {"name": "b", "after": ["frist"]})},
            "stages[1].after[0]",
            "Did you mean first?",
        ),
        (
            {"stages": chain({"name": "a", "after": ["a"]})},
            "stages[0].after",
            "must not lead back to the stage, but got 'a → a'",
        ),
        (
            {"stages": chain({"name": "a", "after": ["b"]}, {"name": "b"})},
            "stages[0].after",
            "A stage can only come after stages that do not need it.",
        ),
        ({"objective": {"minimise": "train/loss"}}, "objective.minimise", "'minimize'"),
        ({"resources": {"cpus": 0}}, "resources.cpus", "above 0"),
        ({"dtype": "float16"}, "dtype", "must be one of float32, float64"),
    ],
)
def test_a_wrong_study_says_the_key_path(written: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        study(**written)
    assert caught.value.where == where
    assert said in str(caught.value)


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(InvalidStudyError) as caught:
        study(
            study="",
            seeds=[1, 1],
            stages=chain({"name": "a", "hidden": 0, "epochs": -1}, {"nam": "b"}),
        )
    assert [error.where for error in caught.value.errors] == [
        "study",
        "seeds[1]",
        "stages[0].hidden",
        "stages[0].epochs",
        "stages[1].nam",
    ]


def test_an_unknown_key_does_not_hide_the_other_mistakes() -> None:
    with pytest.raises(InvalidStudyError) as caught:
        Study.of({"study": "a", "sead": [0], "data": "digits", "stages": []})
    assert [error.where for error in caught.value.errors] == ["sead", "stages"]
