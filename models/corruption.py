"""What is done to an input before a denoising network sees it.

gaussian          x̃ = x + level · ε,             ε ~ N(0, 1)
masking           x̃ = x · [u ≥ level],           u ~ U[0, 1)
salt_and_pepper   x̃ = 0 where u < level/2, 1 where u ≥ 1 − level/2, else x
grey              x̃ = x + level · (L x − x),     L x: the luma of x on all three colour planes

(Vincent, Larochelle, Lajoie, Bengio & Manzagol 2010, JMLR 11:3371, section 3.3.) The draws are
fresh in every step and do not depend on the level: raising it corrupts the same entries in the same
way, and further ones. Grey draws nothing: colour is what it takes, and asks the network for.

With an emphasis on what was hit, the error of every other input counts less:

Σ_{hit} d(x̂_i, x_i) + (1 − emphasis) · Σ_{not hit} d(x̂_i, x_i)

(section 3.4 there, with α = 1 and β = 1 − emphasis: "full emphasis" is 1, "double emphasis" 0.5).

What grey leaves alone is luma: with e = x̂ − x the squared error is then ‖e − emphasis · L e‖²,
which at 1 is the error of a reconstruction whose luma has been put right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .colour_planes import LumaCountsLess, luma, on_all_planes, require_planes
from .draws import Draws
from .errors import HyperparameterError
from .hyperparameter import Part, choice, number
from .trial_axis import column, indicator

DRAWN = ("gaussian", "masking", "salt_and_pepper")
KINDS = (*DRAWN, "grey")

Counting = Tensor | LumaCountsLess
"""How much errors count: a weight for each input (1 or T, B, V), or less for the error of luma."""


class Corruption(Part):
    """Noise of one kind, at one level per trial."""

    kind: str = choice("gaussian", KINDS, meaning="kind of noise put on the input")
    level: Tensor = number(
        0.0,
        low=0.0,
        meaning="noise level",
        unit="standard deviation in the data's units (gaussian), share of colour taken (grey), or "
        "share of inputs hit",
        reference="Vincent et al. 2010, section 3.3",
    )
    emphasis: Tensor = number(
        0.0,
        low=0.0,
        high=1.0,
        meaning="how much less the error counts of what the noise left alone (inputs, or luma)",
        unit="share of their error; 1 leaves only what was hit",
        reference="Vincent et al. 2010, section 3.4",
    )

    @classmethod
    def check(cls, values: Mapping[str, Any], prefix: str) -> None:
        """Refuse a share of inputs above 1, and an emphasis where it has no meaning."""
        kind, level = values[f"{prefix}.kind"], values[f"{prefix}.level"]
        if kind != "gaussian" and level > 1:
            raise HyperparameterError(
                f"{prefix}.level", f"must be from 0 to 1 for {kind} noise", level, "It is a share."
            )
        emphasis = values[f"{prefix}.emphasis"]
        if emphasis and kind == "gaussian":
            raise HyperparameterError(
                f"{prefix}.emphasis",
                "must be 0 for gaussian noise, which hits every input",
                emphasis,
                "It is for masking, salt_and_pepper and grey.",
            )
        if emphasis and kind == "grey" and values.get("reconstruction") == "cross_entropy":
            raise HyperparameterError(
                f"{prefix}.emphasis",
                "must be 0 with cross_entropy, which has no part that is luma's",
                emphasis,
                "Write `reconstruction: squared_error`.",
            )
        if emphasis == 1 and level == 0:
            raise HyperparameterError(
                f"{prefix}.emphasis",
                "must be below 1 where no input is corrupted, or nothing would be learned",
                emphasis,
                f"Write a {prefix}.level above 0.",
            )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        levels, emphases = set(self.level.tolist()), set(self.emphasis.tolist())
        self._none = levels == {0.0}
        self._even = emphases == {0.0}
        self._level = self.level[:1] if len(levels) == 1 else self.level
        self._emphasis = self.emphasis[:1] if len(emphases) == 1 else self.emphasis

    def __call__(self, x_TBV: Tensor, draws: Draws) -> Tensor:
        """The corrupted input, (1 or T, B, V): 1 where all trials would see the same."""
        return self.emphasised(x_TBV, draws)[0]

    def meet(self, where: str, visible: int) -> None:
        """Look at the width of the inputs once, before the first step.

        Raises:
            InputError: grey, and inputs that are not three colour planes.
        """
        if self.kind == "grey":
            require_planes(where, visible)

    def emphasised(self, x_TBV: Tensor, draws: Draws) -> tuple[Tensor, Counting | None]:
        """The corrupted input, and how much the error of each input counts.

        Returns:
            x̃ (1 or T, B, V), and 1 or 1 − emphasis (1 or T, B, V), or how much less luma counts;
            None where all count 1.
        """
        if self._none and self._even:
            return x_TBV, None
        level = column(self._level, x_TBV)
        size = tuple(x_TBV.shape[1:])
        if self.kind == "gaussian":
            return torch.addcmul(x_TBV, level, draws.normal("corruption", *size)), None
        if self.kind == "grey":
            seen = torch.lerp(x_TBV, on_all_planes(luma(x_TBV)), level)
            return seen, None if self._even else LumaCountsLess(self._emphasis)
        u = draws.uniform("corruption", *size)
        if self.kind == "masking":
            kept = indicator(torch.ge, u, level)
            return x_TBV * kept, self._counting(kept)
        low, high = level / 2, 1 - level / 2
        seen = torch.where(u >= high, 1.0, torch.where(u < low, 0.0, x_TBV))
        return seen, None if self._even else self._counting(((u >= low) & (u < high)).to(u.dtype))

    @property
    def kept(self) -> Tensor:
        """By how much the mean of a corrupted input follows the clean one, (1 or T,)."""
        whole = self.kind in ("gaussian", "grey")
        return torch.ones_like(self._level) if whole else 1 - self._level

    def moments(self, x_TBV: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of each corrupted input, given the clean one.

        gaussian          x,                 level²
        masking           (1 − p) x,         p(1 − p) x²
        salt_and_pepper   (1 − p) x + p/2,   (1 − p) x² + p/2 − mean²
        grey              x + p (L x − x),   0

        with p the level. Inputs are hit independently of one another. With k the share that is
        :attr:`kept`, the mean is k x + constant and the variance k(1 − k) x² + a linear function;
        but for grey, whose mean follows all three planes.

        Returns:
            two of (1 or T, B, V).
        """
        level = column(self._level, x_TBV)
        if self.kind == "gaussian":
            return x_TBV, level.square().expand(-1, *x_TBV.shape[1:])
        if self.kind == "grey":
            seen = torch.lerp(x_TBV, on_all_planes(luma(x_TBV)), level)
            return seen, torch.zeros_like(seen)
        if self.kind == "masking":
            return (1 - level) * x_TBV, level * (1 - level) * x_TBV.square()
        mean = (1 - level) * x_TBV + level / 2
        return mean, (1 - level) * x_TBV.square() + level / 2 - mean.square()

    def _counting(self, kept_TBV: Tensor) -> Tensor | None:
        return None if self._even else 1 - column(self._emphasis, kept_TBV) * kept_TBV
