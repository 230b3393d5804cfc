"""A data set that leaves the worker which unpickles it little memory: the system refuses more."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from layerwise.platform.data import DataSet


@dataclass(frozen=True, eq=False)
class Demanding(DataSet):
    """The same data, for workers that may take that much memory beyond what they have already."""

    mib: int = 0

    def __reduce__(self) -> tuple[Callable[..., DataSet], tuple[object, ...]]:
        own = {f.name: getattr(self, f.name) for f in fields(DataSet)}
        return _received, (own, self.mib)


def demanding(data: DataSet, mib: int) -> Demanding:
    """See :class:`Demanding`."""
    return Demanding(**{f.name: getattr(data, f.name) for f in fields(DataSet)}, mib=mib)


def _received(own: dict[str, object], mib: int) -> DataSet:
    said = Path("/proc/self/status").read_text().split("VmData:")[1]
    limit = int(said.split()[0]) * 1024 + mib * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    return DataSet(**own)  # type: ignore[arg-type]
