"""Files are fetched whole or not at all, from a server of our own."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data.download import TRIES, Remote, fetch
from layerwise.platform.errors import DataError

CONTENT = np.random.default_rng(0).bytes(300_000)


@dataclass
class Server:
    """Serves CONTENT; breaks off after so many bytes as long as there are numbers in ``breaks``."""

    port: int = 0
    breaks: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int | None = None
    content: bytes = CONTENT
    asked: list[str | None] = field(default_factory=list)

    def remote(self, content: bytes = CONTENT) -> Remote:
        url = f"http://127.0.0.1:{self.port}/data.bin"
        return Remote(url, "folder/data.bin", len(content), hashlib.sha256(content).hexdigest())

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers["Range"]
        self.asked.append(asked)
        if self.status is not None:
            request.send_error(self.status)
            return
        start = 0
        if asked and self.ranges:
            match = re.fullmatch(r"bytes=(\d+)-", asked)
            assert match
            start = int(match[1])
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-/{len(self.content)}")
        else:
            request.send_response(200)
        body = self.content[start:]
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if self.breaks:
            request.wfile.write(body[: self.breaks.pop(0)])
            request.close_connection = True
            return
        request.wfile.write(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        served.port = running.server_port
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        running.shutdown()
        thread.join()


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    seen: list[int] = []
    path = fetch(server.remote(), tmp_path, seen.append)
    assert path == tmp_path / "folder" / "data.bin"
    assert path.read_bytes() == CONTENT
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, len(CONTENT))
    assert [f.name for f in path.parent.iterdir()] == ["data.bin"]
    assert fetch(server.remote(), tmp_path) == path
    assert server.asked == [None]


def test_a_connection_that_breaks_off_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    server.breaks = [100_000, 50_000, 1, 1, 1, 1]
    assert fetch(server.remote(), tmp_path).read_bytes() == CONTENT
    assert server.asked[:3] == [None, "bytes=100000-", "bytes=150000-"]


def test_what_a_killed_download_left_is_gone_on_with(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "folder" / "data.bin.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:123_456])
    assert fetch(server.remote(), tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=123456-"]
    assert not part.exists()


def test_a_server_that_cannot_go_on_sends_it_all_again(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.breaks = [100_000]
    assert fetch(server.remote(), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-"]


@pytest.mark.parametrize("left", [len(CONTENT), len(CONTENT) + 5])
def test_a_part_that_is_whole_or_too_long(server: Server, tmp_path: Path, left: int) -> None:
    part = tmp_path / "folder" / "data.bin.part"
    part.parent.mkdir()
    part.write_bytes((CONTENT + b"12345")[:left])
    assert fetch(server.remote(), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("other", [CONTENT[:-1] + b"?", CONTENT + b"more"])
def test_another_file_is_refused_and_not_kept(server: Server, tmp_path: Path, other: bytes) -> None:
    server.content = other
    with pytest.raises(DataError, match="must be the published file, 300000 bytes, sha256"):
        fetch(server.remote(), tmp_path)
    assert [*tmp_path.rglob("*.*")] == []


def test_a_damaged_file_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "data.bin"
    path.parent.mkdir()
    path.write_bytes(CONTENT[:-1] + b"?")
    assert fetch(server.remote(), tmp_path).read_bytes() == CONTENT


def test_a_server_that_gives_up_leaves_what_came(server: Server, tmp_path: Path) -> None:
    server.breaks = [70_000, *[0] * 20]
    with pytest.raises(DataError, match=r"must be reachable.* 70000 of 300000 bytes are kept"):
        fetch(server.remote(), tmp_path)
    assert len(server.asked) == 1 + TRIES
    assert (tmp_path / "folder" / "data.bin.part").read_bytes() == CONTENT[:70_000]
    assert not (tmp_path / "folder" / "data.bin").exists()


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (503, TRIES)])
def test_a_refusal_is_said(server: Server, tmp_path: Path, status: int, tries: int) -> None:
    server.status = status
    with pytest.raises(DataError, match=f"data.bin: must be reachable, but got '{status} "):
        fetch(server.remote(), tmp_path)
    assert len(server.asked) == tries


def test_without_a_network_it_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    remote = Server(port).remote()
    with pytest.raises(DataError, match=r"Connection refused.* bring data\.bin from") as caught:
        fetch(remote, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_said(server: Server, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("in the way")
    with pytest.raises(DataError, match=r"must be writable.* --to"):
        fetch(server.remote(), tmp_path)
