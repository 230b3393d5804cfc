"""Parallel tempering: chains at several temperatures that exchange their states.

At the inverse temperature β the interaction is weakened, and each unit's share of it is given to
the mean μ or λ of the other side instead:

E_β(v, h) = −β u(v)ᵀWh − (1 − β) (u(v)ᵀWλ + u(μ)ᵀWh) + e(v) − cᵀh

so that the hottest machine (β = 0) has independent units which are on about as often as the data
has them, and mixes at once (Cho, Raiko & Ilin 2010, with the base model that centring suggests).
Neighbours i, j exchange their visible states with the probability
min(1, exp(F_i(v_i) + F_j(v_j) − F_i(v_j) − F_j(v_i))), a Metropolis step with the hidden units
summed out, which leaves Π_β p_β as it is (Desjardins et al. 2010). Pairs (0, 1), (2, 3), … and
pairs (1, 2), (3, 4), … take turns.

Shape suffixes: K temperatures, the machine's own first; P particles per temperature; L = K · P.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..draws import Draws
from .units import Units


class Heat(NamedTuple):
    """At which temperature each state is, and what is there in the interaction's place.

    Attributes:
        beta_L1: β of each state.
        hidden_rest_TLH: the hidden units' input at β = 0, c + u(μ)W, (T, 1 or L, H).
        visible_rest_T1V: the visible units' input at β = 0, b + Wλ.
        hidden_mean_TH: λ.
    """

    beta_L1: Tensor
    hidden_rest_TLH: Tensor
    visible_rest_T1V: Tensor
    hidden_mean_TH: Tensor

    def hidden(self, input_TLH: Tensor) -> Tensor:
        """The hidden units' input at β from that at β = 1, (T, L, H)."""
        return torch.lerp(self.hidden_rest_TLH.expand_as(input_TLH), input_TLH, self.beta_L1)

    def visible(self, input_TLV: Tensor) -> Tensor:
        """The visible units' input at β from that at β = 1, (T, L, V)."""
        return torch.lerp(self.visible_rest_T1V.expand_as(input_TLV), input_TLV, self.beta_L1)

    def log_weight(self, input_TLH: Tensor, units: Units) -> Tensor:
        """log p*_β(v) + e(v) of states whose hidden units' input at β = 1 is known, (T, L).

        Up to what does not depend on β.
        """
        lean_TL = (input_TLH @ self.hidden_mean_TH[..., None])[..., 0]
        summed_TL = units.log_normaliser(self.hidden(input_TLH)).sum(-1)
        return summed_TL + (1 - self.beta_L1[:, 0]) * lean_TL


def inverse_temperatures(count: int, particles: int, like: Tensor) -> Tensor:
    """β of each particle, (L, 1): evenly spaced from 1 to 0, the machine's own first."""
    beta_K = torch.linspace(1, 0, count, dtype=like.dtype, device=like.device)
    return beta_K.repeat_interleave(particles)[:, None]


def partners(count: int, turn: int, device: torch.device | None = None) -> Tensor:
    """With which temperature each one exchanges in this turn, (K,); itself where with none."""
    first = turn % 2 if count > 2 else 0
    k = torch.arange(count, device=device)
    other = torch.where((k - first) % 2 == 0, k + 1, k - 1)
    return torch.where((other < first) | (other >= count), k, other)


def exchange_log_odds(input_TLH: Tensor, heat: Heat, units: Units, partner_K: Tensor) -> Tensor:
    """log of the odds p(exchanged)/p(as is) of each temperature with its partner, (T, K, P).

    Args:
        input_TLH: the hidden units' input at β = 1, c + u(v)W.
        heat: of the K · P states.
        units: the kind of hidden units.
        partner_K: as :func:`partners` gives them.
    """
    count = len(partner_K)
    particles = input_TLH.shape[1] // count
    other_KP = partner_K[:, None] * particles + torch.arange(particles, device=partner_K.device)
    there_TL = heat.log_weight(input_TLH[:, other_KP.flatten()], units)
    gain_TKP = (there_TL - heat.log_weight(input_TLH, units)).view(-1, count, particles)
    return gain_TKP + gain_TKP[:, partner_K]


def exchanged(
    v_TLV: Tensor,
    input_TLH: Tensor,
    log_odds_TKP: Tensor,
    partner_K: Tensor,
    draws: Draws,
    purpose: str,
) -> tuple[Tensor, Tensor, Tensor]:
    """States and hidden inputs after one turn of exchanges, and the accepted share, (T,)."""
    _, count, particles = log_odds_TKP.shape
    own_K = torch.arange(count, device=partner_K.device)
    # Both of a pair look at the same number.
    u_TKP = draws.uniform(purpose, count, particles)[:, torch.minimum(own_K, partner_K)]
    paired_K1 = (partner_K != own_K)[:, None]
    accepted_TKP = (u_TKP.log() < log_odds_TKP) & paired_K1
    from_TKP = torch.where(accepted_TKP, partner_K[:, None], own_K[:, None])
    row_TKP = from_TKP * particles + torch.arange(particles, device=own_K.device)
    row_TL1 = row_TKP.flatten(1)[..., None]
    share_T = accepted_TKP.sum((1, 2)).to(v_TLV.dtype) / (paired_K1.sum() * particles)
    return (
        torch.take_along_dim(v_TLV, row_TL1, 1),
        torch.take_along_dim(input_TLH, row_TL1, 1),
        share_T,
    )
