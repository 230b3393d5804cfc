"""Groups of near codes: k-means for every trial at once, the best of several starts.

R counts the starts, C the clusters.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import Draws
from ..errors import InputError
from ..trial_axis import indicator

STARTS = 4
# Lloyd's rounds at most; they end before when no sample changes its cluster in any trial.
ROUNDS = 100


@torch.no_grad()
def kmeans(code_TNH: Tensor, clusters: int, draws: Draws, starts: int = STARTS) -> Tensor:
    """The cluster of each sample, (T, N), whole numbers from 0.

    min Σ_n ‖h_n − centre of its cluster‖² by Lloyd's rounds (1982, IEEE Trans. Information Theory
    28:129) from several k-means++ starts (Arthur & Vassilvitskii 2007, SODA), of which the best is
    taken. A cluster that loses all its samples keeps its centre.

    Raises:
        InputError: fewer samples than clusters.
    """
    trials, samples, hidden = code_TNH.shape
    if samples < clusters:
        raise InputError("kmeans", f"needs at least {clusters} samples", samples)
    # Centring changes no distance, and saves digits in those below.
    code_TNH = code_TNH - code_TNH.mean(1, keepdim=True)
    code_THN = code_TNH.mT.contiguous()
    centre_TRCH = _spread_out(code_THN, clusters, draws, starts)
    shape = (trials, starts, clusters, samples)
    member_TRCN = code_TNH.new_empty(0)
    for _ in range(ROUNDS):
        distance_TRCN = _distances(centre_TRCH.flatten(1, 2), code_THN).view(shape)
        # A sample just as near to two centres draws both: exact ties are twins, and stay so.
        found_TRCN = indicator(torch.eq, distance_TRCN, distance_TRCN.amin(2, keepdim=True))
        if torch.equal(found_TRCN, member_TRCN):
            break
        member_TRCN = found_TRCN
        count_TRC1 = member_TRCN.sum(-1, keepdim=True)
        sum_TRCH = (member_TRCN.flatten(1, 2) @ code_TNH).view(trials, starts, clusters, hidden)
        centre_TRCH = torch.where(count_TRC1 > 0, sum_TRCH / count_TRC1, centre_TRCH)
    best_T = distance_TRCN.amin(2).sum(-1).argmin(-1)
    return distance_TRCN[torch.arange(trials, device=best_T.device), best_T].argmin(1)


def _spread_out(code_THN: Tensor, clusters: int, draws: Draws, starts: int) -> Tensor:
    """First centres (T, R, C, H): each is a sample, likelier the further from those before it."""
    trials, hidden, samples = code_THN.shape
    u = draws.uniform("kmeans", clusters, starts, 1).expand(trials, -1, -1, -1)
    square_T1N = code_THN.square().sum(1, keepdim=True)
    far_TRN = code_THN.new_ones(trials, starts, samples)
    centres: list[Tensor] = []
    for number in range(clusters):
        reach_TRN = far_TRN.cumsum(-1)
        # The sample at which the cumulated distances pass a share u of all.
        chosen_TR1 = torch.searchsorted(reach_TRN, u[:, number] * reach_TRN[..., -1:], right=True)
        row_TRH = chosen_TR1.clamp(max=samples - 1).expand(-1, -1, hidden)
        centres.append(code_THN.mT.gather(1, row_TRH))
        near_TRN = (square_T1N + _distances(centres[-1], code_THN)).clamp(min=0)
        far_TRN = torch.minimum(far_TRN, near_TRN) if number else near_TRN
    return torch.stack(centres, 2)


def _distances(centre_TCH: Tensor, code_THN: Tensor) -> Tensor:
    """‖code − centre‖² but for the code's own ‖code‖², (T, C, N)."""
    square_TC1 = centre_TCH.square().sum(-1, keepdim=True)
    return torch.baddbmm(square_TC1, centre_TCH, code_THN, alpha=-2)
