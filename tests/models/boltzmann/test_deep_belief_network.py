"""The bound of a deep belief network, its two ways of learning, and its samples, by enumeration."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from deep_machines import HIDDEN, VISIBLE, deep
from enumerated_machines import CHAINS, chi_square, drawn, made_states, state_index
from made_cohorts import digits
from torch import Tensor

from layerwise.models import InputError
from layerwise.models.autoencoders.fine_tune import FineTune
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.bounds import (
    bernoulli_log_probability,
    exact_belief_network_bound,
)
from layerwise.models.boltzmann.deep_belief_network import DeepBeliefNetwork
from layerwise.models.boltzmann.likelihood import binary_states, exact_log_partition
from layerwise.models.registry import resolve
from layerwise.models.training import Samples, Training


def rbm(visible: int, hidden: int) -> BernoulliRBM:
    made = BernoulliRBM(visible, [resolve(BernoulliRBM, {"hidden": hidden})], [0], torch.float64)
    generator = torch.Generator().manual_seed(visible)
    for parameter in made.parameters.values():
        parameter += torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return made


def tied() -> tuple[DeepBeliefNetwork, BernoulliRBM]:
    """An RBM, and the network whose second layer is that RBM turned round."""
    first, second = rbm(VISIBLE, 4), rbm(4, VISIBLE)
    second.parameters["weight"] = first.parameters["weight"].mT.clone()
    second.parameters["visible_bias"] = first.parameters["hidden_bias"].clone()
    second.parameters["hidden_bias"] = first.parameters["visible_bias"].clone()
    made = deep(DeepBeliefNetwork, hidden=VISIBLE)
    made.begin_from([first, second])
    return made, first


def top_log_probability(made: DeepBeliefNetwork) -> Tensor:
    """log p of all states of the layer below the top, (T, 2^n)."""
    machine = made.machine()
    h = binary_states(machine.weight_TVH.shape[1])[None]
    return machine.log_unnormalised(h) - exact_log_partition(machine)[:, None]


def log_likelihood(made: DeepBeliefNetwork) -> Tensor:
    """log p of all visible states, (T, 2^V), by summing over every hidden layer."""
    log_p = top_log_probability(made)
    for layer in reversed(made.directed()):
        below, above = (
            binary_states(bias.shape[1])[None]
            for bias in (layer.generative_bias, layer.recognition_bias)
        )
        conditional = bernoulli_log_probability(below[:, :, None], layer.generated(above)[:, None])
        log_p = (conditional + log_p[:, None]).logsumexp(-1)
    return log_p


def recognition(made: DeepBeliefNetwork, x: Tensor) -> Tensor:
    """Q(h₁ | v) of a single directed layer, (N, 2^n)."""
    a = made.directed()[0].recognised(x[None])[0]
    return bernoulli_log_probability(binary_states(a.shape[1]), a[:, None]).exp()


def test_a_tied_second_layer_makes_the_bound_the_rbms_likelihood() -> None:
    made, first = tied()
    v = binary_states(VISIBLE)[None]
    bound = made.log_likelihood_bound(v)
    torch.testing.assert_close(bound, first.log_likelihood(v), rtol=0, atol=1e-10)
    torch.testing.assert_close(bound, log_likelihood(made), rtol=0, atol=1e-10)


def test_exact_steps_of_a_tied_second_layer_never_lower_the_bound() -> None:
    """So it stays above the RBM's likelihood (Hinton, Osindero & Teh 2006, section 4)."""
    made, first = tied()
    x = made_states(12, VISIBLE)
    q = recognition(made, x).mean(0)
    h1 = binary_states(4)
    names = ("2.weight", "1.hidden_bias", "2.hidden_bias")
    weight, visible, hidden = (made.parameters[name][0] for name in names)
    start = first.log_likelihood(x[None]).mean()
    before = made.log_likelihood_bound(x[None]).mean()
    torch.testing.assert_close(before, start, rtol=0, atol=1e-10)
    for _ in range(60):
        p = top_log_probability(made)[0].exp()
        code = torch.sigmoid(hidden + h1 @ weight)
        difference = q - p
        weight += 0.1 * h1.T @ (difference[:, None] * code)
        visible += 0.1 * difference @ h1
        hidden += 0.1 * difference @ code
        now = made.log_likelihood_bound(x[None]).mean()
        assert now >= before
        before = now
    assert before > start + 0.05
    assert log_likelihood(made)[0, state_index(x)].mean() >= before


