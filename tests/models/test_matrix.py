"""What counts as a matrix of samples, and how the rest is refused."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
import torch

from layerwise.models import InputError
from layerwise.models.matrix import as_samples


def test_a_matrix_becomes_a_tensor_of_its_own() -> None:
    x = np.arange(6).reshape(2, 3)
    tensor = as_samples(x, "it", 3, "float64")
    assert tensor.dtype == torch.float64
    tensor += 1
    np.testing.assert_array_equal(x, np.arange(6).reshape(2, 3))
    assert as_samples([[1, 2.5]], "it", None, "float32").tolist() == [[[1.0, 2.5]]]
    assert as_samples(np.array([[1, 2.5]], dtype=object), "it", None, "float32").shape == (1, 1, 2)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones(3), "Reshape your data"),
        (np.ones((0, 3)), "0 sample"),
        (np.ones((4, 0)), r"0 feature\(s\) \(shape=\(4, 0\)\)"),
        (np.ones((4, 2)), "needs 3 columns, but got 2"),
        (np.ones((4, 3), dtype=complex), "Complex data not supported"),
        (np.full((4, 3), "a"), "real numbers"),
        ([[1.0, 2.0], [3.0]], "needs a matrix"),
        (np.array([[1.0, np.nan, 2.0]]), r"NaN.*Row 0, column 1"),
        (np.array([[1.0, 2.0, 1e300]]), r"finite in float32.*Row 0, column 2"),
    ],
)
def test_what_is_refused(x: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_samples(x, "it", 3, "float32")  # type: ignore[arg-type]


def test_what_holds_no_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="sparse"):
        as_samples(scipy.sparse.eye_array(3), "it", 3, "float32")
    with pytest.raises(TypeError, match="number"):
        as_samples(np.array([[{}, 1, 2]], dtype=object), "it", 3, "float32")
