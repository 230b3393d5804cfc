"""A machine of two sides of units, each side independent given the other; energies and passes.

E(v, h) = e(v) − u(v)ᵀWh − cᵀh,  F(v) = e(v) − Σ_j A(a_j),  a = c + u(v)W

with e the energy of the visible units alone, u what of them meets the weight (v itself, or v/σ²),
and A the log-normaliser of the hidden kind (:mod:`.units`).
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from ..activations import ACTIVATIONS
from ..autoencoders.autoencoder import Autoencoder
from ..contraction import jacobian_norm
from ..draws import Draws
from ..measures import ROWS
from ..trial_axis import affine, product
from ..unrolling import untied
from .partition import Normaliser
from .partitioned_machine import PartitionedMachine
from .pseudo_likelihood import mean_log_pseudo_likelihood
from .tempering import Heat
from .units import Bernoulli, Units


class BipartiteMachine(PartitionedMachine):
    """What is known of a machine from its weights. A variant says which units, e and u it has."""

    closed_jacobian = True

    @property
    def activation(self) -> str:
        """What the code makes of the hidden units' input."""
        return "sigmoid"

    @property
    def output_activation(self) -> str:
        """What the reconstruction makes of the visible units' input."""
        return "sigmoid"

    @property
    @abstractmethod
    def hidden_side(self) -> Units:
        """The kind of hidden units."""

    @abstractmethod
    def visible_side(self, v_TBV: Tensor) -> Units:
        """The kind of visible units; of documents it depends on the states, by their length."""

    def visible_energy(self, v_TBV: Tensor) -> Tensor:
        """e(v), the energy of the visible units alone, (T, B); −bᵀv unless a variant differs."""
        return -product(v_TBV, self.parameters["visible_bias"][..., None])[..., 0]

    def presented(self, v_TBV: Tensor) -> Tensor:
        """u(v), what of the visible states meets the weight, same shape; v unless it differs."""
        return v_TBV

    def hidden_input(self, v_TBV: Tensor) -> Tensor:
        """a = c + u(v)W, (T, B, H)."""
        parameters = self.parameters
        return affine(self.presented(v_TBV), parameters["weight"], parameters["hidden_bias"])

    def hidden_rest(self, v_TBV: Tensor, mean_TV: Tensor) -> Tensor:
        """The hidden units' input from the mean visible state, for each of v, (T, 1 or B, H)."""
        return self.hidden_input(mean_TV[:, None])

    def visible_input(self, h_TBH: Tensor) -> Tensor:
        """b + hWᵀ, (T, B, V)."""
        return affine(h_TBH, self.parameters["weight"].mT, self.parameters["visible_bias"])

    def sweep(
        self,
        v_TBV: Tensor,
        input_TBH: Tensor,
        draws: Draws,
        purpose: str,
        mean_TBH: Tensor | None = None,
        heat: Heat | None = None,
    ) -> tuple[Tensor, Tensor]:
        """A full Gibbs step: h ~ p(h | v), then v′ ~ p(v | h).

        Args:
            v_TBV: the states it starts from.
            input_TBH: the input of their hidden units.
            mean_TBH: E[h | v] where it is known.
            heat: the temperature of each state where it is not the machine's own.

        Returns:
            v′ and E[v′ | h], (T, B, V) each.
        """
        if heat is not None:
            input_TBH = heat.hidden(input_TBH)
        h_TBH = self.hidden_side.sample(input_TBH, draws, f"{purpose}/hidden", mean_TBH)
        input_TBV = self.visible_input(h_TBH)
        if heat is not None:
            input_TBV = heat.visible(input_TBV)
        units = self.visible_side(v_TBV)
        mean_TBV = units.mean(input_TBV)
        return units.sample(input_TBV, draws, f"{purpose}/visible", mean_TBV), mean_TBV

    def start(self, count: int, draws: Draws, purpose: str, x_TNV: Tensor | None = None) -> Tensor:
        """States of the machine without weights, (T, count, V), for chains to start from.

        Args:
            x_TNV: data that the chains are to be compared with; matters to documents' lengths.
        """
        bias_TCV = self.parameters["visible_bias"][:, None].expand(-1, count, -1)
        return self.visible_side(bias_TCV).sample(bias_TCV, draws, purpose)

    @torch.no_grad()
    def sample(self, count: int, steps: int, draws: Draws) -> Tensor:
        """E[v | h] after that many Gibbs steps (at least 1), (T, count, V)."""
        v_TCV = mean_TCV = self.start(count, draws, "sample/start")
        for step in range(steps):
            input_TCH = self.hidden_input(v_TCV)
            v_TCV, mean_TCV = self.sweep(v_TCV, input_TCH, draws, f"sample/{step}")
        return mean_TCV

    def encode(self, x_TBV: Tensor) -> Tensor:
        """The code of v, (T, B, H): E[h | v], or its noiseless form for rectified units."""
        return ACTIVATIONS[self.activation].apply(self.hidden_input(x_TBV))

    def decode(self, code_TBH: Tensor) -> Tensor:
        """E[v | h], (T, B, V)."""
        return ACTIVATIONS[self.output_activation].apply(self.visible_input(code_TBH))

    def sensitivity(self) -> Tensor:
        """∂a/∂v, (T, V, H)."""
        return self.parameters["weight"]

    def slope(self, code_TBH: Tensor) -> Tensor:
        """The derivative of the code with respect to a, (T, B, H)."""
        return ACTIVATIONS[self.activation].slope(code_TBH)

    def jacobian(self, x_TBV: Tensor) -> Tensor:
        """∂code_j/∂v_i = slope_j · ∂a_j/∂v_i, (T, B, H, V)."""
        return self.slope(self.encode(x_TBV))[..., None] * self.sensitivity().mT[:, None]

    def jacobian_norm(self, x_TBV: Tensor, code_TBH: Tensor) -> Tensor:
        """√(Σ_j slope_j² ‖∂a_j/∂v‖²), (T, B)."""
        return jacobian_norm(self.sensitivity(), self.slope(code_TBH))

    def unrolled(self) -> Autoencoder:
        """An untied autoencoder that encodes and decodes as this machine does."""
        each_hidden = torch.eye(self.hidden, dtype=self.dtype, device=self.device)[None]
        inward = self.visible_input(each_hidden)
        passes = {
            "weight": self.sensitivity(),
            "hidden_bias": self.parameters["hidden_bias"],
            "decoder_weight": inward - self.parameters["visible_bias"][:, None],
            "decoder_bias": self.parameters["visible_bias"],
        }
        return untied(self, passes, self.activation, self.output_activation)

    def free_energy(self, v_TBV: Tensor) -> Tensor:
        """F(v) = −log Σ_h exp(−E(v, h)) = e(v) − Σ_j A(a_j), (T, B), in nats."""
        return self.free_energy_at(v_TBV, self.hidden_input(v_TBV))

    def free_energy_at(self, v_TBV: Tensor, input_TBH: Tensor) -> Tensor:
        """F(v) of states whose hidden units' input is known, (T, B), in nats."""
        return self.visible_energy(v_TBV) - self.hidden_side.log_normaliser(input_TBH).sum(-1)

    def score_samples(self, x_TBV: Tensor) -> Tensor:
        """−F(v), the log-likelihood up to the partition function, (T, B)."""
        return -self.free_energy(x_TBV)

    def log_unnormalised(self, v_TBV: Tensor) -> Tensor:
        """−F(v), (T, B), in nats."""
        return -self.free_energy(v_TBV)

    def log_likelihood(self, v_TBV: Tensor, normaliser: Normaliser | None = None) -> Tensor:
        """log p(v) = −F(v) − log Z, (T, B), in nats.

        Exact where one side has at most 20 binary units; else with log Z estimated at 1 000
        temperatures by 100 chains, which does not depend on v.

        Args:
            normaliser: log Z where it is known, and says whether it is reliable.

        Raises:
            InputError: log Z is neither exact nor can it be estimated.
        """
        return self.log_normalised(v_TBV, normaliser)

    def along_chains(self, states_TCV: Tensor, steps: int, draws: Draws) -> Tensor:
        """−F of the states along Gibbs chains from these ones, (T, C, steps)."""
        v_TCV, found = states_TCV, []
        for step in range(steps):
            input_TCH = self.hidden_input(v_TCV)
            found.append(-self.free_energy_at(v_TCV, input_TCH))
            v_TCV, _ = self.sweep(v_TCV, input_TCH, draws, f"{step}")
        return torch.stack(found, -1)

    def evaluate(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        """The measures; ``free_energy_gap``, and of binary units ``pseudo_likelihood``, in nats.

        The gap is mean F(x) − mean F(training data): one that grows says that the machine begins to
        know its training data by heart (Hinton 2012, section 6).
        """
        measures = super().evaluate(x_TNV, train_TNV)
        gap = self._mean_free_energy(x_TNV)
        measures["free_energy_gap"] = gap - self._mean_free_energy(train_TNV[:, : x_TNV.shape[1]])
        if self.visible_side(x_TNV) == Bernoulli():
            found = mean_log_pseudo_likelihood(self.free_energy, x_TNV, self.draws())
            measures["pseudo_likelihood"] = found
        return measures

    @torch.no_grad()
    def _mean_free_energy(self, v_TNV: Tensor) -> Tensor:
        samples = v_TNV.shape[1]
        parts = torch.split(v_TNV[:, self.share.part(samples)], ROWS, dim=1)
        total_T = torch.cat([self.free_energy(v_TBV) for v_TBV in parts], dim=1).sum(-1)
        return self.share.summed({"energy": total_T})["energy"] / samples
