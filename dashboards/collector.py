"""Reading a record without Python's cyclic garbage collector looking on.

MLflow and SQLAlchemy keep about a million objects alive. Whoever makes many small ones beside them
(imports, rows of a table) has the collector walk all of those again and again: it was a quarter of
a report's time, and nothing that is made here is garbage in a cycle.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused(kept: bool = False) -> Iterator[None]:
    """No automatic collection inside; afterwards as before, also when an error passes through.

    ``kept`` says that what was made inside is there to stay, as modules are: the collector never
    looks at it. Its first look at a worker's imports would take a seventh of a second.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if kept:
                gc.freeze()
            gc.enable()
