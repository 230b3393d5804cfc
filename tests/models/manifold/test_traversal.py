"""Ways through the code: what changes, what stays, and where they begin and end."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import HIDDEN, VISIBLE, Case, cohort, made_samples, settings

from layerwise.models.errors import InputError
from layerwise.models.manifold.traversal import observed_range, travel, traverse
from layerwise.models.network import Network


def linear(trials: int = 3) -> Network:
    case = Case("linear_autoencoder")
    return cohort(case, [settings(case)] * trials, range(trials))


def test_the_range_is_the_datas() -> None:
    code = torch.arange(101.0).view(1, 101, 1) * torch.tensor([1.0, -2.0])
    low, high = observed_range(code)
    assert low.tolist() == [[0, -200]]
    assert high.tolist() == [[100, 0]]
    low, high = observed_range(code, left_out=0.05)
    torch.testing.assert_close(low, torch.tensor([[5.0, -190]]))
    torch.testing.assert_close(high, torch.tensor([[95.0, -10]]))


def test_one_unit_changes_and_the_rest_stays() -> None:
    network = linear()
    x = made_samples([0]).all()[:, :4]
    low, high = observed_range(network.encode(x))
    found = traverse(network, x, 2, low[:, 2], high[:, 2], 5)
    assert found.shape == (3, 4, 5, VISIBLE)
    code = network.encode(x)
    for place, share in enumerate([0, 0.25, 0.5, 0.75, 1]):
        code[..., 2] = ((1 - share) * low + share * high)[:, 2, None]
        torch.testing.assert_close(found[:, :, place], network.decode(code))


def test_the_way_along_a_direction_is_as_long_as_its_reach() -> None:
    network = linear()
    x = made_samples([0]).all()[:, :4]
    direction = network.draws().normal("direction", 1, HIDDEN)
    found = travel(network, x, direction, 2.0, 3)
    torch.testing.assert_close(found[:, :, 1], network.reconstruct(x))
    code = network.encode(x)
    torch.testing.assert_close(found[:, :, 0], network.decode(code - 2 * direction))
    torch.testing.assert_close(found[:, :, 2], network.decode(code + 2 * direction))


def test_wrong_ways_are_refused() -> None:
    network, x = linear(1), made_samples([0]).all()
    zero = torch.zeros(1, dtype=torch.float64)
    with pytest.raises(InputError, match=f"unit from 0 to {HIDDEN - 1}, but got {HIDDEN}"):
        traverse(network, x, HIDDEN, zero, zero, 3)
    with pytest.raises(InputError, match="at least two places"):
        traverse(network, x, 0, zero, zero, 1)
