"""What a node is asked before anything trains on it.

The file is sent to the node as it is, because layerwise may be what the node lacks: at its top it
imports nothing but the standard library.
"""

from __future__ import annotations

import importlib
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

CHALLENGE = "driver"

# One word for each thing that a node must be able to do; and what hinders it, in its own words.
Hindrances = dict[str, str]

_SECONDS = 10.0


def probe(
    trainable: str,
    packaged: Mapping[str, str],
    versions: Mapping[str, str],
    meeting: str,
    challenge: str,
    node: str,
    tracking_uri: str,
) -> Hindrances:
    """Try everything that a trial will do on this node.

    Args:
        trainable: the module that trials run in.
        packaged: the one module that knows which layerwise this is → what it says on the driver.
        versions: of other distributions, on the driver.
        meeting: a folder in the storage, where the driver has left its challenge.
        challenge: what stands there.
        node: the name of this node's answer in that folder.
        tracking_uri: where MLflow is.

    Returns:
        What the node cannot do; nothing for a node that can take part.
    """
    hindrances: Hindrances = {}

    def attempt(what: str, deed: Callable[[], str | None]) -> None:
        try:
            said = deed()
        except Exception as error:
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if said:
            hindrances[what] = said.strip().splitlines()[-1]

    attempt("import", lambda: _imports(trainable, packaged, versions))
    attempt("read", lambda: _reads(Path(meeting), challenge))
    if "read" not in hindrances:
        attempt("write", lambda: _writes(Path(meeting), challenge, node))
    attempt("record", lambda: _reaches(tracking_uri))
    return hindrances


def _imports(
    trainable: str, packaged: Mapping[str, str], versions: Mapping[str, str]
) -> str | None:
    for module, expected in packaged.items():
        found = importlib.import_module(module).digest()
        if found != expected:
            return f"another layerwise is installed ({found}, the driver's is {expected})"
    for name, expected in versions.items():
        try:
            # What follows a plus sign says for which hardware it was built.
            found = version(name).partition("+")[0]
        except PackageNotFoundError:
            return f"{name} is not installed"
        if found != expected:
            return f"{name} {found} is installed, the driver's is {expected}"
    importlib.import_module(trainable)
    return None


def _reads(meeting: Path, challenge: str) -> str | None:
    try:
        found = (meeting / CHALLENGE).read_text()
    except FileNotFoundError:
        return "what the driver wrote is not there: it is another folder of the same name"
    return None if found == challenge else "something else than the driver wrote"


def _writes(meeting: Path, challenge: str, node: str) -> str | None:
    path = meeting / node
    with path.open("w") as stream:
        stream.write(f"{challenge} {node}")
        stream.flush()
        os.fsync(stream.fileno())
    return None


def _reaches(uri: str) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        try:
            urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=_SECONDS).close()
        except urllib.error.HTTPError as error:
            # Whoever answers is there; a proxy that found nobody behind it says so.
            return f"{uri} answers {error.code}" if error.code in (502, 503, 504) else None
        except urllib.error.URLError as error:
            reason = getattr(error.reason, "strerror", None) or error.reason
            return f"{uri}: {reason}"
    elif parts.hostname and parts.port:
        socket.create_connection((parts.hostname, parts.port), _SECONDS).close()
    return None
