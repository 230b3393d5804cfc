"""Tables of numbers separated by commas, read so strictly that a mistake has a line and column."""

from __future__ import annotations

import array
import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..errors import DataError
from .columns import Columns, as_labels, place_of

# This very object stands for a cell that is no number; a cell that says nan is another one.
NOT_A_NUMBER = float("nan")

# What tables say where a number is missing, in lower case.
_MISSING = ("", "?", "-", ".", "na", "n/a", "#n/a", "null", "none", "missing")


def read(path: Path, label: str | None = None) -> Columns:
    """The numbers of a .csv file, (samples, inputs), with the labels where a column holds them.

    A first line without a single number is a header; so is one that names ``label``. Empty lines
    are left out. Raises DataError with line and column (from 1) of the first cell that is not a
    number, with the line that is longer or shorter than the first, when no column is called
    ``label``, or when the file is not UTF-8.
    """
    numbers = array.array("d")
    names: tuple[str, ...] = ()
    words: list[str] = []
    place: int | None = None
    width = 0
    try:
        for line, cells in _lines(path):
            if not width:
                width = len(cells)
                if _is_header(cells, label):
                    names = tuple(cell.strip() for cell in cells)
                    place = None if label is None else place_of(str(path), label, names)
                    continue
                if label is not None:
                    raise _no_header(path, line, label, cells)
            if len(cells) != width:
                rule = f"every line must have {width} cells, as the first one has"
                remedy = "Separate cells by commas, and write decimals with a point"
                raise DataError(f"{path}, line {line}", rule, len(cells), remedy)
            if place is not None:
                words.append(_label(path, line, place, cells))
            row = [_number(cell) for i, cell in enumerate(cells) if i != place]
            if not all(map(math.isfinite, row)):
                raise _not_a_number(path, line, cells, place, names)
            numbers.extend(row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(str(path), "must be comma-separated text in UTF-8", str(error)) from error
    inputs = tuple(name for i, name in enumerate(names) if i != place)
    x = np.frombuffer(numbers, dtype=np.float64)
    x = x.reshape(len(words), -1) if words else x.reshape(-1, max(width, 1))
    return Columns(x, inputs, as_labels(words) if place is not None else None)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    # utf-8-sig: spreadsheets begin a file with a byte order mark.
    with open(path, encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        for cells in reader:
            if cells:
                yield reader.line_num, cells


def _is_header(cells: list[str], label: str | None) -> bool:
    if label is not None and label in map(str.strip, cells):
        return True
    without_numbers = all(_number(cell) is NOT_A_NUMBER for cell in cells)
    return without_numbers and any(map(str.strip, cells))


def _number(cell: str) -> float:
    try:
        # Python reads 1_000 as a number; in a table it is a slip.
        return NOT_A_NUMBER if "_" in cell else float(cell)
    except ValueError:
        return NOT_A_NUMBER


def _label(path: Path, line: int, place: int, cells: list[str]) -> str:
    word = cells[place].strip()
    if not word:
        where = f"{path}, line {line}, column {place + 1}"
        remedy = "Write a label, or remove such samples"
        raise DataError(where, "must be a label", word, remedy)
    return word


def _no_header(path: Path, line: int, label: str, cells: list[str]) -> DataError:
    first = ", ".join(cells[:3]) + (", …" if len(cells) > 3 else "")
    rule = f"must name the columns, of which one is {label}, as data.label says"
    remedy = "Put a first line with a name for each column on top, or leave out label"
    return DataError(f"{path}, line {line}", rule, first, remedy)


def _not_a_number(
    path: Path, line: int, cells: list[str], place: int | None, names: tuple[str, ...]
) -> DataError:
    index = next(
        i for i, cell in enumerate(cells) if i != place and not math.isfinite(_number(cell))
    )
    column, cell = index + 1, cells[index]
    if cell.strip().lower() in _MISSING or _number(cell) is not NOT_A_NUMBER:
        remedy = "Fill in or remove samples with missing values"
    elif ";" in cell:
        remedy = "Separate cells by commas"
    elif names:
        name = names[index]
        remedy = f"If {name} holds the labels, write {{label: {name}}}, else turn it into numbers"
    else:
        remedy = "A first line is a header only when none of its cells is a number"
    called = f" ({names[index]})" if names and names[index] else ""
    where = f"{path}, line {line}, column {column}{called}"
    return DataError(where, "must be a finite number", cell, remedy)
