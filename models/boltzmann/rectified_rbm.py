"""Restricted Boltzmann machine with noisy rectified linear hidden units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..errors import HyperparameterError
from ..hyperparameter import choice, default
from ..network import require_probabilities
from ..registry import register
from .machine import Machine, bernoulli_machine, gaussian_machine
from .restricted_boltzmann_machine import RestrictedBoltzmannMachine
from .units import Bernoulli, Gaussian, Rectified, Units


@register(
    "rectified_rbm",
    equation="h = max(0, a + N(0, σ(a))),  a = c + vW;  F(v) = e(v) + Σ_j Li₂(−exp a_j)",
    paper="Nair & Hinton 2010, ICML, Rectified linear units improve restricted Boltzmann machines",
)
class RectifiedRBM(RestrictedBoltzmannMachine):
    """h_j = max(0, a_j + N(0, σ(a_j))) with a = c + vW, over binary or real v.

    Each hidden unit stands for an endless row of binary units with the biases c_j − ½, c_j − 1½, …
    whose sum it is. Learning uses that sum's mean softplus(a); the code is its noiseless form
    max(0, a), which scales with the input where c = 0. Real visible units have variance 1 (for
    standardised data): e(v) = ½‖v − b‖², else e(v) = −bᵀv.
    """

    learning_rate = default(0.05)
    visible_units: str = choice(
        "bernoulli", ("bernoulli", "gaussian"), meaning="kind of visible units"
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse an estimate of the likelihood, for which there is no chain."""
        super().check(values)
        if values["annealing.temperatures"]:
            raise HyperparameterError(
                "annealing.temperatures",
                "must be 0: draws of rectified units do not follow their free energy",
                values["annealing.temperatures"],
                "At most 20 binary visible units need no estimate.",
            )

    @property
    def activation(self) -> str:
        """The code is rectified."""
        return "relu"

    @property
    def output_activation(self) -> str:
        """A probability, or for real units their input itself."""
        return "sigmoid" if self.visible_units == "bernoulli" else "identity"

    @property
    def hidden_side(self) -> Units:
        """Noisy rectified linear units."""
        return Rectified()

    def visible_side(self, v_TBV: Tensor) -> Units:
        """Bernoulli units, or Gaussian ones of variance 1."""
        return Bernoulli() if self.visible_units == "bernoulli" else Gaussian()

    def visible_energy(self, v_TBV: Tensor) -> Tensor:
        """e(v), (T, B)."""
        if self.visible_units == "bernoulli":
            return super().visible_energy(v_TBV)
        return (v_TBV - self.parameters["visible_bias"][:, None]).square().sum(-1) / 2

    def first_visible_bias(self, mean_TV: Tensor) -> Tensor:
        """The log-odds of the data, or for real units its mean."""
        return mean_TV.clamp(0.01, 0.99).logit() if self.visible_units == "bernoulli" else mean_TV

    def meet(self, x_TNV: Tensor) -> None:
        """Refuse inputs that are no probabilities where they must be."""
        if self.visible_units == "bernoulli":
            require_probabilities(self.name, x_TNV)
        super().meet(x_TNV)

    def machine(self) -> Machine:
        """The tensors of the partition function."""
        if self.visible_units == "bernoulli":
            return bernoulli_machine(self.parameters, self.hidden_side)
        variance = {"log_variance": torch.zeros_like(self.parameters["visible_bias"])}
        return gaussian_machine(self.parameters | variance, self.hidden_side)
