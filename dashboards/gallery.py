"""The gallery: one screenful for each study, with its answer, its figure and its controls.

A study's figure is the first that it has of: what its networks are for, what one could see or hear
of it, what a hyperparameter does, its claims, its controls. Its claims stand beside it as they came
out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import claims, sentences, stage_sections
from .chart import Chart, Section
from .claim_sections import claimed
from .study_sections import images, tree
from .use_sections import uses

if TYPE_CHECKING:
    from .frames import Frames

FIGURES = ("anomaly-roc", "retrieval", "spectrograms", "colour", "field", "code-map")
"""What there is to see beside the numbers of a use, the first that was recorded."""
OF_USE = 2
"""Charts of a study at most."""


@dataclass(frozen=True)
class Entry:
    """One study of the gallery: its record, its place on the page, and its charts."""

    frames: Frames
    anchor: str
    charts: list[Chart]

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.frames.study.get("study") or "study")

    @property
    def question(self) -> str:
        """What it asked; its name where it asked nothing."""
        return str(self.frames.study.get("question") or self.name)

    @property
    def answer(self) -> str:
        """How its claims came out; without claims, the sentence on its best setting."""
        return claims.tally(self.frames) or sentences.answer(self.frames)

    def section(self) -> Section:
        """As a section of the page."""
        words = claims.words(self.frames)
        return Section(
            self.anchor,
            self.question,
            "gallery",
            self.charts,
            words=None if words.empty else words,
        )


def entries(studies: Sequence[Frames]) -> list[Entry]:
    """An entry for each record, in the order given; every chart's name is its own."""
    made = []
    for place, frames in enumerate(studies):
        name = re.sub(r"[^a-z0-9]+", "-", str(frames.study.get("study") or "").lower()).strip("-")
        anchor = f"study-{place}-{name[:40]}".rstrip("-")
        charts = [_beside(one, anchor) for one in chosen(frames)]
        made.append(Entry(frames, anchor, charts))
    return made


def _beside(chart: Chart, anchor: str) -> Chart:
    """A chart under a name of its own, in the form that half a page has room for."""
    drawing = chart.drawing if chart.narrow is None else chart.narrow
    return replace(chart, name=f"{anchor}-{chart.name}", drawing=drawing)


def chosen(frames: Frames) -> list[Chart]:
    """The figures that stand for a study, one or two."""
    used = uses(frames).charts
    numbers = [chart for chart in used if chart.name.startswith("contest-")][:1]
    seen = {chart.name: chart for chart in (*used, *images(frames).charts)}
    shown = [seen[name] for name in FIGURES if name in seen][:1]
    if numbers:
        return [*numbers, *shown][:OF_USE]
    stages = [stage for stage in frames.stages if len(frames.trials(stage))]
    others = [
        chart
        for stage in stages[-1:]
        for section in (
            stage_sections.effects(frames, stage, frames.stages.index(stage), ""),
            claimed(frames),
            stage_sections.beside_controls(frames, stage, frames.stages.index(stage), ""),
            tree(frames),
        )
        for chart in section.charts[:1]
    ]
    return [*others[:1], *shown][:OF_USE]
