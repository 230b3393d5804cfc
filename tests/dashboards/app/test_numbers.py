"""A table as CSV is read back as the same numbers, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards.app.numbers import FORMULA, comma_separated


def test_numbers_are_read_back_exactly() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.standard_normal(50), "n": np.arange(50)})
    table.loc[3, "a"] = np.nan
    back = pd.read_csv(io.StringIO(comma_separated(table)))
    pd.testing.assert_frame_equal(back, table, rtol=1e-15)


@given(st.text(max_size=20))
def test_no_text_is_a_formula(text: str) -> None:
    table = pd.DataFrame({text or "name": [text, "=1+1"]})
    cells = [cell for row in csv.reader(io.StringIO(comma_separated(table))) for cell in row]
    assert not any(cell.startswith(FORMULA) for cell in cells)


@pytest.mark.parametrize("value", [-1.5, -np.inf, -3])
def test_a_negative_number_is_a_number(value: float) -> None:
    assert comma_separated(pd.DataFrame({"a": [value]})).splitlines()[1] == str(value)


def test_several_parents_stand_in_one_cell() -> None:
    rows = list(csv.reader(io.StringIO(comma_separated(pd.DataFrame({"p": [("a", "b"), ()]})))))
    assert rows == [["p"], ["a, b"], [""]]
