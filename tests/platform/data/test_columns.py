"""Columns are found by their names, and labels are numbers where they can be."""

from __future__ import annotations

import pytest

from layerwise.platform.data.columns import as_labels, place_of
from layerwise.platform.errors import DataError


def test_a_column_is_found_by_its_name() -> None:
    assert place_of("t.csv", "b", ["a", "b", "c"]) == 1


@pytest.mark.parametrize(
    ("label", "names", "match"),
    [
        ("specie", ["width", "species"], "must be a column of t.csv, .* Did you mean species?"),
        ("zzz", ["width", "species"], "Its columns are width, species"),
        ("zzz", [f"c{i}" for i in range(50)], "c11, …"),
        ("a", ["a", "b", "a"], "must be the name of one column, but got 'a, 2 times in t.csv'"),
    ],
)
def test_a_column_that_is_not_there(label: str, names: list[str], match: str) -> None:
    with pytest.raises(DataError, match=match):
        place_of("t.csv", label, names)


@pytest.mark.parametrize(
    ("words", "kind", "expected"),
    [
        (["1", "-2", "30"], "i", [1, -2, 30]),
        (["1.0", "2"], "f", [1.0, 2.0]),
        (["0.5", "2"], "f", [0.5, 2.0]),
        (["1", "x"], "U", ["1", "x"]),
        (["1", "nan"], "U", ["1", "nan"]),
        (["007", "008"], "U", ["007", "008"]),
        (["1_0", "2"], "U", ["1_0", "2"]),
        (["9" * 30, "1"], "f", [1e30, 1.0]),
    ],
)
def test_labels_are_numbers_where_they_can_be(
    words: list[str], kind: str, expected: list[object]
) -> None:
    found = as_labels(words)
    assert found.dtype.kind == kind
    assert found.tolist() == expected
