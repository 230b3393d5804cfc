"""Block Gibbs sampling of deep Boltzmann machines: all odd layers at once, then all even ones."""

from __future__ import annotations

from collections.abc import Collection

from torch import Tensor

from ..draws import Draws
from .layered import Layers, Parameters, States
from .stream import Stream


def sweeps(
    layers: Layers,
    parameters: Parameters,
    even: States,
    steps: int,
    draws: Draws,
    purpose: str,
    clamped: Collection[int] = (),
) -> tuple[dict[int, Tensor], dict[int, Tensor]]:
    """The states of the odd and of the even layers after some full steps (at least 1).

    Args:
        even: the states that the even layers start from, (T, N, units) each.
        steps: draws of all layers.
        purpose: names the draws.
        clamped: even layers that keep their states.
    """
    states, odd = dict(even), {}
    free = [i for i in layers.side(0) if i not in clamped]
    stream = Stream(draws, steps)

    def drawn(i: int, others: States) -> Tensor:
        a_TNU = layers.inputs(parameters, i, others)
        return layers[i].units.sample(a_TNU, stream, f"{purpose}/{i}")

    for _ in range(steps):
        odd = {i: drawn(i, states) for i in layers.side(1)}
        states |= {i: drawn(i, odd) for i in free}
    return odd, states


def means(
    layers: Layers,
    parameters: Parameters,
    states: States,
    of: Collection[int],
    times: float = 1,
) -> dict[int, Tensor]:
    """E[s | states], (T, N, units), of some layers; ``times`` as in :meth:`.Layers.inputs`."""
    return {i: layers[i].units.mean(layers.inputs(parameters, i, states, times=times)) for i in of}
