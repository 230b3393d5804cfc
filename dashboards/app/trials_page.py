"""The table of a stage's trials: sorted by any column, a page at a time, each a way to its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from ..figures.ranking import test_metrics
from ..outline import objective, swept
from ..settings import column_label
from ..wording import capital, count, value_text
from .address import View, query
from .components import attributes, link, shown, table

if TYPE_CHECKING:
    from ..frames import Frames

ROWS_A_PAGE = 50
WAYS = {False: "ascending", True: "descending"}


def trials_page(frames: Frames, stage: str, view: View) -> list[Component]:
    """A heading and the page of the table that the view asks for."""
    columns = columns_of(frames, stage)
    trials = ordered(frames, stage, view.sort)
    pages = max(-(-len(trials) // ROWS_A_PAGE), 1)
    page = min(view.page, pages)
    part = trials.iloc[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    by, down = _sorting(frames, stage, view.sort)
    head = ["trial", *(_heading(frames, name, view, by, down) for name in columns)]
    rows = [
        [
            link(str(key)[:8], view.with_(run=str(key)), title="Open this trial"),
            *(_cell(name, cell) for name, cell in zip(columns, cells, strict=True)),
        ]
        for key, *cells in part[["key", *columns]].itertuples(index=False)
    ]
    return [
        html.H2(f"{capital(count(len(trials), 'trial'))}"),
        table(head, rows, "Trials", "ranked trials"),
        *([_pages(view, page, pages)] if pages > 1 else []),
        html.A(
            "Save trials (CSV)",
            href=f"numbers/trials.csv{query(view)}",
            download="",
            className="save",
        ),
    ]


def columns_of(frames: Frames, stage: str) -> list[str]:
    """What the table shows: swept values, seed, state, the objective, and test measures."""
    metrics = [objective(frames, stage)[0], *test_metrics(frames, stage)]
    held = [name for name in metrics if name in frames.runs.columns]
    return [*swept(frames, stage), "seed", "status", *dict.fromkeys(held)]


def ordered(frames: Frames, stage: str, sort: str) -> pd.DataFrame:
    """The trials of a stage by a column (after a minus: downwards), what is missing at the end."""
    by, down = _sorting(frames, stage, sort)
    trials = frames.trials(stage)
    if by not in trials.columns:
        return trials
    values = trials[by]
    if not pd.api.types.is_numeric_dtype(values):
        values = values.map(lambda one: None if one is None or one != one else str(one))
    else:
        values = values.astype(float).where(np.isfinite(values.astype(float)))
    order = values.sort_values(ascending=not down, kind="stable", na_position="last").index
    return trials.loc[order]


def _sorting(frames: Frames, stage: str, sort: str) -> tuple[str, bool]:
    name = sort.removeprefix("-")
    if name in columns_of(frames, stage):
        return name, sort.startswith("-")
    metric, lower = objective(frames, stage)
    return metric, not lower


def _heading(frames: Frames, name: str, view: View, by: str, down: bool) -> Component:
    """A column's name, which sorts by it, and by it the other way when it does already."""
    label = name if name in ("seed", "status") else column_label(frames, name)
    arrow = (" ↓" if down else " ↑") if name == by else ""
    sort = f"-{name}" if name == by and not down else name
    said = f"Sort by it, {WAYS[sort.startswith('-')]}"
    return link(f"{label}{arrow}", view.with_(sort=sort), "sort", said)


def _cell(name: str, cell: Any) -> str:
    if name == "status":
        return str(cell).lower()
    if name == "seed":
        return str(int(cell))
    if "/" in name or cell is None or (isinstance(cell, float) and cell != cell):
        return shown(None if cell is None else cell)
    return value_text(cell)


def _pages(view: View, page: int, pages: int) -> Component:
    steps = []
    if page > 1:
        steps.append(link("← earlier", view.with_(page=page - 1)))
    steps.append(html.Span(f"page {page} of {pages}"))
    if page < pages:
        steps.append(link("later →", view.with_(page=page + 1)))
    return html.Nav(steps, className="pages", **attributes(aria_label="Pages of the table"))
