"""Where regularisers meet: heat maps of one metric over two of them, a panel per value of a third.

Each cell is the mean over the seeds that all settings have, and over any hyperparameters beyond the
three; the colour scale is common to all panels; the best cell is framed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..effects import with_starting_seeds
from ..memory import remembered
from ..outline import finished, objective, own_swept, swept
from ..palette import LIGHT, TURN, stops
from ..reliability import about
from ..statistics import rows
from ..wording import axis_label, number, value_text
from .scales import Scale, scale
from .style import Drawing, axis, checked, drawing, panel_title, plain, tiles, typed

if TYPE_CHECKING:
    from ..frames import Frames

COLUMNS = ("mean", "trials", "unreliable")
MOST_CELLS = 12
"""Values along one side beyond which a sweep is not a grid one can read."""


@dataclass(frozen=True)
class Crossing:
    """Which hyperparameters span the panels: across, up, and (perhaps) from panel to panel."""

    across: str
    up: str
    panels: str | None


@remembered
def crossing(frames: Frames, stage: str) -> Crossing | None:
    """The crossing a stage holds, None when fewer than two hyperparameters form a grid.

    The one with the fewest values goes from panel to panel.
    """
    trials = finished(frames, stage, objective(frames, stage)[0])
    paths = [*own_swept(frames, stage), *(p for p in swept(frames, stage) if "." in p)]
    paths = [p for p in dict.fromkeys(paths) if 1 < trials[p].nunique() <= MOST_CELLS][:3]
    if len(paths) < 2:
        return None
    cells = trials.groupby(paths).ngroups
    full = 1
    for path in paths:
        full *= trials[path].nunique()
    if cells * 2 < full:
        return None
    if len(paths) == 2:
        return Crossing(paths[0], paths[1], None)
    fewest = min(reversed(paths), key=lambda path: trials[path].nunique())
    across, up = (path for path in paths if path != fewest)
    return Crossing(across, up, fewest)


@remembered
def table(frames: Frames, stage: str, metric: str) -> pd.DataFrame:
    """A row per cell: the crossing's columns, and ``COLUMNS``; empty without a crossing.

    ``unreliable``: the bounds in words where a trial's value cannot be trusted, else ""; left out
    where all can be.
    """
    found = crossing(frames, stage)
    if found is None:
        return pd.DataFrame()
    by = [path for path in (found.panels, found.up, found.across) if path is not None]
    groups = with_starting_seeds(frames, finished(frames, stage, metric)).groupby(by)
    values = groups[metric]
    cells = pd.DataFrame({"mean": values.mean(), "trials": values.count()})
    doubts = [about(trials, metric) for _, trials in groups]
    if any(doubts):
        cells["unreliable"] = ["" if one is None else str(one) for one in doubts]
    return cells.reset_index()


def draw(frames: Frames, stage: str, metric: str, columns: int = 3) -> Drawing:
    """The heat maps, ``columns`` to a row."""
    cells = table(frames, stage, metric)
    found = crossing(frames, stage)
    if found is None or cells.empty:
        return drawing(200)
    thirds = list(scale(list(cells[found.panels]), False).values) if found.panels else [None]
    across, up = (scale(list(cells[path]), False) for path in (found.across, found.up))
    columns = min(columns, len(thirds))
    rows = -(-len(thirds) // columns)
    height = 96 + rows * 46 * max(len(up.values), 3) + (rows - 1) * 62
    margin = {"l": 66, "r": 8, "t": 34, "b": 54}
    domains = tiles(len(thirds), columns, gap=0.035, row_gap=62 / (height - 88))
    drawn = drawing(height, margin=margin)
    drawn.layout["coloraxis"] = _colours(cells)
    best = _best(frames, stage, metric, cells)
    for index, third in enumerate(thirds):
        name = "" if index == 0 else str(index + 1)
        axes = {"xaxis": f"x{name}", "yaxis": f"y{name}"}
        part = cells if third is None else cells[cells[found.panels] == third]
        drawn.traces += _panel(part, found, across, up, _threshold(cells), axes)
        x, y = domains[index]
        first, lowest = index % columns == 0, index + columns >= len(thirds)
        drawn.layout[f"xaxis{name}"] = axis(
            plain(axis_label(frames, found.across)) if lowest else "",
            domain=x,
            anchor=f"y{name}",
            **_named(across),
        )
        drawn.layout[f"yaxis{name}"] = axis(
            plain(axis_label(frames, found.up)) if first else "",
            domain=y,
            anchor=f"x{name}",
            **{**_named(up), "showticklabels": first},
        )
        if found.panels is not None:
            text = f"{axis_label(frames, found.panels)} {value_text(third)}"
            drawn.annotations.append(panel_title(f"<b>{plain(text)}</b>", x[0], y[1]))
        if best in part.index:
            column = across.values.index(part.loc[best, found.across])
            row = up.values.index(part.loc[best, found.up])
            drawn.shapes.append(_frame(column, row, f"x{name}", f"y{name}"))
    return drawn


figure = checked(draw)


def _panel(
    part: pd.DataFrame, found: Crossing, across: Scale, up: Scale, turn: float, axes: dict[str, str]
) -> list[dict[str, Any]]:
    """The cells, and their values as text that is legible on each."""
    cells = {(row[found.across], row[found.up]): row for row in rows(part)}
    means = {place: float(row["mean"]) for place, row in cells.items()}
    grid = [[means.get((a, u)) for a in across.values] for u in up.values]
    shown = [(x, y, v) for y, row in enumerate(grid) for x, v in enumerate(row) if v is not None]
    doubts = [cells[across.values[x], up.values[y]].get("unreliable") for x, y, _ in shown]
    names = [
        f"{plain(across.labels[x])}, {plain(up.labels[y])}{f'<br>{d}' if d else ''}"
        for (x, y, _), d in zip(shown, doubts, strict=True)
    ]
    return [
        typed(
            "heatmap",
            z=grid,
            x=list(range(len(across.values))),
            y=list(range(len(up.values))),
            coloraxis="coloraxis",
            xgap=2,
            ygap=2,
            hoverinfo="skip",
            **axes,
        ),
        typed(
            "scatter",
            x=[x for x, _, _ in shown],
            y=[y for _, y, _ in shown],
            text=[
                number(v) + ("<br>unreliable" if d else "")
                for (_, _, v), d in zip(shown, doubts, strict=True)
            ],
            mode="text",
            textfont={
                "size": 12,
                "color": [LIGHT.on_least if v < turn else LIGHT.on_most for _, _, v in shown],
            },
            customdata=names,
            hovertemplate="%{customdata}<br><b>%{text}</b><extra></extra>",
            **axes,
        ),
    ]


def _colours(cells: pd.DataFrame) -> dict[str, Any]:
    low, high = float(cells["mean"].min()), float(cells["mean"].max())
    return {
        "colorscale": stops(LIGHT.sequential),
        "cmin": low,
        "cmax": high if high > low else low + 1.0,
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": {"color": LIGHT.quiet_text, "size": 12},
            "nticks": 5,
            "len": 1.0,
        },
    }


def _threshold(cells: pd.DataFrame) -> float:
    low, high = float(cells["mean"].min()), float(cells["mean"].max())
    return low + TURN * (high - low) if high > low else np.inf


def _best(frames: Frames, stage: str, metric: str, cells: pd.DataFrame) -> Any:
    """The index of the best cell; None where the metric is not the objective."""
    wanted, lower = objective(frames, stage)
    if metric != wanted:
        return None
    return cells["mean"].idxmin() if lower else cells["mean"].idxmax()


def _frame(column: int, row: int, x: str, y: str) -> dict[str, Any]:
    return typed(
        "rect",
        xref=x,
        yref=y,
        x0=column - 0.48,
        x1=column + 0.48,
        y0=row - 0.48,
        y1=row + 0.48,
        line={"color": LIGHT.categorical[1], "width": 3},
    )


def _named(along: Scale) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(along.labels))),
        "ticktext": [plain(label) for label in along.labels],
        "range": [-0.5, len(along.labels) - 0.5],
        "showline": False,
        "showgrid": False,
        "ticks": "",
    }