@pytest.mark.parametrize("layers", [(4,), (4, 3)])
def test_the_bound_lies_below_the_likelihood(layers: tuple[int, ...]) -> None:
    made = deep(DeepBeliefNetwork, layers, trials=3)
    v = binary_states(VISIBLE)[None]
    exact = log_likelihood(made)
    torch.testing.assert_close(exact.logsumexp(1), torch.zeros(3).double(), rtol=0, atol=1e-10)
    assert (made.log_likelihood_bound(v) <= exact + 1e-10).all()


def test_a_bound_of_many_states_is_estimated_without_bias() -> None:
    made = deep(DeepBeliefNetwork, (13,))
    v = binary_states(VISIBLE)[None, ::9]
    sampled = made.log_unnormalised(v, samples=4000)
    exact = exact_belief_network_bound(v, made.directed(), made.machine().log_unnormalised)
    torch.testing.assert_close(sampled, exact, rtol=0, atol=0.25)
    torch.testing.assert_close(sampled.mean(1), exact.mean(1), rtol=0, atol=0.08)


def test_recognition_starts_as_generation_and_stays_so_in_pretraining() -> None:
    made = DeepBeliefNetwork(
        VISIBLE,
        [resolve(DeepBeliefNetwork, {"layers": (4, 3), "hidden": 5, "epochs": 4})] * 2,
        [0, 1],
        torch.float64,
    )
    samples = Samples(made_states(40, VISIBLE)[None], (0, 0))
    for epoch in Training(made, samples, None, 4):
        gaps = [
            (made.parameters[f"{n}.weight"] - made.parameters[f"{n}.recognition_weight"])
            .abs()
            .max()
            for n in (1, 2)
        ]
        if epoch.number < 4:
            assert max(gaps) < 1e-14
    assert min(gaps) > 1e-4


def test_what_is_above_a_layer_in_pretraining_learns_its_mean() -> None:
    """Exactly what an RBM without weights would learn of the codes."""
    made, x = deep(DeepBeliefNetwork, epochs=3), made_states(20, VISIBLE)[None]
    made.meet(x)
    found, _ = made.gradients(x, made.draws(1, 0))
    code = torch.sigmoid(made.directed()[0].recognised(x))
    expected = torch.sigmoid(made.parameters["1.hidden_bias"]) - code.mean(1)
    torch.testing.assert_close(found["1.hidden_bias"], expected)


def test_waking_gradients_are_those_of_the_bound() -> None:
    """Of the generative layer, in expectation over the states drawn by recognition."""
    copies = 60_000
    made, v = deep(DeepBeliefNetwork, pretraining_epochs=0, joint_rate=1.0), 37
    x = binary_states(VISIBLE)[v].expand(1, copies, -1)
    found, _ = made.gradients(x, made.draws(1, 0))
    names = ("1.weight", "visible_bias")
    leaves = [made.parameters[name].requires_grad_() for name in names]
    bound = made.log_likelihood_bound(x[:, :1]).sum()
    for name, expected in zip(names, torch.autograd.grad(-bound, leaves), strict=True):
        # Five standard errors of a mean of numbers between 0 and 1.
        torch.testing.assert_close(found[name], expected, rtol=0, atol=5 * 0.5 / copies**0.5)


