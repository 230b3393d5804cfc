"""The kinds of units on one side of a Boltzmann machine, given the input that reaches them.

Each kind is a family of distributions p(s | a) ∝ exp(s · a) with the input a as its parameter:

kind         mean of s given a     log-normaliser A(a) = log Σ_s exp(s · a)
Bernoulli    σ(a)                  softplus(a)
Gaussian     a                     a²/(2σ²) + ½ log 2πσ²        (exponent (s · a − s²/2)/σ²)
Rectified    softplus(a)           −Li₂(−eᵃ)
Multinomial  D · softmax(a)        D · log Σ_k exp(a_k)         (D draws of one of the units)

Summing a side out of the joint distribution leaves exp(Σ A) of it, which is what free energies and
partition functions are made of. Whoever asks sums A over the last axis.

Shape suffixes: T trials, B batch, U units of the side.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from ..draws import Draws
from .gibbs import multinomial, sampled


def softplus(a: Tensor) -> Tensor:
    """log(1 + eᵃ), same shape; torch's own drops e⁻ᵃ beyond a = 20, an error of 2e-9."""
    found: Tensor = functional.softplus(a, threshold=40.0)
    return found


class Units(Protocol):
    """One side of a machine, whose units do not touch each other, given the other side."""

    def mean(self, a_TBU: Tensor) -> Tensor:
        """E[s | a], (T, B, U): the derivative of A, over the factor in front of s · a."""

    def sample(
        self, a_TBU: Tensor, draws: Draws, purpose: str, mean_TBU: Tensor | None = None
    ) -> Tensor:
        """States s ~ p(s | a), (T, B, U); ``mean`` is :meth:`mean` of a where it is known."""

    def log_normaliser(self, a_TBU: Tensor) -> Tensor:
        """A(a), (T, B, U) or for units that share their draws (T, B, 1), in nats."""


@dataclass(frozen=True)
class Bernoulli:
    """Units that are 0 or 1, or each the average of ``copies`` of it that all receive a.

    Two copies are a doubled layer of a deep Boltzmann machine's pretraining, with the states 0, ½
    and 1 (Salakhutdinov & Hinton 2009, section 3.1); their exponent is copies · s · a.
    """

    copies: int = 1

    def mean(self, a_TBU: Tensor) -> Tensor:
        """σ(a)."""
        return torch.sigmoid(a_TBU)

    def sample(
        self, a_TBU: Tensor, draws: Draws, purpose: str, mean_TBU: Tensor | None = None
    ) -> Tensor:
        """[u < σ(a)], averaged over the copies, each with draws of its own."""
        probability_TBU = self.mean(a_TBU) if mean_TBU is None else mean_TBU
        state_TBU = sampled(probability_TBU, draws, purpose)
        for copy in range(1, self.copies):
            state_TBU += sampled(probability_TBU, draws, f"{purpose}/{copy}")
        return state_TBU if self.copies == 1 else state_TBU / self.copies

    def log_normaliser(self, a_TBU: Tensor) -> Tensor:
        """softplus(a) for each copy."""
        found = softplus(a_TBU)
        return found if self.copies == 1 else self.copies * found


@dataclass(frozen=True)
class Gaussian:
    """Real units s ~ N(a, σ²): exponent (s · a − s²/2)/σ².

    Args:
        variance_TU: σ², positive; 1 where it is left out.
    """

    variance_TU: Tensor | None = None

    def mean(self, a_TBU: Tensor) -> Tensor:
        """The input itself."""
        return a_TBU

    def sample(
        self, a_TBU: Tensor, draws: Draws, purpose: str, mean_TBU: Tensor | None = None
    ) -> Tensor:
        """a + σε with standard normal ε."""
        noise = draws.normal(purpose, *a_TBU.shape[1:])
        if self.variance_TU is None:
            return a_TBU + noise
        return torch.addcmul(a_TBU, self.variance_TU.sqrt()[:, None], noise)

    def log_normaliser(self, a_TBU: Tensor) -> Tensor:
        """a²/(2σ²) + ½ log 2πσ²."""
        if self.variance_TU is None:
            return a_TBU.square() / 2 + 0.5 * log(2 * pi)
        variance = self.variance_TU[:, None]
        return a_TBU.square() / (2 * variance) + 0.5 * (2 * pi * variance).log()


