"""Controls on images with tags: what chooses them, and that they learn what there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_pairs import made_pairs

from layerwise.platform.contests.filled import measured
from layerwise.platform.contests.modality_controls import (
    Without,
    image_merit,
    tags_merit,
    without_network,
)
from layerwise.platform.contests.pairs import Given, Samples

GIVEN = Given.of(made_pairs())


@pytest.fixture(scope="module")
def found() -> dict[str, Without]:
    return {one.name: one for one in without_network(GIVEN)}


def test_every_control_but_the_mean_tells_tags_from_the_image(found: dict[str, Without]) -> None:
    assert list(found) == ["frequency", "nearest", "ridge", "kernel_ridge", "cca"]
    numbers = {name: measured(one.filled, GIVEN.test.pairs, 2) for name, one in found.items()}
    plain = numbers.pop("frequency")
    for name, own in numbers.items():
        assert own["tag_map"] > plain["tag_map"] + 0.1, name
        assert own["image_error"] < plain["image_error"], name
    # A mean is the same for all: no image of a word comes before another.
    shares = GIVEN.test.pairs.has.mean(0)
    assert plain["word_map"] == pytest.approx(shares[shares > 0].mean())
    assert numbers["cca"]["tags_by_code"] > 0.3
    assert "tags_by_code" not in numbers["nearest"]


def test_frequencies_are_those_of_training(found: dict[str, Without]) -> None:
    filled = found["frequency"].filled
    assert filled.tags is not None
    assert filled.image is not None
    np.testing.assert_allclose(filled.tags[0], GIVEN.train.pairs.tags.mean(0))
    np.testing.assert_allclose(filled.image[-1], GIVEN.train.pairs.image.mean(0))


def test_nothing_is_chosen_by_the_test_samples(found: dict[str, Without]) -> None:
    some = slice(3, 9)
    rows, pairs = GIVEN.test.rows[some], GIVEN.test.pairs
    test = Samples(rows, type(pairs)(pairs.image[some], pairs.tags[some]))
    fewer = {one.name: one for one in without_network(replace(GIVEN, test=test))}
    for name, one in found.items():
        assert fewer[name].chosen == one.chosen
        for part in ("tags", "image"):
            whole, own = getattr(one.filled, part), getattr(fewer[name].filled, part)
            np.testing.assert_allclose(own, whole[some], atol=1e-9)


def test_merits_are_highest_for_the_truth() -> None:
    truth = GIVEN.validation.pairs
    assert tags_merit(truth)(truth.tags) == pytest.approx(1)
    assert image_merit(truth)(truth.image) == pytest.approx(1)
    assert tags_merit(truth)(-truth.tags) < 0.5
    assert image_merit(truth)(truth.image[::-1]) < 0.5
