"""The Jacobian by automatic differentiation against one that is known."""

from __future__ import annotations

import torch

from layerwise.models.jacobian import jacobian


def test_of_a_linear_map_it_is_the_matrix() -> None:
    weight_TVH = torch.arange(24, dtype=torch.float64).view(2, 3, 4)
    x = torch.ones(1, 5, 3, dtype=torch.float64)
    found = jacobian(lambda x_TBV: x_TBV @ weight_TVH, x, trials=2)
    torch.testing.assert_close(found, weight_TVH.mT[:, None].expand(2, 5, 4, 3))


def test_of_a_square_it_is_twice_the_input() -> None:
    x = torch.tensor([[[1.0, -2.0]], [[3.0, 0.5]]])
    found = jacobian(torch.square, x, trials=2)
    torch.testing.assert_close(found, torch.diag_embed(2 * x))


def test_it_works_where_gradients_are_off() -> None:
    with torch.no_grad():
        assert not jacobian(torch.square, torch.ones(1, 1, 2), trials=1).requires_grad
