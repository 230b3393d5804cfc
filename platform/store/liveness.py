"""Is the process that wrote this still at work?

A process id alone does not say: ids are given out again. Host, boot, id and the time of birth do.
"""

from __future__ import annotations

import os
import socket
import subprocess
from functools import cache
from pathlib import Path


@cache
def here() -> str:
    """The name of this host, and of its present boot where the system tells."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    return f"{socket.gethostname()}/{boot}"


def identity(pid: int | None = None) -> str:
    """One line that names a process on this host for ever: ``host/boot/pid/birth``."""
    pid = os.getpid() if pid is None else pid
    return f"{here()}/{pid}/{_birth(pid)}"


def is_alive(process: str) -> bool | None:
    """Whether that process still runs; None where it belongs to another host."""
    try:
        host, boot, pid, birth = process.split("/")
        number = int(pid)
    except ValueError:
        return False
    if host != socket.gethostname():
        return None
    return f"{host}/{boot}" == here() and _birth(number) == birth != ""


def _birth(pid: int) -> str:
    """When a process was born, in whatever unit the system has; "" where there is none."""
    try:
        # The name in parentheses may hold blanks; field 22 counts from after it.
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
        found = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return found.stdout.strip()
    # A zombie has ended; only its parent has not noticed.
    return "" if status[0] in "ZX" else status[19]
