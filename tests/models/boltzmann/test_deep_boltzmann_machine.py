"""What is a deep Boltzmann machine's own: its conditionals, and how RBMs compose it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from deep_machines import HIDDEN, VISIBLE, deep, log_weights
from made_cohorts import digits

from layerwise.models import create
from layerwise.models.autoencoders.fine_tune import FineTune
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.deep_boltzmann_machine import DeepBoltzmannMachine
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.registry import resolve
from layerwise.models.training import Samples, Training


def rbm(visible: int, hidden: int, doubling: str) -> BernoulliRBM:
    settings = resolve(BernoulliRBM, {"hidden": hidden, "doubling": doubling})
    made = BernoulliRBM(visible, [settings], [0], torch.float64)
    generator = torch.Generator().manual_seed(visible)
    for parameter in made.parameters.values():
        parameter += torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return made


def test_a_middle_layer_sees_both_its_neighbours() -> None:
    made = deep(DeepBoltzmannMachine)
    joint = log_weights(made)[0].softmax(1)
    v, h1, h2 = binary_states(VISIBLE), binary_states(4), binary_states(HIDDEN)
    expected = torch.einsum("vht,hj->vtj", joint, h1) / joint.sum(1)[..., None]
    p = {name: value[0] for name, value in made.parameters.items()}
    found = torch.sigmoid(
        p["1.hidden_bias"] + (v @ p["1.weight"])[:, None] + (h2 @ p["2.weight"].T)
    )
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    states = {0: v[None], 2: h2[[5]].expand(1, len(v), -1)}
    inputs = made.structure.inputs(made.parameters, 1, states)
    torch.testing.assert_close(torch.sigmoid(inputs)[0], expected[:, 5], rtol=0, atol=1e-12)


def test_the_composed_prior_is_the_geometric_mean_of_both_machines() -> None:
    """p(h₁) ∝ √(p_up(h₁) p_down(h₁)), of RBMs with two copies of v and with two copies of h₂.

    What the doubling rule is for: each RBM replaces half of the other's prior
    (Salakhutdinov & Hinton 2009, section 3.1).
    """
    up, down = rbm(VISIBLE, 4, "up"), rbm(4, HIDDEN, "down")
    made = deep(DeepBoltzmannMachine)
    made.begin_from([up, down])
    h1 = binary_states(4)

    def log_prior(layer: BernoulliRBM, weight: torch.Tensor, own: str, other: str) -> torch.Tensor:
        """By summing over every state of both copies of the other side."""
        a, copy = layer.parameters[own][0], layer.parameters[other][0]
        s = binary_states(2 * weight.shape[1])
        one, two = s.chunk(2, 1)
        energy = (h1 @ weight @ (one + two).T) + (h1 @ a)[:, None] + (one + two) @ copy
        return energy.logsumexp(1).log_softmax(0)

    below = log_prior(up, up.parameters["weight"][0].T, "hidden_bias", "visible_bias")
    above = log_prior(down, down.parameters["weight"][0], "visible_bias", "hidden_bias")
    composed = log_weights(made)[0].logsumexp((0, 2)).log_softmax(0)
    expected = ((below + above) / 2).log_softmax(0)
    torch.testing.assert_close(composed, expected, rtol=0, atol=1e-10)
    # Neither RBM alone has that prior.
    assert min((composed - below).abs().max(), (composed - above).abs().max()) > 0.1


def test_the_first_pass_upwards_and_downwards_are_those_of_the_rbms() -> None:
    layers = [rbm(VISIBLE, 4, "up"), rbm(4, 5, "both"), rbm(5, HIDDEN, "down")]
    for below, above in pairwise(layers):
        below.parameters["hidden_bias"] = above.parameters["visible_bias"]
    made = deep(DeepBoltzmannMachine, (4, 5))
    made.begin_from(layers)
    v = binary_states(VISIBLE)[None]
    code = v
    found = made.ascend(made.clamp(v))
    for depth, layer in enumerate(layers, 1):
        code = layer.encode(code)
        torch.testing.assert_close(found[depth], code)
    output = code
    for layer in reversed(layers):
        output = layer.decode(output)
    torch.testing.assert_close(made.decode(code), output)


def test_unrolled_it_goes_up_and_down_by_one_pass_each() -> None:
    made = deep(DeepBoltzmannMachine, (4, 5), trials=2)
    x = binary_states(VISIBLE)[None]
    unrolled = made.unrolled()
    code = made.ascend(made.clamp(x))[3]
    torch.testing.assert_close(unrolled.encode(x), code)
    torch.testing.assert_close(unrolled.decode(code), made.decode(code))
    tuned = FineTune(
        VISIBLE, [resolve(FineTune, {"hidden": HIDDEN, "layers": ()})] * 2, [0, 1], torch.float64
    )
    tuned.begin_from([made])
    torch.testing.assert_close(tuned.encode(x), code)


def test_joint_training_raises_the_bound_over_pretraining() -> None:
    """On binarised digits, with the partition function summed exactly."""
    rng = np.random.default_rng(0)
    x = torch.tensor((rng.random((600, 64)) < digits()[:600]) * 1.0)[None]
    settings = {"layers": (10,), "hidden": 12, "epochs": 16, "pretraining_epochs": 4}
    made = DeepBoltzmannMachine(64, [resolve(DeepBoltzmannMachine, settings)], [0], torch.float64)
    bound = {}
    for epoch in Training(made, Samples(x, (0,)), None, 16):
        if epoch.number in (8, 16):
            # The first joint step composes the pretrained layers.
            made.gradients(x, made.draws(9, 0))
            bound[epoch.number] = made.log_likelihood_bound(x).mean().item()
    assert bound[16] > bound[8] + 0.5


def test_it_learns_bars_that_no_unit_sees_alone() -> None:
    """Half the columns of a 3 × 3 image are on: 3 log 2 nats, where independent pixels need 9."""
    rng = np.random.default_rng(0)
    x = np.repeat(rng.integers(0, 2, (500, 1, 3)), 3, axis=1).reshape(500, 9).astype(float)
    trained = create(
        "deep_boltzmann_machine", hidden=6, layers=[8], epochs=60, pretraining_epochs=15,
        joint_rate=0.02, learning_rate_decay=1.0,
    ).fit(x)  # fmt: skip
    network = trained.network_
    assert isinstance(network, DeepBoltzmannMachine)
    bound = network.log_likelihood_bound(torch.tensor(x, dtype=torch.float32)[None])
    assert 3 * np.log(0.5) - 0.4 < bound.mean() < 3 * np.log(0.5)
