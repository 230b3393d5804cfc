"""Images with their tags, whatever scale they were brought to, and data that are none."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from made_pairs import PIXELS, TAGS, WORDS, made_pairs

from layerwise.platform.contests.pairs import Given, Pairs, require_pairs, words
from layerwise.platform.data import DataSet, load
from layerwise.platform.data.modality import Modality
from layerwise.platform.data.scale import apply, fitted
from layerwise.platform.errors import DataError
from layerwise.platform.study import Data


@pytest.mark.parametrize("kind", ["unit", "standardise"])
def test_a_scale_is_taken_back(kind: str) -> None:
    data = made_pairs()
    # A pixel and a tag that never vary in training.
    data.train[:, [0, PIXELS]] = [0.5, 0]
    data.test[:, [0, PIXELS]] = [0.5, 0]
    own = Pairs.of(data.test, data)
    scaling, rows = fitted(data.train, kind), data.test.copy()
    apply(rows, scaling, kind)
    again = Pairs.of(rows, replace(data, scaling=scaling))
    # By the range, what lies beyond it is cut off.
    inside = (data.test >= data.train.min(0)) & (data.test <= data.train.max(0))
    near = np.isclose(again.image, own.image, atol=1e-5)
    assert near[inside[:, :PIXELS]].all()
    np.testing.assert_array_equal(again.has, own.has)


def test_samples_without_a_tag_are_learned_from_and_not_asked_about() -> None:
    data = made_pairs()
    given = Given.of(data)
    assert len(given.train.rows) == len(data.train)
    for asked, whole in ((given.validation, data.validation), (given.test, data.test)):
        assert asked.pairs.has.any(1).all()
        some = whole[:, PIXELS:].any(1)
        np.testing.assert_array_equal(asked.rows, whole[some])
        np.testing.assert_array_equal(asked.pairs.tags, whole[some][:, PIXELS:])
        assert len(asked.rows) < len(whole)


def test_tags_have_words_or_numbers() -> None:
    data = made_pairs()
    assert words(data) == WORDS
    assert words(replace(data, features=())) == tuple(f"tag {n}" for n in range(1, TAGS + 1))


def test_emoji_are_pairs() -> None:
    data = load(Data(name="emoji"))
    require_pairs("use", data)
    heart = Pairs.of(data.train, data).has[:, words(data).index("heart")]
    assert heart.sum() >= 5


def changed(**changes: object) -> DataSet:
    return replace(made_pairs(), **changes)


GREY = Modality("image", PIXELS)
UNTAGGED = np.zeros((4, PIXELS + TAGS), np.float32)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (load(Data(name="digits")), "an image and its tags, but got 'digits has one"),
        (changed(modalities=(GREY,)), "of two modalities, an image and its tags"),
        (changed(image_shape=None), "needs images as the first modality, image"),
        (changed(channels=3), "needs images as the first modality, image"),
        (
            changed(modalities=(Modality("image", 15), Modality("tags", 7)), image_shape=(3, 5)),
            "needs tags, 0 or 1, as the second modality",
        ),
        (changed(test=UNTAGGED), "a tag in every split, but got 'none in test'"),
    ],
)  # fmt: skip
def test_other_data_are_refused(data: DataSet, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        require_pairs("use.modalities", data)
