"""A table in parts as Ray Data reads it: many workers decode pieces, this process gets the blocks.

The table's order is kept, so that the first mistake that is said is the first one in the table. A
worker looks at every number, and a mistake travels as data: what Ray makes of an exception on its
way is not ours to word.
"""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.parts import PartedTable
from ..data.pieces import Blocks, Piece, in_this_process, pieces
from ..errors import DataError
from .ray_session import LOCAL, RaySession

_X, _FAULT = "x", "fault"


@contextmanager
def by_ray(table: PartedTable, address: str = LOCAL) -> Iterator[Blocks]:
    """The blocks of a table, each read in a worker of a Ray that runs already, or is started now.

    address: ``local`` for a Ray of our own, or a cluster to join. What needs no decoding is read in
    this process, since a worker could only hand it on. Raises DataError as a piece does, and for a
    file that a node does not have.
    """
    if not table.encoded:
        with in_this_process(table) as blocks:
            yield blocks
        return
    with _running(address):
        blocks = _blocks(table)
        try:
            yield blocks
        finally:
            # With it Ray Data ends what it has begun.
            blocks.close()


@contextmanager
def _running(address: str) -> Iterator[None]:
    # Ray reads its environment when it is imported, and the session sets that first.
    ray = sys.modules.get("ray")
    if ray is not None and ray.is_initialized():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    session = RaySession(address)
    try:
        session.start()
        session.wait()
        # Ray's core has put its own handlers in the place of those, and they would abort.
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)
        yield
    finally:
        # Another Ray may be started next, and a process has one at a time.
        session.wait_for_end()


def _blocks(table: PartedTable) -> Any:
    """A generator of (n, visible) float32."""
    import ray.data
    from ray.data import DataContext

    context = DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    with DataContext.current(context):
        source = _source(pieces(table), table.width)
        found = ray.data.read_datasource(source).iter_batches(
            batch_size=None, batch_format="pyarrow", prefetch_batches=1
        )
        for block in found:
            yield _numbers(block, table.width)


def _numbers(block: Any, width: int) -> NDArray[np.float32]:
    for fault in block.column(_FAULT).drop_null().to_pylist():
        raise DataError(*json.loads(fault))
    # Without a copy, as it lies in the object store.
    rows = block.column(_X).combine_chunks()
    found: NDArray[np.float32] = rows.flatten().to_numpy(zero_copy_only=True)
    return found.reshape(-1, width)


def _source(own: list[Piece], width: int) -> Any:
    # Ray Data takes a third of a second to import.
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask

    class Pieces(Datasource):
        """One task for each piece."""

        def estimate_inmemory_data_size(self) -> int:
            """Bytes of all."""
            return 4 * width * sum(piece.rows for piece in own)

        def get_read_tasks(self, parallelism: int, *further: Any, **named: Any) -> list[ReadTask]:
            """What reads the table, in its order, however many workers there are."""
            return [
                ReadTask(_task(piece, width), BlockMetadata(piece.rows, None, None, None))
                for piece in own
            ]

    return Pieces()  # type: ignore[no-untyped-call]  # Ray's own


def _task(piece: Piece, width: int) -> Callable[[], Iterable[Any]]:
    def read() -> Iterator[Any]:
        try:
            if not piece.path.exists():
                remedy = "Put it into a folder that all nodes have, or write {stream: false}"
                rule = "must lie where every node reads it"
                raise DataError(str(piece.path), rule, f"nothing on {socket.gethostname()}", remedy)
            for x in piece.read():
                yield _block(x, [None] * len(x))
        except DataError as error:
            said = json.dumps([error.where, error.rule, _plain(error.got), error.remedy])
            yield _block(np.zeros((1, width), np.float32), [said])

    return read


def _block(x: NDArray[np.float32], faults: list[str | None]) -> Any:
    import pyarrow

    rows = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(x.ravel()), x.shape[1])
    return pyarrow.table({_X: rows, _FAULT: pyarrow.array(faults, pyarrow.string())})


def _plain(got: object) -> object:
    return got if got is None or isinstance(got, str | int | float) else str(got)
