"""Who is anomalous, and which of them get into training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerwise.platform.data.anomalies import flags, held_apart, let_in
from layerwise.platform.errors import DataError

NUMBERS = np.array([0, 1, 2, 1])
WORDS = np.array(["cat", "dog", "bird", "dog"])


@pytest.mark.parametrize(
    ("labels", "wanted", "expected"),
    [
        (NUMBERS, [1], [0, 1, 0, 1]),
        (NUMBERS, ["1", 2.0], [0, 1, 1, 1]),
        (NUMBERS.astype(float), [1], [0, 1, 0, 1]),
        (NUMBERS.astype(bool), [1], [0, 1, 1, 1]),
        (WORDS, ["dog"], [0, 1, 0, 1]),
        (np.array(["1", "02"]), [1], [1, 0]),
    ],
)
def test_labels_are_met_as_a_study_writes_them(
    labels: np.ndarray, wanted: list[Any], expected: list[int]
) -> None:
    assert flags("x", labels, wanted).astype(int).tolist() == expected


@pytest.mark.parametrize(
    ("labels", "wanted", "match"),
    [
        (None, [1], r"data\.anomalous: needs labels, but got 'x has none'. .*label: …"),
        (WORDS, ["dogs"], "must be labels of x, but got 'dogs'. Did you mean dog.* bird, cat, dog"),
        (NUMBERS, [7], "but got 7. There are 0, 1, 2"),
        (np.arange(100), [-1], "There are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"),
        (NUMBERS, [0, 1, 2], "must leave normal samples"),
    ],
)
def test_labels_that_cannot_be(labels: np.ndarray | None, wanted: list[Any], match: str) -> None:
    with pytest.raises(DataError, match=match):
        flags("x", labels, wanted)


def test_the_group_of_an_anomaly_is_held_apart_whole() -> None:
    odd = np.array([False, True, False, False])
    assert held_apart(odd, None).tolist() == odd.tolist()
    assert held_apart(odd, np.array([5, 5, 6, 6])).tolist() == [True, True, False, False]


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.1, 10), (0.25, 30), (0.5, 90)])
def test_the_share_is_of_the_training_samples(share: float, count: int) -> None:
    odd = np.arange(1000, 1100)
    within = let_in(odd, 90, share)
    assert within.tolist() == odd[:count].tolist()
    assert len(within) / (90 + len(within)) == pytest.approx(share)


def test_an_anomaly_must_be_left_for_the_test() -> None:
    with pytest.raises(DataError, match=r"contamination.*'10 of 10 .* Write 0\.091 or less"):
        let_in(np.arange(10), 90, 0.1)
    assert len(let_in(np.arange(11), 90, 0.1)) == 10
    assert len(let_in(np.arange(0), 90, 0.0)) == 0


def test_groups_go_in_whole_and_never_pass_the_share() -> None:
    odd = np.arange(60)
    groups = np.repeat(np.arange(6), 10)
    within = let_in(odd, 75, 0.25, groups)  # 25 samples: two groups of ten
    assert len(within) == 20
    assert len(np.unique(groups[within])) == 2
    assert len(let_in(odd, 75, 0.01, groups)) == 0
    with pytest.raises(DataError, match="must leave anomalies"):
        let_in(odd, 75, 0.5, groups)
