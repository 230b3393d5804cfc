"""A chart of the report with what stands around it, and a section of such charts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from .figures.style import Drawing

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True)
class Chart:
    """A drawing (and one for narrow screens), its title, its sentence, a note, and its numbers.

    ``draw_narrow``: draws for a narrow screen when one asks, since most pages need one of the two.
    ``players``: sounds to hear below the drawing, each a label of any origin and a WAV file.
    """

    name: str
    title: str
    sentence: str
    drawing: Drawing
    table: pd.DataFrame
    draw_narrow: Callable[[], Drawing] | None = None
    note: str = ""
    players: list[tuple[str, bytes]] = field(default_factory=list)

    @cached_property
    def narrow(self) -> Drawing | None:
        """The drawing for narrow screens; None where the other one is for them too."""
        return None if self.draw_narrow is None else self.draw_narrow()


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
    drawn, draw_narrow = figure.draw(*given), partial(figure.draw, *given, **narrow)
    return [Chart(name, title, figure.sentence(*given), drawn, rows, draw_narrow, note)]
