"""A mistake in a .csv has a line and a column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from layerwise.platform.data.comma_separated import read
from layerwise.platform.errors import DataError


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "1,2\n3,4e0\n",
        "width,height\n1,2\n3,4\n",
        '"width, cm",""\r\n1,2\r\n\r\n3, 4',
        "\ufeffwidth,height\n1,2\n3,4",
        '"1","2"\n+3.0,4.\n',
    ],
)
def test_tables_with_and_without_a_header(tmp_path: Path, content: str) -> None:
    assert read(written(tmp_path, content)).x.tolist() == [[1, 2], [3, 4]]


@settings(max_examples=50, deadline=None)
@given(
    arrays.arrays(
        np.float64, st.tuples(*[st.integers(1, 5)] * 2), elements=st.floats(-1e300, 1e300)
    )
)
def test_what_numpy_writes_is_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, table: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    np.savetxt(path, table, delimiter=",", fmt="%.17g")
    np.testing.assert_array_equal(read(path).x, table)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (
            "a,b\n1,2\n3,x\n4,y\n",
            r"csv, line 3, column 2 \(b\): must be a finite .* got 'x'. .* write {label: b}",
        ),
        ("1,2\n3,\n", "line 2, column 2: .* got ''. Fill in or remove"),
        ("1,2\n\n3,nan\n", "line 3, column 2: .* got 'nan'. Fill in or remove"),
        ("nan,nan\n1,2\n", "line 1, column 1: .* got 'nan'"),
        ("1,-inf\n", "line 1, column 2"),
        ("1,1e999\n", "line 1, column 2"),
        ("1,1_000\n", "line 1, column 2: .* got '1_000'"),
        ("label,0,1\n5,0.5,0.25\n", "line 1, column 1: .* got 'label'. A first line is a header"),
        ("a;b\n1;2\n", r"line 2, column 1 .* got '1;2'. Separate cells by commas"),
        ('"a\nb",c\n1,2\nx,3\n', "line 4, column 1"),
        ("1,2\n3,4,5\n", "line 2: every line must have 2 cells, .* but got 3. Separate"),
        ("1,2\n3\n", "line 2: every line must have 2 cells"),
        (b"1,2\n\xff\xfe,3\n", "must be comma-separated text in UTF-8"),
        ("1," + "9" * 200_000 + "\n", "must be comma-separated text"),
    ],
)
def test_the_first_mistake_is_named(tmp_path: Path, content: str | bytes, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read(written(tmp_path, content))


@pytest.mark.parametrize(("content", "shape"), [("", (0, 1)), ("a,b\n", (0, 2))])
def test_a_table_without_samples_has_none(
    tmp_path: Path, content: str, shape: tuple[int, int]
) -> None:
    assert read(written(tmp_path, content)).x.shape == shape


@pytest.mark.parametrize(
    ("content", "label", "names", "x", "labels"),
    [
        ("a,b,kind\n1,2,x\n3,4,y\n", "kind", ("a", "b"), [[1, 2], [3, 4]], ["x", "y"]),
        ("kind, b\n5, 2\n6, 4\n", "kind", ("b",), [[2], [4]], [5, 6]),
        ("kind,0,1\nx,2,3\ny,4,5\n", "kind", ("0", "1"), [[2, 3], [4, 5]], ["x", "y"]),
        ("a,b\n1,2\n3,4\n", None, ("a", "b"), [[1, 2], [3, 4]], None),
        ("1,2\n3,4\n", None, (), [[1, 2], [3, 4]], None),
    ],
)
def test_a_column_may_hold_labels(
    tmp_path: Path,
    content: str,
    label: str | None,
    names: tuple[str, ...],
    x: list[list[float]],
    labels: list[object] | None,
) -> None:
    columns = read(written(tmp_path, content), label)
    assert columns.names == names
    assert columns.x.tolist() == x
    assert (None if columns.labels is None else columns.labels.tolist()) == labels


@pytest.mark.parametrize(
    ("content", "label", "match"),
    [
        ("a,kind\n1,x\n", "kinds", "data.label: must be a column of .*, .* Did you mean kind?"),
        ("1,2\n3,4\n", "kind", "line 1: must name the columns, of which one is kind, .* '1, 2'"),
        ("a,kind\n1,x\n2,\n", "kind", "line 3, column 2: must be a label, but got ''. Write"),
        ("a,kind\nNA,x\n", "kind", r"line 2, column 1 \(a\): .* got 'NA'. Fill in or remove"),
        ("a,kind\n?,x\n", "kind", "Fill in or remove"),
        ("a,b,kind\n1,w,x\n", "kind", r"line 2, column 2 \(b\): .* got 'w'"),
    ],
)
def test_labels_that_cannot_be_read(tmp_path: Path, content: str, label: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read(written(tmp_path, content), label)
