"""Weights and state out of a network and back."""

from __future__ import annotations

import numpy as np
import pytest
from made_cohorts import Case, cohort, made_samples, settings, trained

from layerwise.models import InputError
from layerwise.models.checkpoint import checkpoint, restore
from layerwise.models.training import Checkpoint, Training

CASE = Case("bernoulli_rbm", {"persistent": True, "particles": 9})


def test_persistent_particles_are_in_it_and_come_back() -> None:
    network = cohort(CASE, [settings(CASE)], [4])
    trained(network, made_samples([0]), made_samples([0]))
    held = checkpoint(network)
    assert held["state.particles"].shape == (9, network.visible)
    other = cohort(CASE, [settings(CASE)], [5])
    restore(other, held)
    again = checkpoint(other)
    assert held.keys() == again.keys()
    for name, array in held.items():
        np.testing.assert_array_equal(array, again[name])


def test_several_trials_are_refused() -> None:
    network = cohort(CASE, [settings(CASE)] * 2, [4, 5])
    with pytest.raises(InputError, match="single trial, but got 2"):
        restore(network, network.weights())


def test_a_training_that_goes_on_gives_the_same_bits() -> None:
    """Noise differs from epoch to epoch and is the same again after a resume."""
    trials = [settings(CASE), settings(CASE, learning_rate=0.02)]
    samples = made_samples([0, 1])

    def training(resume: Checkpoint | None = None) -> Training:
        return Training(cohort(CASE, trials, [4, 5]), samples, samples, 3, resume)

    whole = training()
    held = None
    for epoch in whole:
        if epoch.number == 1:
            held = whole.checkpoint()
    resumed = training(held)
    assert [epoch.number for epoch in resumed] == [2, 3]
    for trial in range(2):
        first, second = checkpoint(whole.network, trial), checkpoint(resumed.network, trial)
        assert first.keys() == second.keys()
        for name, array in first.items():
            np.testing.assert_array_equal(array, second[name])
