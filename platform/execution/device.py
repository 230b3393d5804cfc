"""Where a worker's tensors live: what Ray has assigned to it, and no more of it than that."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch


def assigned(gpus: Sequence[object], share: float) -> torch.device:
    """The device of this process.

    A cohort that asks for no GPU trains on the CPU, also on a node that has one.

    Args:
        gpus: those that Ray gave to this process, none on a node without.
        share: how many were asked for, see :func:`claim`.
    """
    if not gpus or not torch.cuda.is_available():
        return torch.device("cpu")
    # Ray shows a process its own GPUs only, counted from 0.
    return claim(torch.device("cuda", 0), share)


def claim(device: torch.device, share: float) -> torch.device:
    """The device, made this process's own; below 1 GPU only that share of its memory.

    The others that live on the same GPU are then not the ones who run out of it.
    """
    if device.type == "cuda":
        torch.cuda.set_device(device)
        if 0 < share < 1:
            torch.cuda.set_per_process_memory_fraction(share, device)
    return device


def use_threads(cpus: float) -> None:
    """Let torch use as many threads as there are CPUs assigned, at least one."""
    torch.set_num_threads(max(1, math.floor(cpus)))
