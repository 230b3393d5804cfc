"""Memory that a step frees is kept for the next one; and how it shows that there is none left."""

from __future__ import annotations

import re

import torch

# Just below the largest block (32 MiB) that glibc's threshold follows.
_BLOCK = 31 * 2**20
# What torch says on a CPU, in an error that has no kind of its own.
_CPU_ALLOCATOR = re.compile(r"DefaultCPUAllocator: (can't allocate memory|not enough memory)")


def keep_freed_memory() -> None:
    """Stop the C library from handing memory back to the system after every step.

    glibc trims its heap when more than twice the largest block it has ever unmapped lies free at
    the top (mallopt(3), M_TRIM_THRESHOLD and the dynamic M_MMAP_THRESHOLD), which is what the end
    of a step looks like. One large block, made and dropped, saves some hundred page faults a step,
    3 to 10 % of its time. With another C library it does nothing.
    """
    torch.empty(_BLOCK, dtype=torch.uint8)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error is that of an allocation which found no memory, on a CPU or a GPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and bool(_CPU_ALLOCATOR.search(str(error)))
