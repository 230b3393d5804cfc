"""Who is writing a staged batch, and whether anybody still does.

The folder's name says it all, so that at no moment a batch has no known writer:
``<process space>~<host>~<boot>~<pid>~<birth>~<random>``.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path

from . import liveness

# Nobody can ask another host whether its process lives; no put_all takes a week.
FOREIGN_SECONDS = 7 * 24 * 3600.0


def new_name() -> str:
    """A folder name that no other batch has, and that names this process."""
    writer = liveness.identity().replace("/", "~")
    return f"{_process_space()}~{writer}~{uuid.uuid4().hex[:16]}"


def lives(name: str) -> bool | None:
    """Whether the process that a name names still runs; None where it cannot be asked."""
    space, _, rest = name.partition("~")
    writer, _, _ = rest.rpartition("~")
    # Containers may share host and boot; a process id means something in its own space only.
    return liveness.is_alive(writer.replace("~", "/")) if space == _process_space() else None


def said(name: str) -> str:
    """The process that a name names, as a person says it: ``process 4711 on this-host``."""
    fields = name.split("~")
    return f"process {fields[3]} on {fields[1]}" if len(fields) == 6 else name


def is_abandoned(folder: Path) -> bool:
    """Whether nobody will go on with the staged ``folder``: its writer died, or it is ancient."""
    alive = lives(folder.name)
    if alive is not None:
        return not alive
    try:
        return time.time() - folder.stat().st_mtime > FOREIGN_SECONDS
    except FileNotFoundError:
        return False


def _process_space() -> str:
    try:
        return os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return "0"
