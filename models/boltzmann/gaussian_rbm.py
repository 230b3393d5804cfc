"""Restricted Boltzmann machine with real visible units, of fixed or learned variance."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import Draws
from ..hyperparameter import choice, default, number
from ..registry import register
from .machine import Machine, gaussian_machine
from .restricted_boltzmann_machine import Phase, RestrictedBoltzmannMachine
from .units import Bernoulli, Gaussian, Units

# Least first variance, as a share of the inputs' mean variance.
FLATTEST = 0.01
# How far log σ² may go from where it started: a factor of a thousand either way.
WIDEST = 7.0
# Longest gradient of log σ²: a chain far from the data weighs by its squared distance.
STEEPEST = 1.0


@register(
    "gaussian_rbm",
    equation="E(v, h) = Σ_i (v_i − b_i)²/(2σ_i²) − Σ_ij (v_i/σ_i²) W_ij h_j − cᵀh",
    paper="Hinton & Salakhutdinov 2006, Science 313:504; Cho, Ilin & Raiko 2011, ICANN (energy)",
)
class GaussianRBM(RestrictedBoltzmannMachine):
    """E(v, h) = Σ_i (v_i − b_i)²/(2σ_i²) − Σ_ij (v_i/σ_i²) W_ij h_j − cᵀh over real v, binary h.

    p(v | h) = N(b + Wh, σ²) and p(h_j = 1 | v) = σ(c_j + Σ_i v_i W_ij/σ_i²). The variance starts at
    the data's (times ``initial_variance``) and is fixed, or learned as its logarithm z with the
    gradient e^(−z) ⟨(v − b)²/2 − v · (hWᵀ)⟩ (Cho, Ilin & Raiko 2011, equation 6), kept within ±1.
    The gradients of W and b are multiplied by σ²: the machine then learns the same from inputs in
    any unit, and an input whose variance falls does not learn ever faster. Real units have no
    ceiling, so that the learning rate is smaller than with binary ones (Hinton 2012, section 13.2).
    """

    learning_rate = default(0.01)
    variance: str = choice(
        "fixed", ("fixed", "learned"), meaning="whether the visible variance is learned",
        reference="Cho, Ilin & Raiko 2011",
    )  # fmt: skip
    initial_variance: Tensor = number(
        1.0, low=0.0, high=100.0, admits_low=False, logarithmic=True,
        meaning="visible variance at first, or where it is fixed",
        unit="share of each input's variance in the data",
    )  # fmt: skip

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Small weights, biases at 0, variances at 1."""
        parameters = super().initialise(draws)
        return parameters | {"log_variance": torch.zeros_like(parameters["visible_bias"])}

    def meet(self, x_TNV: Tensor) -> None:
        """Start variances and visible biases at the data's, and the weights in its units."""
        variance_TV = x_TNV.var(1, correction=0)
        # An input that is constant has no scale of its own.
        typical_T1 = variance_TV.mean(-1, keepdim=True)
        floor_T1 = torch.where(typical_T1 > 0, FLATTEST * typical_T1, 1.0)
        first_TV = self.initial_variance[:, None] * variance_TV.maximum(floor_T1)
        self.parameters["weight"].mul_(first_TV.sqrt()[..., None])
        self.parameters["log_variance"] = first_TV.log()
        self.state["log_variance"] = first_TV.log()
        super().meet(x_TNV)

    @property
    def output_activation(self) -> str:
        """A reconstruction is the visible units' input itself."""
        return "identity"

    @property
    def hidden_side(self) -> Units:
        """Bernoulli units."""
        return Bernoulli()

    def visible_side(self, v_TBV: Tensor) -> Units:
        """Gaussian units of the model's variance."""
        return Gaussian(self.parameters["log_variance"].exp())

    @property
    def precision(self) -> Tensor:
        """1/σ², (T, V)."""
        return (-self.parameters["log_variance"]).exp()

    def visible_energy(self, v_TBV: Tensor) -> Tensor:
        """Σ (v − b)²/(2σ²), (T, B)."""
        distance = v_TBV - self.parameters["visible_bias"][:, None]
        return (distance.square() * self.precision[:, None]).sum(-1) / 2

    def presented(self, v_TBV: Tensor) -> Tensor:
        """v/σ², (T, B, V)."""
        return v_TBV * self.precision[:, None]

    def sensitivity(self) -> Tensor:
        """W/σ², (T, V, H)."""
        return self.parameters["weight"] * self.precision[..., None]

    def contrast(self, data: Phase, chain: Phase) -> dict[str, Tensor]:
        """As for every machine; with a learned variance also that of its logarithm."""
        gradients = super().contrast(data, chain)
        if self.variance == "learned":
            gap = self.share.mean(self._pull(chain) - self._pull(data))
            gradients["log_variance"] = gap.clamp(-STEEPEST, STEEPEST)
        return gradients

    def constrain(self, draws: Draws) -> None:
        """Keep the variance within reason, and the weights within their norm."""
        super().constrain(draws)
        if self.variance == "learned":
            first = self.state["log_variance"]
            self.parameters["log_variance"].clamp_(first - WIDEST, first + WIDEST)

    def machine(self) -> Machine:
        """The tensors of the partition function."""
        return gaussian_machine(self.parameters)

    def _pull(self, phase: Phase) -> Tensor:
        """mean −∂E/∂log σ² = mean ((v − b)²/2 − v · (hWᵀ))/σ², (T, V)."""
        bias_T1V = self.parameters["visible_bias"][:, None]
        toward_TBV = self.visible_input(phase.mean_TBH) - bias_T1V
        energy_TBV = (phase.v_TBV - bias_T1V).square() / 2 - phase.v_TBV * toward_TBV
        return energy_TBV.mean(1) * self.precision
