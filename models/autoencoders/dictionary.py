"""Dictionary autoencoder: each input as a sum of few elements of a learned dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..activations import ACTIVATIONS
from ..corruption import Counting
from ..draws import Draws
from ..hyperparameter import choice, default, part, structural
from ..registry import register
from ..revival import Revival, silence
from ..sparsity import Sparsity
from ..trial_axis import affine, interleaved, product
from .autoencoder import Autoencoder


@register(
    "dictionary_autoencoder",
    equation="h = relu((x − c)W + b),  x̂ = hW′ + c,  ‖W′_j‖ = 1,  loss = ‖x̂ − x‖² + weight · ‖h‖₁",
    paper="Bricken et al. 2023, Towards Monosemanticity; Cunningham et al. 2023, arXiv 2309.08600",
)
class DictionaryAutoencoder(Autoencoder):
    """x̂ = hW′ + c: row j of W′, of norm 1, is the dictionary element that unit j stands for.

    h = selection(s((x̃ − c)W + b)),  loss = mean_b d(x̂_b, x_b) + sparsity(h) + revival

    Here nothing is selected and the l1 penalty does the work; the variants of this family select.
    Without the norm an l1 penalty is void: a code shrinks as its dictionary grows, and x̂ stays.

    The origin is what a silent code decodes to, at first the mean of the data: the decoder's bias c
    (o(c) with an output activation o), taken from the input before encoding where ``centred``.

    Trained with it: ``silence``, the samples since each unit last spoke, which decides who is dead
    (:class:`~..revival.Revival`). Training reports ``nonzero_units``, the mean L0 norm of the codes
    of corrupted inputs, and ``dead_units`` by that count.
    """

    surrogates: ClassVar[frozenset[str]] = frozenset()
    """Parameters that are given another gradient than the derivative of the loss."""

    activation: str = choice(
        "relu", ("relu", "identity"), meaning="activation s of the code, before units are selected"
    )
    centred: bool = structural(True, meaning="whether the decoder's bias is taken from the inputs")
    hidden = default(128)
    sparsity: Sparsity = part(Sparsity, kind="l1", weight=0.3)
    revival: Revival = part(Revival)

    _code_TBH: Tensor
    """The code that :meth:`loss` saw last, without its gradient."""

    @classmethod
    def indivisible(cls, values: Mapping[str, Any]) -> str:
        """Which units are dead is counted from the codes of whole batches."""
        return "it counts for how many samples each unit is silent, batch by whole batch"

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Elements in random directions; W is their transpose (Gao et al. 2024, appendix A.1)."""
        parameters = super().initialise(draws)
        element_THV = draws.normal("initialise/element", self.hidden, self.visible)
        element_THV = (element_THV / _norms(element_THV)).expand(self.trials, -1, -1)
        parameters["weight"] = interleaved(element_THV.mT)
        if not self.tied:
            parameters["decoder_weight"] = element_THV.clone(memory_format=torch.contiguous_format)
        self.state["silence"] = torch.zeros(
            self.trials, self.hidden, dtype=torch.int64, device=self.device
        )
        return parameters

    def meet(self, x_TNV: Tensor) -> None:
        """Start the decoder's bias at the mean of the data, where the output is linear."""
        super().meet(x_TNV)
        if self.output_activation == "identity":
            self.parameters["decoder_bias"] = x_TNV.mean(1).expand(self.trials, -1).clone()

    def gradients(self, x_TBV: Tensor, draws: Draws) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Gradients of the loss; reports ``nonzero_units`` and ``dead_units`` too."""
        gradients, reported = super().gradients(x_TBV, draws)
        code_TBH = self._code_TBH
        self.notice(code_TBH)
        dead_TH = self.revival.dead(self.state["silence"])
        count_T = torch.count_nonzero(code_TBH, (1, 2)).to(self.dtype)
        return gradients, reported | {
            "nonzero_units": count_T / code_TBH.shape[1],
            "dead_units": dead_TH.sum(-1).to(self.dtype),
        }

    def notice(self, code_TBH: Tensor) -> None:
        """Keep in ``state`` what a batch of training codes tells."""
        self.state["silence"] = silence(self.state["silence"], code_TBH)

    def loss(self, x_TBV: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """The penalised loss and the squared error per sample, (T,) each."""
        seen_TBV, counting_TBV = self.corruption.emphasised(x_TBV, draws)
        pre_TBH = self.preactivation(seen_TBV)
        candidate_TBH = ACTIVATIONS[self.activation].apply(pre_TBH)
        code_TBH = self.selected(candidate_TBH)
        loss_T, error_T, output_TBV = self.fitted(candidate_TBH, code_TBH, x_TBV, counting_TBV)
        if self.sparsity.active:
            loss_T = loss_T + self.sparseness(candidate_TBH, code_TBH)
        if self.contraction.active:
            loss_T = loss_T + self.contraction(self.parameters["weight"], self.slope(code_TBH))
        if self.revival.active:
            residual_TBV = x_TBV - self._activated(output_TBV)
            loss_T = loss_T + self.revival(
                pre_TBH, self.state["silence"], residual_TBV, self.decoder_weight()
            )
        self._code_TBH = code_TBH.detach()
        return loss_T, error_T

    def fitted(
        self,
        candidate_TBH: Tensor,
        code_TBH: Tensor,
        x_TBV: Tensor,
        counting_TBV: Counting | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """d(x̂, x) and the squared error per sample, (T,) each, and hW′ + c, (T, B, V)."""
        output_TBV = self.output(code_TBH)
        return *self.distance(output_TBV, x_TBV, counting_TBV), output_TBV

    def sparseness(self, candidate_TBH: Tensor, code_TBH: Tensor) -> Tensor:
        """The weighted sparsity penalty, (T,)."""
        return self.sparsity(code_TBH, self.activation)

    def preactivation(self, x_TBV: Tensor) -> Tensor:
        """(x − o(c))W + b, (T, B, H); xW + b where not ``centred``."""
        parameters = self.parameters
        bias_TH, weight_TVH = parameters["hidden_bias"], parameters["weight"]
        if self.centred:
            # (x − o(c))W = xW − o(c)W keeps the input shared between trials.
            origin_T1V = self._activated(parameters["decoder_bias"][:, None])
            bias_TH = bias_TH - product(origin_T1V, weight_TVH)[:, 0]
        return affine(x_TBV, weight_TVH, bias_TH)

    def candidates(self, x_TBV: Tensor) -> Tensor:
        """s((x − c)W + b), what each unit would say if it were let, (T, B, H)."""
        return ACTIVATIONS[self.activation].apply(self.preactivation(x_TBV))

    def selected(self, candidate_TBH: Tensor) -> Tensor:
        """The code in training: candidates that may speak, the others 0, (T, B, H)."""
        return candidate_TBH

    def encode(self, x_TBV: Tensor) -> Tensor:
        """The code of a clean input, (T, B, H)."""
        return self.selected(self.candidates(x_TBV))

    def slope(self, code_TBH: Tensor) -> Tensor:
        """1 where a unit speaks and 0 where it is silent, (T, B, H)."""
        return (code_TBH != 0).to(code_TBH.dtype)

    def constrain(self, draws: Draws) -> None:
        """Bring each dictionary element back to norm 1."""
        super().constrain(draws)
        weight_THV = self.decoder_weight()
        weight_THV.div_(_norms(weight_THV).clamp_min_(torch.finfo(self.dtype).tiny))


def _norms(element_THV: Tensor) -> Tensor:
    """Each element's Euclidean norm, (T, H, 1)."""
    norms: Tensor = torch.linalg.vector_norm(element_THV, dim=-1, keepdim=True)
    return norms
