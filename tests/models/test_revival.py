"""Dead units: who counts as one, the loss that they learn from, and that it brings them back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings
from torch import Tensor

from layerwise.models import create
from layerwise.models.autoencoders.top_k import TopKAutoencoder
from layerwise.models.revival import Revival, silence
from layerwise.models.training import Samples, Training

CASE = Case("top_k_autoencoder", {"k": 2, "revival.after": 20, "revival.k": 3})
FAMILY = ("top_k_autoencoder", "batch_top_k_autoencoder", "matryoshka_autoencoder")


def revival(weight: list[float], after: int, k: int) -> Revival:
    return Revival({"weight": torch.tensor(weight, dtype=torch.float64), "after": after, "k": k})


def test_silence_is_counted_in_samples_and_broken_by_one_word() -> None:
    code = torch.zeros(2, 5, 3)
    code[0, 4, 1] = -0.001
    code[1, :, 2] = 1.0
    before = torch.tensor([[0, 7, 9], [2, 4, 6]])
    assert silence(before, code).tolist() == [[5, 0, 14], [7, 9, 0]]


def test_the_loss_by_hand() -> None:
    """One dead unit of two, k = 1: the second; the network without dead units pays nothing."""
    made = revival([0.5, 0.5], after=10, k=1)
    pre = torch.tensor([[[2.0, 3.0, -1.0]], [[2.0, 3.0, -1.0]]], dtype=torch.float64)
    quiet = torch.tensor([[0, 10, 11], [0, 9, 9]])
    residual = torch.tensor([[[1.0, 0.0]], [[1.0, 0.0]]], dtype=torch.float64)
    decoder = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]] * 2, dtype=torch.float64)
    # ê = 3 · (0, 1), e = (1, 0), so the squared error is 1 + 9.
    assert made(pre, quiet, residual, decoder).tolist() == [5.0, 0.0]
    # With room for both dead units, ê = 3 · (0, 1) − (0.6, 0.8).
    both = revival([0.5, 0.5], after=10, k=7)(pre, quiet, residual, decoder)
    assert both.tolist() == pytest.approx([0.5 * (1.6**2 + 2.2**2), 0.0], rel=1e-12)


def half_dead(**given: object) -> TopKAutoencoder:
    """Units 4 to 6 have been silent for long, and stay so in this batch."""
    made = cohort(CASE, [settings(CASE, **given)], [3])
    assert isinstance(made, TopKAutoencoder)
    made.parameters["hidden_bias"][:, 4:] = -3.0
    made.state["silence"][:, 4:] = 100
    return made


def test_its_gradient_takes_the_residual_as_a_constant() -> None:
    """Central differences of loss + weight · ‖ê − e‖² with e as it is at the start."""
    x = made_samples([0]).all()[:, :8]
    made, plain = (half_dead(**{"revival.weight": weight}) for weight in (0.25, 0.0))
    residual = x - plain.reconstruct(x)
    assert (plain.encode(x)[..., 4:] == 0).all()
    found, _ = made.gradients(x, made.draws(1, 0))

    def objective(parameters: dict[str, Tensor]) -> Tensor:
        plain.parameters = parameters
        dead = plain.preactivation(x)[..., 4:]
        said = dead @ parameters["decoder_weight"][:, 4:]
        return plain.loss(x, plain.draws(1, 0))[0] + 0.25 * (said - residual).square().sum() / 8

    step = 1e-5
    for name, parameter in made.parameters.items():
        numeric = torch.empty_like(parameter)
        for index in np.ndindex(*parameter.shape):
            sides = []
            for shift in (step, -step):
                moved = {n: p.clone() for n, p in made.parameters.items()}
                moved[name][index] += shift
                sides.append(objective(moved))
            numeric[index] = ((sides[0] - sides[1]) / (2 * step)).item()
        torch.testing.assert_close(found[name], numeric, rtol=1e-6, atol=1e-8)
    assert found["weight"][..., 4:].abs().min() > 0


def test_fused_alone_and_beside_a_trial_that_diverges_it_is_the_same() -> None:
    rng = np.random.default_rng(4)
    trials = [settings(CASE, rng) for _ in range(4)]
    seeds = [0, 1, 1, 2]

    def train(which: list[int], lost: int | None = None) -> tuple[TopKAutoencoder, Tensor]:
        network = cohort(CASE, [trials[i] for i in which], [seeds[i] for i in which])
        assert isinstance(network, TopKAutoencoder)
        network.parameters["hidden_bias"][:, 4:] = -3.0
        network.state["silence"][:, 4:] = 100
        if lost is not None:
            network.parameters["weight"][lost] = torch.nan
        samples = made_samples([0] * len(which))
        epochs = list(Training(network, samples, samples, 3))
        return network, torch.tensor(
            np.stack([epoch.metrics["train/loss"] for epoch in epochs[2:]])
        )

    fused, losses = train([0, 1, 2, 3], lost=1)
    assert fused.trials == 3
    assert (fused.state["silence"] > 0).any()
    for row, trial in enumerate((0, 2, 3)):
        alone, loss = train([trial])
        torch.testing.assert_close(losses[:, row], loss[:, 0], rtol=1e-10, atol=0)
        assert torch.equal(fused.state["silence"][row], alone.state["silence"][0])
        for name, value in alone.parameters.items():
            torch.testing.assert_close(
                fused.parameters[name][row], value[0], rtol=1e-10, atol=1e-12
            )


@pytest.mark.parametrize("name", FAMILY)
def test_where_units_die_it_brings_them_back(name: str) -> None:
    """Too high a learning rate kills a quarter of the units for good; the error falls too."""
    x = digits()[:600]
    made = [
        create(
            name, hidden=64, k=4, epochs=40, learning_rate=0.03, revival={"weight": w, "after": 600}
        ).fit(x)
        for w in (0.0, 1 / 32)
    ]
    left, revived = (n.history_["train/dead_units"][-1] for n in made)
    assert left > 10
    assert revived < left / 4
    error, revived_error = (n.history_["train/reconstruction_error"][-1] for n in made)
    assert revived_error < 0.95 * error


def test_a_unit_below_zero_on_every_sample_comes_back() -> None:
    """relu gives such a unit no gradient of its own."""
    x = torch.tensor(digits()[:200], dtype=torch.float64)[None]
    structure = {"hidden": 16, "k": 4, "revival.after": 400, "revival.k": 2}
    case = Case("top_k_autoencoder", structure)
    for weight, dead in ((0.0, 8), (1 / 32, 0)):
        network = cohort(case, [settings(case, **{"revival.weight": weight})], [0], visible=64)
        network.parameters["hidden_bias"][:, 8:] = -3.0
        assert (network.encode(x)[..., 8:] == 0).all()
        list(Training(network, Samples(x, (0,)), None, 50))
        spoken = (network.encode(x) != 0).any(1)
        assert (~spoken).sum() == (~spoken[:, 8:]).sum() == dead
