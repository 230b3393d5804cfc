"""When a cohort does not fit the memory: what is said of it. Needs no Ray.

An allocation fails in the worker, which says what it asked for; or Ray ends the worker before the
system would, and says so in its place.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
from pathlib import Path

import torch

# "tried to allocate 20.00 GiB" (torch, GPU), "tried to allocate 40000 bytes" (torch, CPU),
# "Unable to allocate 37.3 GiB" (NumPy).
_ASKED = re.compile(r"(?:tried to|unable to) allocate ([\d.]+) ?(bytes|[KMGT]iB)", re.IGNORECASE)
_UNITS = {"bytes": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
# Of a worker that Ray has ended; the numbers are the node's.
_ENDED = re.compile(r"running low on memory")
_NODE = re.compile(r"was ([\d.]+GB) used / ([\d.]+GB) limit")


class DoesNotFit(MemoryError):
    """A cohort that does not fit; says how much memory it asked for in vain, and held."""


def shortage(error: BaseException, device: torch.device) -> DoesNotFit:
    """What to say of an allocation that failed in this process, just now."""
    held = torch.cuda.memory_allocated(device) if device.type == "cuda" else _resident()
    place = "the GPU's memory" if device.type == "cuda" else "memory"
    asked = _ASKED.search(str(error))
    more = "more"
    if asked is not None:
        more = f"{_size(float(asked[1]) * _UNITS[asked[2].lower()])} more"
    return DoesNotFit(f"it asked for {more} while its worker held {_size(held)} of {place}")


def ended_for_memory(said: str) -> str | None:
    """What to say of a worker's end, from Ray's words; None where it did not end for memory."""
    if not _ENDED.search(said):
        return None
    node = _NODE.search(said)
    numbers = f" ({node[1]} of {node[2]} in use)" if node else ""
    return f"Ray ended its worker, since the node's memory ran low{numbers}"


def forget(device: torch.device) -> None:
    """Give back what a cohort that is gone has held."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    # What is freed between blocks that are not stays the process's own, until glibc is asked; other
    # C libraries have no such call.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _resident() -> int:
    """Bytes of this process in memory; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _size(size: float) -> str:
    if size >= 2**30:
        return f"{size / 2**30:.1f} GiB"
    return f"{max(size, 2**20) / 2**20:.0f} MiB"
