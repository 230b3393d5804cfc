"""How far a grouping of samples agrees with their labels.

Cells are counts, so that both measures are exact to rounding. C counts clusters, K classes.
"""

from __future__ import annotations

import torch
from torch import Tensor


def contingency(cluster_TN: Tensor, label_N: Tensor) -> Tensor:
    """Samples in each cluster with each label, (T, C, K), in double precision.

    Both are whole numbers from 0.
    """
    trials = len(cluster_TN)
    clusters, classes = int(cluster_TN.max()) + 1, int(label_N.max()) + 1
    trial_T1 = torch.arange(trials, device=cluster_TN.device)[:, None]
    cell_TN = (trial_T1 * clusters + cluster_TN) * classes + label_N
    counts = torch.bincount(cell_TN.flatten(), minlength=trials * clusters * classes)
    return counts.view(trials, clusters, classes).double()


def normalised_mutual_information(cluster_TN: Tensor, label_N: Tensor) -> Tensor:
    """I(cluster; label) over the mean of both entropies, (T,), from 0 to 1.

    (Strehl & Ghosh 2002, JMLR 3:583, with the arithmetic mean, as scikit-learn takes it.) Two
    groupings of which neither says anything agree wholly.
    """
    joint_TCK = contingency(cluster_TN, label_N) / len(label_N)
    cluster_TC, class_TK = joint_TCK.sum(2), joint_TCK.sum(1)
    both_T = _entropy(cluster_TC) + _entropy(class_TK)
    shared_T = (both_T - _entropy(joint_TCK.flatten(1))).clamp(min=0)
    return torch.where(both_T > 0, 2 * shared_T / both_T, 1.0)


def adjusted_rand_index(cluster_TN: Tensor, label_N: Tensor) -> Tensor:
    """Share of pairs that both groupings treat alike, corrected for chance, (T,), at most 1.

    0 is what independent groupings have on average (Hubert & Arabie 1985, J. Classification 2:193,
    eq. 5).
    """
    count_TCK = contingency(cluster_TN, label_N)
    together_T = _pairs(count_TCK.flatten(1))
    cluster_T, class_T = _pairs(count_TCK.sum(2)), _pairs(count_TCK.sum(1))
    all_pairs = len(label_N) * (len(label_N) - 1) / 2
    # Brought to whole numbers, so that equal groupings have exactly 1.
    gained_T = together_T * all_pairs - cluster_T * class_T
    most_T = (cluster_T + class_T) / 2 * all_pairs - cluster_T * class_T
    return torch.where(most_T != 0, gained_T / most_T, 1.0)


def _entropy(share_TC: Tensor) -> Tensor:
    negative: Tensor = torch.special.xlogy(share_TC, share_TC).sum(-1)
    return -negative


def _pairs(count_TC: Tensor) -> Tensor:
    return (count_TC * (count_TC - 1) / 2).sum(-1)
