"""What a code's unit or direction stands for: reconstructions while it changes and the rest stays.

S counts places along the way.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import InputError
from ..network import Network


def observed_range(code_TNH: Tensor, left_out: float = 0.0) -> tuple[Tensor, Tensor]:
    """The least and the largest value of each unit, (T, H) both.

    Args:
        code_TNH: codes of the data.
        left_out: share of the samples beyond either end, from 0 to below a half.
    """
    ends = code_TNH.new_tensor([left_out, 1 - left_out])
    low_TH, high_TH = torch.quantile(code_TNH, ends, dim=1)
    return low_TH, high_TH


@torch.no_grad()
def traverse(
    network: Network, x_TBV: Tensor, unit: int, low_T: Tensor, high_T: Tensor, places: int
) -> Tensor:
    """Reconstructions (T, B, S, V) while one unit of the code goes from ``low`` to ``high``.

    Args:
        network: whose code it is.
        x_TBV: samples (1 or T, B, V) that say what the other units are.
        unit: from 0 to H − 1.
        low_T, high_T: the ends, such as that unit's :func:`observed_range`.
        places: S, at least 2.

    Raises:
        InputError: no such unit, or fewer than two places.
    """
    if not 0 <= unit < network.hidden:
        rule = f"needs a unit from 0 to {network.hidden - 1}"
        raise InputError(f"{network.name}, traverse", rule, unit)
    place_S = places_between(network, places)
    code_TBSH = network.encode(x_TBV)[:, :, None].repeat(1, 1, places, 1)
    code_TBSH[..., unit] = torch.lerp(low_T[:, None], high_T[:, None], place_S)[:, None]
    return decoded(network, code_TBSH)


@torch.no_grad()
def travel(
    network: Network, x_TBV: Tensor, direction_TBH: Tensor, reach: float, places: int
) -> Tensor:
    """Reconstructions (T, B, S, V) while the code goes from −reach to +reach along a direction.

    Args:
        network: whose code it is.
        x_TBV: samples (1 or T, B, V) in the middle of the way.
        direction_TBH: of the code, (1 or T, 1 or B, H), such as a tangent's.
        reach: how many times the direction's own length.
        places: S, at least 2.
    """
    offset_S1 = (2 * places_between(network, places) - 1)[:, None] * reach
    code_TBSH = network.encode(x_TBV)[:, :, None] + offset_S1 * direction_TBH[:, :, None]
    return decoded(network, code_TBSH)


def decoded(network: Network, code_TBSH: Tensor) -> Tensor:
    """The reconstructions (T, B, S, V) from several codes of each sample."""
    output_TBV = network.decode(code_TBSH.flatten(1, 2))
    return output_TBV.reshape(*code_TBSH.shape[:3], -1)


def places_between(network: Network, count: int) -> Tensor:
    """From 0 to 1 at even distances, (S,).

    Raises:
        InputError: fewer than two.
    """
    if count < 2:
        raise InputError(network.name, "needs at least two places along the way", count)
    return torch.linspace(0, 1, count, dtype=network.dtype, device=network.device)
