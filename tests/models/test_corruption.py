"""What each kind of noise does, and that draws belong to the step and not to the level."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from layerwise.models.corruption import KINDS, Corruption
from layerwise.models.draws import Draws

LEVELS = torch.tensor([0.0, 0.1, 0.3, 0.8], dtype=torch.float64)


def corrupted(kind: str, levels: torch.Tensor = LEVELS, step: int = 0) -> torch.Tensor:
    """An input of 0.5 throughout, (4, 400, 50) after corruption."""
    x = torch.full((1, 400, 50), 0.5, dtype=torch.float64)
    draws = Draws([3] * len(levels), epoch=1, step=step, dtype=torch.float64)
    return Corruption({"kind": kind, "level": levels})(x, draws)


def test_gaussian_noise_has_the_level_as_standard_deviation() -> None:
    noise = corrupted("gaussian") - 0.5
    torch.testing.assert_close(noise.mean((1, 2)), torch.zeros_like(LEVELS), rtol=0, atol=0.02)
    torch.testing.assert_close(noise.std((1, 2)), LEVELS, rtol=0.02, atol=0)


def test_masking_silences_the_level_share() -> None:
    x = corrupted("masking")
    assert set(x.unique().tolist()) == {0.0, 0.5}
    torch.testing.assert_close((x == 0).double().mean((1, 2)), LEVELS, rtol=0.05, atol=0)


def test_salt_and_pepper_share_the_level() -> None:
    x = corrupted("salt_and_pepper")
    assert set(x.unique().tolist()) == {0.0, 0.5, 1.0}
    for extreme in (0.0, 1.0):
        share = (x == extreme).double().mean((1, 2))
        torch.testing.assert_close(share, LEVELS / 2, rtol=0.08, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_higher_level_corrupts_the_same_entries_and_more(kind: str) -> None:
    change = corrupted(kind) - 0.5
    assert not change[0].any()
    for lower, higher in pairwise(change):
        assert (higher.abs() >= lower.abs()).all()
        assert ((lower == 0) | (lower.sign() == higher.sign())).all()
        assert (higher.abs() > lower.abs()).any()


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_fresh_in_every_step_and_the_same_on_repetition(kind: str) -> None:
    assert torch.equal(corrupted(kind), corrupted(kind))
    assert not torch.equal(corrupted(kind, step=0), corrupted(kind, step=1))


@pytest.mark.parametrize("kind", KINDS)
def test_levels_that_all_agree_stay_shared(kind: str) -> None:
    common = corrupted(kind, torch.full((5,), 0.3, dtype=torch.float64))
    assert common.shape[0] == 1
    assert torch.equal(common[0], corrupted(kind)[2])
    untouched = corrupted(kind, torch.zeros(5, dtype=torch.float64))
    assert (untouched == 0.5).all()


def test_a_level_of_one_leaves_nothing_of_the_input() -> None:
    one = torch.ones(1, dtype=torch.float64)
    assert not corrupted("masking", one).any()
    assert set(corrupted("salt_and_pepper", one).unique().tolist()) == {0.0, 1.0}
