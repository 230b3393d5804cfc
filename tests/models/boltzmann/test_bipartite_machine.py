"""Passes, samples and measures that every machine has, whatever its units."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from enumerated_machines import (
    CHAINS,
    VISIBLE,
    binary_joint,
    chi_square,
    drawn,
    gibbs_kernel,
    machine,
    made_states,
    state_index,
)

from layerwise.models import InputError
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.gaussian_rbm import GaussianRBM
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.rectified_rbm import RectifiedRBM
from layerwise.models.boltzmann.replicated_softmax import ReplicatedSoftmax
from layerwise.models.boltzmann.restricted_boltzmann_machine import RestrictedBoltzmannMachine

UNROLLED = [
    (BernoulliRBM, {}),
    (BernoulliRBM, {"doubling": "up"}),
    (BernoulliRBM, {"doubling": "down"}),
    (BernoulliRBM, {"doubling": "both"}),
    (BernoulliRBM, {"hidden_units": "gaussian"}),
    (GaussianRBM, {}),
    (RectifiedRBM, {}),
    (RectifiedRBM, {"visible_units": "gaussian"}),
]


@pytest.mark.parametrize(("variant", "given"), UNROLLED)
def test_the_unrolled_machine_goes_up_and_down_as_it_does(
    variant: type[RestrictedBoltzmannMachine], given: dict[str, Any]
) -> None:
    made = machine(variant, trials=3, **given)
    x = torch.rand(1, 5, VISIBLE, dtype=torch.float64)
    unrolled = made.unrolled()
    code = made.encode(x)
    torch.testing.assert_close(unrolled.encode(x), code, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(unrolled.decode(code), made.decode(code), rtol=1e-12, atol=1e-13)


def test_words_are_not_unrolled() -> None:
    with pytest.raises(InputError, match="cannot be unrolled"):
        machine(ReplicatedSoftmax).unrolled()


def test_the_gibbs_kernel_is_reversible_and_leaves_the_model_as_it_is() -> None:
    """|πT − π| < 1e-12 and π_v T_vw = π_w T_wv, with the conditionals of the machine itself."""
    made, v = machine(BernoulliRBM), binary_states(VISIBLE)
    h = binary_states(made.hidden)
    pi = binary_joint(made).sum(1)
    up, down = made.encode(v[None])[0], made.decode(h[None])[0]
    chance_up = (h * up[:, None] + (1 - h) * (1 - up[:, None])).prod(-1)
    chance_down = (v * down[:, None] + (1 - v) * (1 - down[:, None])).prod(-1)
    kernel = chance_up @ chance_down
    torch.testing.assert_close(pi @ kernel, pi, rtol=0, atol=1e-12)
    flow = pi[:, None] * kernel
    torch.testing.assert_close(flow, flow.T, rtol=0, atol=1e-12)
    torch.testing.assert_close(kernel, gibbs_kernel(binary_joint(made)), rtol=1e-10, atol=1e-14)


def test_chains_that_start_at_the_model_stay_there() -> None:
    """Geweke's test of plain Gibbs sampling: χ²/df of 20 000 chains after 5 steps."""
    made = machine(BernoulliRBM)
    p = binary_joint(made).sum(1)
    v = binary_states(VISIBLE)[drawn(p, CHAINS)][None]
    for step in range(5):
        v, _ = made.sweep(v, made.hidden_input(v), made.draws(1, step), "sweep")
    assert 0.75 < chi_square(state_index(v[0]), p) < 1.3


def test_samples_follow_the_model() -> None:
    made = machine(BernoulliRBM)
    probability = made.sample(4000, 50, made.draws())
    assert probability.shape == (1, 4000, VISIBLE)
    expected = binary_joint(made).sum(1) @ binary_states(VISIBLE)
    torch.testing.assert_close(probability[0].mean(0), expected, rtol=0, atol=0.04)


def test_chains_start_at_the_machine_without_weights() -> None:
    made = machine(BernoulliRBM)
    start = made.start(50_000, made.draws(), "start")
    expected = torch.sigmoid(made.parameters["visible_bias"][0])
    torch.testing.assert_close(start[0].mean(0), expected, rtol=0, atol=0.012)


def test_free_energy_gap_compares_with_as_many_training_samples() -> None:
    made, x = machine(BernoulliRBM), made_states(30)[None]
    gap = made.evaluate(x[:, :10], x)["free_energy_gap"]
    assert gap.item() == 0
    other = made.evaluate(x[:, 10:], x)["free_energy_gap"]
    expected = made.free_energy(x[:, 10:]).mean() - made.free_energy(x[:, :20]).mean()
    torch.testing.assert_close(other, expected[None])


def test_likelihood_is_normalised() -> None:
    for variant, given in (
        (BernoulliRBM, {}),
        (BernoulliRBM, {"hidden_units": "gaussian"}),
        (RectifiedRBM, {}),
    ):
        made = machine(variant, scale=0.4, **given)
        log_p = made.log_likelihood(binary_states(VISIBLE)[None])
        torch.testing.assert_close(log_p.logsumexp(-1), torch.zeros(1, dtype=torch.float64))
