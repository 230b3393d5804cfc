"""A machine of two sides, as the partition function sees it: tensors, and the kinds of units.

p*(v, h) = exp(vᵀWh + bᵀv + cᵀh) over two sides of units, whose base measures are their kinds' own.
Every restricted Boltzmann machine is one, and so is a deep one, by its even and its odd layers.

machine              visible units       what is changed on the way
Bernoulli            Bernoulli           nothing
Gaussian visible     Gaussian            v is measured in its standard deviations, v/σ
replicated softmax   Multinomial         the hidden biases count once for each word of the document
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..trial_axis import affine, product
from .units import Bernoulli, Gaussian, Multinomial, Units

BINARY = Bernoulli()


@dataclass(frozen=True)
class Machine:
    """T machines of one shape.

    Attributes:
        weight_TVH, visible_bias_TV, hidden_bias_TH: W, b and c.
        visible, hidden: the kinds of units.
        scale_TV: the length of one unit of these visible states, in the data's; None for 1.
        offset_T: what the data's units and the energy's constant add to log Z.
    """

    weight_TVH: Tensor
    visible_bias_TV: Tensor
    hidden_bias_TH: Tensor
    visible: Units = BINARY
    hidden: Units = BINARY
    scale_TV: Tensor | None = None
    offset_T: Tensor | None = None

    @property
    def binary(self) -> bool:
        """Whether both sides are Bernoulli units in the data's own unit."""
        return self.visible == self.hidden == BINARY and self.scale_TV is self.offset_T is None

    def visible_input(self, h_TCH: Tensor) -> Tensor:
        """b + hWᵀ, (T, C, V)."""
        return affine(h_TCH, self.weight_TVH.mT, self.visible_bias_TV)

    def hidden_input(self, v_TCV: Tensor) -> Tensor:
        """c + vW, (T, C, H)."""
        return affine(v_TCV, self.weight_TVH, self.hidden_bias_TH)

    def log_unnormalised(self, v_TCV: Tensor) -> Tensor:
        """log p*(v) = bᵀv + Σ_j A(c_j + (vW)_j) less the visible base measure, (T, C), in nats."""
        linear_TC = product(v_TCV, self.visible_bias_TV[..., None])[..., 0]
        return linear_TC + self.hidden.log_normaliser(self.hidden_input(v_TCV)).sum(-1)

    def measured(self, v_TNV: Tensor) -> Tensor:
        """Data in the units of this machine's visible states, same shape."""
        return v_TNV if self.scale_TV is None else v_TNV / self.scale_TV[:, None]

    def turned(self) -> Machine:
        """The same machine with its sides exchanged; what belongs to the data's units is lost."""
        return Machine(
            self.weight_TVH.mT, self.hidden_bias_TH, self.visible_bias_TV, self.hidden, self.visible
        )

    def double(self) -> Machine:
        """The same machine in double precision."""
        return replace(
            self,
            weight_TVH=self.weight_TVH.double(),
            visible_bias_TV=self.visible_bias_TV.double(),
            hidden_bias_TH=self.hidden_bias_TH.double(),
        )

    def offset(self) -> Tensor:
        """The offset of log Z, (T,), in double precision."""
        if self.offset_T is None:
            return self.weight_TVH.new_zeros(len(self.weight_TVH), dtype=torch.float64)
        return self.offset_T.double()


def bernoulli_machine(parameters: Mapping[str, Tensor], hidden: Units = BINARY) -> Machine:
    """E(v, h) = −vᵀWh − bᵀv − cᵀh over binary v.

    Args:
        parameters: ``weight`` (T, V, H), ``visible_bias`` (T, V) and ``hidden_bias`` (T, H).
        hidden: the kind of hidden units.
    """
    return Machine(
        parameters["weight"], parameters["visible_bias"], parameters["hidden_bias"], hidden=hidden
    )


def gaussian_machine(parameters: Mapping[str, Tensor], hidden: Units = BINARY) -> Machine:
    """E(v, h) = Σ_i (v_i − b_i)²/2σ_i² − Σ_ij (v_i/σ_i²) W_ij h_j − cᵀh (Cho, Ilin & Raiko 2011).

    With u = v/σ it is ½‖u‖² − uᵀ(W/σ)h − (b/σ)ᵀu − cᵀh + Σ b²/2σ², and dv = Π σ du.

    Args:
        parameters: as :func:`bernoulli_machine` has them, and ``log_variance`` (T, V), log σ².
        hidden: the kind of hidden units.
    """
    half_log_variance = parameters["log_variance"] / 2
    scale = half_log_variance.exp()
    bias = parameters["visible_bias"] / scale
    return Machine(
        parameters["weight"] / scale[..., None],
        bias,
        parameters["hidden_bias"],
        Gaussian(),
        hidden,
        scale,
        (half_log_variance - bias.square() / 2).double().sum(-1),
    )


def replicated_softmax_machine(parameters: Mapping[str, Tensor], length: int) -> Machine:
    """E(v̂, h) = −v̂ᵀWh − bᵀv̂ − D cᵀh over sequences of D words (Salakhutdinov & Hinton 2009, NIPS).

    Args:
        parameters: as :func:`bernoulli_machine` has them, V the words of the vocabulary.
        length: D, words of a document; every length has a partition function of its own.
    """
    weight = parameters["weight"]
    return Machine(
        weight,
        parameters["visible_bias"],
        length * parameters["hidden_bias"],
        Multinomial(weight.new_full((1, 1), length)),
    )
