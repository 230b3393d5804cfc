"""Mistakes that only trying can find, found in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.plan.rehearsal import rehearse
from layerwise.platform.study import Study

TRAIN = np.random.default_rng(0).random((30, 6), dtype=np.float32)
FIRST = {"name": "first", "model": "autoencoder", "hidden": 4}
SECOND = {"name": "second", "model": "autoencoder", "hidden": 2}


def study(*stages: dict[str, Any], **further: Any) -> Study:
    """A study of these stages."""
    return Study(study="tried", data="digits", stages=list(stages), **further)


@pytest.mark.parametrize(
    "metric", ["train/loss", "validation/jacobian_norm", "test/reconstruction_error"]
)
def test_a_metric_of_the_last_stage_may_be_the_objective(metric: str) -> None:
    rehearse(study(FIRST, SECOND, objective={"minimize": metric}), TRAIN)


def test_only_boltzmann_machines_have_a_free_energy() -> None:
    goal = {"objective": {"minimize": "validation/free_energy_gap"}}
    machine = {"name": "rbm", "model": "bernoulli_rbm", "hidden": 4}
    rehearse(study(FIRST | {"activation": "sigmoid"}, machine, **goal), TRAIN)
    with pytest.raises(StudyError, match=r"objective.minimize: must be a metric of autoencoder"):
        rehearse(study(machine, FIRST, **goal), TRAIN)


def test_a_promotion_needs_a_metric_of_its_own_stage() -> None:
    kept = FIRST | {"keep": {"best": 1, "by": "validation/dead_unit"}}
    with pytest.raises(
        StudyError, match=r"stages\[0\].keep.by: .*Did you mean validation/dead_units"
    ):
        rehearse(study(kept, SECOND), TRAIN)


def test_data_that_a_model_cannot_learn_from_are_refused() -> None:
    probabilities = FIRST | {"output_activation": "sigmoid", "reconstruction": "cross_entropy"}
    rehearse(study(probabilities), TRAIN)
    with pytest.raises(StudyError, match=r"first.*needs inputs from 0 to 1.*range from -0"):
        rehearse(study(probabilities), TRAIN - 1)
