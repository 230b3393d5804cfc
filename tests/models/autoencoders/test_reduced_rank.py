"""Reduced-rank regression against what it must equal at its two ends, and against neighbours."""

from __future__ import annotations

import torch

from layerwise.models.autoencoders.reduced_rank import covariance, reduced_rank

GENERATOR = torch.Generator().manual_seed(0)
CLEAN = torch.randn(2, 2500, 6, generator=GENERATOR, dtype=torch.float64) @ torch.randn(
    2, 6, 6, generator=GENERATOR, dtype=torch.float64
)
NOISY = CLEAN + torch.randn(2, 2500, 6, generator=GENERATOR, dtype=torch.float64)
MOMENT, CROSS = NOISY.mT @ NOISY, NOISY.mT @ CLEAN


def error(encoder: torch.Tensor, decoder: torch.Tensor) -> torch.Tensor:
    return (NOISY @ encoder @ decoder - CLEAN).square().sum((1, 2))


def test_of_full_rank_it_is_least_squares() -> None:
    encoder, decoder = reduced_rank(MOMENT, CROSS, 6)
    expected = torch.linalg.lstsq(NOISY, CLEAN).solution
    torch.testing.assert_close(encoder @ decoder, expected, rtol=1e-9, atol=1e-12)


def test_of_the_data_on_itself_it_is_the_principal_axes() -> None:
    """With singular vectors of the data itself as the other way to find them."""
    moment = CLEAN.mT @ CLEAN
    encoder, decoder = reduced_rank(moment, moment, 3)
    _, _, axes = torch.linalg.svd(CLEAN, full_matrices=False)
    cosines = (decoder * axes[:, :3]).sum(-1).abs()
    torch.testing.assert_close(cosines, torch.ones_like(cosines), rtol=1e-10, atol=0)
    torch.testing.assert_close(encoder, decoder.mT, rtol=0, atol=1e-9)


def test_no_map_of_that_rank_nearby_is_better() -> None:
    encoder, decoder = reduced_rank(MOMENT, CROSS, 2)
    least = error(encoder, decoder)
    for scale in (1e-3, 1e-1):
        for _ in range(50):
            away = [
                factor + scale * torch.randn(factor.shape, generator=GENERATOR, dtype=torch.float64)
                for factor in (encoder, decoder)
            ]
            assert (error(*away) > least).all()


def test_rows_of_the_decoder_are_orthonormal_and_their_largest_entry_positive() -> None:
    _, decoder = reduced_rank(MOMENT, CROSS, 4)
    torch.testing.assert_close(decoder @ decoder.mT, torch.eye(4).double().expand(2, 4, 4))
    assert (decoder.gather(2, decoder.abs().argmax(2, keepdim=True)) > 0).all()


def test_what_never_varies_is_left_out() -> None:
    constant = CLEAN.clone()
    constant[..., 2] = 0
    moment = constant.mT @ constant
    encoder, decoder = reduced_rank(moment, moment, 6)
    assert encoder[:, 2].abs().max() < 1e-12
    torch.testing.assert_close(constant @ encoder @ decoder, constant, rtol=0, atol=1e-9)
    nothing = torch.zeros(1, 3, 3, dtype=torch.float64)
    assert not reduced_rank(nothing, nothing, 2)[0].any()


def test_covariance_is_the_same_in_one_go() -> None:
    mean, found = covariance(CLEAN.float())
    assert mean.dtype == found.dtype == torch.float64
    for trial in range(2):
        expected = CLEAN[trial].float().double().T.cov(correction=0)
        torch.testing.assert_close(found[trial], expected, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(mean[trial, 0], CLEAN[trial].float().double().mean(0))
