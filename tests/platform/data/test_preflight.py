"""A table nobody can train on is refused, and the place in it named."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.platform.data.preflight import check
from layerwise.platform.errors import DataError


def with_cell(value: float, dtype: str = "f8") -> np.ndarray:
    table = np.zeros((4, 3), dtype)
    table[2, 1] = value
    return table


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (with_cell(np.nan), r"finite numbers .* got 'nan at row 2, column 1 \(from 0\)'"),
        (with_cell(np.inf, "f4"), "inf at row 2, column 1"),
        (with_cell(-np.inf, "f2"), "-inf at row 2, column 1"),
        (with_cell(-1e39), "-1e[+]39 at row 2, column 1"),
        (np.zeros(3), r"2-D \(samples, inputs\), but got 'shape \(3,\)'. Give every sample"),
        (np.zeros((2, 2, 2)), "2-D"),
        (np.zeros((0, 3)), "at least one sample"),
        (np.zeros((3, 0)), "at least one sample and one input"),
        (np.array([["a"]]), "real numbers, but got 'type <U1'"),
        (np.zeros((2, 2), complex), "real numbers"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(table: np.ndarray, match: str) -> None:
    with pytest.raises(DataError, match=f"my table: must .*{match}"):
        check("my table", table)


@pytest.mark.parametrize("dtype", ["?", "u1", "i8", "f2", "f4", "f8"])
def test_real_numbers_of_any_type_pass(dtype: str) -> None:
    check("my table", np.ones((3, 2), dtype), np.array(["cat", "dog", "cat"]))


@pytest.mark.parametrize("labels", [np.zeros(2), np.zeros((3, 1)), np.zeros(3, complex)])
def test_labels_are_one_for_each_sample(labels: np.ndarray) -> None:
    with pytest.raises(DataError, match="labels must be 3 numbers or words"):
        check("my table", np.ones((3, 2)), labels)
