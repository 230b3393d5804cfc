"""Fused, alone, shuffled, without a diverged sibling, on a GPU: a trial gives the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import CASES, Case, cohort, settings, trained

from layerwise.models.network import Network
from layerwise.models.training import Epoch, Training

TRIALS = 24
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def mixed(case: Case) -> tuple[list[dict[str, object]], list[int], list[int]]:
    """24 trials with numbers, seeds and sources of their own."""
    rng = np.random.default_rng(11)
    trials = [settings(case, rng) for _ in range(TRIALS)]
    seeds = rng.integers(0, 4, TRIALS).tolist()
    return trials, seeds, rng.integers(0, 3, TRIALS).tolist()


def assert_same(
    one: tuple[Network, list[Epoch], int],
    other: tuple[Network, list[Epoch], int],
    rtol: float,
    ignore: tuple[str, ...] = (),
) -> None:
    """Every metric of every epoch, and the weights, of one trial in two trainings."""
    (network, epochs, trial), (network2, epochs2, trial2) = one, other
    assert len(epochs) == len(epochs2)
    for epoch, epoch2 in zip(epochs, epochs2, strict=True):
        assert epoch.metrics.keys() == epoch2.metrics.keys()
        for name, values in epoch.metrics.items():
            if not name.endswith(ignore or "-"):
                value = values[epoch.trials.index(trial)]
                value2 = epoch2.metrics[name][epoch2.trials.index(trial2)]
                where = f"{name} in epoch {epoch.number}"
                np.testing.assert_allclose(value, value2, rtol=rtol, atol=rtol / 100, err_msg=where)
    weights = network.weights(epochs[-1].trials.index(trial))
    weights2 = network2.weights(epochs2[-1].trials.index(trial2))
    for name, array in weights.items():
        np.testing.assert_allclose(array, weights2[name], rtol=rtol, atol=rtol / 10, err_msg=name)


@every_case
def test_a_trial_gives_the_same_numbers_fused_alone_and_shuffled(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    network = cohort(case, trials, seeds)
    fused = trained(network, case.samples(sources), case.samples(sources))
    order = np.random.default_rng(3).permutation(TRIALS).tolist()
    elsewhere = cohort(case, [trials[i] for i in order], [seeds[i] for i in order])
    samples = case.samples([sources[i] for i in order])
    shuffled = trained(elsewhere, samples, samples)
    for trial in range(TRIALS):
        alone = cohort(case, [trials[trial]], [seeds[trial]])
        samples = case.samples([sources[trial]])
        epochs = trained(alone, samples, samples)
        assert_same((network, fused, trial), (alone, epochs, 0), 1e-10)
        assert_same((network, fused, trial), (elsewhere, shuffled, order.index(trial)), 1e-10)


@every_case
def test_trials_that_share_seed_and_source_give_the_same_numbers_alone(case: Case) -> None:
    trials, _, _ = mixed(case)
    network = cohort(case, trials, [2] * TRIALS)
    samples = case.samples([1] * TRIALS)
    fused = trained(network, samples, samples)
    for trial in (0, 7, TRIALS - 1):
        alone = cohort(case, [trials[trial]], [2])
        samples = case.samples([1])
        assert_same((network, fused, trial), (alone, trained(alone, samples, samples), 0), 1e-10)


@pytest.mark.parametrize("case", [case for case in CASES if not case.sampled], ids=str)
def test_single_precision_agrees_to_four_digits(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    network = cohort(case, trials, seeds, torch.float32)
    samples = case.samples(sources, torch.float32)
    fused = trained(network, samples, samples)
    for trial in range(0, TRIALS, 5):
        alone = cohort(case, [trials[trial]], [seeds[trial]], torch.float32)
        samples = case.samples([sources[trial]], torch.float32)
        epochs = trained(alone, samples, samples)
        # A count of units above a threshold may jump by one unit where rounding differs.
        counts = ("active_units", "dead_units", "nonzero_units")
        assert_same((network, fused, trial), (alone, epochs, 0), 1e-4, ignore=counts)


@every_case
def test_a_trial_that_diverges_leaves_and_its_siblings_do_not_notice(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    lost = 5
    kept = [i for i in range(TRIALS) if i != lost]
    network = cohort(case, trials, seeds)
    training = Training(network, case.samples(sources), case.samples(sources), 3)
    epochs = []
    for epoch in training:
        epochs.append(epoch)
        if epoch.number == 1:
            next(iter(network.parameters.values()))[lost] = torch.nan
    steps_per_epoch = training.steps_per_epoch
    assert [epoch.diverged for epoch in epochs] == [{}, {}, {lost: steps_per_epoch}, {}]
    assert epochs[2].trials == epochs[3].trials == tuple(kept)
    assert all(np.isfinite(v).all() for epoch in epochs for v in epoch.metrics.values())

    without = cohort(case, [trials[i] for i in kept], [seeds[i] for i in kept])
    samples = case.samples([sources[i] for i in kept])
    expected = trained(without, samples, samples)
    for trial, index in zip(kept, range(TRIALS - 1), strict=True):
        assert_same((network, epochs, trial), (without, expected, index), 1e-10)


@every_case
def test_trials_that_are_made_to_leave_do_not_touch_their_siblings(case: Case) -> None:
    """Eight after the first epoch, eight after the second: optimiser and samples follow."""
    trials, seeds, sources = mixed(case)
    leaving = {1: range(0, TRIALS, 3), 2: range(1, TRIALS, 3)}
    network = cohort(case, trials, seeds)
    training = Training(network, case.samples(sources), case.samples(sources), 3)
    epochs = []
    for epoch in training:
        epochs.append(epoch)
        training.leave(leaving.get(epoch.number, ()))
    assert [len(epoch.trials) for epoch in epochs] == [24, 24, 16, 8]
    kept = tuple(range(2, TRIALS, 3))
    assert network.trials == len(kept)
    assert epochs[-1].trials == training.trials == kept

    without = cohort(case, [trials[i] for i in kept], [seeds[i] for i in kept])
    samples = case.samples([sources[i] for i in kept])
    expected = trained(without, samples, samples)
    for index, trial in enumerate(kept):
        assert_same((network, epochs, trial), (without, expected, index), 1e-10)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@every_case
def test_a_gpu_gives_the_numbers_of_a_processor(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    results = []
    for device in (torch.device("cpu"), torch.device("cuda")):
        network = cohort(case, trials, seeds, device=device)
        samples = case.samples(sources, device=device)
        results.append((network, trained(network, samples, samples)))
    (network, epochs), (network2, epochs2) = results
    for trial in range(TRIALS):
        assert_same((network, epochs, trial), (network2, epochs2, trial), 1e-8)
