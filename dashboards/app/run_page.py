"""The page of one trial: what it was and reached, what it stands on, and what stands on it."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from ..run_view import RunView, Step, mlflow_address
from ..statistics import Interval
from ..statistics import rows as records
from ..wording import count, number, plus_minus, value_text
from .address import View
from .components import link, section, shown, table
from .screen import Screen

SPLITS = ("train", "validation", "test", "untrained")


def run_page(
    run: RunView, view: View, screen: Screen, tracking_uri: str, experiment: str
) -> list[Component]:
    """Everything about the trial, and the ways to its relatives and to MLflow."""
    facts = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in run.facts]
    address, how = mlflow_address(tracking_uri, experiment, run.run_id)
    mlflow: list[Any] = ["This run in MLflow"]
    if address:
        mlflow = [html.A("This run in MLflow", href=address, rel="noreferrer", target="_blank")]
    return [
        link("← all trials", view.with_(run=""), "back"),
        html.H1(run.title),
        html.P(run.sentence, className="answer"),
        html.Dl(facts, className="facts"),
        html.P([*mlflow, *([f" ({how})"] if how else [])], className="note"),
        _steps("What it stands on", run.ancestors, len(run.ancestors), view),
        _steps("What stands on it", run.descendants, run.descendant_count, view),
        *(section(one, view, screen) for one in run.sections),
        html.Section([html.H2("Measures"), _measures(run)]),
        html.Section([html.H2("Settings"), _settings(run)]),
    ]


def _measures(run: RunView) -> Component:
    """The trial's measures beside those of its setting and of the best setting."""
    splits = [name for name in SPLITS if run.measures[name].notna().any()]
    head = ["measure", *splits, "its setting, over seeds", "the best setting", ""]
    rows = [
        [
            html.Span(row["label"], title=row["unit"]),
            *(shown(row[split]) for split in splits),
            plus_minus(Interval.of(row)) + _split(row["split"]),
            shown(row["best"]),
            row["doubt"] or "",
        ]
        for row in records(run.measures)
    ]
    note = html.P("Its setting and the best are compared on the validation set.", className="note")
    return html.Div([table(head, rows, "Measures"), note])


def _split(name: str) -> str:
    """On which split a measure is compared, where it is not the validation set."""
    return "" if name == "validation" else f" ({name})"


def _settings(run: RunView) -> Component:
    head = ["hyperparameter", "value", "in the study as", ""]
    rows = [
        [
            html.Span(row["label"], title=row["unit"]),
            shown(row["value"]) if isinstance(row["value"], str) else value_text(row["value"]),
            row["parameter"],
            "swept" if row["swept"] else "",
        ]
        for row in records(run.settings)
    ]
    return table(head, rows, "Settings", "ranked words")


def _steps(title: str, steps: list[Step], n: int, view: View) -> Component:
    """Relatives in the tree, ``n`` with those not listed; each a way to its page, if it has one."""
    if not steps:
        return html.Div(hidden=True)
    items = [
        html.Li(
            [
                html.Span(step.stage, className="quiet"),
                " ",
                link(step.setting, view.with_(run=step.key, stage=step.stage, where=()))
                if step.run_id
                else step.setting,
                html.Span(
                    f" · {number(step.objective)} · {step.status.lower()}", className="quiet"
                ),
            ]
        )
        for step in steps
    ]
    heading = f"{title} ({count(n, 'trial')})"
    return html.Section([html.H2(heading), html.Ol(items, className="steps")])
