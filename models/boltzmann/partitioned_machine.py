"""Networks whose likelihood needs a partition function, and how that is come by."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..chains import effective_samples, r_hat
from ..draws import Draws
from ..hyperparameter import part
from ..measures import ROWS
from ..measures.examination import evenly
from ..network import Network
from .annealing import CHAINS, TEMPERATURES, Annealing, trace
from .likelihood import enumerable
from .machine import Machine
from .partition import Normaliser, Partition, estimate, partition_of

# Gibbs steps along which the health of persistent chains is told.
_TRACED = 100


@dataclass(frozen=True, eq=False)
class _Asked:
    """What an estimate of log Z was made from; equal only to the very same tensors, unchanged."""

    near_TNV: Tensor
    temperatures: int
    chains: int
    annealed: bool
    parameters: tuple[tuple[Tensor, int], ...]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Asked)
            and self.near_TNV is other.near_TNV
            and (self.temperatures, self.chains) == (other.temperatures, other.chains)
            and self.annealed == other.annealed
            and len(self.parameters) == len(other.parameters)
            and all(
                mine is theirs and version == its
                for (mine, version), (theirs, its) in zip(
                    self.parameters, other.parameters, strict=True
                )
            )
        )


class PartitionedMachine(Network):
    """log p(v) = log p*(v) − log Z, with log Z exact or estimated between bounds."""

    bounded: ClassVar[bool] = False
    """Whether :meth:`log_unnormalised` is only a lower bound of log p*(v)."""
    wider_side_summed: ClassVar[bool] = False
    """Whether an estimate's chains live on the machine's narrower side, if both are binary."""
    annealing: Annealing = part(Annealing)
    _known: tuple[tuple[_Asked, Partition], ...] = ()

    @abstractmethod
    def machine(self) -> Machine:
        """The tensors of the partition function.

        Raises:
            InputError: there is none.
        """

    @abstractmethod
    def log_unnormalised(self, v_TBV: Tensor) -> Tensor:
        """log p*(v), or a lower bound of it, (T, B), in nats."""

    def machine_states(self, v_TBV: Tensor) -> Tensor:
        """Inputs as states of the machine's visible side; themselves unless a variant differs."""
        return v_TBV

    def persistent_states(self) -> Tensor | None:
        """States of the machine's visible side in persistent chains (T, C, V), if there are any."""
        return self.state.get("particles")

    def along_chains(self, states_TCV: Tensor, steps: int, draws: Draws) -> Tensor:
        """log p* of the states along Gibbs chains from these ones, (T, C, steps)."""
        return trace(self.machine(), states_TCV, steps, draws)

    @property
    def measurable(self) -> bool:
        """Whether a stage ends with a likelihood: where it is exact, or asked for."""
        return self.annealing.temperatures > 0 or enumerable(self.machine())

    @torch.no_grad()
    def partition(
        self,
        draws: Draws | None = None,
        temperatures: int = TEMPERATURES,
        chains: int = CHAINS,
        data_TNV: Tensor | None = None,
        *,
        annealed: bool = False,
    ) -> Partition:
        """log Z of each trial, exact where one side has at most 20 binary units.

        Args:
            draws: the randomness of an estimate; left out, that of the trials' seeds.
            temperatures, chains: of an estimate.
            data_TNV: samples near which downward chains start; left out, the persistent particles.
                Without either they start from independent units, and seldom reach the machine's
                distribution: the estimate is then unreliable more often than it is wrong.
            annealed: whether it is estimated where it could be summed, too.

        Raises:
            InputError: the machine has no partition function, or none that can be estimated.
        """
        states = self.persistent_states()
        if data_TNV is not None:
            states = self.machine_states(evenly(data_TNV, chains, 1))
        machine, draws = self.machine(), self.draws() if draws is None else draws
        visible, hidden = machine.weight_TVH.shape[1:]
        if self.wider_side_summed and machine.binary and visible > hidden:
            if states is not None:
                input_TCH = machine.hidden_input(states)
                states = machine.hidden.sample(input_TCH, draws.within("turned"), "states")
            machine = machine.turned()
        found = estimate if annealed else partition_of
        return found(
            machine, draws, temperatures, chains,
            schedule=self.annealing.schedule, data_TNV=states,
        )  # fmt: skip

    def normaliser(
        self,
        v_TBV: Tensor,
        temperatures: int = TEMPERATURES,
        chains: int = CHAINS,
        near_TNV: Tensor | None = None,
        *,
        annealed: bool = False,
    ) -> Normaliser:
        """log Z for each of these samples (1 or T, B, V).

        Downward chains start at ``near``, or where it is left out at the samples themselves. Asked
        again with the same ``near`` before the parameters have changed, it is not computed anew.

        Args:
            annealed: whether it is estimated where it could be summed, too.
        """
        if near_TNV is None:
            partition = self.partition(None, temperatures, chains, v_TBV, annealed=annealed)
        else:
            parameters = tuple((p, p._version) for p in self.parameters.values())
            asked = _Asked(near_TNV, temperatures, chains, annealed, parameters)
            known = next((made for other, made in self._known if other == asked), None)
            if known is None:
                known = self.partition(None, temperatures, chains, near_TNV, annealed=annealed)
                # The sum and the estimate of one machine stand beside each other.
                self._known = (*self._known[-1:], (asked, known))
            partition = known
        only = torch.zeros(1, 1, dtype=torch.long, device=self.device)
        return Normaliser.chosen([partition], only)

    def log_normalised(self, v_TBV: Tensor, normaliser: Normaliser | None) -> Tensor:
        """:meth:`log_unnormalised` less log Z, (T, B), in nats."""
        found = self.normaliser(v_TBV) if normaliser is None else normaliser
        return self.log_unnormalised(v_TBV) - found.log_z_TB.to(self.dtype)

    def final_measures(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        """What a stage ends with.

        log_likelihood, …_low, …_high   mean log p(x) in nats, and the interval that log Z leaves;
                                        of deep machines log_likelihood_bound, a lower bound
        …_reliable                      1 or 0, see :class:`.Partition`
        log_likelihood_annealed, …      the same by annealing, where it is asked for beside a sum
        particle_r_hat                  whether the persistent chains agree, 1 where they do
        particle_effective_samples      independent samples that 100 steps of them are worth

        The likelihood is there where it is exact, or asked for by ``annealing.temperatures``.
        """
        return self._likelihood(x_TNV, train_TNV) | self._health()

    @torch.no_grad()
    def _likelihood(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        if not self.measurable:
            return {}
        temperatures, chains = self.annealing.temperatures or TEMPERATURES, self.annealing.chains
        parts = [self.log_unnormalised(x_TBV) for x_TBV in torch.split(x_TNV, ROWS, dim=1)]
        log_p_TN = torch.cat(parts, 1).double()
        name = "log_likelihood_bound" if self.bounded else "log_likelihood"
        found = {name: self.normaliser(x_TNV, temperatures, chains, train_TNV)}
        if self.annealing.temperatures and enumerable(self.machine()):
            found[f"{name}_annealed"] = self.normaliser(
                x_TNV, temperatures, chains, train_TNV, annealed=True
            )
        measures = {}
        for called, normaliser in found.items():
            measures[called] = log_p_TN - normaliser.log_z_TB
            measures[f"{called}_low"] = log_p_TN - normaliser.high_TB
            measures[f"{called}_high"] = log_p_TN - normaliser.low_TB
            measures[f"{called}_reliable"] = normaliser.reliable_T[:, None]
        return {called: value.to(self.dtype).mean(-1) for called, value in measures.items()}

    @torch.no_grad()
    def _health(self) -> dict[str, Tensor]:
        """Of log p* along the persistent chains, where there are some."""
        states = self.persistent_states()
        if states is None:
            return {}
        log_p_TCN = self.along_chains(states, _TRACED, self.draws().within("health"))
        return {
            "particle_r_hat": r_hat(log_p_TCN),
            "particle_effective_samples": effective_samples(log_p_TCN),
        }
