"""What a trial is determined by, and what it has in common with others."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.platform.data import DataSet
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.trial import digest
from layerwise.platform.study import Stage, Study

X = np.random.default_rng(0).random((5, 4), dtype=np.float32)
DATA = DataSet("mine", X, X[:2], X[:2])
BASE: dict[str, Any] = {"written": {}, "swept": {}, "inherited": {}}


def trial(model: str = "autoencoder", key: str = "a", /, **settings: Any) -> Trial:
    return Trial(key, "codes", 0, model, 0, 4, "float32", settings, **BASE)


def test_a_source_is_what_a_data_set_says() -> None:
    assert Source.of(DATA) == Source(DATA.digest, 4, 5)
    labels = {"train": np.array(list("abacc")), "validation": np.array(["a", "b"])}
    labelled = replace(DATA, labels=labels | {"test": np.array(["c", "c"])})
    source = Source.of(labelled)
    assert (source.digest, source.labels, source.classes) == (
        DATA.digest,
        labelled.label_digest,
        3,
    )


def test_a_digest_is_of_values_not_of_how_they_are_held() -> None:
    assert digest({"a": 1, "b": (2, 3)}) == digest({"b": [2, 3], "a": 1})
    assert digest({"layers": (500, 250)}) != digest({"layers": (250, 500)})
    with pytest.raises(ValueError, match="Out of range"):
        digest(float("nan"))


def test_trials_that_differ_in_numbers_have_one_structure() -> None:
    one = trial(hidden=3, learning_rate=0.1)
    assert one.structure == trial(hidden=3, learning_rate=0.2).structure
    assert one.structure != trial(hidden=4, learning_rate=0.1).structure
    deep = {"layers": (8, 5), "hidden": 3}
    assert trial("deep_autoencoder", **deep).structure != (
        trial("deep_autoencoder", **deep | {"layers": (8, 6)}).structure
    )


def test_the_stack_below_counts_where_it_is_taken_over() -> None:
    sigmoid, tanh = (trial(hidden=3, activation=name) for name in ("sigmoid", "tanh"))
    above = replace(trial(hidden=3), parents=("a",), stack=(sigmoid,))
    assert above.structure == replace(above, stack=(tanh,)).structure
    joint = replace(above, joint=True)
    assert joint.structure != replace(joint, stack=(tanh,)).structure
    assert (above.inputs, joint.inputs) == (("a",), ())


def test_widths_are_those_of_all_layers() -> None:
    assert trial(hidden=3).widths == (3,)
    assert trial("deep_autoencoder", hidden=3, layers=(8, 5)).widths == (8, 5, 3)


def test_a_trial_travels_whole() -> None:
    above = replace(trial(hidden=3), stack=(trial(hidden=5),), joint=True)
    again = pickle.loads(pickle.dumps(above))
    assert again == above
    assert again.structure == above.structure


def test_a_stopped_trial_has_a_key_of_its_own_for_each_rule() -> None:
    def trial(**stop: object) -> Trial:
        codes = Stage(name="codes", model="autoencoder", stop=stop or None)
        made = Study(study="s", data="digits", stages=[codes])
        return next(iter(plan(made, Source("d" * 64, 64, 1000)).trials()))

    fast, slow = trial(halving={"from": 2}), trial(halving={"from": 4})
    assert fast == slow
    assert len({fast.key, fast.stopped_key, slow.stopped_key}) == 3
    assert fast.compared == {"halving": fast.stop["halving"]}
    both = trial(halving={"from": 2}, plateau={})
    assert both.compared == fast.compared
    assert trial().stop == {}
