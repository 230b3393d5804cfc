"""Multinomial logistic regression against scikit-learn's, on the same objective."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from codes_of_digits import codes
from sklearn.linear_model import LogisticRegression

from layerwise.models.measures.logistic_regression import logistic_regression


def made(trials: int, samples: int, hidden: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(3)
    code = rng.normal(size=(trials, samples, hidden))
    label = (code[0] @ rng.normal(size=(hidden, 4)) + rng.normal(size=(samples, 4))).argmax(1)
    return torch.from_numpy(code), torch.from_numpy(label)


@pytest.mark.parametrize("penalty", [0.1, 1.0, 30.0])
def test_the_minimum_is_scikit_learns(penalty: float) -> None:
    code, label = made(3, 200, 6)
    weight, bias = logistic_regression(code, label, penalty, steps=200)
    for trial in range(3):
        reference = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=10_000)
        reference.fit(code[trial].numpy(), label.numpy())
        np.testing.assert_allclose(weight[trial].T, reference.coef_, atol=1e-5)
        np.testing.assert_allclose(bias[trial], reference.intercept_, atol=1e-5)


def test_few_steps_come_close_on_digits() -> None:
    code, label, _, _ = codes(16)
    code = (code - code.mean(1, keepdim=True)) / code.std(1, keepdim=True)

    def objective(steps: int) -> float:
        weight, bias = logistic_regression(code, label, steps=steps)
        loss = torch.nn.functional.cross_entropy((code @ weight + bias[:, None])[0], label)
        return float(loss + weight.square().sum() / 2 / len(label))

    least = objective(400)
    assert 0 <= objective(30) - least < 1e-3
    assert objective(200) - least < 1e-7


def test_a_trial_is_fitted_alike_alone_and_beside_others() -> None:
    code, label = made(5, 80, 3)
    code[1] = code[1] * 1e3  # Far from the scale it is meant for: its steps fail now and then.
    code[2] = 0
    weight, bias = logistic_regression(code, label)
    assert weight.isfinite().all()
    for trial in range(5):
        alone, alone_bias = logistic_regression(code[trial : trial + 1], label)
        torch.testing.assert_close(weight[trial], alone[0], rtol=1e-8, atol=1e-10)
        torch.testing.assert_close(bias[trial], alone_bias[0], rtol=1e-8, atol=1e-10)


def test_codes_that_say_nothing_leave_the_shares_of_the_labels() -> None:
    label = torch.tensor([0, 0, 0, 1, 2, 2])
    weight, bias = logistic_regression(torch.zeros(1, 6, 2, dtype=torch.float64), label, steps=100)
    assert weight.abs().max() == 0
    expected = torch.tensor([[3, 1, 2]], dtype=torch.float64) / 6
    torch.testing.assert_close(bias.softmax(-1), expected)


@pytest.mark.parametrize("copies", [1, 40])
def test_equal_units_in_single_precision_have_a_solution(copies: int) -> None:
    code, label = made(1, 100, 3)
    weight, _ = logistic_regression(code.float().repeat(1, 1, copies), label)
    assert weight.isfinite().all()
    apart = weight.view(1, copies, 3, 4)
    torch.testing.assert_close(apart, apart[:, :1].expand_as(apart), rtol=0, atol=1e-3)
