"""When a number may be asked for in a step of training: not where the host would wait for it.

A GPU works through a queue of steps that the host fills. A number that the host asks for (a truth
value, a largest entry) is there only when the queue is empty, and then the GPU has nothing to do
until the host has filled it again. So shortcuts that need one are for the CPU alone.
"""

from __future__ import annotations

from torch import Tensor

# Kinds of devices whose numbers are there at once.
AT_ONCE = frozenset({"cpu"})


def may_ask(tensor: Tensor) -> bool:
    """Whether a number of this tensor can be had without waiting."""
    return tensor.device.type in AT_ONCE
