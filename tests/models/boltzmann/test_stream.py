"""Streams of draws: each call the next step, whatever stands beside it."""

from __future__ import annotations

import torch

from layerwise.models.boltzmann import stream
from layerwise.models.boltzmann.stream import Stream
from layerwise.models.draws import Draws


def test_every_step_has_numbers_of_its_own() -> None:
    made = Stream(Draws([1], dtype=torch.float64), 50)
    drawn = [made.uniform("states", 3, 2) for _ in range(120)]
    assert all(u.shape == (1, 3, 2) for u in drawn)
    together = torch.cat(drawn)
    assert len(together.unique()) == together.numel()
    assert 0 <= together.min() < together.max() < 1


def test_normal_numbers_are_normal() -> None:
    made = Stream(Draws([1], dtype=torch.float64), 1000)
    drawn = torch.stack([made.normal("noise", 10) for _ in range(1000)])
    # Five standard errors of 10 000 numbers.
    assert abs(drawn.mean().item()) < 0.05
    assert abs(drawn.var().item() - 1) < 0.08


def test_a_seed_gives_the_same_numbers_in_any_company() -> None:
    alone, shared = Stream(Draws([7]), 9), Stream(Draws([3, 7, 3]), 9)
    for _ in range(20):
        ours, theirs = alone.uniform("states", 4), shared.uniform("states", 4)
        assert torch.equal(ours[0], theirs[1])
        assert torch.equal(theirs[0], theirs[2])
        assert not torch.equal(theirs[0], theirs[1])


def test_purposes_shapes_and_parts_are_apart() -> None:
    draws = Draws([1])
    made, other = Stream(draws, 5), Stream(draws.within("up"), 5)
    first = made.uniform("hidden", 6)
    assert not torch.equal(first, made.uniform("visible", 6))
    assert not torch.equal(first, other.uniform("hidden", 6))
    assert made.uniform("hidden", 2, 3).shape == (1, 2, 3)
    assert torch.equal(first, Stream(draws, 5).uniform("hidden", 6))


def test_steps_too_large_for_a_block_come_one_by_one() -> None:
    made = Stream(Draws([1]), 10)
    wide = stream.BLOCK + 1
    assert not torch.equal(made.uniform("states", wide), made.uniform("states", wide))
