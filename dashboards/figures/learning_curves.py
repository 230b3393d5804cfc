"""How the best settings got there: training and validation over epochs, from before training on.

A line is the mean over seeds, its band the 95 % interval; epoch 0 is the untrained network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .. import statistics
from ..effects import ranked
from ..memory import remembered
from ..outline import measure_of, objective, swept
from ..palette import categorical
from ..trial_histories import of_trial, side_by_side, thinned
from ..wording import capital, measure_label, number, setting_text
from .style import (
    Drawing,
    axis,
    band,
    checked,
    drawing,
    legend,
    log_axis,
    panel_title,
    plain,
    tiles,
    typed,
    wrapped,
)

if TYPE_CHECKING:
    from ..frames import Frames

SHOWN = 4
COLUMNS = ["setting", "rank", "metric", "epoch", "mean", "low", "high", "n"]
MOST_POINTS = 400
"""Of a line that is drawn; the table has them all."""
STEEP = 8.0
"""Largest over smallest value from which the axis is logarithmic."""


@remembered
def metrics(frames: Frames, stage: str) -> tuple[str, ...]:
    """The training and validation curves of the objective's measure, as far as they exist.

    When the objective's measure has no history, because it is measured once or not at all, the
    reconstruction error takes its place.
    """
    for measure in dict.fromkeys((measure_of(objective(frames, stage)[0]), "reconstruction_error")):
        wanted = [f"{split}/{measure}" for split in ("train", "validation")]
        if found := tuple(metric for metric in wanted if _is_curve(frames, stage, metric)):
            return found
    return ()


def _is_curve(frames: Frames, stage: str, metric: str) -> bool:
    """Whether a metric was logged at more than one epoch in a stage."""
    seen: set[int] = set()
    for key in frames.trials(stage)["key"]:
        if (curve := of_trial(frames, key).get(metric)) is not None:
            seen.update(curve[0][:2].tolist())
            if len(seen) > 1:
                return True
    return False


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``setting, rank, metric, epoch, mean, low, high, n`` of the best settings of a stage."""
    order = ranked(frames, stage)
    shown = metrics(frames, stage)
    if order.empty or not shown:
        return pd.DataFrame(columns=COLUMNS)
    trials = frames.trials(stage)
    trials = trials[trials["status"] == "FINISHED"]
    found = []
    for rank, setting in enumerate(order.index[:SHOWN], 1):
        curves = [of_trial(frames, key) for key in trials.loc[trials["setting"] == setting, "key"]]
        for metric in sorted(shown):
            epochs, values = side_by_side([one[metric] for one in curves if metric in one])
            part = statistics.of_columns(values)
            part.insert(0, "epoch", epochs)
            found.append(part.assign(setting=setting, rank=rank, metric=metric))
    return pd.concat(found, ignore_index=True)[COLUMNS]


def draw(frames: Frames, stage: str, columns: int = 2, wrap: int = 110) -> Drawing:
    """Two panels, training and validation, ``columns`` to a row; a colour per setting.

    Legend entries are wrapped at ``wrap`` letters.
    """
    curves = table(frames, stage)
    shown = [metric for metric in metrics(frames, stage) if (curves["metric"] == metric).any()]
    if not shown:
        return drawing(200)
    best = ranked(frames, stage).loc[list(dict.fromkeys(curves["setting"]))]
    texts = [setting_text(frames, row, swept(frames, stage)) for row in statistics.rows(best)]
    labels = {
        str(setting): wrapped(f"{place}. {text}", wrap)
        for place, (setting, text) in enumerate(zip(best.index, texts, strict=True), start=1)
    }
    rows = -(-len(shown) // min(columns, len(shown)))
    top = 42 + 18 * sum(label.count("<br>") + 1 for label in labels.values())
    height = top + 56 + 300 * rows
    domains = tiles(len(shown), columns, gap=0.09, row_gap=90 / (height - top))
    drawn = drawing(height, margin={"l": 60, "r": 14, "t": top, "b": 52})
    positive = curves["mean"][curves["mean"] > 0]
    steep = bool((curves["mean"] > 0).all() and positive.max() > STEEP * positive.min())
    for index, metric in enumerate(shown):
        name = "" if index == 0 else str(index + 1)
        for place, (setting, label) in enumerate(labels.items()):
            part = curves[(curves["metric"] == metric) & (curves["setting"] == setting)]
            part = part.iloc[thinned(part["mean"].to_numpy(dtype=float), MOST_POINTS)]
            _draw(drawn, part, place, label, index == 0, (f"x{name}", f"y{name}"), steep)
        x, y = domains[index]
        drawn.layout[f"xaxis{name}"] = axis(
            "epoch", domain=x, anchor=f"y{name}", showgrid=False, rangemode="tozero", nticks=8
        )
        drawn.layout[f"yaxis{name}"] = axis(
            "",
            domain=y,
            anchor=f"x{name}",
            showline=False,
            ticks="",
            **(log_axis(positive.min(), positive.max()) if steep else {}),
            **({"matches": "y"} if index else {}),
        )
        text = capital(plain(measure_label(frames, metric)))
        drawn.annotations.append(panel_title(f"<b>{text}</b>", x[0], y[1]))
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(
        y=1 + 30 / (height - top - 52),
        entrywidth=1.0,
        entrywidthmode="fraction",
        traceorder="normal",
    )
    return drawn


figure = checked(draw)


def _draw(
    drawn: Drawing,
    part: pd.DataFrame,
    place: int,
    label: str,
    first: bool,
    axes: tuple[str, str],
    steep: bool,
) -> None:
    """One setting's band and line; on a logarithmic axis a bound at or below zero is cut off."""
    colour = categorical(place)
    where = {"xaxis": axes[0], "yaxis": axes[1], "legendgroup": label}
    known = part[part["low"].notna()]
    if len(known) > 1:
        floor = float(known["mean"].min()) / STEEP if steep else -np.inf
        low = np.maximum(known["low"].to_numpy(), floor)
        epochs = list(known["epoch"])
        high = list(known["high"])
        drawn.traces.append(band(epochs, list(low), high, colour, **where))
    drawn.traces.append(
        typed(
            "scatter",
            x=list(part["epoch"]),
            y=list(part["mean"]),
            mode="lines",
            name=label,
            line={
                "color": colour,
                "width": 2.2,
                "dash": ("solid", "dash", "dot", "dashdot")[place],
            },
            text=[number(value) for value in part["mean"]],
            showlegend=first,
            hovertemplate="epoch %{x}: <b>%{text}</b><extra></extra>",
            **where,
        )
    )
