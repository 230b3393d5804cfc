"""Matryoshka autoencoder: nested dictionaries, from coarse to fine.

Not to be confused with several networks: the small dictionary is the beginning of the large one.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor

from ..corruption import Counting
from ..hyperparameter import structural
from ..registry import register
from ..trial_axis import affine, product
from .batch_top_k import BatchTopKAutoencoder


@register(
    "matryoshka_autoencoder",
    equation="loss = Σ_m mean ‖h_{1…m} W′_{1…m} + c − x‖²,  m = H, H/2, H/4, …",
    paper="Bussmann, Nabeshima, Karvonen & Nanda 2025, arXiv 2503.17547",
)
class MatryoshkaAutoencoder(BatchTopKAutoencoder):
    """loss = Σ_m mean_b ‖h_{b,1…m} W′_{1…m} + c − x_b‖² over prefixes of m units (section 3).

    Each prefix must reconstruct on its own, so general features come first and a later, special one
    cannot absorb them. Units are selected once, for the whole code. With one level this is
    ``batch_top_k_autoencoder``.
    """

    levels: int = structural(
        4, low=1, high=16,
        meaning="nested prefixes that reconstruct alone, each half as wide as the next",
        unit="prefixes, the whole code included", reference="Bussmann et al. 2025, section 4",
    )  # fmt: skip

    @property
    def prefixes(self) -> tuple[int, ...]:
        """The widths of the prefixes, narrowest first; as many as differ."""
        halvings = range(self.levels - 1, -1, -1)
        return tuple(dict.fromkeys(-(-self.hidden >> halving) for halving in halvings))

    def fitted(
        self,
        candidate_TBH: Tensor,
        code_TBH: Tensor,
        x_TBV: Tensor,
        counting_TBV: Counting | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Σ d(x̂, x) over the prefixes; error and output are those of the whole code."""
        weight_THV = self.decoder_weight()
        first, *_ = prefixes = self.prefixes
        output_TBV = affine(
            code_TBH[..., :first], weight_THV[:, :first], self.parameters["decoder_bias"]
        )
        loss_T, error_T = self.distance(output_TBV, x_TBV, counting_TBV)
        for low, high in pairwise(prefixes):
            output_TBV = output_TBV + product(code_TBH[..., low:high], weight_THV[:, low:high])
            further_T, error_T = self.distance(output_TBV, x_TBV, counting_TBV)
            loss_T = loss_T + further_T
        return loss_T, error_T, output_TBV
