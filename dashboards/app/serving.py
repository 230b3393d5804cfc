"""Serves the dashboard until it is interrupted: one process, one poller, a few threads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

from .server import build
from .watch import Watch

THREADS = 8
"""An answer is a few milliseconds of work: more threads would only wait for one another."""
LOOK_SECONDS = 0.5
"""How long the server may take to notice that it is to end."""


class Listening:
    """A server in a thread of its own, as long as the ``with`` block lasts.

    Waitress would keep a signal's exception to itself, and wait five seconds for its readers.
    Raises ``OSError`` where the address cannot be listened on.
    """

    def __init__(self, application: Flask, host: str, port: int) -> None:
        self._sockets: dict[int, Any] = {}
        # Bound here: waitress leaves a socket open that it could not bind.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, port), family=family)
        self.port = int(bound.getsockname()[1])
        create_server(application, map=self._sockets, sockets=[bound], threads=THREADS, ident=None)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="layerwise-dashboard", daemon=True)

    def __enter__(self) -> Listening:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(4 * LOOK_SECONDS)

    def wait(self) -> None:
        """Until a signal raises something, or the server has failed."""
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            wasyncore.loop(timeout=LOOK_SECONDS, use_poll=True, map=self._sockets, count=1)
        wasyncore.close_all(self._sockets)


def serve(
    tracking_uri: str,
    host: str,
    port: int,
    token: str | None,
    ready: Callable[[str, int], None],
    study: str = "",
) -> None:
    """Listen on ``host`` and ``port`` (0: any that is free), call ``ready`` with both, and serve.

    ``study`` is the one that will be opened: it and the list are read from the first moment on.

    Ends only with what a signal raises, as ``KeyboardInterrupt``. Raises ``OSError`` where the
    address cannot be listened on.
    """
    watch = Watch(tracking_uri)
    watch.expect(study)
    try:
        with Listening(build(watch, host, token).server, host, port) as server:
            ready(host, server.port)
            server.wait()
    finally:
        watch.close()
