"""Draws belong to (seed, epoch, step, purpose), never to the cohort."""

from __future__ import annotations

import pytest
import torch

from layerwise.models import InputError
from layerwise.models.draws import Draws


def test_a_seed_draws_the_same_in_every_company() -> None:
    mixed, alone = Draws([5, 7, 5, 9], epoch=2, step=3), Draws([7], epoch=2, step=3)
    for method, size in [("uniform", (4, 6)), ("normal", (4, 6)), ("permutation", (20,))]:
        together = getattr(mixed, method)("noise", *size)
        assert together.shape == (4, *size)
        assert torch.equal(together[0], together[2])
        assert torch.equal(together[1], getattr(alone, method)("noise", *size)[0])
        assert not torch.equal(together[0], together[1])


def test_one_seed_is_drawn_once() -> None:
    assert Draws([5, 5, 5]).normal("noise", 4).shape == (1, 4)
    assert Draws([5, 6, 7]).normal("noise", 4).shape == (3, 4)


@pytest.mark.parametrize(
    "other",
    [Draws([1], epoch=1, step=0), Draws([0], epoch=2, step=0), Draws([0], epoch=1, step=1)],
    ids=["seed", "epoch", "step"],
)
def test_seed_epoch_and_step_each_change_the_draws(other: Draws) -> None:
    assert not torch.equal(Draws([0], epoch=1, step=0).normal("a", 9), other.normal("a", 9))


def test_purposes_are_independent_and_repetitions_equal() -> None:
    draws = Draws([0], epoch=1)
    assert torch.equal(draws.uniform("a", 9), draws.uniform("a", 9))
    correlation = torch.corrcoef(torch.cat([draws.normal("a", 5000), draws.normal("b", 5000)]))
    assert abs(correlation[0, 1]) < 0.06


def test_a_permutation_is_one() -> None:
    (order,) = Draws([0]).permutation("order", 50)
    assert order.sort().values.tolist() == list(range(50))
    assert order.tolist() != list(range(50))


def test_types() -> None:
    draws = Draws([0, 1], dtype=torch.float64)
    assert draws.uniform("a", 3).dtype == draws.normal("a", 3).dtype == torch.float64
    assert draws.permutation("a", 3).dtype == torch.int64
    uniform = draws.uniform("a", 10_000)
    assert uniform.min() >= 0
    assert uniform.max() < 1


def test_parts_of_a_network_draw_apart_under_the_same_purpose() -> None:
    draws = Draws([0], epoch=1)
    first, second = draws.within("1").normal("a", 9), draws.within("2").normal("a", 9)
    for drawn in (first, draws.within("1").within("2").normal("a", 9), draws.normal("a", 9)):
        assert not torch.equal(drawn, second)
    assert torch.equal(first, draws.within("1").normal("a", 9))


@pytest.mark.parametrize("method", ["uniform", "normal"])
@pytest.mark.parametrize("own", [slice(0, 3), slice(3, 7), slice(2, 3)])
def test_a_share_of_the_rows_has_what_the_whole_batch_has_there(method: str, own: slice) -> None:
    draws = Draws([5, 7, 5], epoch=2, step=3)
    part, rows = draws.rows(own, 7), own.stop - own.start
    whole = getattr(draws, method)("noise", 7, 6)
    assert torch.equal(getattr(part, method)("noise", rows, 6), whole[:, own])
    whole = getattr(draws.within("1"), method)("noise", 4, 7, 2)
    inner = getattr(part.within("1"), method)("noise", 4, rows, 2, rows=1)
    assert torch.equal(inner, whole[:, :, own])


def test_what_is_no_row_of_the_batch_is_drawn_whole() -> None:
    draws = Draws([5], epoch=2)
    part = draws.rows(slice(0, 3), 7)
    assert torch.equal(part.whole().normal("chains", 5, 2), draws.normal("chains", 5, 2))
    with pytest.raises(InputError, match=r"draws for chains: must have this worker's 3 rows"):
        part.normal("chains", 5, 2)


def test_all_rows_are_no_share() -> None:
    draws = Draws([5])
    assert draws.rows(slice(0, 7), 7) is draws.whole() is draws
