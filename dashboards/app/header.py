"""The bar above every page: which study, how it stands, its stages and tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html
from dash.development.base_component import Component

from .address import View, query
from .components import attributes, link
from .tabs import STAGES, TABS, USES, tab

if TYPE_CHECKING:
    from .watch import Listed, Snapshot

STATES = {
    "running": "running",
    "finished": "finished",
    "failed": "finished, with failures",
    "killed": "interrupted",
    "empty": "nothing recorded yet",
}
LONGEST_NAME = 60


def bar(view: View, studies: Sequence[Listed], snapshot: Snapshot | None) -> list[Component]:
    """The name of the program, the choice of study, how it stands, and what can be taken."""
    left: list[Any] = [dcc.Link("layerwise", href="?", className="brand", title="All studies")]
    if not view.study:
        return [*left, html.Span("", className="space"), *_actions()]
    # The list may be a moment older than the study.
    names = dict.fromkeys([*(one.name for one in studies), view.study])
    left.append(
        dcc.Dropdown(
            id="study",
            options=[{"label": shortened(name), "value": name} for name in names],
            value=view.study,
            clearable=False,
            className="choice",
        )
    )
    if snapshot is not None:
        left.append(state(snapshot))
    report = html.A(
        "Save report",
        id="report",
        href=f"report.html{query(View(view.study))}",
        download="",
        className="action",
        title="The whole study as one file that needs no server",
    )
    return [*left, html.Span("", className="space"), report, *_actions(copy=True)]


def state(snapshot: Snapshot) -> Component:
    """How the study stands, in words."""
    runs = snapshot.frames.runs
    done = int(runs["status"].isin(["FINISHED", "FAILED"]).sum())
    words = STATES.get(snapshot.state, snapshot.state)
    if snapshot.state == "running":
        of = f" of {snapshot.planned}" if snapshot.planned else ""
        noun = "trial" if (snapshot.planned or done) == 1 else "trials"
        words = f"running · {done}{of} {noun} done"
    parts: list[Any] = [
        html.Span("", className="light", **attributes(aria_hidden="true")),
        html.Span(words, id="state-words"),
    ]
    if snapshot.state == "running" and snapshot.planned:
        parts.append(
            html.Progress(
                "",
                id="progress",
                value=str(done),
                max=str(snapshot.planned),
                className="progress",
                **attributes(aria_label="Trials done"),
            )
        )
    return html.Span(parts, id="state", className=f"state {snapshot.state}", role="status")


def navigation(view: View, stages: Sequence[str], stage: str, used: bool = True) -> list[Component]:
    """The tabs, and the stages where there is more than one.

    The tab that sets stages side by side is there for several, and has a choice of its own; that
    of what networks are for is there where the study has ``used`` them.
    """
    here = tab(view.tab).name
    several = len(stages) > 1
    hidden = [one for one, shown in ((STAGES, several), (USES, used)) if not shown]
    tabs = [
        link(
            one.title,
            view.with_(tab=one.name, run=""),
            "tab-link here" if one.name == here else "tab-link",
        )
        for one in TABS
        if one not in hidden
    ]
    made: list[Component] = [html.Nav(tabs, className="tabs", **attributes(aria_label="Tabs"))]
    if several and (here != STAGES.name or view.run):
        links = [
            link(
                name,
                view.with_(stage=name, where=(), x="", y="", sort="", run=""),
                _marked(name == stage),
                place=f"stage {name}",
            )
            for name in stages
        ]
        made.append(
            html.Nav(
                [html.Span("Stage"), *links],
                className="stages",
                **attributes(aria_label="Stages"),
            )
        )
    return made


def _marked(here: bool) -> str:
    return "tab-link here" if here else "tab-link"


def _actions(copy: bool = False) -> list[Component]:
    buttons = [("Copy link", "copy", "The address of exactly this view")] if copy else []
    buttons.append(("Theme", "theme", "As the system has it, light, or dark"))
    return [
        html.Button(text, id=name, type="button", className="action", title=title)
        for text, name, title in buttons
    ]


def shortened(name: str) -> str:
    """A name for a place that is not wide."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
