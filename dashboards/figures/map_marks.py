"""What the marks of a map of settings look like: their colours, the ring of the best, their words.

Used by ``settings_map``; where a column's values stand is said in ``column_axes``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..outline import objective, swept
from ..palette import LIGHT, stops
from ..settings import column_label
from ..wording import capital, count, number, value_text
from .column_axes import along, tick_settings
from .style import plain, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

SIZE, GROWTH, AROUND = 9.0, 6.0, 3
"""Pixels of a mark, how much wider one around it is, and how many of those there are at most."""
FADED = 0.25
"""Opacity of what is not selected."""


def sizes(across: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) diameters of marks at these places, the best first: wider where better ones stand."""
    places = pd.DataFrame({"x": across, "y": up})
    better = places.groupby(["x", "y"], dropna=False).cumcount().to_numpy()
    return np.asarray(SIZE + GROWTH * np.minimum(better, AROUND))


def texts(frames: Frames, stage: str, shown: pd.DataFrame, x: str, y: str) -> list[str]:
    """What is shown of each row of the table when it is pointed at."""
    goal = objective(frames, stage)[0]
    paths = list(swept(frames, stage))
    measured = [name for name in dict.fromkeys((goal, x, y)) if name not in paths]
    labels = {name: plain(column_label(frames, name)) for name in (*paths, *measured)}
    here = shown.groupby([x, y] if x != y else [x], dropna=False)["setting"].transform("size")
    columns = {name: shown[name].tolist() for name in (*paths, *measured)}
    found = []
    for place, (rank, n, others) in enumerate(
        zip(shown["rank"].tolist(), shown["n"].tolist(), (here - 1).tolist(), strict=True)
    ):
        parts = [f"<b>Rank {int(rank)}</b>" if rank == rank else "<b>Not ranked</b>"]
        parts += [
            f"{labels[name]} {plain(value_text(value))}"
            for name in paths
            if not pd.isna(value := columns[name][place])
        ]
        parts += [f"{labels[name]}: <b>{number(columns[name][place])}</b>" for name in measured]
        parts.append(f"mean over {count(n, 'seed')}" if n else "no seed has finished")
        if others:
            parts.append(f"{count(others, 'other setting')} at this place")
        found.append("<br>".join(parts))
    return found


def colours(
    frames: Frames, stage: str, goal: str, span: tuple[float, float], lower: bool, narrow: bool
) -> dict[str, Any]:
    """The scale of the objective, strongest at its best: beside the map, or below it."""
    below = {"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0.5, "len": 1.0}
    title = wrapped(capital(column_label(frames, goal)), 44)
    quiet = {"color": LIGHT.quiet_text}
    return {
        "colorscale": stops(LIGHT.sequential),
        "reversescale": lower,
        "showscale": span[1] > span[0],
        "cmin": span[0],
        "cmax": span[1],
        "colorbar": {
            "title": {
                "text": title,
                "side": "top" if narrow else "right",
                "font": {**quiet, "size": 13},
            },
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": {**quiet, "size": 12},
            **tick_settings(frames, goal, along(frames, stage, goal), span, 5),
            **(below if narrow else {}),
        },
    }


def ring(x: float, y: float, setting: str) -> dict[str, Any]:
    """Around the best, whatever is selected; a brush that meets it meets the setting."""
    line = {"width": 2.5}
    return typed(
        "scatter",
        x=[x],
        y=[y],
        mode="markers",
        marker={"symbol": "circle-open", "size": SIZE + 5, "color": LIGHT.categorical[1]}
        | {"line": line},
        name="the best setting",
        customdata=[setting],
        hoverinfo="skip",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        cliponaxis=False,
    )
