"""A chart of the report with what stands around it, and a section of such charts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from .figures.style import Drawing

if TYPE_CHECKING:
    from types import ModuleType


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
    """A heading of the page with its charts; ``kind`` lets the page add the ranked table.

    ``words``: a table of texts, of any origin, above the charts.
    """

    name: str
    title: str
    kind: str
    charts: list[Chart] = field(default_factory=list)
    note: str = ""
    stage: str = ""
    words: pd.DataFrame | None = None


def charted(
    name: str,
    title: str,
    figure: ModuleType,
    given: tuple[Any, ...],
    narrow: dict[str, Any],
    note: str = "",
    least: int = 1,
) -> list[Chart]:
    """The chart of a figure's file, drawn as ``narrow`` says too; none below ``least`` rows."""
    rows = figure.table(*given)
    if len(rows) < least:
        return []
    drawings = figure.draw(*given), figure.draw(*given, **narrow)
    return [Chart(name, title, figure.sentence(*given), drawings[0], rows, drawings[1], note)]
