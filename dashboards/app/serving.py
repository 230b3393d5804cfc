"""Serves the dashboard until it is interrupted: one process, one poller, a few threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

from waitress import create_server

from .server import build
from .watch import Watch

THREADS = 8
"""An answer is a few milliseconds of work: more threads would only wait for one another."""


def serve(
    tracking_uri: str, host: str, port: int, token: str | None, ready: Callable[[str, int], None]
) -> None:
    """Listen on ``host`` and ``port`` (0: any that is free), call ``ready`` with both, and serve.

    Ends only with what a signal raises, as ``KeyboardInterrupt``. Raises ``OSError`` where the
    address cannot be listened on.
    """
    watch = Watch(tracking_uri)
    try:
        app = build(watch, host, token)
        server = create_server(app.server, host=host, port=port, threads=THREADS, ident=None)
        # In a thread of its own: the server would keep a signal's exception to itself, and then
        # wait five seconds for its readers.
        thread = threading.Thread(target=server.run, name="layerwise-dashboard", daemon=True)
        thread.start()
        try:
            ready(host, int(server.effective_port))
            thread.join()
        finally:
            server.close()
    finally:
        watch.close()
