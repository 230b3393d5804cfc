"""Wake and sleep: what the layers learn from, and that it is the gradient of what it should be."""

from __future__ import annotations

import torch
from made_machines import made_parameters
from torch import Tensor

from layerwise.models.boltzmann.bounds import DirectedLayer, bernoulli_log_probability
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.up_down import (
    generative_lesson,
    recognition_lesson,
    sleep,
    wake,
)
from layerwise.models.draws import Draws

TRIALS, ROWS = 2, 40_000


def directed(visible: int, hidden: int, seed: int) -> DirectedLayer:
    down = made_parameters(visible, hidden, TRIALS, seed=seed)
    up = made_parameters(visible, hidden, TRIALS, seed=seed + 100)
    return DirectedLayer(down["weight"], down["visible_bias"], up["weight"], up["hidden_bias"])


def draws() -> Draws:
    return Draws([0] * TRIALS, dtype=torch.float64)


def states(width: int, seed: int, rows: int = 9) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(TRIALS, rows, width, generator=generator) < 0.4).double()


def test_generation_learns_the_gradient_of_what_it_predicts() -> None:
    layer, below, above = directed(5, 4, 0), states(5, 1), states(4, 2)
    leaves = [layer.generative_weight.requires_grad_(), layer.generative_bias.requires_grad_()]
    loss = -bernoulli_log_probability(below, layer.generated(above)).mean(1)
    weight, bias = torch.autograd.grad(loss.sum(), leaves)
    found = generative_lesson(layer, below, above)
    torch.testing.assert_close(found.weight_TVH, weight)
    torch.testing.assert_close(found.bias_TU, bias)
    torch.testing.assert_close(found.loss_T, loss)


def test_recognition_learns_the_gradient_of_what_it_predicts() -> None:
    layer, below, above = directed(5, 4, 0), states(5, 1), states(4, 2)
    leaves = [layer.recognition_weight.requires_grad_(), layer.recognition_bias.requires_grad_()]
    loss = -bernoulli_log_probability(above, layer.recognised(below)).mean(1)
    weight, bias = torch.autograd.grad(loss.sum(), leaves)
    found = recognition_lesson(layer, below, above)
    torch.testing.assert_close(found.weight_TVH, weight)
    torch.testing.assert_close(found.bias_TU, bias)
    torch.testing.assert_close(found.loss_T, loss)


def test_waking_states_follow_recognition() -> None:
    layers = [directed(5, 4, 0), directed(4, 3, 1)]
    v = states(5, 3, 1).expand(-1, ROWS, -1)
    found = wake(layers, v, draws())
    assert torch.equal(found[0], v)
    q1 = torch.sigmoid(layers[0].recognised(v[:, :1]))[:, 0]
    h1 = binary_states(4)
    p1 = (h1 * q1[:, None] + (1 - h1) * (1 - q1[:, None])).prod(-1)
    q2 = torch.sigmoid(layers[1].recognised(h1.expand(TRIALS, -1, -1)))
    expected = (p1[..., None] * q2).sum(1)
    torch.testing.assert_close(found[1].mean(1), q1, rtol=0, atol=0.013)
    torch.testing.assert_close(found[2].mean(1), expected, rtol=0, atol=0.013)


def test_dreams_follow_generation_and_are_states_down_to_the_input() -> None:
    layers = [directed(5, 4, 0), directed(4, 3, 1)]
    top = states(3, 4, 1).expand(-1, ROWS, -1)
    found = sleep(layers, top, draws())
    assert torch.equal(found[2], top)
    assert all(set(dream.unique().tolist()) == {0.0, 1.0} for dream in found[:2])
    p1 = torch.sigmoid(layers[1].generated(top[:, :1]))[:, 0]
    h1 = binary_states(4)
    weight = (h1 * p1[:, None] + (1 - h1) * (1 - p1[:, None])).prod(-1)
    expected = (weight[..., None] * layers[0].generated(h1.expand(TRIALS, -1, -1)).sigmoid()).sum(1)
    torch.testing.assert_close(found[1].mean(1), p1, rtol=0, atol=0.013)
    torch.testing.assert_close(found[0].mean(1), expected, rtol=0, atol=0.013)
