"""Multinomial logistic regression of one set of labels on every trial's codes at once.

F counts the units of the code and a constant 1, K the classes.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

# Steps of the optimiser, and how many past steps tell it the curvature.
STEPS = 30
MEMORY = 6
Pair = tuple[Tensor, Tensor, Tensor]


@torch.no_grad()
def logistic_regression(
    code_TNH: Tensor, label_N: Tensor, penalty: float = 1.0, steps: int = STEPS
) -> tuple[Tensor, Tensor]:
    """Weights (T, H, K) and biases (T, K) that tell the labels from the codes.

    They minimise Σ_n −log softmax(h_n W + b)[label_n] + penalty/2 ‖W‖², scikit-learn's objective at
    C = 1/penalty, by L-BFGS (Nocedal & Wright 2006, algorithm 7.4) without a line search. For each
    class the curvature of the first term lies below ½ XᵀX (Böhning 1992, Ann. Inst. Statist.
    Math. 44:197), X being the codes and a column of ones: this bound is the first guess of the
    curvature, and gives the step that cannot fail where the last one went uphill. A trial takes
    the same steps whatever it is fitted beside.

    Args:
        code_TNH: codes of some scale near 1.
        label_N: whole numbers from 0; K is one more than the largest.
        penalty: above 0.
        steps: 30 bring the objective within 0.001 nats per sample of its minimum on digits.
    """
    # With the classes before the samples, the softmax runs along the memory.
    x_TNF = torch.cat([code_TNH, torch.ones_like(code_TNH[..., :1])], -1)
    x_TFN = x_TNF.mT.contiguous()
    ridge_F = torch.full_like(x_TNF[0, 0], penalty)
    ridge_F[-1] = 0
    bound_TFF = torch.baddbmm(torch.diag(ridge_F), x_TFN, x_TNF, alpha=0.5)
    # A wider bound is a bound too, and has a factor whatever rounding does to equal units.
    widened_T = 64 * torch.finfo(x_TNF.dtype).eps * bound_TFF.diagonal(dim1=1, dim2=2).sum(-1)
    bound_TFF.diagonal(dim1=1, dim2=2).add_(widened_T[:, None])
    inverse_TFF = torch.cholesky_inverse(torch.linalg.cholesky(bound_TFF))
    target_TKF = one_hot(label_N).mT.to(x_TNF.dtype).expand(len(x_TNF), -1, -1) @ x_TNF

    def objective(at_TKF: Tensor) -> tuple[Tensor, Tensor]:
        """Its value (T, 1, 1) and its gradient."""
        logit_TKN = at_TKF @ x_TFN
        share_TKN = logit_TKN.softmax(1)
        # log Σ exp from the likeliest class, whose share cannot vanish.
        log_sum_TN = logit_TKN.amax(1) - share_TKN.amax(1).log()
        linear_T11 = _dot(at_TKF, ridge_F * at_TKF / 2 - target_TKF)
        gradient_TKF = share_TKN @ x_TNF - target_TKF + ridge_F * at_TKF
        return log_sum_TN.sum(1)[:, None, None] + linear_T11, gradient_TKF

    at_TKF = torch.zeros_like(target_TKF)
    value_T11, gradient_TKF = objective(at_TKF)
    pairs: list[Pair] = []
    for _ in range(steps):
        step_TKF = -_newton(gradient_TKF, pairs, inverse_TFF)
        next_T11, slope_TKF = objective(at_TKF + step_TKF)
        better_T11 = next_T11 <= value_T11
        step_TKF = torch.where(better_T11, step_TKF, 0.0)
        change_TKF = torch.where(better_T11, slope_TKF - gradient_TKF, 0.0)
        at_TKF = at_TKF + step_TKF
        gradient_TKF = torch.where(better_T11, slope_TKF, gradient_TKF)
        value_T11 = torch.where(better_T11, next_T11, value_T11)
        bend_T11 = _dot(step_TKF, change_TKF)
        weight_T11 = torch.where(bend_T11 > 0, 1 / bend_T11, 0.0)
        # After a failure the memory is void: the bound alone decides the next step.
        pairs = [(s, y, torch.where(better_T11, rho, 0.0)) for s, y, rho in pairs[1 - MEMORY :]]
        pairs.append((step_TKF, change_TKF, weight_T11))
    return at_TKF[..., :-1].mT, at_TKF[..., -1]


def _newton(gradient_TKF: Tensor, pairs: list[Pair], inverse_TFF: Tensor) -> Tensor:
    """The inverse curvature, as the last steps and changes of slope tell it, times a gradient."""
    shares = []
    for step_TKF, change_TKF, weight_T11 in reversed(pairs):
        share_T11 = weight_T11 * _dot(step_TKF, gradient_TKF)
        gradient_TKF = gradient_TKF - share_T11 * change_TKF
        shares.append(share_T11)
    found_TKF = gradient_TKF @ inverse_TFF
    if pairs:
        # The bound is too steep; the latest step says by how much.
        _, change_TKF, weight_T11 = pairs[-1]
        steepness_T11 = weight_T11 * _dot(change_TKF @ inverse_TFF, change_TKF)
        found_TKF = torch.where(weight_T11 > 0, found_TKF / steepness_T11, found_TKF)
    for (step_TKF, change_TKF, weight_T11), share_T11 in zip(pairs, reversed(shares), strict=True):
        found_TKF = found_TKF + (share_T11 - weight_T11 * _dot(change_TKF, found_TKF)) * step_TKF
    return found_TKF


def _dot(left_TKF: Tensor, right_TKF: Tensor) -> Tensor:
    return (left_TKF * right_TKF).sum((1, 2), keepdim=True)
