"""Ways between two samples begin and end at their reconstructions."""

from __future__ import annotations

import math

import pytest
import torch
from made_cohorts import VISIBLE, Case, cohort, made_samples, settings

from layerwise.models.errors import InputError
from layerwise.models.manifold.interpolation import (
    interpolate_codes,
    interpolate_inputs,
    spherical,
    straight,
)

PLACES = torch.linspace(0, 1, 5, dtype=torch.float64)[:, None]


@pytest.mark.parametrize("path", [straight, spherical])
def test_a_way_through_the_code_ends_at_both_reconstructions(path: object) -> None:
    case = Case("autoencoder")
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0]).all()
    start, end = x[:, :4], x[:, 4:8]
    found = interpolate_codes(network, start, end, 6, path)  # type: ignore[arg-type]
    assert found.shape == (2, 4, 6, VISIBLE)
    torch.testing.assert_close(found[:, :, 0], network.reconstruct(start))
    torch.testing.assert_close(found[:, :, -1], network.reconstruct(end))


def test_of_a_linear_network_both_ways_are_one() -> None:
    case = Case("linear_autoencoder")
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0, 1]).all()
    ends = x[:, :4], x[:, 4:8]
    torch.testing.assert_close(
        interpolate_codes(network, *ends, 7), interpolate_inputs(network, *ends, 7)
    )


def test_the_spherical_way_keeps_length_and_pace() -> None:
    generator = torch.Generator().manual_seed(0)
    ends = torch.randn(2, 3, 8, 1, 6, generator=generator, dtype=torch.float64)
    start, end = ends / ends.norm(dim=-1, keepdim=True)
    found = spherical(start, end, PLACES)
    torch.testing.assert_close(found.norm(dim=-1), torch.ones(3, 8, 5, dtype=torch.float64))
    angles = (found[:, :, 1:] * found[:, :, :-1]).sum(-1).acos()
    torch.testing.assert_close(angles, angles[..., :1].expand_as(angles))
    torch.testing.assert_close(angles.sum(-1), (start * end).sum(-1).acos()[..., 0])


def test_the_spherical_way_by_hand_and_where_it_has_no_plane() -> None:
    east, north = torch.tensor([[1.0, 0.0]]).double(), torch.tensor([[0.0, 1.0]]).double()
    middle = spherical(east, north, torch.tensor([[0.5]]).double())
    torch.testing.assert_close(middle, torch.full((1, 2), math.sqrt(0.5)).double())
    for end in (east, 3 * east, -east, 0 * east):
        torch.testing.assert_close(spherical(east, end, PLACES), straight(east, end, PLACES))


def test_a_way_has_two_ends() -> None:
    case = Case("autoencoder")
    network = cohort(case, [settings(case)], [0])
    x = made_samples([0]).all()
    with pytest.raises(InputError, match="at least two places"):
        interpolate_codes(network, x, x, 1)
