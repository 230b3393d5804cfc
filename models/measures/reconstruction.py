"""The reconstruction error in the units that papers print.

The squared error per sample, summed over inputs, is ``reconstruction_error``, which Hinton &
Salakhutdinov 2006 print; the others are here.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy


def reconstruction_errors(
    output_TNV: Tensor, x_TNV: Tensor, probabilities: bool
) -> dict[str, Tensor]:
    """Errors of reconstructions (T, N, V) of inputs (1 or T, N, V), (T,) each.

    mean_squared_error        squared error per input
    root_mean_squared_error   its square root, in the inputs' own unit
    unexplained_variance      squared error over that of the mean of these samples: 0 perfect, 1 no
                              better than the mean (and where samples do not differ)
    cross_entropy             −Σ_v x log x̂ + (1 − x) log(1 − x̂) per sample in nats, where inputs
                              and reconstructions are probabilities; at least the entropy of x,
                              and an input counts for 100 nats at most
    """
    squared_T = (output_TNV - x_TNV).square().mean((1, 2))
    variance_T = (x_TNV - x_TNV.mean(1, keepdim=True)).square().mean((1, 2)).expand_as(squared_T)
    errors = {
        "mean_squared_error": squared_T,
        "root_mean_squared_error": squared_T.sqrt(),
        "unexplained_variance": torch.where(variance_T > 0, squared_T / variance_T, 1.0),
    }
    if probabilities:
        target_TNV = x_TNV.expand_as(output_TNV)
        cross_TNV = binary_cross_entropy(output_TNV, target_TNV, reduction="none")
        errors["cross_entropy"] = cross_TNV.sum(-1).mean(-1)
    return errors
