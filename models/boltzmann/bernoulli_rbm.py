"""Restricted Boltzmann machine with Bernoulli units, trained by contrastive divergence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ..errors import HyperparameterError, InputError
from ..hyperparameter import choice
from ..network import require_probabilities
from ..registry import register
from .machine import Machine, bernoulli_machine
from .restricted_boltzmann_machine import RestrictedBoltzmannMachine
from .units import Bernoulli, Gaussian, Units

# Copies of the visible and of the hidden units.
COPIES = {"none": (1, 1), "up": (2, 1), "down": (1, 2), "both": (2, 2)}


@register(
    "bernoulli_rbm",
    equation="E(v, h) = −vᵀWh − bᵀv − cᵀh,  F(v) = −bᵀv − Σ_j softplus(c_j + (vW)_j)",
    paper="Smolensky 1986; Hinton 2002, Neural Computation 14:1771 (CD); Tieleman 2008 (PCD)",
)
class BernoulliRBM(RestrictedBoltzmannMachine):
    """E(v, h) = −vᵀWh − bᵀv − cᵀh over binary v and h; p(h_j = 1 | v) = σ(c_j + (vW)_j).

    Inputs between 0 and 1 are taken as probabilities.

    With ``hidden_units: gaussian`` the energy has Σ h²/2 more and the code is real,
    p(h_j | v) = N(c_j + (vW)_j, 1), as at the top of a deep autoencoder (Hinton & Salakhutdinov
    2006); it wants a learning rate of a hundredth.

    ``doubling`` is for what will be a layer of a deep Boltzmann machine, ``up`` for the first,
    ``down`` for the last and ``both`` in between (Salakhutdinov & Hinton 2009, section 3.1). A
    doubled side has two copies with tied weights, in the place of the layer that is missing beyond
    the other side. With n copies of v and m of h, and states their averages,
    E = −nm vᵀWh − n bᵀv − m cᵀh, p(h = 1 | v) = σ(c + n vW), p(v = 1 | h) = σ(b + m hWᵀ). The
    gradient is that of one copy of each.
    """

    hidden_units: str = choice(
        "bernoulli", ("bernoulli", "gaussian"), meaning="kind of hidden units",
        reference="Hinton & Salakhutdinov 2006 (gaussian, for a linear code)",
    )  # fmt: skip
    doubling: str = choice(
        "none", tuple(COPIES), meaning="which input is doubled: the hidden units' from below (up), "
        "the visible units' from above (down), or both",
        reference="Salakhutdinov & Hinton 2009, section 3.1",
    )  # fmt: skip

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what is meant for binary hidden units, and the likelihood of a doubled machine."""
        super().check(values)
        if values["doubling"] != "none" and values["annealing.temperatures"]:
            rule = "must be 0 with `doubling`: half of a deep machine has no likelihood of its own"
            raise HyperparameterError("annealing.temperatures", rule, values["doubling"])
        if values["doubling"] != "none" and values["temperatures"] > 1:
            rule = "must be 1 where a side is doubled"
            raise HyperparameterError("temperatures", rule, values["temperatures"])
        if values["hidden_units"] != "gaussian":
            return
        for path, off in (("doubling", "none"), ("sparsity.weight", 0)):
            if values[path] != off:
                rule = f"must be {off} with `hidden_units: gaussian`"
                raise HyperparameterError(path, rule, values[path])

    @property
    def measurable(self) -> bool:
        """Not while it is doubled; else where it is exact, or asked for."""
        return self.doubling == "none" and super().measurable

    @property
    def copies(self) -> tuple[int, int]:
        """How many copies of the visible and of the hidden units there are."""
        return COPIES[self.doubling]

    @property
    def activation(self) -> str:
        """The identity where the hidden units are Gaussian."""
        return "sigmoid" if self.hidden_units == "bernoulli" else "identity"

    @property
    def hidden_side(self) -> Units:
        """Bernoulli units, of one or two copies, or Gaussian ones of variance 1."""
        return Bernoulli(self.copies[1]) if self.hidden_units == "bernoulli" else Gaussian()

    def visible_side(self, v_TBV: Tensor) -> Units:
        """Bernoulli units, of one or two copies."""
        return Bernoulli(self.copies[0])

    def visible_energy(self, v_TBV: Tensor) -> Tensor:
        """−n bᵀv, (T, B)."""
        return self.copies[0] * super().visible_energy(v_TBV)

    def hidden_input(self, v_TBV: Tensor) -> Tensor:
        """c + n vW, (T, B, H)."""
        visible, _ = self.copies
        return super().hidden_input(v_TBV if visible == 1 else visible * v_TBV)

    def visible_input(self, h_TBH: Tensor) -> Tensor:
        """b + m hWᵀ, (T, B, V)."""
        _, hidden = self.copies
        return super().visible_input(h_TBH if hidden == 1 else hidden * h_TBH)

    def sensitivity(self) -> Tensor:
        """n W, (T, V, H)."""
        return self.copies[0] * self.parameters["weight"]

    def first_visible_bias(self, mean_TV: Tensor) -> Tensor:
        """The log-odds of the data."""
        return mean_TV.clamp(0.01, 0.99).logit()

    def meet(self, x_TNV: Tensor) -> None:
        """Refuse inputs that are no probabilities, and start as every machine does."""
        require_probabilities(self.name, x_TNV)
        super().meet(x_TNV)

    def machine(self) -> Machine:
        """The tensors of the partition function.

        Raises:
            InputError: the machine is doubled.
        """
        if self.doubling != "none":
            raise InputError(
                self.name, "has no likelihood of its own while it is doubled", self.doubling,
                "It is a part of a deep_boltzmann_machine.",
            )  # fmt: skip
        return bernoulli_machine(self.parameters, self.hidden_side)
