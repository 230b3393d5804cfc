"""How much of a label a reader finds in a code: a linear probe, and the nearest neighbours.

Labels are whole numbers from 0, the same for all trials.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from ..trial_axis import affine
from .logistic_regression import logistic_regression

# Squared distances held at a time: few enough for a processor's cache.
DISTANCES = 2**20


class Probe:
    """A linear probe of every trial's training codes, fitted once (arXiv:1610.01644).

    Codes are first brought to mean 0 and variance 1 over the training samples, unit by unit, so
    that the result does not depend on the scale of a unit; constant units say nothing.

    Args:
        train_code_TNH, train_label_N: what it is fitted to.
    """

    @torch.no_grad()
    def __init__(self, train_code_TNH: Tensor, train_label_N: Tensor) -> None:
        spread_T1H, self._mean_T1H = torch.std_mean(train_code_TNH, 1, keepdim=True, correction=0)
        # What rounding leaves of a constant is no signal, nor is what has no finite inverse.
        limits = torch.finfo(spread_T1H.dtype)
        least_T1H = (100 * limits.eps * self._mean_T1H.abs()).clamp(min=limits.tiny)
        self._scale_T1H = torch.where(spread_T1H > least_T1H, 1 / spread_T1H, 0.0)
        self._weight_THK, self._bias_TK = logistic_regression(
            self._seen(train_code_TNH), train_label_N
        )

    @torch.no_grad()
    def accuracy(self, code_TNH: Tensor, label_N: Tensor) -> Tensor:
        """Share of these samples whose label it tells, (T,)."""
        guess_TN = affine(self._seen(code_TNH), self._weight_THK, self._bias_TK).argmax(-1)
        return _share_right(guess_TN, label_N, code_TNH.dtype)

    def _seen(self, code_TNH: Tensor) -> Tensor:
        return (code_TNH - self._mean_T1H) * self._scale_T1H


def probe_accuracy(
    train_code_TNH: Tensor, train_label_N: Tensor, code_TNH: Tensor, label_N: Tensor
) -> Tensor:
    """Share of samples whose label a :class:`Probe` of the training codes tells, (T,)."""
    return Probe(train_code_TNH, train_label_N).accuracy(code_TNH, label_N)


@torch.no_grad()
def neighbour_accuracy(
    train_code_TNH: Tensor,
    train_label_N: Tensor,
    code_TNH: Tensor,
    label_N: Tensor,
    neighbours: int = 5,
) -> Tensor:
    """Share of samples whose label most of the nearest training codes bear, (T,).

    Distances are Euclidean; of labels that are equally frequent among the neighbours the smallest
    is taken, as scikit-learn's ``KNeighborsClassifier`` does.
    """
    classes = int(train_label_N.max()) + 1
    trials, samples = train_code_TNH.shape[:2]
    square_T1N = train_code_TNH.square().sum(-1)[:, None]
    train_code_THN = train_code_TNH.mT.contiguous()
    rows = max(1, DISTANCES // (trials * samples))
    guesses = []
    for code_TBH in torch.split(code_TNH, rows, dim=1):
        # ‖a − b‖² but for ‖a‖², which is the same for all neighbours of a.
        distance_TBN = torch.baddbmm(square_T1N, code_TBH, train_code_THN, alpha=-2)
        nearest = distance_TBN.topk(min(neighbours, samples), largest=False, sorted=False).indices
        guesses.append(one_hot(train_label_N[nearest], classes).sum(2).argmax(-1))
    return _share_right(torch.cat(guesses, 1), label_N, code_TNH.dtype)


def _share_right(guess_TN: Tensor, label_N: Tensor, dtype: torch.dtype) -> Tensor:
    return (guess_TN == label_N).to(dtype).mean(-1)