@dataclass(frozen=True)
class Rectified:
    """Noisy rectified linear units, s = max(0, a + N(0, σ(a))) (Nair & Hinton 2010, section 2).

    They stand for an endless row of binary units that share their weights and have the biases
    −½, −1½, …. The sum of those has the mean Σ_i σ(a − i + ½) ≈ softplus(a), the variance ≈ σ(a),
    and the log-normaliser Σ_i softplus(a − i + ½) ≈ ∫₀^∞ softplus(a − t) dt = −Li₂(−eᵃ). Mean and
    log-normaliser here are those integrals, which differ from the sums by 1/24 at most.
    """

    def mean(self, a_TBU: Tensor) -> Tensor:
        """softplus(a), the mean of the units that these stand for."""
        return softplus(a_TBU)

    def sample(
        self, a_TBU: Tensor, draws: Draws, purpose: str, mean_TBU: Tensor | None = None
    ) -> Tensor:
        """max(0, a + √σ(a) ε) with standard normal ε."""
        noise = draws.normal(purpose, *a_TBU.shape[1:])
        return torch.addcmul(a_TBU, torch.sigmoid(a_TBU).sqrt_(), noise).relu_()

    def log_normaliser(self, a_TBU: Tensor) -> Tensor:
        """−Li₂(−eᵃ)."""
        # For a > 0 by the inversion −Li₂(−eᵃ) = π²/6 + a²/2 + Li₂(−e⁻ᵃ): the series in
        # s = log(1 + e⁻|ᵃ|) ≤ log 2 then needs few terms.
        s = softplus(-torch.where(a_TBU > 0, a_TBU, -a_TBU))
        square = s * s
        series = torch.full_like(s, _DILOGARITHM[-1])
        for coefficient in reversed(_DILOGARITHM[:-1]):
            series = series.mul_(square).add_(coefficient)
        below = s + square / 4 + series * square * s
        return torch.where(a_TBU > 0, a_TBU.square() / 2 + pi**2 / 6 - below, below)


@dataclass(frozen=True)
class Multinomial:
    """Counts of D words, each one of U kinds: exponent s · a (Salakhutdinov & Hinton 2009).

    Args:
        length_TB: D of each document, whole numbers, (1 or T, B).
    """

    length_TB: Tensor

    def mean(self, a_TBU: Tensor) -> Tensor:
        """D · softmax(a)."""
        return self.length_TB[..., None] * torch.softmax(a_TBU, -1)

    def sample(
        self, a_TBU: Tensor, draws: Draws, purpose: str, mean_TBU: Tensor | None = None
    ) -> Tensor:
        """Counts of exactly D words."""
        return multinomial(torch.softmax(a_TBU, -1), self.length_TB, draws, purpose)

    def log_normaliser(self, a_TBU: Tensor) -> Tensor:
        """D · log Σ_k exp(a_k), (T, B, 1): summed over sequences of D words, not over counts."""
        return self.length_TB[..., None] * a_TBU.logsumexp(-1, keepdim=True)


# −Li₂(1 − eˢ) = s + s²/4 + Σ_n B_2n s^(2n+1)/(2n+1)! for n from 1, with Bernoulli's numbers B_2n.
_DILOGARITHM = (
    1 / 36, -1 / 3600, 1 / 211680, -1 / 10886400, 1 / 526901760, -691 / 16999766784000,
    1 / 1120863744000, -3617 / 181400588328960000, 43867 / 97072790126247936000,
)  # fmt: skip
