"""Emoji come with the words of what is drawn on them."""

from __future__ import annotations

import numpy as np

from layerwise.platform.data import emoji, shipped


def test_a_row_is_an_image_and_its_tags() -> None:
    samples = emoji.read()
    image, tags = samples.modalities
    assert (image.name, tags.name) == ("image", "tags")
    assert samples.x.shape == (emoji.SAMPLES, image.width + tags.width)
    assert (image.width, samples.image_shape, samples.channels) == (3 * 16 * 16, (16, 16), 3)
    words = samples.x[:, image.width :]
    assert set(np.unique(words)) == {0, 255}
    assert words.any(1).all()
    assert ((words > 0).sum(0) >= 5).all()
    assert len(samples.features) == samples.x.shape[1]
    assert len(set(samples.features)) == len(samples.features)
    assert samples.labels is not None
    assert len(set(samples.labels.tolist())) == 9


def test_words_say_what_is_drawn() -> None:
    samples = emoji.read()
    tag = dict(zip(samples.features, samples.x.T > 0, strict=True))
    red, green, blue = samples.x[:, :768].reshape(-1, 3, 256).mean(2).T
    assert (red - blue)[tag["red"]].mean() > 20
    assert (blue - red)[tag["blue"]].mean() > 20
    assert (green - red)[tag["green"]].mean() > 5
    assert samples.labels is not None
    assert set(samples.labels[tag["fruit"]].tolist()) == {"food-drink"}
    assert (samples.labels[tag["flag"]] == "flags").mean() > 0.9


def test_what_is_around_a_drawing_is_white() -> None:
    corners = emoji.read().x[:, :768].reshape(-1, 3, 16, 16)[:, :, 0, 0]
    assert (corners == 255).all(1).mean() > 0.5


def test_the_same_drawing_is_in_one_group() -> None:
    samples = emoji.read()
    images = samples.x[:, :768]
    assert samples.groups is not None
    assert len(np.unique(samples.groups)) == len(np.unique(images, axis=0)) < len(images)
    for group in np.flatnonzero(np.bincount(samples.groups) > 1):
        own = images[samples.groups == group]
        assert (own == own[0]).all()


def test_the_file_is_small() -> None:
    assert emoji.where() == shipped.where("emoji.npz")
    assert emoji.where().stat().st_size < 1_000_000
