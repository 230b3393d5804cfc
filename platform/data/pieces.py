"""The rows of a table in parts, a piece at a time, checked and as float32."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import parquet, preflight
from .archive import UNREADABLE, map_array, unreadable
from .parts import PartedTable

Blocks = Iterator[NDArray[np.float32]]
"""(n, visible) each, one after another the whole table in its order."""

ReadPieces = Callable[[PartedTable], AbstractContextManager[Blocks]]
"""How a table is read; its blocks are there inside the block."""

BLOCK_BYTES = 1 << 23
PIECE_BYTES = 1 << 26


@dataclass(frozen=True)
class Piece:
    """Some rows of a file that are read together, as blocks of at most ``most`` rows.

    names: the columns of a .parquet, and groups: its row groups; none of an .npy. first: the row of
    the file that it begins with.
    """

    path: Path
    first: int
    rows: int
    most: int
    names: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()

    def read(self) -> Blocks:
        """Its blocks, (n, visible) float32. Raises DataError for what is not a finite number."""
        if self.groups:
            yield from parquet.blocks(self.path, self.names, self.groups, self.first, self.most)
            return
        try:
            array = map_array(self.path)
        except UNREADABLE as error:
            raise unreadable(self.path, error) from error
        for start in range(self.first, self.first + self.rows, self.most):
            part = array[start : min(start + self.most, self.first + self.rows)]
            preflight.check_finite(str(self.path), part, start)
            yield np.asarray(part, np.float32)


def pieces(table: PartedTable) -> list[Piece]:
    """The pieces of a table, in its order, each about PIECE_BYTES: a few row groups, or one."""
    names = table.columns
    most = max(1, BLOCK_BYTES // (4 * table.width))
    wanted = max(1, PIECE_BYTES // (4 * table.width))
    found = []
    for file in table.files:
        if not table.encoded:
            for first in range(0, file.rows, wanted):
                found.append(Piece(file.path, first, min(wanted, file.rows - first), most))
            continue
        first, rows, groups = 0, 0, list[int]()
        for number, more in enumerate(file.groups):
            if groups and rows + more > wanted:
                found.append(Piece(file.path, first, rows, most, names, tuple(groups)))
                first, rows, groups = first + rows, 0, []
            groups.append(number)
            rows += more
        if groups:
            found.append(Piece(file.path, first, rows, most, names, tuple(groups)))
    return found


@contextmanager
def in_this_process(table: PartedTable) -> Iterator[Blocks]:
    """Read a table one piece after another, right here."""
    yield (block for piece in pieces(table) for block in piece.read())
