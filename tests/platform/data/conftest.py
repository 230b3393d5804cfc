"""What a study says about its data, without a study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from layerwise.platform.data.source import ImageTerms, SoundTerms


@dataclass(frozen=True)
class Source:
    """A study's ``data``."""

    name: str | None = None
    path: Path | None = None
    validation: float = 0.15
    test: float = 0.15
    split_seed: int = 0
    binarise: str | None = None
    scale: str | None = None
    label: str | None = None
    anomalous: Sequence[str | int | float] | None = None
    contamination: float = 0.0
    samples: int | None = None
    stream: bool | None = None
    image: ImageTerms | None = None
    sound: SoundTerms | None = None


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for what is prepared."""
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def source() -> Callable[..., Source]:
    return Source
