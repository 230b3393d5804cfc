"""The wheel that a cluster's nodes install: this very layerwise, whatever it was installed from.

It is put together here rather than by a build tool, so that a person needs neither the sources nor
a network, and so that the same files always give the same wheel. It names no dependencies: Ray
installs a shipped wheel into a folder of its own with all that it names, which would be a second
torch and a second Ray on every node. Nodes have them already, and the preflight compares versions.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "layerwise"

# What pyproject.toml packages; a test compares.
_FOLDERS = ("dashboards", "models", "platform", "studies")
_SUFFIXES = {".py", ".yaml", ".md", ".css", ".js", ".npz"}
_NAMESPACE = __package__.partition(".")[0]
# The earliest date that a zip file can hold: the same files are the same bytes on any day.
_DATE = (1980, 1, 1, 0, 0, 0)
_DIGEST_LENGTH = 12


def files() -> dict[str, bytes]:
    """Every file of the package as it would be installed: ``layerwise/models/…`` → its bytes."""
    found: dict[str, bytes] = {}
    for name in _FOLDERS:
        spec = find_spec(f"{_NAMESPACE}.{name}")
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"No module named '{_NAMESPACE}.{name}'")
        # The first is where imports are taken from.
        root = Path(next(iter(spec.submodule_search_locations)))
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if path.suffix in _SUFFIXES and path.is_file() and not hidden:
                found[f"{_NAMESPACE}/{name}/{inside.as_posix()}"] = path.read_bytes()
    return dict(sorted(found.items()))


def digest(content: dict[str, bytes] | None = None) -> str:
    """12 hexadecimal digits that say which layerwise this is, to the byte.

    Args:
        content: as :func:`files` gives it, which is read when it is left out.
    """
    total = hashlib.sha256()
    for name, data in (files() if content is None else content).items():
        total.update(f"{name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()[:_DIGEST_LENGTH]


def build(folder: Path) -> Path:
    """Write the wheel into a folder.

    The digest stands in its version: Ray knows a wheel by its name alone, and would go on using
    one that it had seen before.
    """
    content = files()
    released = version(DISTRIBUTION).partition("+")[0]
    label = f"{released}+{digest(content)}"
    about = f"{DISTRIBUTION}-{label}.dist-info"
    content[f"{about}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: {label}\n".encode()
    )
    content[f"{about}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: layerwise\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    content[f"{about}/entry_points.txt"] = (
        f"[console_scripts]\n{DISTRIBUTION} = {_NAMESPACE}.platform.cli:entry\n".encode()
    )
    record = f"{about}/RECORD"
    lines = [f"{name},{_hash(data)},{len(data)}\n" for name, data in content.items()]
    content[record] = "".join([*lines, f"{record},,\n"]).encode()
    path = folder / f"{DISTRIBUTION}-{label}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return path


def _hash(data: bytes) -> str:
    """As a wheel's RECORD writes it."""
    found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={found.decode()}"
