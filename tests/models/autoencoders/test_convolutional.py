"""The convolutional autoencoder written out for one trial, and images it cannot take."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, digits, settings
from torch.nn.functional import conv2d, conv_transpose2d, max_pool2d

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.network import Network

GREY = Case("convolutional_autoencoder", {"channels": (3, 4), "hidden": 6})
IMAGES = torch.tensor(digits()[:5])[None]


def network(trials: int = 1, **given: object) -> Network:
    made = cohort(GREY, [settings(GREY, **given)] * trials, list(range(trials)), visible=64)
    for number, (name, value) in enumerate(made.parameters.items()):
        if name.endswith("bias"):
            value.uniform_(-0.5, 0.5, generator=torch.Generator().manual_seed(number))
    return made


@pytest.mark.parametrize("pooling", ["max", "none"])
@pytest.mark.parametrize("tied", [False, True])
def test_one_trial_written_out(pooling: str, tied: bool) -> None:
    made = network(3, pooling=pooling, tied=tied)
    code, output = made.encode(IMAGES)[1], made.reconstruct(IMAGES)[1]
    p = {name: value[1] for name, value in made.parameters.items()}
    maps = IMAGES[0].view(5, 1, 8, 8)
    for n in ("1", "2"):
        step = 1 if pooling == "max" else 2
        maps = conv2d(maps, p[f"{n}.weight"], p[f"{n}.hidden_bias"], stride=step, padding=1)
        maps = torch.tanh(maps)
        if pooling == "max":
            maps = max_pool2d(maps, 2)
    expected = maps.flatten(1) @ p["3.weight"] + p["3.hidden_bias"]
    torch.testing.assert_close(code, expected, rtol=1e-12, atol=1e-12)
    up = "weight" if tied else "decoder_weight"
    top = p["3.weight"].T if tied else p["3.decoder_weight"]
    maps = torch.tanh(expected @ top + p["3.decoder_bias"]).view(5, 4, 2, 2)
    for n in ("2", "1"):
        maps = conv_transpose2d(
            maps, p[f"{n}.{up}"], p[f"{n}.decoder_bias"], stride=2, padding=1, output_padding=1
        )
        if n == "2":
            maps = torch.tanh(maps)
    torch.testing.assert_close(output, maps.flatten(1), rtol=1e-12, atol=1e-12)


def test_one_wide_convolution_gives_what_grouped_ones_give() -> None:
    """Trials that share their images against the same images given to each."""
    made = network(3)
    apart = IMAGES.expand(3, -1, -1).clone()
    torch.testing.assert_close(made.encode(IMAGES), made.encode(apart), rtol=1e-12, atol=1e-12)


def test_filters_do_not_care_where_in_the_image_they_are() -> None:
    """A spot moved by one step of the stride moves the maps of the first layer by one pixel."""
    made = network(pooling="none")
    image = torch.zeros(1, 2, 8, 8, dtype=torch.float64)
    image[0, 0, 2, 2] = image[0, 1, 4, 2] = 1
    p = made.parameters
    bare = conv2d(image[0][:, None], p["1.weight"][0], stride=2, padding=1)
    torch.testing.assert_close(bare[0, :, :3], bare[1, :, 1:])


def test_colour_images_come_back_in_their_shape() -> None:
    case = Case("convolutional_autoencoder", {"channels": (4,), "hidden": 3})
    made = cohort(case, [settings(case)], [0], visible=3 * 5 * 5)
    assert made.parameters["1.weight"].shape == (1, 4, 3, 3, 3)
    assert made.parameters["1.decoder_bias"].shape == (1, 3)
    assert made.parameters["2.weight"].shape == (1, 4 * 3 * 3, 3)
    assert made.reconstruct(torch.ones(1, 2, 75, dtype=torch.float64)).shape == (1, 2, 75)


def test_it_learns_digits_with_less_numbers_than_a_dense_layer() -> None:
    x = digits()[:900]
    made = create("convolutional_autoencoder", channels=(8,), hidden=16, epochs=20).fit(x)
    assert made.history_["train/reconstruction_error"][-1] < 1.5
    dense = create("deep_autoencoder", visible=64, layers=(128,), hidden=16)
    sizes = [sum(array.size for array in n.weights().values()) for n in (made, dense)]
    assert 4 * sizes[0] < sizes[1]


def test_what_is_no_image_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match=r"convolutional_autoencoder: needs images of 3 colours"):
        create("convolutional_autoencoder").fit(digits()[:5, :60])
    with pytest.raises(InputError, match="images of 1 colour and 7 rows"):
        create("convolutional_autoencoder", colours=1, height=7).fit(digits()[:5])
    with pytest.raises(HyperparameterError, match="kernel: must be odd, but got 4"):
        create("convolutional_autoencoder", kernel=4)
    with pytest.raises(HyperparameterError, match="channels: must name at least one layer"):
        create("convolutional_autoencoder", channels=())
