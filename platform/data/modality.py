"""One of the kinds of input that describe the same thing, such as an image and its tags."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Modality:
    """``width`` inputs called ``name``; a row holds its modalities side by side."""

    name: str
    width: int
