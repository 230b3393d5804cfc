"""From one sample to another: by way of the code, or straight through the inputs.

A straight line between inputs leaves the data's manifold and shows two samples through each other;
a line between codes should stay on it (Bengio, Mesnil, Dauphin & Rifai 2013, ICML).

S counts places along the way, both ends among them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..network import Network
from .traversal import decoded, places_between

Path = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From two ends (T, B, 1, D) and places (S, 1), 0 to 1, to what lies there, (T, B, S, D)."""


def straight(start: Tensor, end: Tensor, place: Tensor) -> Tensor:
    """(1 − t) start + t end."""
    return torch.lerp(start, end, place)


def spherical(start: Tensor, end: Tensor, place: Tensor) -> Tensor:
    """sin((1 − t)Ω)/sin Ω · start + sin(tΩ)/sin Ω · end, with Ω the angle between both.

    (Shoemake 1985, SIGGRAPH.) For codes whose length means nothing: ends of one length keep it all
    the way. Straight where the ends point the same way or opposite ways, or one of them is 0.
    """
    lengths = start.norm(dim=-1, keepdim=True) * end.norm(dim=-1, keepdim=True)
    cosine = torch.where(lengths > 0, (start * end).sum(-1, keepdim=True) / lengths, 1.0)
    angle = cosine.clamp(-1, 1).acos()
    sine = angle.sin()
    curved = (((1 - place) * angle).sin() * start + (place * angle).sin() * end) / sine
    return torch.where(sine > 1e-3, curved, straight(start, end, place))


@torch.no_grad()
def interpolate_codes(
    network: Network, start_TBV: Tensor, end_TBV: Tensor, places: int, path: Path = straight
) -> Tensor:
    """Reconstructions (T, B, S, V) along the way from one sample's code to another's.

    Args:
        network: whose code it is.
        start_TBV, end_TBV: samples (1 or T, B, V), pair by pair.
        places: S, at least 2.
        path: :func:`straight` or :func:`spherical`.
    """
    start_TB1H, end_TB1H = (network.encode(x)[:, :, None] for x in (start_TBV, end_TBV))
    return decoded(network, path(start_TB1H, end_TB1H, places_between(network, places)[:, None]))


@torch.no_grad()
def interpolate_inputs(network: Network, start_TBV: Tensor, end_TBV: Tensor, places: int) -> Tensor:
    """Reconstructions (T, B, S, V) of what lies straight between two samples."""
    place_S1 = places_between(network, places)[:, None]
    x_TBSV = straight(start_TBV[:, :, None], end_TBV[:, :, None], place_S1)
    output_TBV = network.reconstruct(x_TBSV.flatten(1, 2))
    return output_TBV.reshape(-1, *x_TBSV.shape[1:])
