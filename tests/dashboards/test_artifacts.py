"""Files that are lost or damaged leave the trials, and a page without pictures."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from made_studies import Made, write

from layerwise.dashboards.frames import Frames, read


def test_what_was_written_is_read(crossing: Frames) -> None:
    assert crossing.complete
    assert crossing.study["study"] == "crossing"
    assert crossing.images["best/clean"].shape == (16, 8, 8)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("images.npz", b"PK\x03\x04 cut off"),
        ("images.npz", b""),
        ("study.json", b'{"study": "cut'),
        ("study.json", b"\xff\xfe"),
    ],
)
def test_an_artifact_that_cannot_be_read_is_none(
    home: Path, tracking_uri: str, file: str, content: bytes, request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    folder = home / "artifacts" / hashlib.sha256(name.encode()).hexdigest()[:8]
    parent = write(tracking_uri, folder, Made(name, swept={"corruption.level": (0.1,)}))
    (folder / parent / "artifacts" / file).write_bytes(content)
    found = read(tracking_uri, name)
    assert found.images == {}
    assert found.complete == (file == "images.npz")
    assert len(found.runs) == 3


def test_lost_artifacts_leave_the_trials(home: Path, tracking_uri: str) -> None:
    folder = home / "artifacts" / "lost"
    write(tracking_uri, folder, Made("lost artifacts", swept={"corruption.level": (0.1, 0.2)}))
    shutil.rmtree(folder)
    found = read(tracking_uri, "lost artifacts")
    assert not found.complete
    assert found.images == {}
    assert len(found.runs) == 6
