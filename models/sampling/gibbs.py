"""Gibbs sampling of a machine of two sides, as the transition of a chain.

h ~ p(h | v),  v′ ~ p(v | h)

Its stationary distribution is the machine's own, p(v) ∝ exp(−F(v)). For the states along a chain,
from states of one's own (:func:`.chain.trajectory`); ``sample`` of the networks gives the ends of
chains that start at random.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..boltzmann.bipartite_machine import BipartiteMachine
from ..draws import Draws


@dataclass(frozen=True)
class Gibbs:
    """A transition: one full Gibbs step of a network's visible states."""

    network: BipartiteMachine

    def __call__(self, v_TBV: Tensor, draws: Draws) -> Tensor:
        """The next states (T, B, V)."""
        next_TBV, _ = self.network.sweep(v_TBV, self.network.hidden_input(v_TBV), draws, "gibbs")
        return next_TBV
