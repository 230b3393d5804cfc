"""Pictures of what was found: the right ones, marked by what is true of them."""

from __future__ import annotations

import numpy as np
from made_pairs import WORDS, made_pairs

from layerwise.platform.answer.evenly import evenly
from layerwise.platform.answer.inside_entries import Inside
from layerwise.platform.contests.found_images import FILLED_IN, QUERIES, Seen, add_found
from layerwise.platform.contests.pairs import Given

GIVEN = Given.of(made_pairs())
TEST = GIVEN.test.pairs
COUNT = len(TEST.tags)


def entry(tags: np.ndarray, near: np.ndarray, key: str = "abc") -> tuple[dict, dict]:
    inside = Inside()
    add_found(inside, Seen("codes", key, tags, near), GIVEN)
    [found] = inside.entries["retrieval"]
    return found, {part: inside.arrays[name] for part, name in found["arrays"].items()}


def test_words_find_the_images_that_have_them_and_images_their_like() -> None:
    common = TEST.tags @ TEST.tags.T
    found, arrays = entry(TEST.tags, common)
    k = arrays["found"].shape[1]
    assert arrays["queries"].shape == (2 * QUERIES, 4, 4)
    assert arrays["found"].shape == (2 * QUERIES, k, 4, 4)
    order = np.argsort(-GIVEN.train.pairs.tags.sum(0), kind="stable")[:QUERIES]
    assert found["texts"][:QUERIES] == [WORDS[tag] for tag in order]
    for row, tag in enumerate(order):
        # Everything that has the word comes first.
        expected = min(k, int(TEST.has[:, tag].sum()))
        assert arrays["relevant"][row].tolist() == [1] * expected + [0] * (k - expected)
    rows = evenly(COUNT, QUERIES)
    for at, row in enumerate(rows):
        first = arrays["relevant"][QUERIES + at]
        sharing = int((TEST.has & TEST.has[row]).any(1).sum()) - 1
        assert first.sum() == min(k, sharing)
        # The image itself is not among them.
        same = arrays["found"][QUERIES + at] == arrays["queries"][QUERIES + at]
        assert not same.all((1, 2)).any()
    assert (arrays["queries"][:QUERIES] == 0).all()
    assert found["key"] == "abc"
    assert found["control"] is False
    assert (found["samples"], found["of"]) == (COUNT, len(GIVEN.data.test))


def test_words_filled_in_are_the_likeliest() -> None:
    tags = np.tile(np.arange(6.0), (COUNT, 1))
    found, _ = entry(tags, np.eye(COUNT), key="")
    likeliest = ", ".join(WORDS[::-1][:FILLED_IN])
    assert found["texts"][QUERIES:] == [f"filled in: {likeliest}"] * QUERIES
    assert found["control"] is True
    assert "key" not in found
