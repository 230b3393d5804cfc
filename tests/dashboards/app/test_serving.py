"""The server listens where it was told to, and leaves nothing behind when it is interrupted."""

from __future__ import annotations

import socket
import threading
import urllib.request

import pytest

from layerwise.dashboards.app.serving import serve


class Enough(BaseException):
    """Ends the serving, as a signal's exception would."""


def test_it_answers_where_it_says_and_ends_with_what_is_raised(tracking_uri: str) -> None:
    seen = []

    def ready(host: str, port: int) -> None:
        with urllib.request.urlopen(f"http://{host}:{port}/") as answer:
            seen.append((answer.status, answer.headers["Server"], port))
        raise Enough

    with pytest.raises(Enough):
        serve(tracking_uri, "127.0.0.1", 0, None, ready)
    ((status, server, port),) = seen
    assert (status, server) == (200, None)
    assert not [one for one in threading.enumerate() if one.name == "layerwise-watch"]
    with socket.socket() as probe, pytest.raises(OSError, match="refused"):
        probe.connect(("127.0.0.1", port))


def test_a_port_in_use_is_an_error(tracking_uri: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve(tracking_uri, "127.0.0.1", taken.getsockname()[1], None, lambda *_: None)
