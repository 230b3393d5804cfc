"""Layers of units and the links between them: the shape of every deep Boltzmann machine.

E(s) = −Σ_links sᵀWs' − Σ_layers bᵀs

Links join layers of neighbouring depth only. Units of even depth therefore do not touch each other
given those of odd depth, and the reverse: a deep machine is an RBM between its even and its odd
layers whose weight has blocks of zeros (Salakhutdinov & Hinton 2009).

Shape suffixes: E units of even depth, O units of odd depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ..trial_axis import product
from .gibbs import correlation_gap
from .machine import Machine
from .mixed import Mixed
from .units import Bernoulli, Gaussian, Units

States = Mapping[int, Tensor]
Parameters = Mapping[str, Tensor]

_BINARY = Bernoulli()


@dataclass(frozen=True)
class Layer:
    """One layer: its width, its depth (0 sees the input), its bias's name, its kind of units."""

    width: int
    depth: int
    bias: str
    units: Units = _BINARY


@dataclass(frozen=True)
class Link:
    """A weight (T, lower width, upper width), by name, from a layer to one that is one deeper."""

    lower: int
    upper: int
    weight: str


@dataclass(frozen=True)
class Layers:
    """All layers of a machine, ordered by depth, and the links between them.

    States are a mapping from a layer's index to what its units are, (T, B, width); a function of
    states looks only at the layers it is given.
    """

    layers: tuple[Layer, ...]
    links: tuple[Link, ...]

    def __getitem__(self, index: int) -> Layer:
        return self.layers[index]

    @property
    def height(self) -> int:
        """The depth of the topmost layer."""
        return self.layers[-1].depth

    def at(self, depth: int) -> tuple[int, ...]:
        """The layers of one depth, by index."""
        return tuple(i for i, layer in enumerate(self.layers) if layer.depth == depth)

    def side(self, parity: int) -> tuple[int, ...]:
        """The layers of even depth (0) or of odd depth (1), by index."""
        return tuple(i for i, layer in enumerate(self.layers) if layer.depth % 2 == parity)

    def parted(self, units_TBU: Tensor, layers: Iterable[int]) -> dict[int, Tensor]:
        """Units side by side (T, B, U), as the states of these layers."""
        indices = tuple(layers)
        widths = [self.layers[i].width for i in indices]
        return dict(zip(indices, torch.split(units_TBU, widths, dim=-1), strict=True))

    def inputs(
        self,
        parameters: Parameters,
        layer: int,
        states: States,
        given_TBU: Tensor | None = None,
        times: float = 1,
    ) -> Tensor:
        """b + times · Σ sW over the links to the layers with states, (T, B, units).

        Args:
            given_TBU: what stands in the place of b, such as the input from layers held fixed.
            times: how many copies of those layers there are.
        """
        total = parameters[self.layers[layer].bias][:, None] if given_TBU is None else given_TBU
        for link in self.links:
            if link.upper == layer and link.lower in states:
                total = _added(total, states[link.lower], parameters[link.weight], times)
            elif link.lower == layer and link.upper in states:
                total = _added(total, states[link.upper], parameters[link.weight].mT, times)
        return total

    def slope_gap(self, states: States, others: States) -> dict[str, Tensor]:
        """mean_b ∂E/∂θ at states less that at other states of the same layers, by parameter name.

        ∂E/∂b = −s and ∂E/∂W = −sᵀs' where both ends of the link have states. The two may differ in
        their number of rows.
        """
        gaps = {
            self.layers[i].bias: others[i].mean(1) - state.mean(1) for i, state in states.items()
        }
        for link in self.links:
            lower, upper = link.lower, link.upper
            if lower in states and upper in states:
                gaps[link.weight] = correlation_gap(
                    others[lower], others[upper], states[lower], states[upper]
                )
        return gaps

    def energy(self, parameters: Parameters, states: States) -> Tensor:
        """E of states of all layers, (T, B), in nats; Gaussian units have s²/2 more.

        Apart from that it is linear in the state of every single layer, so that means may stand for
        the states of independent layers.
        """
        terms = [
            -product(state, parameters[self.layers[i].bias][..., None])[..., 0]
            for i, state in states.items()
        ]
        terms += [
            state.square().sum(-1) / 2
            for i, state in states.items()
            if isinstance(self.layers[i].units, Gaussian)
        ]
        terms += [
            -(product(states[link.lower], parameters[link.weight]) * states[link.upper]).sum(-1)
            for link in self.links
        ]
        total: Tensor = sum(terms[1:], terms[0])
        return total

    def machine(self, parameters: Parameters) -> Machine:
        """The same machine as one RBM, its even layers on the visible side and the odd hidden."""
        even, odd = self.side(0), self.side(1)
        bias_TE = torch.cat([parameters[self.layers[i].bias] for i in even], 1)
        bias_TO = torch.cat([parameters[self.layers[i].bias] for i in odd], 1)
        weight_TEO = bias_TE.new_zeros(*bias_TE.shape, bias_TO.shape[1])
        rows, columns = self._slices(even), self._slices(odd)
        for link in self.links:
            value = parameters[link.weight]
            if link.lower in rows:
                weight_TEO[:, rows[link.lower], columns[link.upper]] = value
            else:
                weight_TEO[:, rows[link.upper], columns[link.lower]] = value.mT
        return Machine(weight_TEO, bias_TE, bias_TO, self._units(even), self._units(odd))

    def _units(self, layers: tuple[int, ...]) -> Units:
        """The kind of units that these layers are, side by side."""
        kinds = tuple(self.layers[i].units for i in layers)
        if len(set(kinds)) == 1:
            return kinds[0]
        return Mixed(kinds, tuple(self.layers[i].width for i in layers))

    def _slices(self, layers: Iterable[int]) -> dict[int, slice]:
        """Where each of these layers lies when they stand side by side."""
        found, start = {}, 0
        for index in layers:
            found[index] = slice(start, start + self.layers[index].width)
            start = found[index].stop
        return found


def chain_of_layers(widths: Iterable[int]) -> Layers:
    """Layers one upon the other: ``visible_bias``, ``1.weight``, ``1.hidden_bias``, …"""
    layers = [
        Layer(width, depth, f"{depth}.hidden_bias" if depth else "visible_bias")
        for depth, width in enumerate(widths)
    ]
    links = [Link(depth - 1, depth, f"{depth}.weight") for depth in range(1, len(layers))]
    return Layers(tuple(layers), tuple(links))


def fall(parameters: Parameters, gradients: Parameters) -> Tensor:
    """Σ θ · ∂E/∂θ, (T,): the energy that gradients of it belong to, as it is linear in θ."""
    terms = [(parameters[name] * g).flatten(1).sum(-1) for name, g in gradients.items()]
    total: Tensor = sum(terms[1:], terms[0])
    return total


def _added(total_TBU: Tensor, s_TBW: Tensor, weight_TWU: Tensor, times: float) -> Tensor:
    """total + times · sW, in one pass where every trial has its own states."""
    if s_TBW.shape[0] == weight_TWU.shape[0]:
        return torch.baddbmm(total_TBU, s_TBW, weight_TWU, alpha=times)
    return torch.add(total_TBU, product(s_TBW, weight_TWU), alpha=times)
