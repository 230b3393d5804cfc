"""Restricted Boltzmann machine with Bernoulli units, trained by contrastive divergence."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..draws import Draws
from ..hyperparameter import default, structural
from ..network import Network
from ..registry import register
from ..trial_axis import interleaved, product


@register(
    "bernoulli_rbm",
    equation="E(v, h) = −vᵀWh − bᵀv − cᵀh,  F(v) = −bᵀv − Σ_j softplus(c_j + (vW)_j)",
    paper="Smolensky 1986; Hinton 2002, Neural Computation 14:1771 (CD); Tieleman 2008 (PCD)",
)
class BernoulliRBM(Network):
    """E(v, h) = −vᵀWh − bᵀv − cᵀh over binary v and h; p(h_j = 1 | v) = σ(c_j + (vW)_j).

    The gradient is the difference of ⟨v hᵀ⟩ under the data and under a Gibbs chain of
    ``gibbs_steps`` full steps that starts at the data (contrastive divergence), or at persistent
    particles that go on from step to step (``persistent``). Inputs between 0 and 1 are taken as
    probabilities.
    """

    hidden = default(128)
    optimiser = default("momentum")
    learning_rate = default(0.05)
    momentum = default(0.5)
    gibbs_steps: int = structural(
        1, low=1, high=1000, meaning="full Gibbs steps of the negative phase (the k of CD-k)",
        unit="Gibbs steps", reference="Hinton 2002",
    )  # fmt: skip
    persistent: bool = structural(
        False, meaning="whether chains persist from step to step (PCD)", reference="Tieleman 2008"
    )
    particles: int = structural(
        100, low=1, high=100_000, meaning="persistent chains per trial", unit="chains"
    )

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Weights from N(0, 0.01²) (Hinton 2012, section 8); biases at 0."""
        weight = 0.01 * draws.normal("initialise/weight", self.visible, self.hidden)
        zeros = torch.zeros(self.trials, self.hidden, dtype=self.dtype, device=self.device)
        return {
            "weight": interleaved(weight.expand(self.trials, -1, -1)),
            "hidden_bias": zeros,
            "visible_bias": zeros.new_zeros(self.trials, self.visible),
        }

    def meet(self, x_TNV: Tensor) -> None:
        """Start the visible biases at the log-odds of the data (Hinton 2012, section 8.1)."""
        share = x_TNV.mean(1).clamp(0.01, 0.99)
        self.parameters["visible_bias"] = torch.log(share / (1 - share)).repeat(
            self.trials // share.shape[0], 1
        )
        if self.persistent:
            start = self.draws().uniform("particles", self.particles, self.visible)
            self.state["particles"] = (
                (start < 0.5).to(self.dtype).repeat(self.trials // start.shape[0], 1, 1)
            )

    def gradients(self, x_TBV: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """⟨·⟩ under the chain minus ⟨·⟩ under the data.

        Reports ``loss``, the free-energy difference F(data) − F(chain), and
        ``reconstruction_error`` of the mean-field reconstruction.
        """
        positive_TBH = self.encode(x_TBV)
        start = self.state["particles"] if self.persistent else x_TBV
        chain_TBV, negative_TBH = self.gibbs(start, positive_TBH, draws)
        if self.persistent:
            self.state["particles"] = chain_TBV
        error_T = (self.decode(positive_TBH) - x_TBV).square().sum(-1).mean(-1)
        gradients = {
            "weight": correlation(chain_TBV, negative_TBH) - correlation(x_TBV, positive_TBH),
            "hidden_bias": negative_TBH.mean(1) - positive_TBH.mean(1),
            "visible_bias": chain_TBV.mean(1) - x_TBV.mean(1),
        }
        loss_T = self.free_energy(x_TBV).mean(-1) - self.free_energy(chain_TBV).mean(-1)
        return gradients, {"loss": loss_T, "reconstruction_error": error_T}

    def gibbs(self, start_TBV: Tensor, hidden_TBH: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """``gibbs_steps`` full steps from a start; returns the last v and p(h | v)."""
        probability = self.encode(start_TBV) if self.persistent else hidden_TBH
        visible = start_TBV
        for step in range(self.gibbs_steps):
            h = sampled(probability, draws, f"gibbs/{step}/hidden")
            visible = sampled(self.decode(h), draws, f"gibbs/{step}/visible")
            probability = self.encode(visible)
        return visible, probability

    def encode(self, x_TBV: Tensor) -> Tensor:
        """p(h = 1 | v), (T, B, H)."""
        return torch.sigmoid(self._hidden_input(x_TBV))

    def decode(self, code_TBH: Tensor) -> Tensor:
        """p(v = 1 | h), (T, B, V)."""
        return torch.sigmoid(
            torch.baddbmm(
                self.parameters["visible_bias"][:, None], code_TBH, self.parameters["weight"].mT
            )
        )

    def slope(self, code_TBH: Tensor) -> Tensor:
        """σ'(a) = p(1 − p), (T, B, H)."""
        return code_TBH * (1 - code_TBH)

    def free_energy(self, v_TBV: Tensor) -> Tensor:
        """F(v) = −bᵀv − Σ_j softplus(c_j + (vW)_j), (T, B), in nats."""
        linear = (v_TBV @ self.parameters["visible_bias"][..., None])[..., 0]
        return -linear - softplus(self._hidden_input(v_TBV)).sum(-1)

    def evaluate(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        """The measures, and ``free_energy_gap``: mean F(x) − mean F(training data), in nats.

        A gap that grows says that the machine begins to know its training data by heart (Hinton
        2012, section 6).
        """
        like_many = train_TNV[:, : x_TNV.shape[1]]
        with torch.no_grad():
            gap = self.free_energy(x_TNV).mean(-1) - self.free_energy(like_many).mean(-1)
        return super().evaluate(x_TNV, train_TNV) | {"free_energy_gap": gap}

    @torch.no_grad()
    def sample(self, count: int, steps: int, draws: Draws) -> Tensor:
        """p(v | h) after that many Gibbs steps from random states, (T, count, V)."""
        start = draws.uniform("sample/start", count, self.visible)
        visible = (start < 0.5).to(self.dtype).expand(self.trials, -1, -1)
        probability = visible
        for step in range(steps):
            h = sampled(self.encode(visible), draws, f"sample/{step}/hidden")
            probability = self.decode(h)
            visible = sampled(probability, draws, f"sample/{step}/visible")
        return probability

    def score_samples(self, x_TBV: Tensor) -> Tensor:
        """−F(v), the log-likelihood up to the partition function, (T, B)."""
        return -self.free_energy(x_TBV)

    def _hidden_input(self, x_TBV: Tensor) -> Tensor:
        return product(x_TBV, self.parameters["weight"]) + self.parameters["hidden_bias"][:, None]


def correlation(v_TBV: Tensor, h_TBH: Tensor) -> Tensor:
    """mean_b v hᵀ, (T, V, H); one wide product where the visibles are shared."""
    return product(v_TBV.mT, h_TBH) / h_TBH.shape[1]


def sampled(probability: Tensor, draws: Draws, purpose: str) -> Tensor:
    """Bernoulli states of these probabilities, same shape and type."""
    return (draws.uniform(purpose, *probability.shape[1:]) < probability).to(probability.dtype)
