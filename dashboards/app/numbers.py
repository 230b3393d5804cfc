"""A chart's numbers as a file that any spreadsheet reads, and that none runs."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With one of these in front, a spreadsheet takes a text for a formula."""


def comma_separated(table: pd.DataFrame) -> str:
    """The table as CSV, its header first; an empty cell is a missing number."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_cell(str(name)) for name in table.columns])
    writer.writerows([_cell(cell) for cell in row] for row in table.itertuples(index=False))
    return text.getvalue()


def _cell(cell: Any) -> Any:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else cell
    if isinstance(cell, float) and not math.isfinite(cell):
        return "" if math.isnan(cell) else cell
    return _cell(", ".join(map(str, cell))) if isinstance(cell, (tuple, list)) else cell
