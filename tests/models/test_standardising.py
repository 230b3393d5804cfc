"""Inputs at mean 0 and variance 1, trial by trial."""

from __future__ import annotations

import torch

from layerwise.models.standardising import Standard, standard, unknown


def samples(trials: int) -> torch.Tensor:
    """Three inputs, the second of which never varies; 0.1 is no sum of powers of two."""
    generator = torch.Generator().manual_seed(0)
    x = 5 + 3 * torch.randn(trials, 999, 3, dtype=torch.float64, generator=generator)
    x[..., 1] = 0.1
    return x


def test_training_samples_have_mean_0_and_variance_1() -> None:
    x = samples(2)
    found = standard(x, 2)
    z = found.applied(x)
    torch.testing.assert_close(z.mean(1), torch.zeros(2, 3).double(), atol=1e-12, rtol=0)
    expected = torch.tensor([1.0, 0, 1]).double().expand(2, -1)
    torch.testing.assert_close(z.square().mean(1), expected)
    assert found.deviation_TV[:, 1].tolist() == [0, 0]
    torch.testing.assert_close(found.undone(z), x)


def test_trials_that_share_their_samples_each_have_the_same() -> None:
    x = samples(1)
    found = standard(x, 3)
    assert found.mean_TV.shape == found.deviation_TV.shape == (3, 3)
    assert found.mean_TV.is_contiguous()
    assert torch.equal(found.applied(x)[2], standard(x, 1).applied(x)[0])


def test_the_volume_is_that_of_the_inputs_that_vary() -> None:
    deviation = torch.tensor([[2.0, 0.0, 3.0]])
    found = Standard(torch.zeros(1, 3), deviation)
    torch.testing.assert_close(found.volume(), torch.tensor([6.0]).log())


def test_before_anything_was_seen_nothing_changes() -> None:
    x = samples(2)
    found = unknown(2, 3, x)
    assert torch.equal(found.applied(x), x)
    assert torch.equal(found.undone(x), x)
    assert found.volume().tolist() == [0, 0]
