"""A batch shares k·B active units in training; alone, a sample meets the learned threshold."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings

from layerwise.models.autoencoders.batch_top_k import MEMORY, BatchTopKAutoencoder
from layerwise.models.training import Checkpoint, Samples, Training


def made(trials: int = 1, **structure: object) -> BatchTopKAutoencoder:
    case = Case("batch_top_k_autoencoder", structure)
    network = cohort(case, [settings(case)] * trials, list(range(trials)))
    assert isinstance(network, BatchTopKAutoencoder)
    return network


def on_digits(epochs: int, **structure: object) -> tuple[BatchTopKAutoencoder, torch.Tensor]:
    case = Case("batch_top_k_autoencoder", {"hidden": 64, "batch_size": 100, **structure})
    network = cohort(case, [settings(case)], [0], visible=64)
    assert isinstance(network, BatchTopKAutoencoder)
    x = torch.tensor(digits()[:1000])[None]
    for epoch in Training(network, Samples(x, (0,)), None, epochs):
        if epoch.number:
            found = epoch.metrics["train/nonzero_units"].item()
            assert found == pytest.approx(network.k, rel=1e-12)
    return network, x


@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize("k", [1, 3])
def test_the_batch_has_k_times_b_active_units(activation: str, k: int) -> None:
    network = made(3, k=k, activation=activation)
    x = made_samples([0, 1, 2]).all()
    network.meet(x)
    candidate = network.candidates(x)
    code = network.selected(candidate)
    assert torch.count_nonzero(code, (1, 2)).tolist() == [k * x.shape[1]] * 3
    shares = (code != 0).sum(-1)
    assert shares.min() < k < shares.max(), "samples take different shares"
    for trial in range(3):
        kept = code[trial] != 0
        assert torch.equal(code[trial][kept], candidate[trial][kept])
        assert code[trial][kept].min() >= candidate[trial][~kept].max()


def test_with_relu_no_unit_below_zero_fills_the_quota() -> None:
    network = made(k=5)
    x = made_samples([0]).all()
    network.parameters["hidden_bias"] -= 2.0
    candidate = network.candidates(x)
    assert torch.count_nonzero(candidate) < 5 * x.shape[1]
    assert torch.equal(network.selected(candidate), candidate)


def test_outside_of_training_samples_do_not_touch() -> None:
    network, x = on_digits(2, k=4)
    together = network.encode(x[:, :50])
    alone = torch.cat([network.encode(x[:, row : row + 1]) for row in range(50)], dim=1)
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-14)


def test_the_threshold_is_the_running_mean_of_the_smallest_kept() -> None:
    network = made(2, k=2)
    x = made_samples([0, 1]).all()
    network.meet(x)
    expected = network.state["threshold"].clone()
    for step in range(4):
        batch = x[:, 10 * step : 10 * step + 10]
        code = network.selected(network.candidates(batch))
        smallest = torch.stack([each[each > 0].min() for each in code])
        expected = MEMORY * expected + (1 - MEMORY) * smallest
        network.gradients(batch, network.draws(1, step))
        torch.testing.assert_close(network.state["threshold"], expected, rtol=1e-12, atol=0)
    code, candidate = network.encode(x), network.candidates(x)
    assert torch.equal(code != 0, candidate > expected[:, None, None])
    assert torch.equal(code[code != 0], candidate[code != 0])


def test_the_first_threshold_keeps_k_units_of_the_first_batch() -> None:
    network = made(2, k=2)
    x = made_samples([0, 1]).all()
    network.meet(x)
    first = network.encode(x[:, : network.batch_size])
    assert torch.count_nonzero(first, (1, 2)).tolist() == [2 * network.batch_size] * 2


def test_a_batch_in_which_no_unit_speaks_leaves_the_threshold() -> None:
    network = made(k=2)
    x = made_samples([0]).all()
    network.meet(x)
    before = network.state["threshold"].clone()
    network.parameters["hidden_bias"] -= 99.0
    network.gradients(x, network.draws(1, 0))
    assert torch.equal(network.state["threshold"], before)


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_after_training_k_units_speak_on_average(activation: str) -> None:
    network, x = on_digits(15, k=6, activation=activation)
    speaking = (network.encode(x) != 0).sum(-1).double()
    assert speaking.mean().item() == pytest.approx(6, rel=0.1)
    assert np.ptp(speaking.numpy()) > 4


def test_a_resumed_training_goes_on_with_its_threshold_and_its_silences() -> None:
    samples = made_samples([0, 1])

    def training(resume: Checkpoint | None = None) -> Training:
        return Training(made(2, k=1, **{"revival.after": 30}), samples, None, 4, resume)

    whole, halved = training(), training()
    list(whole)
    for epoch in halved:
        if epoch.number == 2:
            break
    resumed = training(halved.checkpoint())
    list(resumed)
    assert (whole.network.state["silence"] > 0).any()
    for name, value in whole.checkpoint().tensors.items():
        assert torch.equal(resumed.checkpoint().tensors[name], value), name
