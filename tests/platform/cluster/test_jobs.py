"""Addresses that are none, and servers that are no cluster; the rest is tested on a cluster."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from layerwise.platform.cluster.jobs import Jobs
from layerwise.platform.errors import ClusterError


@pytest.mark.parametrize("address", ["head:8265", "ray://head:10001", "auto", "http://", ""])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(ClusterError, match=r"--address: must be the head's http address") as said:
        Jobs(address)
    assert "Write http://HEAD:8265" in str(said.value)


def test_nobody_there_is_said_at_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(ClusterError, match="must answer, but got 'Connection refused'"):
            Jobs(address)


class _Forgetful(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Forgetful) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}/"
        made.shutdown()
        thread.join()


# Ray reads once per process whether it asks for tokens: called from here, it would leave its answer
# to every Ray that a later test starts.
_CALL = """
import sys
from layerwise.platform.cluster.jobs import Jobs
from layerwise.platform.errors import ClusterError

try:
    Jobs(sys.argv[1])
except ClusterError as error:
    assert error.where == sys.argv[1].rstrip("/"), error.where
    print(error)
"""


def test_a_server_that_is_no_cluster_is_said(server: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", _CALL, server],
        # What Ray would take instead of the address that was given.
        env=os.environ | {"RAY_ADDRESS": "http://127.0.0.1:9"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "must answer as Ray's Jobs" in asked.stdout, asked.stderr
    assert "404" in asked.stdout
