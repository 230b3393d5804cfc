"""A chart of the report with what stands around it, and a section of such charts."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from .figures.style import Drawing


@dataclass(frozen=True)
class Chart:
    """A drawing (and one for narrow screens), its title, its sentence, a note, and its numbers.

    ``players``: sounds to hear below the drawing, each a label of any origin and a WAV file.
    """

    name: str
    title: str
    sentence: str
    drawing: Drawing
    table: pd.DataFrame
    narrow: Drawing | None = None
    note: str = ""
    players: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """A heading of the page with its charts; ``kind`` lets the page add the ranked table."""

    name: str
    title: str
    kind: str
    charts: list[Chart] = field(default_factory=list)
    note: str = ""
    stage: str = ""
