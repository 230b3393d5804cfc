"""Mistakes that only trying can find, found in milliseconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.platform.data import DataSet
from layerwise.platform.errors import StudyError
from layerwise.platform.plan.rehearsal import rehearse
from layerwise.platform.study import Study

TRAIN = np.random.default_rng(0).random((30, 6), dtype=np.float32)
LABELS = {split: np.arange(30) % 3 for split in ("train", "validation", "test")}
DATA = DataSet("mine", TRAIN, TRAIN, TRAIN)
FIRST = {"name": "first", "model": "autoencoder", "hidden": 4}
SECOND = {"name": "second", "model": "autoencoder", "hidden": 2}


def study(*stages: dict[str, Any], **further: Any) -> Study:
    """A study of these stages."""
    return Study(study="tried", data="digits", stages=list(stages), **further)


@pytest.mark.parametrize(
    "metric", ["train/loss", "validation/jacobian_norm", "test/reconstruction_error"]
)
def test_a_metric_of_the_last_stage_may_be_the_objective(metric: str) -> None:
    rehearse(study(FIRST, SECOND, objective={"minimize": metric}), DATA)


def test_only_boltzmann_machines_have_a_free_energy() -> None:
    goal = {"objective": {"minimize": "validation/free_energy_gap"}}
    machine = {"name": "rbm", "model": "bernoulli_rbm", "hidden": 4}
    rehearse(study(FIRST | {"activation": "sigmoid"}, machine, **goal), DATA)
    with pytest.raises(StudyError, match=r"objective.minimize: must be a metric of autoencoder"):
        rehearse(study(machine, FIRST, **goal), DATA)


def test_a_promotion_needs_a_metric_of_its_own_stage() -> None:
    kept = FIRST | {"keep": {"best": 1, "by": "validation/dead_unit"}}
    with pytest.raises(
        StudyError, match=r"stages\[0\].keep.by: .*Did you mean validation/dead_units"
    ):
        rehearse(study(kept, SECOND), DATA)


def test_a_stage_that_is_worth_its_descendants_needs_a_metric_of_the_last_one() -> None:
    def valued(by: str) -> dict[str, Any]:
        return FIRST | {"keep": {"best": 1, "by": by, "value": "descendants"}}

    machine = {"name": "rbm", "model": "bernoulli_rbm", "hidden": 2}
    first = {"activation": "sigmoid"}
    goal = {"objective": {"minimize": "train/reconstruction_error"}}
    rehearse(study(valued("validation/free_energy_gap") | first, machine, **goal), DATA)
    with pytest.raises(StudyError, match=r"stages\[0\].keep.by: must be a metric of autoencoder"):
        rehearse(study(valued("validation/free_energy_gap"), SECOND, **goal), DATA)


def test_a_stopping_rule_needs_a_metric_of_every_epoch() -> None:
    def stopped(by: str) -> dict[str, Any]:
        return FIRST | {"stop": {"halving": {"by": by, "direction": "minimize"}}}

    rehearse(study(stopped("train/loss"), SECOND), DATA)
    rehearse(study(FIRST, SECOND | {"stop": {"plateau": {"by": "validation/dead_units"}}}), DATA)
    where = r"stages\[0\].stop.halving.by: must be a metric that autoencoder has after every epoch"
    for missing in ("validation/effective_rank", "train/lost"):
        with pytest.raises(StudyError, match=where):
            rehearse(study(stopped(missing), SECOND), DATA)


def test_a_search_needs_a_metric_of_its_own_stage() -> None:
    domain = {"learning_rate": {"log_uniform": [1e-3, 0.1]}}

    def searched(by: object) -> dict[str, Any]:
        return FIRST | domain | {"search": {"trials": 3, "by": by}}

    rehearse(study(searched("validation/effective_rank"), SECOND), DATA)
    where = r"stages\[0\].search.by: .*Did you mean validation/dead_units"
    with pytest.raises(StudyError, match=where):
        rehearse(study(searched(["train/loss", "validation/dead_unit"]), SECOND), DATA)


def test_data_that_a_model_cannot_learn_from_are_refused() -> None:
    probabilities = FIRST | {"output_activation": "sigmoid", "reconstruction": "cross_entropy"}
    rehearse(study(probabilities), DATA)
    with pytest.raises(StudyError, match=r"first.*needs inputs from 0 to 1.*range from -0"):
        rehearse(study(probabilities), replace(DATA, train=TRAIN - 1))


def test_final_measures_may_rank_where_they_are_taken() -> None:
    labelled = replace(DATA, labels=LABELS)
    for metric in ("validation/effective_rank", "test/displacement_0.1"):
        rehearse(study(FIRST, objective={"maximize": metric}), DATA)
    readers = study(
        FIRST | {"keep": {"best": 1, "by": "validation/neighbour_accuracy"}},
        SECOND,
        objective={"maximize": "validation/probe_accuracy"},
    )
    rehearse(readers, labelled)
    with pytest.raises(StudyError, match=r"keep.by: must be a metric of autoencoder"):
        rehearse(readers, DATA)


def test_a_joint_stage_is_tried_on_the_stack_below_it() -> None:
    tuned = {"name": "tuned", "model": "fine_tune"}
    rehearse(study(FIRST, SECOND, tuned), DATA)
    taught = tuned | {"objective": "classification"}
    goal = {"objective": {"minimize": "validation/classification_error"}}
    rehearse(study(FIRST, SECOND, taught, **goal), replace(DATA, labels=LABELS))
    with pytest.raises(StudyError, match=r"objective.minimize: must be a metric of fine_tune"):
        rehearse(study(FIRST, SECOND, tuned, **goal), replace(DATA, labels=LABELS))
    with pytest.raises(StudyError, match=r"'tuned': objective: learns from labels"):
        rehearse(study(FIRST, SECOND, taught, **goal), DATA)


def test_a_stack_that_a_joint_stage_cannot_start_from_is_refused() -> None:
    deep = {"name": "deep", "model": "deep_boltzmann_machine"}
    with pytest.raises(StudyError, match=r"'deep': model: "):
        rehearse(study(FIRST, SECOND, deep), DATA)
    topics = {"name": "topics", "model": "replicated_softmax", "hidden": 3}
    tuned = {"name": "tuned", "model": "fine_tune"}
    with pytest.raises(StudyError, match=r"'tuned': model: replicated_softmax cannot be unrolled"):
        rehearse(study(topics, tuned), replace(DATA, train=np.round(9 * TRAIN)))


def test_labels_are_missed_before_a_promotion_is_decided() -> None:
    kept = FIRST | {"keep": {"best": 1}, "hidden": {"grid": [4, 3]}}
    taught = {
        "name": "taught",
        "model": "fine_tune",
        "objective": {"grid": ["reconstruction", "classification"]},
    }
    with pytest.raises(StudyError, match=r"'taught': objective: learns from labels"):
        rehearse(study(kept, taught), DATA)
