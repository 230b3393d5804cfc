"""Batch-top-k autoencoder: a batch shares its k·B active units as the samples need them."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from ..draws import Draws
from ..hyperparameter import part, structural
from ..registry import register
from ..revival import Revival
from ..selection import keep_largest
from ..sparsity import Sparsity
from ..trial_axis import column
from .dictionary import DictionaryAutoencoder

# How much of the running mean a batch leaves as it was.
MEMORY: Final = 0.95


@register(
    "batch_top_k_autoencoder",
    equation="h = the k·B largest of s((x − c)W + b) in a batch,  x̂ = hW′ + c,  ‖W′_j‖ = 1",
    paper="Bussmann, Leask & Nanda 2024, arXiv 2412.06410",
)
class BatchTopKAutoencoder(DictionaryAutoencoder):
    """In training the k·B largest activations of a batch of B are kept (section 3 of the paper).

    A code must not depend on the samples beside it, so outside of training

        h = a · [a > θ],  a = s((x − c)W + b),  θ = E min {a_bj kept}

    with θ the running mean of the smallest activation kept in a batch, in ``state``.
    Then L0 is k on average, not in every sample.
    """

    k: int = structural(
        8, low=1, high=65536, meaning="units that speak, mean over a batch",
        unit="units per sample", reference="Bussmann et al. 2024, section 3",
    )  # fmt: skip
    sparsity: Sparsity = part(Sparsity)
    revival: Revival = part(Revival, weight=1 / 32)

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """As in the whole family; the threshold is 0 until data are met."""
        self.state["threshold"] = torch.zeros(self.trials, dtype=self.dtype, device=self.device)
        return super().initialise(draws)

    def meet(self, x_TNV: Tensor) -> None:
        """Put the first threshold where the first samples, as a batch, keep what they should."""
        super().meet(x_TNV)
        candidate_TN = self.candidates(x_TNV[:, : self.batch_size]).flatten(1)
        kept = min(candidate_TN.shape[1] * self.k // self.hidden, candidate_TN.shape[1] - 1)
        # Halfway between the smallest kept and the largest not kept, no activation is on the edge.
        self.state["threshold"] = candidate_TN.topk(kept + 1).values[:, -2:].mean(1)

    def notice(self, code_TBH: Tensor) -> None:
        """Move the running mean towards the smallest activation kept in this batch."""
        super().notice(code_TBH)
        threshold_T, smallest_T = self.state["threshold"], _smallest(code_TBH)
        smallest_T = torch.where(smallest_T.isfinite(), smallest_T, threshold_T)
        self.state["threshold"] = threshold_T.lerp(smallest_T, 1 - MEMORY)

    def selected(self, candidate_TBH: Tensor) -> Tensor:
        """The k·B largest of the batch, the others 0, (T, B, H)."""
        kept = self.k * candidate_TBH.shape[1]
        return keep_largest(candidate_TBH.flatten(1), kept).view_as(candidate_TBH)

    def encode(self, x_TBV: Tensor) -> Tensor:
        """a · [a > θ], (T, B, H)."""
        candidate_TBH = self.candidates(x_TBV)
        above = candidate_TBH > column(self.state["threshold"], candidate_TBH)
        return torch.where(above, candidate_TBH, 0.0)


def _smallest(code_TBH: Tensor) -> Tensor:
    """The smallest activation of those that speak, (T,); ∞ where none does."""
    return torch.where(code_TBH != 0, code_TBH, torch.inf).amin((1, 2))
