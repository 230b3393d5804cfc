"""Luma on the trial axis, and errors of which luma's counts less: closed forms and projections."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layerwise.models import InputError
from layerwise.models.colour_planes import LumaCountsLess, luma, on_all_planes, require_planes
from layerwise.models.colouring import LUMA
from layerwise.models.colouring import luma as luma_of_rows

EMPHASIS = torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64)


@pytest.fixture
def error() -> torch.Tensor:
    """Errors (3, 5, 12) of three trials."""
    return torch.randn(3, 5, 12, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def test_luma_is_that_of_a_persons_rows(error: torch.Tensor) -> None:
    for own, rows in zip(luma(error), error, strict=True):
        np.testing.assert_allclose(own, luma_of_rows(rows.numpy()))


def test_the_luma_of_a_grey_image_is_itself(error: torch.Tensor) -> None:
    grey = luma(error)
    torch.testing.assert_close(luma(on_all_planes(grey)), grey)


def test_the_emphasis_is_the_share_of_luma_that_is_taken_off(error: torch.Tensor) -> None:
    left = LumaCountsLess(EMPHASIS).of(error)
    torch.testing.assert_close(luma(left), (1 - EMPHASIS)[:, None, None] * luma(error))
    assert torch.equal(left[0], error[0])


def test_the_product_is_half_the_gradient_of_the_squared_error(error: torch.Tensor) -> None:
    counting = LumaCountsLess(EMPHASIS)
    error.requires_grad_()
    (gradient,) = torch.autograd.grad(counting.of(error).square().sum(), error)
    torch.testing.assert_close(2 * (counting * error), gradient)


def test_the_product_is_that_of_a_matrix() -> None:
    """MᵀM with M = 1 − emphasis · 1wᵀ at every pixel, here of one."""
    matrix = torch.eye(3, dtype=torch.float64)
    share = matrix - 0.4 * torch.ones(3, 1, dtype=torch.float64) * torch.tensor(LUMA)
    found = LumaCountsLess(EMPHASIS[1:2]) * matrix[None]
    torch.testing.assert_close(found[0], share.T @ share, rtol=1e-6, atol=1e-7)


def test_planes_are_a_third_each() -> None:
    require_planes("network", 12)
    with pytest.raises(InputError, match=r"three colour planes.*13 inputs"):
        require_planes("network", 13)
