"""Restricted Boltzmann machine with Bernoulli units, trained by contrastive divergence."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..contraction import jacobian_norm
from ..draws import Draws
from ..hyperparameter import default, structural
from ..measures import ROWS
from ..network import Network, require_probabilities
from ..registry import register
from ..trial_axis import affine, indicator, interleaved, product
from .gibbs import correlation, sampled
from .likelihood import log_partition


@register(
    "bernoulli_rbm",
    equation="E(v, h) = −vᵀWh − bᵀv − cᵀh,  F(v) = −bᵀv − Σ_j softplus(c_j + (vW)_j)",
    paper="Smolensky 1986; Hinton 2002, Neural Computation 14:1771 (CD); Tieleman 2008 (PCD)",
)
class BernoulliRBM(Network):
    """E(v, h) = −vᵀWh − bᵀv − cᵀh over binary v and h; p(h_j = 1 | v) = σ(c_j + (vW)_j).

    The gradient is the difference of ⟨v hᵀ⟩ under the data and under a Gibbs chain of
    ``gibbs_steps`` full steps that starts at the data (contrastive divergence), or at persistent
    particles that go on from step to step (``persistent``), which must learn more slowly than they
    mix: a learning rate some times smaller. Inputs between 0 and 1 are taken as probabilities.
    """

    closed_jacobian = True

    hidden = default(128)
    optimiser = default("momentum")
    learning_rate = default(0.1)
    momentum = default(0.9)
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
        super().meet(x_TNV)
        require_probabilities(self.name, x_TNV)
        share = x_TNV.mean(1).clamp(0.01, 0.99)
        self.parameters["visible_bias"] = share.logit().expand(self.trials, -1).clone()
        if self.persistent:
            start = self.draws().uniform("particles", self.particles, self.visible)
            states = indicator(torch.lt, start, start.new_tensor(0.5))
            self.state["particles"] = states.expand(self.trials, -1, -1).clone()

    def gradients(self, x_TBV: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """⟨·⟩ under the chain minus ⟨·⟩ under the data.

        Reports ``loss``, the free-energy difference F(data) − F(chain), and
        ``reconstruction_error`` of the mean-field reconstruction.
        """
        input_TBH = self.hidden_input(x_TBV)
        positive_TBH = torch.sigmoid(input_TBH)
        if self.persistent:
            particles = self.state["particles"]
            chain_TBV = self.gibbs(particles, self.encode(particles), draws)
            self.state["particles"] = chain_TBV
        else:
            chain_TBV = self.gibbs(x_TBV, positive_TBH, draws)
        chain_input_TBH = self.hidden_input(chain_TBV)
        negative_TBH = torch.sigmoid(chain_input_TBH)
        gradients = {
            "weight": correlation(chain_TBV, negative_TBH) - correlation(x_TBV, positive_TBH),
            "hidden_bias": negative_TBH.mean(1) - positive_TBH.mean(1),
            "visible_bias": chain_TBV.mean(1) - x_TBV.mean(1),
        }
        data_T = self._free_energy(x_TBV, input_TBH).mean(-1)
        chain_T = self._free_energy(chain_TBV, chain_input_TBH).mean(-1)
        error_T = (self.decode(positive_TBH) - x_TBV).square().sum(-1).mean(-1)
        return gradients, {"loss": data_T - chain_T, "reconstruction_error": error_T}

    def gibbs(self, v_TBV: Tensor, hidden_TBH: Tensor, draws: Draws) -> Tensor:
        """The visible states ``gibbs_steps`` full steps after v, whose p(h | v) is ``hidden``."""
        for step in range(self.gibbs_steps):
            if step:
                hidden_TBH = self.encode(v_TBV)
            h_TBH = sampled(hidden_TBH, draws, f"gibbs/{step}/hidden")
            v_TBV = sampled(self.decode(h_TBH), draws, f"gibbs/{step}/visible")
        return v_TBV

    def encode(self, x_TBV: Tensor) -> Tensor:
        """p(h = 1 | v), (T, B, H)."""
        return torch.sigmoid(self.hidden_input(x_TBV))

    def decode(self, code_TBH: Tensor) -> Tensor:
        """p(v = 1 | h), (T, B, V)."""
        parameters = self.parameters
        return torch.sigmoid(affine(code_TBH, parameters["weight"].mT, parameters["visible_bias"]))

    def slope(self, code_TBH: Tensor) -> Tensor:
        """σ'(a) = p(1 − p), (T, B, H)."""
        return code_TBH * (1 - code_TBH)

    def jacobian(self, x_TBV: Tensor) -> Tensor:
        """p_j (1 − p_j) W_ij, (T, B, H, V)."""
        return self.slope(self.encode(x_TBV))[..., None] * self.parameters["weight"].mT[:, None]

    def jacobian_norm(self, x_TBV: Tensor, code_TBH: Tensor) -> Tensor:
        """√(Σ_j (p_j (1 − p_j))² ‖W_j‖²), (T, B)."""
        return jacobian_norm(self.parameters["weight"], self.slope(code_TBH))

    def hidden_input(self, v_TBV: Tensor) -> Tensor:
        """c + vW, (T, B, H)."""
        return affine(v_TBV, self.parameters["weight"], self.parameters["hidden_bias"])

    def free_energy(self, v_TBV: Tensor) -> Tensor:
        """F(v) = −bᵀv − Σ_j softplus(c_j + (vW)_j), (T, B), in nats."""
        return self._free_energy(v_TBV, self.hidden_input(v_TBV))

    def log_likelihood(self, v_TBV: Tensor) -> Tensor:
        """log p(v) = −F(v) − log Z, (T, B), in nats.

        Raises:
            InputError: both sides are too wide for the exact partition function.
        """
        return -self.free_energy(v_TBV) - log_partition(self.parameters)[:, None]

    def score_samples(self, x_TBV: Tensor) -> Tensor:
        """−F(v), the log-likelihood up to the partition function, (T, B)."""
        return -self.free_energy(x_TBV)

    def evaluate(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        """The measures, and ``free_energy_gap``: mean F(x) − mean F(training data), in nats.

        A gap that grows says that the machine begins to know its training data by heart (Hinton
        2012, section 6).
        """
        gap = self._mean_free_energy(x_TNV)
        gap -= self._mean_free_energy(train_TNV[:, : x_TNV.shape[1]])
        return super().evaluate(x_TNV, train_TNV) | {"free_energy_gap": gap}

    @torch.no_grad()
    def sample(self, count: int, steps: int, draws: Draws) -> Tensor:
        """p(v | h) after that many Gibbs steps (at least 1) from random states, (T, count, V)."""
        start = draws.uniform("sample/start", count, self.visible)
        visible = indicator(torch.lt, start, start.new_tensor(0.5))
        probability = visible
        for step in range(steps):
            h = sampled(self.encode(visible), draws, f"sample/{step}/hidden")
            probability = self.decode(h)
            visible = sampled(probability, draws, f"sample/{step}/visible")
        return probability

    @torch.no_grad()
    def _mean_free_energy(self, v_TNV: Tensor) -> Tensor:
        parts = [self.free_energy(v_TBV) for v_TBV in torch.split(v_TNV, ROWS, dim=1)]
        return torch.cat(parts, dim=1).mean(-1)

    def _free_energy(self, v_TBV: Tensor, input_TBH: Tensor) -> Tensor:
        linear = product(v_TBV, self.parameters["visible_bias"][..., None])[..., 0]
        return -linear - softplus(input_TBH).sum(-1)
