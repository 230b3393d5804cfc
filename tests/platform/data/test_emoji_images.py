"""The images alone are those of the emoji with their tags."""

from __future__ import annotations

import numpy as np

from layerwise.platform.data import emoji, emoji_images, load
from layerwise.platform.study import Data


def test_images_are_the_first_modality() -> None:
    whole, images = emoji.read(), emoji_images.read()
    width = whole.modalities[0].width
    assert images.x.shape == (emoji_images.SAMPLES, width)
    np.testing.assert_array_equal(images.x, whole.x[:, :width])
    assert images.features == whole.features[:width]
    assert not images.modalities


def test_they_are_split_as_the_emoji_are() -> None:
    images, whole = load(Data(name="emoji_images")), load(Data(name="emoji"))
    assert images.channels == 3
    assert images.image_shape == (16, 16)
    np.testing.assert_array_equal(images.test, whole.test[:, : images.visible])
