"""Where regularisers meet: heat maps of one metric over two of them, a panel per value of a third.

Each cell is the mean over seeds, and over any hyperparameters beyond the three; the colour scale
is common to all panels; the best cell is framed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from ..memory import remembered
from ..outline import finished, objective, own_swept, swept
from ..palette import LIGHT, stops
from ..wording import axis_label, capital, measure_label, number, value_text
from .scales import scale
from .style import axis, drawing, panel_title, plain, tiles, typed

if TYPE_CHECKING:
    from ..frames import Frames

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
    trials = finished(frames, stage, objective(frames)[0])
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
    """A row per cell: the crossing's columns, ``mean`` and ``trials``; empty without a crossing."""
    found = crossing(frames, stage)
    if found is None:
        return pd.DataFrame()
    by = [path for path in (found.panels, found.up, found.across) if path is not None]
    grouped = finished(frames, stage, metric).groupby(by)[metric]
    return grouped.agg(mean="mean", trials="count").reset_index()


def figure(frames: Frames, stage: str, metric: str, columns: int = 3) -> go.Figure:
    """The heat maps, ``columns`` to a row."""
    cells = table(frames, stage, metric)
    found = crossing(frames, stage)
    if found is None or cells.empty:
        return drawing(200).figure()
    thirds = list(scale(list(cells[found.panels]), False).values) if found.panels else [None]
    across, up = (scale(list(cells[path]), False) for path in (found.across, found.up))
    columns = min(columns, len(thirds))
    rows = -(-len(thirds) // columns)
    height = 110 + rows * (60 + 46 * max(len(up.values), 3))
    domains = tiles(len(thirds), columns, gap=0.035, row_gap=74 / height)
    drawn = drawing(height, margin={"l": 66, "r": 8, "t": 34, "b": 54})
    drawn.layout["coloraxis"] = {
        "colorscale": stops(LIGHT.sequential),
        "cmin": cells["mean"].min(),
        "cmax": cells["mean"].max(),
        "colorbar": {
            "title": {"text": "", "side": "right"},
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": {"color": LIGHT.quiet_text, "size": 12},
            "nticks": 5,
            "len": 1.0,
        },
    }
    lower = objective(frames)[1]
    extreme = cells["mean"].min() if lower else cells["mean"].max()
    for index, third in enumerate(thirds):
        name = "" if index == 0 else str(index + 1)
        part = cells if third is None else cells[cells[found.panels] == third]
        grid = part.pivot_table(index=found.up, columns=found.across, values="mean")
        grid = grid.reindex(index=list(up.values), columns=list(across.values))
        shown = [[number(v) if v == v else "" for v in row] for row in grid.to_numpy()]
        drawn.traces.append(
            typed(
                "heatmap",
                z=grid.astype(object).where(grid.notna(), None).to_numpy().tolist(),
                x=list(range(len(across.values))),
                y=list(range(len(up.values))),
                text=shown,
                texttemplate="%{text}",
                textfont={"size": 12},
                coloraxis="coloraxis",
                xgap=2,
                ygap=2,
                xaxis=f"x{name}",
                yaxis=f"y{name}",
                customdata=[
                    [f"{a}, {u}" for a in map(plain, across.labels)] for u in map(plain, up.labels)
                ],
                hovertemplate="%{customdata}<br><b>%{text}</b><extra></extra>",
            )
        )
        x, y = domains[index]
        first = index % columns == 0
        drawn.layout[f"xaxis{name}"] = axis(
            plain(axis_label(frames, found.across)),
            domain=x,
            anchor=f"y{name}",
            **_named(across.labels),
        )
        drawn.layout[f"yaxis{name}"] = axis(
            plain(axis_label(frames, found.up)) if first else "",
            domain=y,
            anchor=f"x{name}",
            **{**_named(up.labels), "showticklabels": first},
        )
        if found.panels is not None:
            text = f"{axis_label(frames, found.panels)} {value_text(third)}"
            drawn.annotations.append(panel_title(f"<b>{plain(text)}</b>", x[0], y[1]))
        if metric == objective(frames)[0] and (part["mean"] == extreme).any():
            best = part[part["mean"] == extreme].iloc[0]
            column, row = (
                axis_.values.index(best[path])
                for axis_, path in ((across, found.across), (up, found.up))
            )
            drawn.shapes.append(
                typed(
                    "rect",
                    xref=f"x{name}",
                    yref=f"y{name}",
                    x0=column - 0.48,
                    x1=column + 0.48,
                    y0=row - 0.48,
                    y1=row + 0.48,
                    line={"color": LIGHT.categorical[1], "width": 3},
                )
            )
    return drawn.figure()


def title(frames: Frames, metric: str) -> str:
    """ "Validation reconstruction error"."""
    return capital(measure_label(frames, metric))


def _named(labels: tuple[str, ...]) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": [plain(label) for label in labels],
        "showline": False,
        "showgrid": False,
        "ticks": "",
    }
