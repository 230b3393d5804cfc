"""Declared hyperparameters become a cohort's values, along the trial axis or the same for all."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, settings

from layerwise.models import HyperparameterError

PLAIN = Case("autoencoder")


def test_numbers_ride_along_the_trial_axis_and_structures_do_not() -> None:
    trials = [settings(PLAIN, **{"corruption.level": level}) for level in (0.0, 0.5)]
    network = cohort(PLAIN, trials, [0, 1])
    assert network.hidden == 7
    assert network.trials == 2
    corruption = network.corruption  # type: ignore[attr-defined]
    assert corruption.kind == "gaussian"
    assert corruption.level.tolist() == [0.0, 0.5]
    assert network.learning_rate.dtype == torch.float64


def test_trials_of_different_structure_are_refused() -> None:
    trials = [settings(PLAIN), settings(PLAIN, activation="tanh")]
    with pytest.raises(HyperparameterError, match="activation: must be the same"):
        cohort(PLAIN, trials, [0, 1])


def test_each_trial_is_checked() -> None:
    wrong = settings(PLAIN, **{"corruption.kind": "masking", "corruption.level": 2.0})
    with pytest.raises(HyperparameterError, match="It is a share"):
        cohort(PLAIN, [wrong], [0])
