"""A limit to the length of each hidden unit's incoming weights."""

from __future__ import annotations

import torch
from torch import Tensor


def limit_norms(weight_TVH: Tensor, longest_T: Tensor) -> None:
    """Scale back, in place, every column longer than the trial's limit; a limit of 0 is none.

    (Srebro & Shraibman 2005; Hinton et al. 2012, arXiv:1207.0580, section 2, where a weight vector
    that the step made too long is divided, not penalised.)
    """
    norm_T1H = torch.linalg.vector_norm(weight_TVH, dim=1, keepdim=True)
    limit_T11 = longest_T[:, None, None]
    too_long = (limit_T11 > 0) & (norm_T1H > limit_T11)
    weight_TVH.mul_(torch.where(too_long, limit_T11 / norm_T1H, 1.0))
