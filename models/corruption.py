"""What is done to an input before a denoising network sees it.

gaussian          x̃ = x + level · ε,             ε ~ N(0, 1)
masking           x̃ = x · [u ≥ level],           u ~ U[0, 1)
salt_and_pepper   x̃ = 0 where u < level/2, 1 where u ≥ 1 − level/2, else x

(Vincent, Larochelle, Lajoie, Bengio & Manzagol 2010, JMLR 11:3371, section 3.3.) The draws are
fresh in every step and do not depend on the level: raising it corrupts the same entries in the same
way, and further ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .draws import Draws
from .errors import HyperparameterError
from .hyperparameter import Part, choice, number
from .trial_axis import column, indicator

KINDS = ("gaussian", "masking", "salt_and_pepper")


class Corruption(Part):
    """Noise of one kind, at one level per trial."""

    kind: str = choice("gaussian", KINDS, meaning="kind of noise put on the input")
    level: Tensor = number(
        0.0,
        low=0.0,
        meaning="noise level",
        unit="standard deviation in the data's units (gaussian), or share of inputs hit",
        reference="Vincent et al. 2010, section 3.3",
    )

    @classmethod
    def check(cls, values: Mapping[str, Any], prefix: str) -> None:
        """Refuse a share of inputs above 1."""
        kind, level = values[f"{prefix}.kind"], values[f"{prefix}.level"]
        if kind != "gaussian" and level > 1:
            raise HyperparameterError(
                f"{prefix}.level", f"must be from 0 to 1 for {kind} noise", level, "It is a share."
            )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        levels = set(self.level.tolist())
        self._none = levels == {0.0}
        self._common = len(levels) == 1

    def __call__(self, x_TBV: Tensor, draws: Draws) -> Tensor:
        """The corrupted input, (1 or T, B, V): 1 where all trials would see the same."""
        if self._none:
            return x_TBV
        level = column(self.level[:1] if self._common else self.level, x_TBV)
        size = tuple(x_TBV.shape[1:])
        if self.kind == "gaussian":
            return torch.addcmul(x_TBV, level, draws.normal("corruption", *size))
        u = draws.uniform("corruption", *size)
        if self.kind == "masking":
            return x_TBV * indicator(torch.ge, u, level)
        peppered = torch.where(u < level / 2, 0.0, x_TBV)
        return torch.where(u >= 1 - level / 2, 1.0, peppered)
