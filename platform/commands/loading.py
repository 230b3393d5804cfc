"""The data of a command: large tables are read by Ray, and a person sees how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from ..cache import cache_folder
from ..console import chatter, preparing
from ..console.width import console
from ..data import DataSet, DataSource
from ..data import load as load_data
from ..data.parts import PartedTable
from ..data.pieces import Blocks

LOCAL = "local"


def load(source: DataSource, address: str = LOCAL) -> DataSet:
    """The data set that a study names.

    address: of the Ray cluster that reads a streamed table; ``local`` for a Ray of our own. Raises
    DataError as :func:`layerwise.platform.data.load` does.
    """
    return load_data(source, partial(_read, address=address))


@contextmanager
def _read(table: PartedTable, address: str) -> Iterator[Blocks]:
    # Ray takes a second to import, and few studies have a table that needs it.
    from ..execution.piece_reading import by_ray

    log = cache_folder() / "preparing.log"
    with (
        chatter.into(log) as streams,
        preparing.display(table.path.name, table.rows, console(streams.error)) as told,
        by_ray(table, address) as blocks,
    ):
        yield _counted(blocks, told)


def _counted(blocks: Blocks, told: preparing.Told) -> Blocks:
    for block in blocks:
        yield block
        told(len(block))
