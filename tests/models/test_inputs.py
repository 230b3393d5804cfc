"""What a network's rows are: kept in a file, and told to whoever hands in something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layerwise.models.errors import InputError
from layerwise.models.inputs import INPUTS, Inputs

MEASURED = Inputs(3, features=("radius", "texture", "area"))
X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    offset, factor = np.array([0.1, 2.0, 5.0]), np.array([1 / 3, 0.0, 7.0])
    written = Inputs(
        3,
        image_shape=(1, 2),
        features=("a", "b", "ç"),
        modalities=(("image", 2), ("tags", 1)),
        offset=offset,
        factor=factor,
        clipped=True,
        example=np.array([0.1, 0.2, 0.3], dtype=np.float32),
    )
    written.write(tmp_path)
    read = Inputs.read(tmp_path)
    assert read is not None
    assert read.mapping() == written.mapping()
    assert read.example is not None
    assert written.example is not None
    np.testing.assert_array_equal(read.example, written.example)
    np.testing.assert_array_equal(read.scaled(X), np.clip((X - offset) * factor, 0, 1))


def test_a_folder_without_it_has_none_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    assert Inputs.read(tmp_path) is None
    (tmp_path / INPUTS).write_text('{"visible": 3}')
    with pytest.raises(InputError, match=r"inputs\.json: must say what a network's inputs are"):
        Inputs.read(tmp_path)


def test_scaling_is_taken_back_and_a_constant_input_comes_back_as_it_was() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(3, 5, (20, 4))
    x[:, 2] = 7.0
    spread = x.std(0)
    factor = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0.0)
    inputs = Inputs(4, offset=x.mean(0), factor=factor)
    scaled = inputs.scaled(x)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(0), [1, 1, 0, 1])
    np.testing.assert_allclose(inputs.unscaled(scaled), x)
    np.testing.assert_array_equal(Inputs(4).scaled(x), x)


def test_named_columns_are_put_in_the_order_of_the_training() -> None:
    shuffled = pd.DataFrame(X, columns=["radius", "texture", "area"])[["area", "radius", "texture"]]
    shuffled["diagnosis"] = ["M", "B"]
    np.testing.assert_array_equal(MEASURED.matrix(shuffled), X)
    np.testing.assert_array_equal(MEASURED.matrix({n: shuffled[n] for n in shuffled}), X)
    np.testing.assert_array_equal(MEASURED.matrix(X.tolist()), X)
    # A table whose columns have no names stands in the order of the training already.
    np.testing.assert_array_equal(MEASURED.matrix(pd.DataFrame(X)), X)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (X[:, :2], r"must be rows of 3 numbers \(radius, texture, area\), but got 'rows of 2'"),
        (np.ones((2, 4)), "but got 'rows of 4'"),
        ([1.0, 2.0, 3.0], r"a list of 3'\. A single row stands in a list of rows: \[\[…\]\]\."),
        ([[1, 2, 3], [1, 2]], "rows that differ in length"),
        ([], "must be one row or more, but got 'none'"),
        (np.ones((0, 3)), "must be one row or more"),
        (np.ones((1, 3, 1)), r"an array of shape \(1, 3, 1\)"),
        ([[1, "two", 3]], r"row 0, column 1 \(texture\): must be a number, but got 'two'"),
        ([["1", "2", "3"]], r"row 0, column 0 \(radius\): must be a number, but got '1'"),
        (pd.DataFrame([[1, 2, "x"]]), "row 0, column 2.*must be a number, but got 'x'"),
        ([[1, 2, 3], [1, 2, np.nan]], r"row 1, column 2 \(area\): must be a finite number, but"),
        ([[1, None, 3]], r"row 0, column 1 \(texture\): must be a finite number, but got nan"),
        ([[np.inf, 2, 3]], "row 0, column 0.*but got inf"),
        (np.ones((1, 3), dtype=complex), "must be numbers, but got 'complex128'"),
        (
            pd.DataFrame(X, columns=["radius", "textur", "area"]),
            "none named texture'. Did you mean column 'textur'",
        ),
        ({"radius": [1, 2], "texture": [1], "area": [1, 2]}, "columns of one length"),
        ({}, "must be one row or more"),
    ],
)  # fmt: skip
def test_what_is_no_row_is_told(rows: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        MEASURED.matrix(rows)


def test_an_image_is_described_by_its_planes() -> None:
    assert Inputs(64, (8, 8)).described() == "rows of 64 numbers (an image of 8 × 8, row by row)"
    colour = Inputs(48, (4, 4), channels=3).described()
    assert colour == "rows of 48 numbers (an image of 3 planes of 4 × 4, one after the other)"
    both = Inputs(20, (4, 4), modalities=(("image", 16), ("tags", 4))).described()
    assert both.endswith("(an image of 4 × 4, row by row; 16 of image, then 4 of tags)")
    assert Inputs(7).described() == "rows of 7 numbers"
    many = Inputs(12, features=tuple(f"f{i}" for i in range(12))).described()
    assert many.endswith("f6, f7 and 4 more)")
