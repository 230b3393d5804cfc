"""What filling in is worth, where it can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.models.retrieval import nearest
from layerwise.platform.contests.filled import Filled, alike, cosines, measured
from layerwise.platform.contests.pairs import Pairs

# Two samples with the same tags.
TAGS = np.array([[1.0, 0, 0], [1, 0, 0], [0, 1, 1]])
IMAGES = np.array([[0.0, 0], [0, 1], [4, 0]])
TRUTH = Pairs(IMAGES, TAGS)


def test_what_is_right_in_everything_has_the_best_of_every_measure() -> None:
    codes = TAGS @ np.random.default_rng(0).normal(size=(3, 5))
    found = measured(Filled(TAGS, IMAGES, (codes, codes)), TRUTH, 1)
    assert found == pytest.approx({
        "tag_map": 1, "tag_precision": 1, "word_map": 1,
        "image_rank": 1, "image_recall": 1, "image_error": 0,
        "tags_by_code": 1, "image_by_code": 1,
    })  # fmt: skip


def test_what_is_not_made_is_not_measured() -> None:
    assert measured(Filled(), TRUTH, 1) == {}
    found = measured(Filled(tags=TAGS), TRUTH, 1)
    assert set(found) == {"tag_map", "tag_precision", "word_map"}


def test_samples_with_the_same_tags_are_each_a_right_answer() -> None:
    same = [[True, True, False], [True, True, False], [False, False, True]]
    assert alike(TRUTH).tolist() == same
    # Made of the first sample's tags is the second's image, and the third finds the first two.
    made = np.array([[0.0, 1], [0, 1], [0, 0.2]])
    found = measured(Filled(image=made), TRUTH, 2)
    assert found["image_rank"] == pytest.approx((1 + 1 + 1 / 3) / 3)
    assert found["image_recall"] == pytest.approx(2 / 3)
    assert found["image_error"] == pytest.approx((1 + 0 + 16 + 0.2**2) / 3)


def test_tags_by_image_and_images_by_word() -> None:
    # The third sample's tags stand at places 2 and 3, the others' at 1.
    tags = np.array([[3.0, 2, 1], [3, 2, 1], [3, 2, 1]])
    found = measured(Filled(tags=tags), TRUTH, 1)
    assert found["tag_map"] == pytest.approx((1 + 1 + (1 / 2 + 2 / 3) / 2) / 3)
    assert found["tag_precision"] == pytest.approx(2 / 3)
    # All images are the same to a word: the share of those that have it.
    assert found["word_map"] == pytest.approx((2 / 3 + 1 / 3 + 1 / 3) / 3)


def test_codes_of_images_look_for_codes_of_tags_and_the_reverse() -> None:
    images = np.array([[1.0, 0], [1, 0], [1, 0]])
    tags = np.array([[1.0, 0], [1, 0], [0, 1]])
    found = measured(Filled(codes=(images, tags)), TRUTH, 1)
    # The third image finds both other tags first.
    assert found["tags_by_code"] == pytest.approx((1 + 1 + 1 / 3) / 3)
    # An image is a right answer to the first tags, tied with the third, which is none.
    assert found["image_by_code"] == pytest.approx((1 / 1.5 + 1 / 1.5 + 1 / 2) / 3)


def test_cosines_are_those_of_retrieval() -> None:
    codes = np.random.default_rng(1).normal(size=(7, 4))
    codes[3] = 0
    length = np.maximum(np.linalg.norm(codes, axis=1), 1e-12)
    expected = codes @ codes.T / np.outer(length, length)
    found = cosines(codes[:5], codes)
    np.testing.assert_allclose(found, expected[:5], atol=1e-12)
    assert found[0].argmax() == nearest(codes[:1], codes, 1).places[0, 0] == 0
