"""How restricted Boltzmann machines learn: statistics of the data against those of chains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..draws import Draws
from ..errors import HyperparameterError
from ..hyperparameter import default, number, part, structural
from ..measures import ROWS
from ..optimisers import OPTIMISERS, Optimiser
from ..trial_axis import interleaved
from .bipartite_machine import BipartiteMachine
from .centring import Centring, centred
from .gibbs import correlation_gap
from .max_norm import limit_norms
from .sparsity_target import SparsityTarget
from .tempering import Heat, exchange_log_odds, exchanged, inverse_temperatures, partners


class Phase(NamedTuple):
    """Visible states of the positive or the negative phase, with E[h | v]."""

    v_TBV: Tensor
    input_TBH: Tensor
    mean_TBH: Tensor


class RestrictedBoltzmannMachine(BipartiteMachine):
    """T machines whose gradient is the difference of ⟨u(v) hᵀ⟩ under the data and under chains.

    The chains take ``gibbs_steps`` full Gibbs steps from the data (contrastive divergence), or go
    on from step to step (``persistent``), at one or at several ``temperatures``. Persistent chains
    must mix faster than the weights move: a learning rate some times smaller.
    """

    hidden = default(128)
    optimiser = default("momentum")
    learning_rate = default(0.1)
    momentum = default(0.9)
    initial_momentum: Tensor = number(
        0.5, low=0.0, high=1.0, admits_high=False, meaning="momentum up to momentum_switch",
        unit="per step", reference="Hinton 2012, section 9",
    )  # fmt: skip
    momentum_switch: Tensor = number(
        0.0, low=0.0, high=1.0, meaning="when initial_momentum gives way to momentum",
        unit="share of training", reference="Hinton 2012, section 9",
    )  # fmt: skip
    gibbs_steps: int = structural(
        1, low=1, high=1000, meaning="full Gibbs steps of the negative phase (the k of CD-k)",
        unit="Gibbs steps", reference="Hinton 2002",
    )  # fmt: skip
    persistent: bool = structural(
        False, meaning="whether chains persist from step to step (PCD)", reference="Tieleman 2008"
    )
    particles: int = structural(
        100, low=1, high=100_000, meaning="persistent chains per trial (and per temperature)",
        unit="chains",
    )  # fmt: skip
    temperatures: int = structural(
        1, low=1, high=1000, meaning="temperatures of the persistent chains (1: no tempering)",
        unit="temperatures", reference="Desjardins et al. 2010; Cho, Raiko & Ilin 2010",
    )  # fmt: skip
    centring: Centring = part(Centring)
    sparsity: SparsityTarget = part(SparsityTarget)
    max_norm: Tensor = number(
        0.0, low=0.0, meaning="largest norm of a hidden unit's incoming weights (0: any)",
        unit="Euclidean norm", reference="Hinton et al. 2012, arXiv:1207.0580, section 2",
    )  # fmt: skip

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse tempering without persistence, and a momentum schedule of another optimiser."""
        super().check(values)
        if values["temperatures"] > 1 and not values["persistent"]:
            raise HyperparameterError(
                "temperatures", "above 1 need persistent chains", values["temperatures"],
                "Write `persistent: true`.",
            )  # fmt: skip
        if values["momentum_switch"] > 0 and values["optimiser"] != "momentum":
            raise HyperparameterError(
                "momentum_switch", "needs the optimiser `momentum`", values["optimiser"]
            )

    @classmethod
    def indivisible(cls, values: Mapping[str, Any]) -> str:
        """Empty: the gradient is made of means over the data and over chains."""
        return ""

    def first_visible_bias(self, mean_TV: Tensor) -> Tensor:
        """The visible biases with which a machine without weights has the data's mean, (T, V)."""
        return mean_TV

    def centre(self, v_TBV: Tensor) -> Tensor:
        """The mean that centring measures these visible states from, (1 or T, V)."""
        return v_TBV.mean(1)

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Weights from N(0, 0.01²) (Hinton 2012, section 8); biases at 0."""
        weight = 0.01 * draws.normal("initialise/weight", self.visible, self.hidden)
        zeros = torch.zeros(self.trials, self.hidden, dtype=self.dtype, device=self.device)
        return {
            "weight": interleaved(weight.expand(self.trials, -1, -1)),
            "hidden_bias": zeros,
            "visible_bias": zeros.new_zeros(self.trials, self.visible),
        }

    def make_optimiser(self) -> Optimiser:
        """The optimiser, with the schedule of its momentum."""
        return OPTIMISERS[self.optimiser](
            self.learning_rate, self.momentum, self.weight_decay, self.learning_rate_decay,
            self.initial_momentum, self.momentum_switch,
        )  # fmt: skip

    def meet(self, x_TNV: Tensor) -> None:
        """Start the visible biases at the data's mean (Hinton 2012, section 8.1), and the state."""
        super().meet(x_TNV)
        bias_TV = self.first_visible_bias(x_TNV.mean(1))
        self.parameters["visible_bias"] = bias_TV.expand(self.trials, -1).clone()
        if self.persistent:
            start = self.start(self.particles, self.draws(), "particles", x_TNV)
            self.state["particles"] = start.repeat(1, self.temperatures, 1)
            self.state["age"] = start.new_zeros(self.trials)
        few_TBV = x_TNV[:, :ROWS]
        if self.sparsity.active:
            self.state["activity"] = self._activity(few_TBV)
        if self.centring.active:
            centre = self.centre(few_TBV).expand(self.trials, -1)
            self.state["visible_offset"] = centre.clone()
            self.state["hidden_offset"] = self._activity(few_TBV)

    def persistent_states(self) -> Tensor | None:
        """The particles at the machine's own temperature, (T, P, V), where chains persist."""
        return self.state["particles"][:, : self.particles] if self.persistent else None

    def gradients(self, x_TBV: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """⟨·⟩ under the chains minus ⟨·⟩ under the data.

        With the chains' states held fixed it is the derivative of ``loss``, the difference of mean
        free energies F(data) − F(chains), up to factors that a variant names. Also reported are
        ``reconstruction_error``, of E[v | h] with a *sampled* h in contrastive divergence, where
        the chain has it, and of the mean code where chains persist; ``particle_age``, Gibbs steps
        since these started; and ``swap_rate``, the share of exchanges between temperatures that
        were accepted.
        """
        data = self._phase(x_TBV, self.hidden_input(x_TBV))
        if self.persistent:
            # Every worker lets all the chains go on: there is no share of a state that persists.
            chain, reported = self._persisting(data, draws.whole())
            seen_TBV = self.reconstruct(x_TBV)
        else:
            v_TBV, seen_TBV = self.gibbs(data, draws)
            chain, reported = self._phase(v_TBV, self.hidden_input(v_TBV)), {}
        fall_T = self._mean_free_energy_at(data) - self._mean_free_energy_at(chain)
        reported |= {
            "loss": fall_T,
            "reconstruction_error": (seen_TBV - x_TBV).square().sum(-1).mean(-1),
        }
        return self._regularised(self.contrast(data, chain), data, chain), reported

    def gibbs(self, data: Phase, draws: Draws) -> tuple[Tensor, Tensor]:
        """The visible states ``gibbs_steps`` full steps on, and E[v | h] of the first step."""
        v_TBV, first_TBV = self.sweep(*data[:2], draws, "gibbs/0", data.mean_TBH)
        for step in range(1, self.gibbs_steps):
            v_TBV, _ = self.sweep(v_TBV, self.hidden_input(v_TBV), draws, f"gibbs/{step}")
        return v_TBV, first_TBV

    def contrast(self, data: Phase, chain: Phase) -> dict[str, Tensor]:
        """⟨v hᵀ⟩, ⟨h⟩ and ⟨v⟩ of the chains minus those of the data, by parameter name."""
        return {
            "weight": correlation_gap(*chain[::2], *data[::2]),
            "hidden_bias": chain.mean_TBH.mean(1) - data.mean_TBH.mean(1),
            "visible_bias": chain.v_TBV.mean(1) - data.v_TBV.mean(1),
        }

    def constrain(self, draws: Draws) -> None:
        """Shorten the incoming weights that are longer than ``max_norm``."""
        if any(trial["max_norm"] > 0 for trial in self.settings):
            limit_norms(self.parameters["weight"], self.max_norm)

    def _persisting(self, data: Phase, draws: Draws) -> tuple[Phase, dict[str, Tensor]]:
        """Let the particles go on; those at the machine's own temperature, and what to report."""
        v_TLV, count = self.state["particles"], self.temperatures
        input_TLH = self.hidden_input(v_TLV)
        heat = self._heat(v_TLV, data) if count > 1 else None
        swaps = []
        for step in range(self.gibbs_steps):
            v_TLV, _ = self.sweep(v_TLV, input_TLH, draws, f"gibbs/{step}", heat=heat)
            input_TLH = self.hidden_input(v_TLV)
            if heat is not None:
                partner_K = partners(count, draws.step * self.gibbs_steps + step, v_TLV.device)
                odds_TKP = exchange_log_odds(input_TLH, heat, self.hidden_side, partner_K)
                v_TLV, input_TLH, swapped_T = exchanged(
                    v_TLV, input_TLH, odds_TKP, partner_K, draws, f"gibbs/{step}/exchange"
                )
                swaps.append(swapped_T)
        self.state["particles"] = v_TLV
        self.state["age"] = self.state["age"] + self.gibbs_steps
        reported = {"particle_age": self.state["age"]}
        if swaps:
            reported["swap_rate"] = torch.stack(swaps).mean(0)
        own = slice(v_TLV.shape[1] // count)
        return self._phase(v_TLV[:, own], input_TLH[:, own]), reported

    def _heat(self, v_TLV: Tensor, data: Phase) -> Heat:
        """The particles' temperatures; the hottest units are on as often as in the data."""
        hidden_TH = self.share.mean(data.mean_TBH.mean(1))
        particles = v_TLV.shape[1] // self.temperatures
        return Heat(
            inverse_temperatures(self.temperatures, particles, v_TLV),
            self.hidden_rest(v_TLV, self.share.mean(self.centre(data.v_TBV))),
            self.visible_input(hidden_TH[:, None]),
            hidden_TH,
        )

    def _regularised(
        self, gradients: dict[str, Tensor], data: Phase, chain: Phase
    ) -> dict[str, Tensor]:
        """The gradients, centred and drawn towards the sparsity target where that is asked for."""
        state = self.state
        if self.centring.active:
            for name, own, other in (
                ("visible_offset", self.centre(data.v_TBV), self.centre(chain.v_TBV)),
                ("hidden_offset", data.mean_TBH.mean(1), chain.mean_TBH.mean(1)),
            ):
                own, other = self.share.mean(own), self.share.mean(other)
                state[name] = self.centring.moved(state[name], own, other)
            offset_TV = state["visible_offset"]
            presented_TV = self.presented(offset_TV[:, None])[:, 0]
            gradients = centred(gradients, offset_TV, presented_TV, state["hidden_offset"])
        if self.sparsity.active:
            mean_TH = self.share.mean(data.mean_TBH.mean(1))
            state["activity"] = self.sparsity.moved(state["activity"], mean_TH)
            gradients = self.sparsity.added(gradients, state["activity"], data.v_TBV.mean(1))
        return gradients

    def _phase(self, v_TBV: Tensor, input_TBH: Tensor) -> Phase:
        return Phase(v_TBV, input_TBH, self.hidden_side.mean(input_TBH))

    def _activity(self, v_TBV: Tensor) -> Tensor:
        return self.hidden_side.mean(self.hidden_input(v_TBV)).mean(1)

    def _mean_free_energy_at(self, phase: Phase) -> Tensor:
        return self.free_energy_at(phase.v_TBV, phase.input_TBH).mean(-1)
