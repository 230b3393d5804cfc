"""Tables of numbers separated by commas, read so strictly that a mistake has a line and column."""

from __future__ import annotations

import array
import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

# This very object stands for a cell that is no number; a cell that says nan is another one.
NOT_A_NUMBER = float("nan")


def read(path: Path) -> NDArray[np.float64]:
    """(samples, inputs) the numbers of a .csv file.

    A first line without a single number is a header and left out; so are empty lines. Raises
    DataError with line and column (from 1) of the first cell that is not a number, with the line
    that is longer or shorter than the first, or when the file is not UTF-8.
    """
    numbers = array.array("d")
    width = 0
    try:
        for line, cells in _lines(path):
            if not width:
                width = len(cells)
                if all(_number(cell) is NOT_A_NUMBER for cell in cells) and any(
                    map(str.strip, cells)
                ):
                    continue
            if len(cells) != width:
                rule = f"every line must have {width} cells, as the first one has"
                remedy = "Separate cells by commas, and write decimals with a point"
                raise DataError(f"{path}, line {line}", rule, len(cells), remedy)
            row = [_number(cell) for cell in cells]
            if not all(map(math.isfinite, row)):
                raise _not_a_number(path, line, cells, row)
            numbers.extend(row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(str(path), "must be comma-separated text in UTF-8", str(error)) from error
    return np.frombuffer(numbers, dtype=np.float64).reshape(-1, max(width, 1))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    # utf-8-sig: spreadsheets begin a file with a byte order mark.
    with open(path, encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        for cells in reader:
            if cells:
                yield reader.line_num, cells


def _number(cell: str) -> float:
    try:
        # Python reads 1_000 as a number; in a table it is a slip.
        return NOT_A_NUMBER if "_" in cell else float(cell)
    except ValueError:
        return NOT_A_NUMBER


def _not_a_number(path: Path, line: int, cells: list[str], row: list[float]) -> DataError:
    index = next(i for i, number in enumerate(row) if not math.isfinite(number))
    column, cell = index + 1, cells[index]
    if not cell.strip() or row[index] is not NOT_A_NUMBER:
        remedy = "Fill in or remove samples with missing values"
    elif ";" in cell:
        remedy = "Separate cells by commas"
    else:
        remedy = "A first line is a header only when none of its cells is a number"
    return DataError(
        f"{path}, line {line}, column {column}", "must be a finite number", cell, remedy
    )
