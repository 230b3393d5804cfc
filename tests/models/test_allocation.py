"""Whether the C library keeps what a step frees; how it shows that there is nothing left."""

from __future__ import annotations

import platform
import subprocess
import sys

import numpy as np
import pytest
import torch

from layerwise.models.allocation import out_of_memory

_FAULTS = """
import resource, torch
from layerwise.models.allocation import keep_freed_memory
keep_freed_memory()
def step():
    blocks = [torch.empty(2**21, dtype=torch.uint8).fill_(1) for _ in range(8)]
for _ in range(5):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_blocks_freed_in_a_step_are_not_mapped_again() -> None:
    """Without the block, half of all processes map all 4096 pages of a step anew, 50 times."""
    command = [sys.executable, "-c", _FAULTS]
    for _ in range(3):
        found = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        assert int(found) < 1000


def test_memory_that_is_not_there_is_told_from_other_errors() -> None:
    for ask in (lambda: torch.empty(2**45, dtype=torch.uint8), lambda: np.empty(2**45, np.uint8)):
        with pytest.raises((RuntimeError, MemoryError)) as refused:
            ask()
        assert out_of_memory(refused.value)
    assert out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."))
    assert not out_of_memory(RuntimeError("shapes cannot be multiplied"))
