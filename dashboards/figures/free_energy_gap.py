"""Whether a machine learns its training data by heart: the free-energy gap, epoch by epoch.

The gap is mean F(validation samples) − mean F(training samples), in nats; log Z cancels in it.
Where it grows, the machine begins to know its training data by heart (Hinton 2012, A practical
guide to training restricted Boltzmann machines, section 6). A line is the mean over seeds of one of
the best settings, its band the 95 % interval; the setting whose gap ends largest is drawn as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .. import statistics
from ..effects import ranked
from ..memory import remembered
from ..outline import swept
from ..palette import LIGHT, categorical
from ..statistics import interval
from ..trial_histories import of_trial
from ..wording import capital, estimate, measure_label, number, setting_text
from .style import Drawing, axis, band, checked, drawing, legend, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

METRIC = "validation/free_energy_gap"
SHOWN = 3
"""The best settings that are drawn, beside the one whose gap ends largest."""
COLUMNS = ["setting", "rank", "label", "epoch", "mean", "low", "high", "n"]
DASHES = ("solid", "dash", "dot", "dashdot")


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``setting, rank, label, epoch, mean, low, high, n`` of the settings drawn, by rank, epoch."""
    chosen = _chosen(frames, stage)
    if not chosen:
        return pd.DataFrame(columns=COLUMNS)
    order, curves = ranked(frames, stage).loc[chosen], _curves(frames, stage)
    curves = curves[curves["setting"].isin(chosen)]
    made = statistics.over_seeds(curves, ["setting", "epoch"], "value").reset_index()
    paths = swept(frames, stage)
    texts = [setting_text(frames, row, paths) for row in statistics.rows(order[list(paths)])]
    ranks = dict(zip(chosen, order["rank"].to_list(), strict=True))
    labels = {name: f"{ranks[name]}. {text}" for name, text in zip(chosen, texts, strict=True)}
    made["rank"] = [ranks[name] for name in made["setting"]]
    made["label"] = [labels[name] for name in made["setting"]]
    return made.sort_values(["rank", "epoch"], ignore_index=True)[COLUMNS]


def draw(frames: Frames, stage: str, wrap: int = 110) -> Drawing:
    """A line per setting with its band; legend entries are wrapped at ``wrap`` letters."""
    rows = table(frames, stage)
    groups = [part for _, part in rows.groupby("rank", sort=False)]
    names = [wrapped(part["label"].iloc[0], wrap) for part in groups]
    top = 34 + 18 * sum(name.count("<br>") + 1 for name in names)
    drawn = drawing(top + 330, margin={"l": 64, "r": 16, "t": top, "b": 52})
    if rows.empty:
        return drawn
    for place, (part, name) in enumerate(zip(groups, names, strict=True)):
        colour = categorical(place)
        epochs, mean, low, high = (list(part[c]) for c in ("epoch", "mean", "low", "high"))
        if np.isfinite(low).all() and len(epochs) > 1:
            drawn.traces.append(band(epochs, low, high, colour))
        drawn.traces.append(
            typed(
                "scatter",
                x=epochs,
                y=mean,
                mode="lines" if len(epochs) > 1 else "markers",
                name=name,
                line={"color": colour, "width": 2.2, "dash": DASHES[place]},
                text=[number(value) for value in mean],
                hovertemplate="epoch %{x}: <b>%{text}</b> nats<extra></extra>",
            )
        )
    drawn.shapes.append(
        typed(
            "line", xref="paper", x0=0, x1=1, y0=0, y1=0,
            line={"color": LIGHT.axis, "width": 1, "dash": "dot"},
        )
    )  # fmt: skip
    drawn.layout["xaxis"] = axis("epoch", showgrid=False, rangemode="tozero", nticks=8)
    title = f"{capital(measure_label(frames, METRIC, split=False))}, nats"
    drawn.layout["yaxis"] = axis(wrapped(title, 60), showline=False, ticks="", nticks=6)
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(entrywidth=1.0, entrywidthmode="fraction", traceorder="normal")
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stage: str) -> str:
    """How large the best setting's gap ends, and whether it grew over the second half of training.

    The growth is paired over seeds.
    """
    rows = table(frames, stage)
    if rows.empty:
        return "No finished trial of this stage has a free-energy gap over epochs."
    curves, best = _curves(frames, stage), rows.iloc[0]
    own = curves[curves["setting"] == best["setting"]]
    by_epoch = own.pivot_table(index="seed", columns="epoch", values="value")
    epochs = list(by_epoch.columns)
    half = epochs[(len(epochs) - 1) // 2]
    place = "the best setting" if best["rank"] == 1 else f"the setting of rank {best['rank']}"
    text = (
        f"In {place} the free energy of validation samples ends "
        f"{estimate(interval(by_epoch[epochs[-1]].to_numpy()))} nats from that of training samples "
        "(above 0 they are less probable)"
    )
    growth = statistics.paired(by_epoch[epochs[-1]], by_epoch[half])
    if len(epochs) > 1 and growth.n:
        since = f"since epoch {half}"
        if growth.known and not growth.excludes_zero:
            text += f"; {since} it has not grown as far as its seeds can tell"
        elif growth.mean > 0:
            text += f"; {since} it has grown by {number(growth.mean)}"
            text += ": the machine begins to know its training data by heart"
        else:
            text += f"; {since} it has not grown"
    ends = rows.groupby("rank")["mean"].last()
    largest = rows[rows["rank"] == ends.idxmax()].iloc[-1]
    if largest["setting"] != best["setting"]:
        name = str(largest["label"]).split(". ", 1)[1]
        text += f". The largest gap, {number(largest['mean'])}, is that of {name}"
    return f"{text}."


@remembered
def _chosen(frames: Frames, stage: str) -> list[str]:
    """The settings drawn: the best ones, and the one whose gap ends largest."""
    curves = _curves(frames, stage)
    last = curves[curves["epoch"] == curves.groupby("setting")["epoch"].transform("max")]
    ends = last.groupby("setting")["value"].mean()
    known = [str(name) for name in ranked(frames, stage).index if name in ends.index]
    largest = ends[known].idxmax() if known else ""
    return [name for place, name in enumerate(known) if place < SHOWN or name == largest]


@remembered
def _curves(frames: Frames, stage: str) -> pd.DataFrame:
    """``setting, seed, epoch, value`` of trials that trained to their end; finite values only."""
    trials = frames.trials(stage)
    whole = (trials["status"] == "FINISHED") & trials["diverged_at"].isna()
    trials = trials[whole & trials["stopped_at"].isna()]
    if METRIC not in frames.history["metric"].cat.categories:
        # Most records have none, and millions of rows to look for it.
        trials = trials.iloc[:0]
    found = [pd.DataFrame({"setting": [], "seed": [], "epoch": [], "value": []})]
    for key, setting, seed in trials[["key", "setting", "seed"]].itertuples(index=False):
        epochs, values = of_trial(frames, key).get(METRIC, (np.empty(0, int), np.empty(0)))
        known = np.isfinite(values)
        part = {"epoch": epochs[known], "value": values[known]}
        if known.any():
            found.append(pd.DataFrame({"setting": setting, "seed": seed, **part}))
    return pd.concat(found[1:] or found, ignore_index=True)
