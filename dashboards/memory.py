"""Derived tables are computed once per ``Frames``: chart, table and sentence read the same one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from .frames import Frames

P = ParamSpec("P")
R = TypeVar("R")


def remembered(
    function: Callable[Concatenate[Frames, P], R],
) -> Callable[Concatenate[Frames, P], R]:
    """Keep what ``function(frames, …)`` returned with the frames; nobody may write to it."""

    def recall(frames: Frames, /, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (function.__module__, function.__qualname__, args, tuple(sorted(kwargs.items())))
        if key not in frames.memory:
            frames.memory[key] = function(frames, *args, **kwargs)
        found: R = frames.memory[key]
        return found

    functools.update_wrapper(recall, function)
    return recall
