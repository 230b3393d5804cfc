"""What each kind of noise does, and that draws belong to the step and not to the level."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.colour_planes import LumaCountsLess
from layerwise.models.colouring import LUMA
from layerwise.models.corruption import DRAWN, KINDS, Corruption
from layerwise.models.draws import Draws

LEVELS = torch.tensor([0.0, 0.1, 0.3, 0.8], dtype=torch.float64)


def corrupted(kind: str, levels: torch.Tensor = LEVELS, step: int = 0) -> torch.Tensor:
    """An input of 0.5 throughout, (4, 400, 50) after corruption."""
    x = torch.full((1, 400, 50), 0.5, dtype=torch.float64)
    draws = Draws([3] * len(levels), epoch=1, step=step, dtype=torch.float64)
    return made(kind, levels)(x, draws)


def made(kind: str, levels: torch.Tensor, emphasis: torch.Tensor | None = None) -> Corruption:
    emphasis = torch.zeros_like(levels) if emphasis is None else emphasis
    return Corruption({"kind": kind, "level": levels, "emphasis": emphasis})


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


@pytest.mark.parametrize("kind", DRAWN)
def test_a_higher_level_corrupts_the_same_entries_and_more(kind: str) -> None:
    change = corrupted(kind) - 0.5
    assert not change[0].any()
    for lower, higher in pairwise(change):
        assert (higher.abs() >= lower.abs()).all()
        assert ((lower == 0) | (lower.sign() == higher.sign())).all()
        assert (higher.abs() > lower.abs()).any()


@pytest.mark.parametrize("kind", DRAWN)
def test_noise_is_fresh_in_every_step_and_the_same_on_repetition(kind: str) -> None:
    assert torch.equal(corrupted(kind), corrupted(kind))
    assert not torch.equal(corrupted(kind, step=0), corrupted(kind, step=1))


@pytest.mark.parametrize("kind", DRAWN)
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


@pytest.mark.parametrize("kind", ["masking", "salt_and_pepper"])
def test_emphasis_lets_inputs_that_were_not_hit_count_less(kind: str) -> None:
    """Vincent et al. 2010, section 3.4, with α = 1 and β = 1 − emphasis."""
    x = torch.full((1, 400, 50), 0.5, dtype=torch.float64)
    draws = Draws([3] * 4, epoch=1, dtype=torch.float64)
    emphasis = torch.tensor([0.0, 1.0, 0.25, 0.5], dtype=torch.float64)
    seen, counting = made(kind, LEVELS, emphasis).emphasised(x, draws)
    assert counting is not None
    assert torch.equal(seen, made(kind, LEVELS)(x, draws))
    for trial, share in enumerate(emphasis.tolist()):
        hit = seen[trial] != 0.5
        assert (counting[trial][hit] == 1).all()
        assert (counting[trial][~hit] == 1 - share).all()


@pytest.mark.parametrize("kind", KINDS)
def test_without_emphasis_nothing_is_weighed(kind: str) -> None:
    x = torch.full((1, 4, 6), 0.5, dtype=torch.float64)
    for levels in (LEVELS, torch.zeros(4, dtype=torch.float64)):
        assert made(kind, levels).emphasised(x, Draws([3] * 4, epoch=1))[1] is None


@pytest.mark.parametrize(
    ("corruption", "message"),
    [
        ({"kind": "gaussian", "level": 0.1, "emphasis": 0.5}, "hits every input"),
        ({"kind": "masking", "level": 0.0, "emphasis": 1.0}, "nothing would be learned"),
        ({"kind": "masking", "level": 0.1, "emphasis": 1.5}, "from 0 to 1, but got 1.5"),
        ({"kind": "salt_and_pepper", "level": 1.1}, "It is a share"),
        ({"kind": "grey", "level": 1.1}, "from 0 to 1 for grey noise"),
        ({"kind": "grey", "level": 0.0, "emphasis": 1.0}, "nothing would be learned"),
    ],
)
def test_what_has_no_meaning_is_refused(corruption: dict[str, object], message: str) -> None:
    with pytest.raises(HyperparameterError, match=message):
        create("autoencoder", corruption=corruption)


@pytest.mark.parametrize("kind", DRAWN)
def test_moments_are_those_of_the_noise(kind: str) -> None:
    """Against 20 000 draws, for inputs from 0 to 1 and beyond."""
    x = torch.tensor([-0.5, 0.0, 0.3, 1.0, 1.7], dtype=torch.float64)
    corruption = made(kind, LEVELS)
    mean, variance = (moment[:, 0] for moment in corruption.moments(x[None, None]))
    drawn = corruption(x.expand(1, 20_000, 5), Draws([3] * 4, epoch=1, dtype=torch.float64))
    error = variance.sqrt() / 20_000**0.5
    assert ((drawn.mean(1) - mean).abs() <= 4 * error + 1e-12).all()
    spread = (drawn - mean[:, None]).square()
    assert ((spread.mean(1) - variance).abs() <= 4 * spread.std(1) / 20_000**0.5 + 1e-12).all()


@pytest.mark.parametrize("kind", DRAWN)
def test_the_mean_follows_the_input_by_the_kept_share(kind: str) -> None:
    """And the variance is k(1 − k) x² + a linear function: its second difference is 2k(1 − k)."""
    corruption = made(kind, LEVELS)
    x = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)[None, None]
    mean, variance = (moment[:, 0].expand(4, -1) for moment in corruption.moments(x))
    kept = corruption.kept
    torch.testing.assert_close(mean.diff(), kept[:, None].expand(4, 2))
    torch.testing.assert_close(variance.diff(n=2)[:, 0], 2 * kept * (1 - kept))


@pytest.fixture
def coloured() -> torch.Tensor:
    """Three samples (1, 3, 12), plane after plane of 2x2 pixels, from 0 to 1."""
    return torch.rand(1, 3, 12, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def test_grey_is_linear_in_the_level_between_the_colours_and_their_luma(
    coloured: torch.Tensor,
) -> None:
    """x + level (L x − x), L x = 0.299 R + 0.587 G + 0.114 B on every plane; nothing is drawn."""
    red, green, blue = coloured.chunk(3, -1)
    grey = torch.cat([0.299 * red + 0.587 * green + 0.114 * blue] * 3, -1)
    corruption = made("grey", LEVELS)
    seen = corruption(coloured, Draws([3] * 4, epoch=1, dtype=torch.float64))
    torch.testing.assert_close(seen, coloured + LEVELS[:, None, None] * (grey - coloured))
    later = corruption(coloured, Draws([8] * 4, epoch=2, step=5, dtype=torch.float64))
    assert torch.equal(seen, later)
    whole = made("grey", torch.ones(2, dtype=torch.float64))(coloured, Draws([0, 1]))
    assert whole.shape[0] == 1
    torch.testing.assert_close(whole, grey)


def test_grey_leaves_luma_at_every_level(coloured: torch.Tensor) -> None:
    weight = torch.tensor(LUMA, dtype=torch.float64)
    seen = made("grey", LEVELS)(coloured, Draws([3] * 4))
    luma = torch.einsum("c,tbcp->tbp", weight, seen.unflatten(-1, (3, -1)))
    before = torch.einsum("c,tbcp->tbp", weight, coloured.unflatten(-1, (3, -1)))
    torch.testing.assert_close(luma, before.expand_as(luma))


def test_moments_of_grey_are_what_it_gives_and_no_variance(coloured: torch.Tensor) -> None:
    corruption = made("grey", LEVELS)
    mean, variance = corruption.moments(coloured)
    assert torch.equal(mean, corruption(coloured, Draws([3] * 4)))
    assert variance.shape == mean.shape
    assert not variance.any()


def test_the_emphasis_of_grey_is_on_chroma(coloured: torch.Tensor) -> None:
    emphasis = torch.tensor([0.0, 1.0, 0.25, 0.5], dtype=torch.float64)
    seen, counting = made("grey", LEVELS, emphasis).emphasised(coloured, Draws([3] * 4))
    assert torch.equal(seen, made("grey", LEVELS)(coloured, Draws([3] * 4)))
    assert isinstance(counting, LumaCountsLess)
    assert torch.equal(counting.emphasis_T, emphasis)


@pytest.mark.parametrize("model", ["autoencoder", "convolutional_autoencoder", "top_k_autoencoder"])
def test_grey_needs_three_planes(model: str) -> None:
    network = create(model, epochs=1, corruption={"kind": "grey", "level": 1.0})
    with pytest.raises(InputError, match=r"three colour planes.*16 inputs"):
        network.fit(torch.rand(8, 16).numpy())


def test_the_emphasis_of_grey_needs_squared_errors() -> None:
    with pytest.raises(HyperparameterError, match="no part that is luma's"):
        create(
            "autoencoder",
            reconstruction="cross_entropy",
            output_activation="sigmoid",
            corruption={"kind": "grey", "level": 1.0, "emphasis": 0.5},
        )
