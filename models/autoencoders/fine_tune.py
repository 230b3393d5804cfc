"""Fine-tuning: a whole trained stack, unrolled, learns end to end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..classification import missed, require_labels, surprise
from ..draws import Draws
from ..errors import HyperparameterError, InputError
from ..hyperparameter import choice, default, structural
from ..measures import ROWS
from ..network import Network
from ..registry import register
from ..trial_axis import affine
from ..unrolling import require_stack
from ..waiting import may_ask
from .autoencoder import Autoencoder
from .deep import gathered
from .deep_autoencoder import DeepAutoencoder


@register(
    "fine_tune",
    equation="x̂ = g_1(… g_L(f_L(… f_1(x)))), or p(class | x) = softmax(f_L(… f_1(x))R + r)",
    paper="Hinton & Salakhutdinov 2006, Science 313:504; Bengio, Lamblin, Popovici & Larochelle "
    "2007, NIPS 19",
)
class FineTune(DeepAutoencoder):
    """h = f_L(… f_1(x̃)), x̂ = g_1(… g_L(h)), with the trained layers' f_l and g_l at first.

    objective reconstruction:  loss = mean_b d(x̂_b, x_b) + penalties

    objective classification:  loss = −mean_b log softmax(h_b R + r)_label + penalties;  R = 0 and
    r = 0 at first, and the decoders stay as they are

    Every layer keeps its kind and its activations; going up and going down get weights of their
    own. Without a stack it is a deep autoencoder that starts from random weights.
    """

    joint = True

    activation = default("sigmoid")
    layer_activation = default("sigmoid")
    objective: str = choice(
        "reconstruction", ("reconstruction", "classification"), meaning="what is to become better"
    )
    classes: int = structural(
        10, low=2, high=100_000, meaning="classes of a classification", unit="classes"
    )
    labelled: int = structural(
        0, low=0, high=2**31 - 1, meaning="samples that a classification learns from, the first "
        "of the training set", unit="samples; 0 for all",
        reference="Erhan et al. 2010, JMLR 11:625, section 6: when does pretraining help?",
    )  # fmt: skip

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse tied weights."""
        super().check(values)
        if values["tied"]:
            raise HyperparameterError(
                "tied", "must be false: fine-tuning unties the decoder", True,
                "Take `deep_autoencoder` for a deep network with tied weights.",
            )  # fmt: skip

    @property
    def supervised(self) -> bool:
        """Whether the objective is a classification."""
        return self.objective == "classification"

    @property
    def learns_from(self) -> int:
        """Only labelled samples serve a classification."""
        return self.labelled if self.supervised else 0

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Random layers, and a read-out of zeros."""
        return super().initialise(draws) | self._readout()

    def begin_from(self, layers: Sequence[Network]) -> None:
        """Let these layers, unrolled, be the first ones.

        ``activation`` and ``output_activation`` become those of the highest and lowest layer.

        Raises:
            InputError: layers that do not fit together or on the data, or cannot be unrolled.
            HyperparameterError: penalties or a distance that do not go with the layers.
        """
        require_stack(self, layers)
        below = tuple(layer.unrolled() for layer in layers)
        taken = {
            "output_activation": below[0].output_activation,
            "activation": below[-1].activation,
        }
        self.bind([{**trial, **taken} for trial in self.settings])
        self.below = below
        own = dict(zip(self.prefixes(), below, strict=True))
        self.parameters = gathered({p: part.parameters for p, part in own.items()})
        self.parameters |= self._readout()
        self.state = gathered({p: part.state for p, part in own.items()})

    def supervised_gradients(
        self, x_TBV: Tensor, label_TB: Tensor, draws: Draws
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Gradients of the classification's loss; what it does not reach stays as it is."""
        if may_ask(label_TB):
            require_labels(self.name, label_TB, self.classes)
        for parameter in self.parameters.values():
            parameter.requires_grad_()
        seen_TBV = self.corruption(x_TBV, draws)
        code_TBH = self.encode(seen_TBV)
        logit_TBK = self.logits(code_TBH)
        loss_T = self.penalised(surprise(logit_TBK, label_TB).mean(-1), code_TBH)
        loss_T = loss_T + self.contracted(seen_TBV, draws)
        found = torch.autograd.grad(loss_T.sum(), list(self.parameters.values()), allow_unused=True)
        for parameter in self.parameters.values():
            parameter.requires_grad_(False)
        with torch.no_grad():
            error_TB = (self.decode(code_TBH) - x_TBV).square().sum(-1)
            reported = {
                "loss": loss_T.detach(),
                "reconstruction_error": error_TB.mean(-1),
                "classification_error": missed(logit_TBK, label_TB).mean(-1),
            }
        gradients = zip(self.parameters, found, strict=True)
        return {name: value for name, value in gradients if value is not None}, reported

    @torch.no_grad()
    def supervised_measures(self, x_TNV: Tensor, label_N: Tensor) -> dict[str, Tensor]:
        """``classification_error``, a share of the samples, and ``classification_loss`` in nats."""
        require_labels(self.name, label_N, self.classes)
        logit_TNK = torch.cat([self.logits(self.encode(x)) for x in torch.split(x_TNV, ROWS, 1)], 1)
        return {
            "classification_error": missed(logit_TNK, label_N[None]).mean(-1),
            "classification_loss": surprise(logit_TNK, label_N[None]).mean(-1),
        }

    def logits(self, code_TBH: Tensor) -> Tensor:
        """hR + r, (T, B, K): log p(class | h) up to a constant of each sample."""
        weight, bias = self.parameters["readout_weight"], self.parameters["readout_bias"]
        return affine(code_TBH, weight, bias)

    def class_probability(self, x_TBV: Tensor) -> Tensor:
        """p(class | x), (T, B, K).

        Raises:
            InputError: the objective is reconstruction.
        """
        if not self.supervised:
            raise InputError(
                self.name, "is trained for classification only with that objective", self.objective
            )
        return torch.softmax(self.logits(self.encode(x_TBV)), -1)

    def unrolled(self) -> Autoencoder:
        """A copy of its layers, for fine-tuning with further ones."""
        made = type(self)(self.visible, self.settings, self.seeds, self.dtype, self.device)
        made.begin_from(self.parts())
        return made

    def _readout(self) -> dict[str, Tensor]:
        """The read-out of a classification before training."""
        if not self.supervised:
            return {}
        zeros = torch.zeros(self.trials, self.hidden, self.classes, dtype=self.dtype)
        zeros = zeros.to(self.device)
        return {"readout_weight": zeros, "readout_bias": zeros[:, 0].clone()}
