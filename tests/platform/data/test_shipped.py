"""What comes with layerwise is there, and whose it is is said beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.data import shipped
from layerwise.platform.errors import DataError


def test_every_file_is_in_the_notice() -> None:
    notice = (shipped.FOLDER / "NOTICE.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in shipped.FOLDER.glob("*.npz"))
    assert files == ["emoji.npz", "sounds.npz"]
    for file in files:
        assert f"## {file}" in notice
    assert "CC0 1.0" in notice
    assert "Apache License 2.0" in notice
    assert "UNICODE LICENSE V3" in notice


def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    (tmp_path / "sounds.npz").write_bytes(b"PK half")
    for file in ("sounds.npz", "gone.npz"):
        with pytest.raises(DataError, match=rf"{file}: must be as it came.*Install layerwise anew"):
            shipped.arrays(file, ("audio",))


def test_an_array_that_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match="no array voices"):
        shipped.arrays("sounds.npz", ("audio", "voices"))
