"""What a study says about its data, without a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Source:
    """A study's ``data``."""

    name: str | None = None
    path: Path | None = None
    validation: float = 0.15
    test: float = 0.15
    split_seed: int = 0
    binarise: str | None = None


@pytest.fixture
def source() -> Callable[..., Source]:
    return Source
