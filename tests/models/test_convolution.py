"""Convolutions with a trial axis against one trial at a time, and against their adjoint."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import conv2d, max_pool2d

from layerwise.models import InputError
from layerwise.models.convolution import (
    AT_A_TIME,
    Size,
    as_maps,
    as_rows,
    convolved,
    image_size,
    in_parts,
    pooled,
    spread,
)

TRIALS, BATCH = 3, 4


def random(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(
    ("visible", "colours", "height", "size"),
    [
        (64, 0, 0, (1, 8, 8)),
        (784, 1, 0, (1, 28, 28)),
        (3072, 0, 0, (3, 32, 32)),
        (12, 0, 0, (3, 2, 2)),
        (12, 0, 3, (1, 3, 4)),
        (12, 2, 3, (2, 3, 2)),
        (1, 0, 0, (1, 1, 1)),
    ],
)
def test_an_image_is_found_in_a_row(
    visible: int, colours: int, height: int, size: tuple[int, int, int]
) -> None:
    found = image_size("here", visible, colours, height)
    assert found == size
    assert found.width == visible


@pytest.mark.parametrize(
    ("visible", "colours", "height", "message"),
    [
        (10, 0, 0, "images of 3 colours and as many rows as columns, but got '10 inputs'"),
        (12, 1, 0, "images of 1 colour and as many rows as columns"),
        (12, 3, 3, "images of 3 colours and 3 rows"),
        (12, 5, 0, "images of 5 colours"),
        (2, 3, 0, "images of 3 colours"),
        (12, 0, 100, "images of 1 colour and 100 rows"),
    ],
)
def test_what_is_no_image_is_refused(visible: int, colours: int, height: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        image_size("here", visible, colours, height)


def test_colours_come_one_after_the_other_and_rows_within() -> None:
    """All of red, row by row, then green, then blue."""
    size = Size(3, 2, 4)
    maps = as_maps(torch.arange(24.0)[None, None], size)
    assert maps.shape == (1, *size)
    assert maps[0, 0].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert maps[0, 1, 0, 0] == 8
    x = random(TRIALS, BATCH, size.width)
    apart = as_maps(x, size)
    assert apart.shape == (BATCH, TRIALS * 3, 2, 4)
    assert torch.equal(apart[:, 3:6], x[1].view(BATCH, 3, 2, 4))
    assert torch.equal(as_rows(apart, TRIALS), x)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("shared", [True, False])
def test_each_trial_is_convolved_with_its_own_filters(stride: int, shared: bool) -> None:
    weight, bias = random(TRIALS, 5, 2, 3, 3), random(TRIALS, 5)
    images = random(BATCH, 2 if shared else TRIALS * 2, 7, 6)
    found = convolved(images, weight, bias, stride).unflatten(1, (TRIALS, 5))
    for trial in range(TRIALS):
        own = images if shared else images[:, 2 * trial : 2 * trial + 2]
        expected = conv2d(own, weight[trial], bias[trial], stride=stride, padding=1)
        torch.testing.assert_close(found[:, trial], expected, rtol=1e-12, atol=1e-12)


def test_a_convolution_is_the_sum_over_its_kernel() -> None:
    image, weight = random(1, 1, 4, 4), random(1, 1, 1, 3, 3)
    found = convolved(image, weight, torch.zeros(1, 1, dtype=torch.float64), 1)
    expected = (image[0, 0, 0:3, 1:4] * weight[0, 0, 0]).sum()
    torch.testing.assert_close(found[0, 0, 1, 2], expected)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_the_way_back_is_the_adjoint(stride: int, kernel: int) -> None:
    """⟨W ⋆ x, m⟩ = ⟨x, W ⋆ᵀ m⟩ for every trial."""
    size = Size(2, 7, 6)
    weight = random(TRIALS, 5, 2, kernel, kernel)
    images = random(BATCH, TRIALS * 2, 7, 6)
    up = convolved(images, weight, torch.zeros(TRIALS, 5, dtype=torch.float64), stride)
    assert up.shape[2:] == size.shrunk(5, stride)[1:]
    maps = random(*up.shape)
    down = spread(maps, weight, torch.zeros(TRIALS, 2, dtype=torch.float64), stride, size)
    assert down.shape == images.shape
    left = (up * maps).unflatten(1, (TRIALS, -1)).sum((0, 2, 3, 4))
    right = (images * down).unflatten(1, (TRIALS, -1)).sum((0, 2, 3, 4))
    torch.testing.assert_close(left, right)
    bias = random(TRIALS, 2)
    biased = spread(maps, weight, bias, stride, size).unflatten(1, (TRIALS, 2))
    torch.testing.assert_close(biased - bias[..., None, None], down.unflatten(1, (TRIALS, 2)))


def test_the_strongest_pixel_is_kept() -> None:
    maps = random(BATCH, 2, 5, 4)
    found = pooled(maps, 2)
    assert found.shape[2:] == Size(2, 5, 4).shrunk(2, 2)[1:]
    torch.testing.assert_close(found[..., :2, :], max_pool2d(maps[..., :4, :], 2))
    torch.testing.assert_close(found[..., 2, 0], maps[..., 4, :2].amax(-1))


def test_a_few_samples_at_a_time_give_what_all_at_once_give() -> None:
    maps, sizes = random(7, 2, 3, 3), []

    def doubled(part: torch.Tensor) -> torch.Tensor:
        sizes.append(len(part))
        return 2 * part

    assert torch.equal(in_parts(doubled, maps, AT_A_TIME // 3), 2 * maps)
    assert torch.equal(in_parts(doubled, maps, 10 * AT_A_TIME), 2 * maps)
    assert sizes == [3, 3, 1] + 7 * [1]
