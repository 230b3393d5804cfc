"""A published file, fetched whole or not at all.

Bytes are written beside the file, under its name and ``.part``, and put in its place once their
checksum is right. What an interrupted download has left is gone on with, where the server can.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError

Progress = Callable[[int], None]
"""Called with the bytes of the file that are there."""

TRIES = 3
SECONDS = 30.0  # without a byte
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Remote:
    """url: of the file. file: where it belongs in the folder. size: in bytes. sha256: 64 digits."""

    url: str
    file: str
    size: int
    sha256: str


def fetch(remote: Remote, folder: Path, progress: Progress = lambda there: None) -> Path:
    """The file in ``folder``, fetched unless it is there already.

    Raises DataError when the server cannot be reached or breaks off ``TRIES`` times without a
    further byte (what came stays, for the next call), when it sends something else, or when the
    folder cannot be written.
    """
    path = folder / remote.file
    try:
        if path.is_file() and path.stat().st_size == remote.size and _sum(path) == remote.sha256:
            progress(remote.size)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        _complete(remote, part, progress)
        if part.stat().st_size != remote.size or (found := _sum(part)) != remote.sha256:
            size = part.stat().st_size
            got = f"{size} bytes" if size != remote.size else f"sha256 {found}"
            part.unlink()
            rule = f"must be the published file, {remote.size} bytes, sha256 {remote.sha256}"
            remedy = "Try again; if it stays so, bring the file from elsewhere"
            raise DataError(remote.url, rule, got, remedy)
        os.replace(part, path)
    except OSError as error:
        remedy = "Name another folder with --to"
        raise DataError(str(path), "must be writable", str(error), remedy) from error
    return path


def _complete(remote: Remote, part: Path, progress: Progress) -> None:
    tries = 0
    while True:
        before = _size(part)
        if before == remote.size:
            return
        try:
            _go_on(remote, part, progress)
            return
        except (urllib.error.URLError, http.client.HTTPException, _BrokenOffError) as error:
            # A connection that breaks off now and then still gets there.
            tries = 0 if _size(part) > before else tries + 1
            refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if tries >= TRIES or refused:
                raise _unreachable(remote, part, error) from error


def _go_on(remote: Remote, part: Path, progress: Progress) -> None:
    """Fetch what is missing of ``part``."""
    there = _size(part)
    if there > remote.size:
        part.unlink()
        there = 0
    request = urllib.request.Request(remote.url, headers={"User-Agent": "layerwise"})
    if there:
        request.add_header("Range", f"bytes={there}-")
    with _answer(request) as answer:
        # A server that cannot go on sends all of it again.
        append = answer.status == http.client.PARTIAL_CONTENT
        there = there if append else 0
        with open(part, "ab" if append else "wb") as stream:
            progress(there)
            while block := _read(answer):
                stream.write(block)
                there += len(block)
                progress(there)
                if there > remote.size:
                    break
    if there < remote.size:
        raise _BrokenOffError(f"{there} of {remote.size} bytes came")


def _answer(request: urllib.request.Request) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=SECONDS)
    except urllib.error.URLError:
        raise
    except OSError as error:  # a refused or lost connection, and no trouble with our own disk
        raise _BrokenOffError(str(error) or type(error).__name__) from error
    return answer


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read(_BLOCK)
    except OSError as error:
        raise _BrokenOffError(str(error) or type(error).__name__) from error


class _BrokenOffError(Exception):
    """The connection ended before the file did."""


def _unreachable(remote: Remote, part: Path, error: Exception) -> DataError:
    reason = getattr(error, "reason", None) or str(error) or type(error).__name__
    code = f"{error.code} " if isinstance(error, urllib.error.HTTPError) else ""
    there = _size(part)
    remedy = (
        f"Check the network and try again; {there} of {remote.size} bytes are kept"
        if there
        else f"Check the network, or bring {Path(remote.file).name} from another machine"
    )
    return DataError(remote.url, "must be reachable", f"{code}{reason}", remedy)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _sum(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
