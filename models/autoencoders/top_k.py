"""k-sparse autoencoder: only the k most active units speak.

Not to be confused with a penalty: L0 is bounded exactly, no weight is tuned, and no activation is
shrunk.
"""

from __future__ import annotations

from torch import Tensor

from ..hyperparameter import part, structural
from ..registry import register
from ..revival import Revival
from ..selection import keep_largest
from ..sparsity import Sparsity
from .dictionary import DictionaryAutoencoder


@register(
    "top_k_autoencoder",
    equation="h = top_k(s((x − c)W + b)),  x̂ = hW′ + c,  ‖W′_j‖ = 1",
    paper="Makhzani & Frey 2014, ICLR, arXiv 1312.5663; Gao et al. 2024, arXiv 2406.04093",
)
class TopKAutoencoder(DictionaryAutoencoder):
    """h = top_k(s((x − c)W + b)): in each sample the k largest activations are kept.

    With ``activation: identity`` (Makhzani & Frey 2014, section 2) exactly k units speak, some of
    them below 0. With relu (Gao et al. 2024, section 2.3) at most k do, all of them above 0.
    """

    k: int = structural(
        8, low=1, high=65536, meaning="units that speak, all where the code is no wider",
        unit="units per sample", reference="Makhzani & Frey 2014, section 2",
    )  # fmt: skip
    sparsity: Sparsity = part(Sparsity)
    revival: Revival = part(Revival, weight=1 / 32)

    def selected(self, candidate_TBH: Tensor) -> Tensor:
        """The k largest of each sample, the others 0, (T, B, H)."""
        return keep_largest(candidate_TBH, self.k)
