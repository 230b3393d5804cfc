"""From a view to its page. Every reader of one view sees the same one, drawn once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd
from dash import html
from dash.development.base_component import Component

from .. import page as wording_of_page
from .. import sentences
from ..chart import Section
from ..errors import RecordError
from ..run_view import view as run_view
from ..trial_histories import READING
from . import filters, header, selection, tabs
from .address import View, query
from .compare_page import compare_page, compared
from .components import section
from .map_box import map_box
from .regions import Region
from .run_page import run_page
from .screen import Screen
from .stages_page import side_by_side, stages_page
from .studies_page import studies_page
from .trials_page import columns_of, ordered, trials_page
from .watch import Listed, Snapshot, Watch

MOST_KEPT = 64
T = TypeVar("T")


SLOTS = tuple(f"slot-{number}" for number in range(12))
"""Parts of the page proper, so that a section that changes its shape leaves the others standing."""
REGIONS = ("bar", "navigation", "filters", "lead", *SLOTS)


@dataclass(frozen=True, eq=False)
class Page:
    """A page: its title, the version of the record that it shows, and its parts by ``REGIONS``."""

    title: str
    version: int
    regions: dict[str, Region]

    @classmethod
    def of(
        cls, title: str, version: int, page: Sequence[Component], **parts: Sequence[Component]
    ) -> Page:
        """The page of these parts; those that are left out are empty."""
        slots = {name: page[at : at + 1] for at, name in enumerate(SLOTS[:-1])}
        filled = {**parts, **slots, SLOTS[-1]: page[len(SLOTS) - 1 :]}
        return cls(title, version, {name: Region.of(filled.get(name, [])) for name in REGIONS})


class Pages:
    """Draws pages from a watch's snapshots, and keeps the latest of them."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._locks: dict[Any, threading.Lock] = {}
        self._lock = threading.Lock()

    def page(self, view: View, screen: Screen) -> Page:
        """The page of a view as the record is now; what is wrong with the view is said on it."""
        if not view.study:
            return self._studies(view)
        try:
            snapshot = self._watch.snapshot(view.study)
        except RecordError as error:
            return self._studies(view, str(error))
        versions = (snapshot.version, self._watch.version(view.beside) if view.beside else 0)
        key = ("page", query(view), screen, versions, snapshot.state, snapshot.problem)
        return self._once(key, lambda: self._timed(snapshot, view, screen))

    def sections(self, view: View) -> list[Section]:
        """The sections that a view's page shows when all is read, for who wants their numbers."""
        snapshot = self._watch.whole(view.study)
        key = ("sections", query(view), snapshot.version)
        return self._once(key, lambda: self._sections(snapshot, view))

    def numbers(self, view: View, chart: str) -> pd.DataFrame | None:
        """The table of a chart of a view's page; None where the page has no such chart.

        ``trials`` is the whole table of trials, on every page.
        """
        if chart == "trials":
            return self._trials(view)
        for made in self.sections(view):
            for one in made.charts:
                if one.name == chart:
                    return one.table
        return None

    def _trials(self, view: View) -> pd.DataFrame | None:
        frames = self._watch.whole(view.study).frames
        stage = tabs.stage_of(frames, view.stage)
        if not stage:
            return None
        settings = selection.chosen(frames, stage, view.where)
        shown = ordered(selection.selected(frames, stage, settings), stage, view.sort)
        return shown[["key", "run_id", *columns_of(frames, stage)]]

    def _once(self, key: Any, make: Callable[[], T]) -> T:
        """What ``make`` gives, made by one thread while others that want it wait."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: T = self._kept[key]
                return kept
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            with self._lock:
                if key in self._kept:
                    found: T = self._kept[key]
                    return found
            made = make()
            with self._lock:
                self._kept[key] = made
                self._locks.pop(key, None)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return made

    def studies(self) -> tuple[tuple[Listed, ...], str]:
        """The studies as they are known, and why they are not, where that is so."""
        try:
            return self._watch.studies(), ""
        except RecordError as error:
            return (), str(error)

    def _studies(self, view: View, problem: str = "") -> Page:
        studies, unread = self.studies()
        problem = problem or unread
        bar = header.bar(View(), studies, None)
        return Page.of("Studies · layerwise", 0, bar=bar, page=studies_page(studies, problem))

    def _timed(self, snapshot: Snapshot, view: View, screen: Screen) -> Page:
        begun = time.monotonic()
        made = self._of_study(snapshot, view, screen)
        self._watch.drawn(view.study, time.monotonic() - begun)
        return made

    def _of_study(self, snapshot: Snapshot, view: View, screen: Screen) -> Page:
        frames, (studies, _) = snapshot.frames, self.studies()
        name = header.shortened(view.study)
        stage = tabs.stage_of(frames, view.stage)
        parts = {
            "bar": header.bar(view, studies, snapshot),
            "lead": [_problem(snapshot.problem)] if snapshot.problem else [],
        }
        if not stage:
            waiting = html.P("No trial is recorded yet. They appear here as they end.")
            parts["page"] = [html.H1(name), waiting]
        elif view.run:
            stage, parts["page"] = self._run(snapshot, view, screen, stage)
        elif tabs.tab(view.tab) is tabs.COMPARE:
            parts["page"] = compare_page(frames, self._other(view), studies, view, screen)
        elif tabs.tab(view.tab) is tabs.STAGES:
            parts["page"] = stages_page(frames, view, screen)
        else:
            settings = selection.chosen(frames, stage, view.where)
            parts["filters"] = filters.boxes(frames, stage, view)
            left = None if settings is None else len(settings)
            chosen = filters.chosen_line(frames, stage, view, left)
            parts["lead"] += [] if chosen is None else [chosen]
            if tabs.tab(view.tab) is tabs.OVERVIEW:
                parts["lead"] += _question(snapshot)
            parts["page"] = self._of_settings(snapshot, view, screen, stage, settings)
        if stage:
            stages = [one for one in frames.stages if len(frames.trials(one))]
            used = bool(frames.study.get("measures")) or tabs.tab(view.tab) is tabs.USES
            parts["navigation"] = header.navigation(view, stages, stage, used)
        return Page.of(f"{name} · layerwise", snapshot.version, **parts)

    def _of_settings(
        self,
        snapshot: Snapshot,
        view: View,
        screen: Screen,
        stage: str,
        settings: frozenset[str] | None,
    ) -> list[Component]:
        """What a tab shows of the chosen settings."""
        frames, here = snapshot.frames, tabs.tab(view.tab)
        if settings is not None and not settings:
            return [html.P("No setting meets these conditions.", className="note")]
        if here is tabs.TRIALS:
            return trials_page(selection.selected(frames, stage, settings), stage, view)
        shown = self._tab(snapshot, view, stage, settings)
        drawn = [section(one, view, screen) for one in shown]
        if here is tabs.OVERVIEW:
            # Side by side where there is room: what is brushed in the one shows in the other.
            beside = [*map_box(frames, stage, view, settings, screen), *drawn[:1]]
            return [html.Div(beside, className="pair"), *drawn[1:]]
        return drawn or [html.P(here.empty, className="note")]

    def _run(
        self, snapshot: Snapshot, view: View, screen: Screen, stage: str
    ) -> tuple[str, list[Component]]:
        """The stage of a run and its page; the stage as it was where there is no such run."""
        if not snapshot.frames.histories:
            # What became of a trial is told from its history.
            return stage, [html.P(READING, className="note")]
        try:
            run = run_view(snapshot.frames, view.run)
        except RecordError as error:
            return stage, [_problem(str(error))]
        experiment = next(
            (one.experiment_id for one in self.studies()[0] if one.name == view.study), ""
        )
        shown = view.with_(stage=run.stage)
        return run.stage, run_page(run, shown, screen, self._watch.tracking_uri, experiment)

    def _sections(self, snapshot: Snapshot, view: View) -> list[Section]:
        frames = snapshot.frames
        stage = tabs.stage_of(frames, view.stage)
        if view.run:
            return run_view(frames, view.run).sections
        if not stage:
            return []
        settings = selection.chosen(frames, stage, view.where)
        here = tabs.tab(view.tab)
        if here is tabs.COMPARE:
            return compared(frames, self._other(view))
        if here is tabs.STAGES:
            return [side_by_side(frames, view)]
        made = self._tab(snapshot, view, stage, settings)
        if here is tabs.OVERVIEW:
            axes = tabs.map_axes(frames, stage, view.x, view.y)
            chart = tabs.map_chart(frames, stage, *axes, settings)
            made = [Section("map", "", "map", [chart]), *made]
        return made

    def _tab(
        self, snapshot: Snapshot, view: View, stage: str, settings: frozenset[str] | None
    ) -> list[Section]:
        """What a tab draws of the chosen settings, whatever the screen."""
        here = tabs.tab(view.tab)
        key = ("tab", view.study, snapshot.version, here.name, stage, settings)

        def draw() -> list[Section]:
            return here.sections(selection.selected(snapshot.frames, stage, settings), stage)

        return self._once(key, draw)

    def _other(self, view: View) -> Any:
        if not view.beside:
            return None
        try:
            return self._watch.snapshot(view.beside).frames
        except RecordError:
            return None


def _question(snapshot: Snapshot) -> list[Component]:
    """The study's question, the answer so far, and what to know before believing it."""
    frames = snapshot.frames
    question = str(frames.study.get("question") or frames.study.get("study") or "")
    notes = wording_of_page.notices(frames)
    return [
        html.H1(question),
        html.P(sentences.answer(frames), id="answer", className="answer"),
        *(html.P(note, className="notice") for note in notes),
    ]


def _problem(text: str) -> Component:
    return html.P(text, className="notice", role="alert")
