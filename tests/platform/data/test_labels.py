"""Labels become class numbers, the same ones everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layerwise.platform.data import DataSet
from layerwise.platform.data.labels import MOST_CLASSES, class_numbers, classes

X = np.random.default_rng(0).random((3, 2), dtype=np.float32)
PLAIN = DataSet("mine", X, X, X)


def labelled(*splits: list[object]) -> DataSet:
    """The data with these labels for train, validation and test."""
    names = ("train", "validation", "test")
    return replace(PLAIN, labels={n: np.array(s) for n, s in zip(names, splits, strict=True)})


@pytest.mark.parametrize(
    ("splits", "found"),
    [
        ([[2, 0, 1], [1, 1, 1], [0, 0, 2]], (0, 1, 2)),
        ([[9, 5, 9], [5, 5, 5], [7, 9, 9]], (5, 7, 9)),
        ([["b", "a", "b"], ["ab", "a", "a"], ["b", "b", "b"]], ("a", "ab", "b")),
        ([[1.0, 2.0, 1.0], [1.0, 1.0, 2.0], [2.0, 2.0, 2.0]], (1.0, 2.0)),
        ([[True, False, True], [True] * 3, [False] * 3], (False, True)),
    ],
)
def test_classes_are_the_distinct_labels_in_order(
    splits: list[list[object]], found: tuple[object, ...]
) -> None:
    data = labelled(*splits)
    assert data.classes == found
    assert data.class_numbers is not None
    for split, labels in zip(("train", "validation", "test"), splits, strict=True):
        assert [found[number] for number in data.class_numbers[split]] == labels
        assert data.class_numbers[split].dtype == np.int64


def test_measurements_are_no_classes() -> None:
    assert labelled([0.5, 1.0, 2.0], [1.0] * 3, [1.0] * 3).class_numbers is None
    many = np.arange(MOST_CLASSES + 1)
    assert classes({"train": many}) == ()
    assert len(classes({"train": many[1:]})) == MOST_CLASSES
    assert PLAIN.classes == ()
    assert PLAIN.label_digest is None


def test_the_digest_is_of_the_numbers_and_sees_every_change() -> None:
    words = labelled(["cat", "dog", "cat"], ["dog"] * 3, ["cat"] * 3)
    numbers = labelled([3, 7, 3], [7] * 3, [3] * 3)
    assert words.label_digest == numbers.label_digest
    others = [
        words,
        labelled(["dog", "cat", "cat"], ["dog"] * 3, ["cat"] * 3),
        labelled(["cat", "dog", "cat"], ["cat"] * 3, ["dog"] * 3),
    ]
    assert len({data.label_digest for data in others}) == len(others)
    assert {data.digest for data in others} == {PLAIN.digest}


def test_numbers_do_not_depend_on_how_words_are_stored() -> None:
    found = class_numbers(np.array(["b", "a"], dtype="<U1"), ("a", "b", "longer"))
    assert found.tolist() == [1, 0]
