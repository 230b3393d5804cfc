"""Lower bounds of log p(v) for machines with several hidden layers.

With any distribution Q of the hidden states, log p(v) ≥ E_Q[log p(v, h)] + H(Q) (Jensen), with
equality where Q is the posterior. Everything here is a function of parameter tensors, and less the
log partition function of what is undirected: log p*(v) = log p(v) + log Z.

Shape suffixes: S states or samples of a hidden layer. All results are (T, B), in nats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from ..draws import Draws
from ..errors import InputError
from ..trial_axis import affine
from .gibbs import sampled
from .likelihood import ENUMERABLE, binary_states

_CHUNK = 1024


@dataclass(frozen=True)
class DirectedLayer:
    """One sigmoid layer of a belief network, with its recognition model.

    p(below | above) = σ(generative_bias + above Wᵀ) with W the generative weight;
    Q(above | below) = σ(recognition_bias + below R) with R the recognition weight. After greedy
    training both weights are one; up-down training unties them.

    Attributes:
        generative_weight: (T, V, H).
        generative_bias: (T, V).
        recognition_weight: (T, V, H).
        recognition_bias: (T, H).
    """

    generative_weight: Tensor
    generative_bias: Tensor
    recognition_weight: Tensor
    recognition_bias: Tensor

    def generated(self, above_TBH: Tensor) -> Tensor:
        """The input of the units below, (T, B, V)."""
        return affine(above_TBH, self.generative_weight.mT, self.generative_bias)

    def recognised(self, below_TBV: Tensor) -> Tensor:
        """The input of the units above, (T, B, H)."""
        return affine(below_TBV, self.recognition_weight, self.recognition_bias)


def bernoulli_log_probability(state: Tensor, input: Tensor) -> Tensor:
    """log p(state) of independent units with p = σ(input), summed over units: (T, B)."""
    return (state * input + logsigmoid(-input)).sum(-1)


def bernoulli_entropy(mean: Tensor) -> Tensor:
    """H of independent binary units with these means, summed over units: (T, B), in nats."""
    each: Tensor = torch.special.entr(mean) + torch.special.entr(1 - mean)
    return each.sum(-1)


def belief_network_bound(
    v_TBV: Tensor,
    layers: Sequence[DirectedLayer],
    top: Callable[[Tensor], Tensor],
    draws: Draws,
    samples: int = 10,
) -> Tensor:
    """Estimate of a deep belief network's bound by states drawn from Q, (T, B).

    log p*(v) ≥ Σ_h Q(h | v) [log p(v | h) + log p*(h)] + H(Q)   (Salakhutdinov & Murray 2008), with
    Q(h | v) = Π_l Q(h_l | h_{l−1}) for several directed layers. The estimate is unbiased. Its
    entropy is taken at the states drawn, not in closed form, so that where Q is the posterior the
    estimate has no variance at all.

    Args:
        v_TBV: inputs (1 or T, B, V); between 0 and 1 they are taken as probabilities.
        layers: the directed layers, lowest first; at least one.
        top: log p*(h) = −F(h) of the undirected machine on top, (T, B, H) → (T, B).
        draws: the randomness of the states.
        samples: states drawn from Q for every input.
    """
    total_TB = torch.zeros_like(v_TBV[..., 0])
    for sample in range(samples):
        below = v_TBV
        for depth, layer in enumerate(layers):
            input_TBH = layer.recognised(below)
            above = sampled(torch.sigmoid(input_TBH), draws, f"bound/{sample}/{depth}")
            total_TB = total_TB + bernoulli_log_probability(below, layer.generated(above))
            total_TB = total_TB - bernoulli_log_probability(above, input_TBH)
            below = above
        total_TB = total_TB + top(below)
    return total_TB / samples


def exact_belief_network_bound(
    v_TBV: Tensor, layers: Sequence[DirectedLayer], top: Callable[[Tensor], Tensor]
) -> Tensor:
    """:func:`belief_network_bound` with the states of every directed layer enumerated, (T, B).

    The expectation over one layer is that of its own terms and of the bound of its states under the
    layers above; without a directed layer it is log p* itself.

    Raises:
        InputError: a directed layer has more than 20 units above it.
    """
    if not layers:
        return top(v_TBV)
    layer = layers[0]
    width = layer.recognition_bias.shape[-1]
    if width > ENUMERABLE:
        raise InputError(
            "exact_belief_network_bound", f"needs layers of at most {ENUMERABLE} units", width
        )
    input_TBH = layer.recognised(v_TBV)
    silent_TB = logsigmoid(-input_TBH).sum(-1)
    states = binary_states(width, v_TBV.device).to(v_TBV.dtype)
    total_TB = torch.zeros_like(silent_TB)
    for states_SH in torch.split(states, _CHUNK):
        log_q_TBS = silent_TB[..., None] + input_TBH @ states_SH.mT
        generated_TSV = layer.generated(states_SH[None])
        log_p_TBS = v_TBV @ generated_TSV.mT + logsigmoid(-generated_TSV).sum(-1)[:, None]
        above_TS = exact_belief_network_bound(states_SH[None], layers[1:], top)
        gain_TBS = log_p_TBS - log_q_TBS + above_TS[:, None]
        total_TB = total_TB + (log_q_TBS.exp() * gain_TBS).sum(-1)
    return total_TB