def test_sleeping_gradients_are_those_of_recognition_on_dreams() -> None:
    """With a chain at the machine's distribution: −∂E_p[log Q(h₁ | v)], by enumeration."""
    copies = 60_000
    made = deep(DeepBeliefNetwork, pretraining_epochs=0, joint_rate=1.0, gibbs_steps=60)
    found, _ = made.gradients(made_states(copies, VISIBLE)[None], made.draws(1, 0))
    layer, v, h1 = made.directed()[0], binary_states(VISIBLE), binary_states(4)
    conditional = bernoulli_log_probability(v[:, None], layer.generated(h1[None])[0])
    p = (conditional + top_log_probability(made)[0]).exp()
    names = ("1.recognition_weight", "1.recognition_bias")
    leaves = [made.parameters[name].requires_grad_() for name in names]
    log_q = bernoulli_log_probability(h1, made.directed()[0].recognised(v[None])[0][:, None])
    for name, expected in zip(names, torch.autograd.grad(-(p * log_q).sum(), leaves), strict=True):
        torch.testing.assert_close(found[name], expected, rtol=0, atol=5 * 0.5 / copies**0.5)


def test_the_chain_on_top_leaves_its_distribution_as_it_is() -> None:
    made = deep(DeepBeliefNetwork, (VISIBLE,))
    p = top_log_probability(made)[0].exp()
    start = binary_states(VISIBLE)[drawn(p, CHAINS)]
    after = made.gibbs(start[None], 3, made.draws(1, 0))[0]
    assert (after != start).any(1).double().mean() > 0.5
    assert 0.75 < chi_square(state_index(after), p) < 1.3


@pytest.mark.parametrize("layers", [(4,), (4, 3)])
def test_samples_follow_the_model(layers: tuple[int, ...]) -> None:
    made = deep(DeepBeliefNetwork, layers)
    found = made.sample(20_000, 40, made.draws())
    expected = log_likelihood(made)[0].exp() @ binary_states(VISIBLE)
    torch.testing.assert_close(found[0].mean(0), expected, rtol=0, atol=5 * 0.5 / 20_000**0.5)


def test_a_stack_encodes_and_decodes_as_it_did() -> None:
    layers = [rbm(VISIBLE, 4), rbm(4, 5), rbm(5, HIDDEN)]
    made = deep(DeepBeliefNetwork, (4, 5))
    made.begin_from(layers)
    for below, above in pairwise(layers):
        # A layer is generated by the machine above it, whose bias of it counts.
        assert not torch.equal(below.parameters["hidden_bias"], above.parameters["visible_bias"])
    code = binary_states(VISIBLE)[None]
    for layer in layers:
        code = layer.encode(code)
    torch.testing.assert_close(made.encode(binary_states(VISIBLE)[None]), code)
    output = code
    for layer in reversed(layers):
        output = layer.decode(output)
    torch.testing.assert_close(made.decode(code), output)


def test_unrolled_it_is_a_deep_autoencoder_with_the_same_passes() -> None:
    made = deep(DeepBeliefNetwork, (4, 5), trials=2)
    x = made_states(9, VISIBLE)[None]
    unrolled = made.unrolled()
    torch.testing.assert_close(unrolled.encode(x), made.encode(x))
    torch.testing.assert_close(unrolled.reconstruct(x), made.reconstruct(x))
    tuned = FineTune(
        VISIBLE, [resolve(FineTune, {"hidden": HIDDEN, "layers": ()})] * 2, [0, 1], torch.float64
    )
    tuned.begin_from([made])
    torch.testing.assert_close(tuned.reconstruct(x), made.reconstruct(x))


def test_inputs_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(InputError, match="needs inputs from 0 to 1"):
        deep(DeepBeliefNetwork).meet(2 * made_states(9, VISIBLE)[None])


def test_every_phase_raises_the_bound_of_digits() -> None:
    """The second layer, then the up-down algorithm; with the partition function summed exactly."""
    rng = np.random.default_rng(0)
    x = torch.tensor((rng.random((900, 64)) < digits()[:900]) * 1.0)[None]
    settings = {"layers": (32,), "hidden": 10, "epochs": 24, "pretraining_epochs": 8}
    made = DeepBeliefNetwork(64, [resolve(DeepBeliefNetwork, settings)], [0], torch.float64)
    bound = {
        epoch.number: made.log_likelihood_bound(x).mean().item()
        for epoch in Training(made, Samples(x, (0,)), None, 24)
        if epoch.number in (8, 16, 24)
    }
    assert bound[16] > bound[8] + 1
    assert bound[24] > bound[16] + 0.3
