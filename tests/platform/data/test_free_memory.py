"""Free memory as the system tells it, and what it is too small for."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.data import free_memory


def test_this_machine_has_some() -> None:
    free = free_memory.free_bytes()
    assert free is not None
    assert 2**20 < free < 2**50
    assert not free_memory.outgrows(1000)
    assert free_memory.outgrows(2 * free)


def test_a_share_of_it_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 8000)
    assert not free_memory.outgrows(1000)
    assert free_memory.outgrows(1001)
    monkeypatch.setattr(free_memory, "free_bytes", lambda: None)
    assert not free_memory.outgrows(2**60)


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    assert free_memory._of_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 150\n")
    assert free_memory._of_container(tmp_path) == 450
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory._of_container(tmp_path) is None
