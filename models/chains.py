"""The health of Markov chains: whether they agree, and how many independent samples they are worth.

Every function looks at one quantity along chains, such as the free energy of each state.
Shape suffixes: C chains, N successive states of each. Constant chains give NaN.
"""

from __future__ import annotations

import torch
from torch import Tensor


def r_hat(x_TCN: Tensor) -> Tensor:
    """How much larger the spread over all chains is than within one, (T,); 1 when they agree.

    Each chain is split in two, so that a chain that drifts disagrees with itself. The larger value
    of the quantity's ranks (which sees chains in different places) and of the ranks of its distance
    from the median (which sees chains of different widths), as normal scores, so that heavy tails
    do no harm. Above 1.01 more steps are needed (Vehtari, Gelman, Simpson, Carpenter & Bürkner
    2021, Bayesian Analysis 16:667, equations 3, 4 and 14).

    Raises:
        ValueError: fewer than 4 states, so that a half has no variance.
    """
    halves = split(x_TCN)
    folded = (halves - halves.flatten(1).median(-1).values[:, None, None]).abs()
    return torch.maximum(
        potential_scale_reduction(rank_normalised(halves)),
        potential_scale_reduction(rank_normalised(folded)),
    )


def potential_scale_reduction(x_TCN: Tensor) -> Tensor:
    """√(((N − 1)/N · W + B/N)/W) from the variances within and between chains, (T,).

    (Gelman & Rubin 1992, Statistical Science 7:457.)
    """
    length = x_TCN.shape[-1]
    within_T = x_TCN.var(-1).mean(-1)
    means_T = x_TCN.mean(-1).var(-1)
    return ((length - 1) / length + means_T / within_T).sqrt()


def effective_samples(x_TCN: Tensor) -> Tensor:
    """C · N/(1 + 2 Σ_t ρ_t), (T,): independent samples that would tell the mean as well.

    ρ_t combines the chains' autocorrelations with the variance between their means, and the sum
    ends by Geyer's initial monotone sequence: sums of neighbours ρ_2t + ρ_2t+1 are positive and
    fall (Geyer 1992, Statistical Science 7:473, section 3.3; Vehtari et al. 2021, equations 7–10).
    Of :func:`rank_normalised` halves (:func:`split`) it is the bulk effective sample size.
    """
    chains, length = x_TCN.shape[1:]
    covariance_TCN = _autocovariance(x_TCN)
    within_T = covariance_TCN[..., 0].mean(-1) * length / (length - 1)
    total_T = within_T * (length - 1) / length
    if chains > 1:
        total_T = total_T + x_TCN.mean(-1).var(-1)
    # Chains that never meet stay correlated: each varies less than all of them together.
    rho_TN = 1 - (within_T[:, None] - covariance_TCN.mean(1)) / total_T[:, None]
    rho_TN[:, 0] = 1
    pairs_TP = rho_TN[:, : length // 2 * 2].reshape(len(rho_TN), -1, 2).sum(-1)
    positive_TP = (pairs_TP > 0).cumprod(-1)
    monotone_TP = pairs_TP.cummin(-1).values * positive_TP
    time_T = 2 * monotone_TP.sum(-1) - 1
    # Antithetic chains can be worth more than their length, though not without limit.
    most = chains * length * torch.log10(x_TCN.new_tensor(chains * length))
    return torch.minimum(chains * length / time_T, most)


def rank_normalised(x_TCN: Tensor) -> Tensor:
    """Normal scores Φ⁻¹((rank − 3/8)/(S + 1/4)) over all S states, same shape.

    Equal values share their mean rank (Vehtari et al. 2021, equation 14).
    """
    x_TS = x_TCN.flatten(1)
    ordered_TS = x_TS.sort(-1).values.contiguous()
    before_TS = torch.searchsorted(ordered_TS, x_TS)
    through_TS = torch.searchsorted(ordered_TS, x_TS, right=True)
    rank_TS = (before_TS + through_TS + 1).to(x_TCN.dtype) / 2
    score_TS: Tensor = torch.special.ndtri((rank_TS - 0.375) / (x_TS.shape[1] + 0.25))
    return score_TS.view_as(x_TCN)


def split(x_TCN: Tensor) -> Tensor:
    """The two halves of each chain as chains of their own, (T, 2 C, N // 2); a middle state goes.

    Raises:
        ValueError: chains of fewer than 4 states.
    """
    half = x_TCN.shape[-1] // 2
    if half < 2:
        raise ValueError(f"chains of {x_TCN.shape[-1]} states cannot be split")
    return torch.cat([x_TCN[..., :half], x_TCN[..., -half:]], 1)


def _autocovariance(x_TCN: Tensor) -> Tensor:
    """Σ_n (x_n − x̄)(x_{n+t} − x̄)/N for every lag t, same shape, by the fast Fourier transform."""
    length = x_TCN.shape[-1]
    centred = x_TCN - x_TCN.mean(-1, keepdim=True)
    # Padded with zeros, so that the end of a chain does not meet its beginning.
    spectrum = torch.fft.rfft(centred, n=2 * length)
    power = spectrum.real.square() + spectrum.imag.square()
    products: Tensor = torch.fft.irfft(power, n=2 * length)[..., :length]
    return products / length
