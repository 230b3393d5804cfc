"""The tangents of the manifold at a sample: directions of the input that the code follows most."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..errors import InputError
from ..network import Network


class Tangents(NamedTuple):
    """The leading singular triples of ∂code/∂input, K at each sample.

    Attributes:
        input_TBKV: unit vectors of the input, orthogonal to each other.
        code_TBKH: the unit vectors of the code that they lead to.
        gain_TBK: how far the code moves along them, largest first.
    """

    input_TBKV: Tensor
    code_TBKH: Tensor
    gain_TBK: Tensor


@torch.no_grad()
def tangents(network: Network, x_TBV: Tensor, count: int) -> Tangents:
    """The ``count`` leading tangents at each sample (Rifai et al. 2011, NIPS).

    J = ∂code/∂input = Σ_k gain_k · code_k input_kᵀ. A contractive code moves along the manifold of
    the data and across it hardly at all, so that the leading ``input`` span the tangent space. Of
    both signs that is taken which makes the largest entry of ``input`` positive.

    Raises:
        InputError: more tangents than singular values, or none.
    """
    most = min(network.visible, network.hidden)
    if not 1 <= count <= most:
        raise InputError(f"{network.name}, tangents", f"needs a count from 1 to {most}", count)
    code_TBHS, gain_TBS, input_TBSV = torch.linalg.svd(network.jacobian(x_TBV), full_matrices=False)
    input_TBKV, code_TBKH = input_TBSV[..., :count, :], code_TBHS.mT[..., :count, :]
    largest_TBK1 = input_TBKV.abs().argmax(-1, keepdim=True)
    sign_TBK1 = input_TBKV.gather(-1, largest_TBK1).sign()
    return Tangents(sign_TBK1 * input_TBKV, sign_TBK1 * code_TBKH, gain_TBS[..., :count])
