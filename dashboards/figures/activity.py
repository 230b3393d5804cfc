"""How many units speak, and how many never do: active and dead units of the best settings.

Of every setting the record keeps sums (the histogram of some is ``unit_histogram``): *active* is
the number of units with |h| > 0.1 on a sample, mean over samples; *dead* the number of units that
no sample activates so (the dead units of Bricken et al. 2023, Towards monosemanticity). Both are of
the validation samples and a mean over seeds, with the 95 % interval where there are several.
Settings stand in the order of the objective, each with a pair of bars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import statistics
from ..effects import ranked, ranked_labels
from ..memory import remembered
from ..outline import finished
from ..palette import LIGHT
from ..statistics import Interval
from ..wording import count, number, spread
from .style import Drawing, axis, checked, drawing, legend, plain, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

ACTIVE, DEAD = "validation/active_units", "validation/dead_units"
SHOWN = 20
"""Settings that are drawn."""
PARTS = ("mean", "low", "high")
COLUMNS = [
    "rank",
    "label",
    "units",
    *(f"{what} {part}" for what in ("active", "dead") for part in PARTS),
    "n",
]
LINE, BAR, PAD = 17, 12, 13
"""Pixels of a line of a label, of a bar, and of the space between two settings."""


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``rank, label, units, active mean, … low, … high, dead mean, …, n`` of every ranked setting.

    By setting, the best first. ``units``: of the code, NaN where the record does not tell.
    """
    order, trials = ranked(frames, stage), finished(frames, stage, DEAD)
    if order.empty or trials.empty:
        return pd.DataFrame(columns=COLUMNS)
    names = [name for name in (ACTIVE, DEAD) if name in trials]
    trials = trials.reindex(columns=["setting", "hidden", *names])
    found: dict[str, Any] = {"rank": order["rank"]}
    found["label"] = ranked_labels(frames, stage)
    for what, name in (("active", ACTIVE), ("dead", DEAD)):
        if name in names:
            over = statistics.over_seeds(trials, ["setting"], name)
            found |= {f"{what} {part}": over[part] for part in PARTS} | {"n": over["n"]}
    found["units"] = (
        pd.to_numeric(trials["hidden"], errors="coerce").groupby(trials["setting"]).max()
    )
    made = pd.DataFrame(found, index=order.index).reindex(columns=COLUMNS)
    return made[made["dead mean"].notna()].rename_axis("setting")


def draw(frames: Frames, stage: str, beside: bool = True) -> Drawing:
    """A pair of bars per setting, active above dead; labels ``beside`` the rows or above them."""
    rows = table(frames, stage).iloc[:SHOWN]
    names = [wrapped(label, 46 if beside else 44) for label in rows["label"]]
    lines = [name.count("<br>") + 1 for name in names]
    sizes = [max(LINE * n, 2 * BAR) + PAD if beside else LINE * n + 2 * BAR + PAD for n in lines]
    drawn = drawing(96 + sum(sizes), margin={"l": 12, "r": 52, "t": 40, "b": 54}, barmode="overlay")
    if rows.empty:
        return drawn
    ends = np.cumsum(sizes)
    middle = ends - np.array(sizes) / 2 if beside else ends - PAD + 4 - BAR
    for what, colour, pattern, offset, name in (
        ("active", LIGHT.categorical[0], "", -BAR / 2, "active on a sample"),
        ("dead", LIGHT.categorical[1], "/", BAR / 2, "dead: on no sample"),
    ):
        mean, low, high = (rows[f"{what} {part}"].to_numpy(dtype=float) for part in PARTS)
        if np.isfinite(mean).any():
            drawn.traces.append(
                typed(
                    "bar",
                    orientation="h",
                    name=name,
                    x=list(np.nan_to_num(mean)),
                    y=list(middle + offset),
                    width=BAR,
                    marker={
                        "color": colour,
                        "pattern": {"shape": pattern, "solidity": 0.5},
                        "line": {"color": colour, "width": 1},
                    },
                    error_x={
                        "type": "data",
                        "symmetric": False,
                        "array": list(np.nan_to_num(high - mean)),
                        "arrayminus": list(np.minimum(np.nan_to_num(mean - low), mean)),
                        "color": LIGHT.text,
                        "thickness": 1.2,
                        "width": 0,
                    },
                    customdata=_hover(rows, what),
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )
            drawn.annotations += _values(mean, np.fmax(high, mean), middle + offset)
    drawn.layout["xaxis"] = axis("units of the code", rangemode="tozero")
    drawn.layout["yaxis"] = axis(
        "",
        tickmode="array",
        tickvals=list(middle),
        ticktext=names,
        showticklabels=beside,
        showgrid=False,
        range=[float(ends[-1]), 0],
        showline=False,
        ticks="",
        tickfont={"color": LIGHT.text, "size": 13},
    )
    if not beside:
        drawn.annotations += [
            _note(name, 0, top, "paper", yanchor="top", align="left")
            for name, top in zip(names, ends - np.array(sizes) + 4, strict=True)
        ]
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(traceorder="normal")
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stage: str) -> str:
    """Which share of the best setting's units is dead, and in which setting the most are."""
    rows = statistics.rows(table(frames, stage))
    if not rows:
        return "No finished trial of this stage tells how many of its units are dead."
    best, worst = rows[0], max(rows, key=lambda row: float(row["dead mean"]))
    left = len(rows) - SHOWN
    more = f" {count(left, 'setting')} of lower rank not drawn." if left > 0 else ""
    if not worst["dead mean"]:
        some = "any setting" if len(rows) > 1 else "the one setting"
        return f"No unit is dead in {some}: each speaks to some validation sample.{more}"
    seeds = f", mean over {count(int(best['n']), 'seed')}" if best["n"] > 1 else ""
    text = f"In {_place(best, len(rows))} {_share(best)}{seeds}"
    if len(rows) == 1:
        return f"{text}."
    if worst["dead mean"] == best["dead mean"]:
        return f"{text}; in no other setting are more.{more}"
    again = [row for row in rows if row["dead mean"] == worst["dead mean"]]
    name = str(worst["label"]).split(". ", 1)[1]
    others = f" and {count(len(again) - 1, 'other setting')}" if len(again) > 1 else ""
    return f"{text}; the most are in {name}{others}: {_share(worst)}.{more}"


def _place(row: dict[str, Any], settings: int) -> str:
    if settings == 1:
        return "the one setting"
    return "the best setting" if row["rank"] == 1 else f"the setting of rank {row['rank']}"


def _share(row: dict[str, Any]) -> str:
    """Such as "2.3 of 16 units (15 %) are dead"."""
    dead, units = float(row["dead mean"]), float(row["units"])
    known = np.isfinite(units) and units > 0
    of = f" of {number(units, decimals=0)} units" if known else " units"
    share = f" ({number(100 * dead / units, 2)}\u00a0%)" if known and dead else ""
    return f"{number(dead) if dead else 'none'}{of}{share} {'are' if dead != 1 else 'is'} dead"


def _hover(rows: pd.DataFrame, what: str) -> list[str]:
    texts = []
    for row in statistics.rows(rows):
        found = Interval.of({**{part: row[f"{what} {part}"] for part in PARTS}, "n": row["n"]})
        of = f" of {number(row['units'], decimals=0)}" if np.isfinite(row["units"]) else ""
        bounds = f" ({spread(found)})" if found.known else ""
        name = plain(row["label"]).replace(", ", "<br>")
        texts.append(f"<b>{number(found.mean)}</b>{bounds}{of} {what}<br>{name}")
    return texts


def _values(mean: Any, right: Any, y: Any) -> list[dict[str, Any]]:
    """The number behind each bar and its interval."""
    return [
        _note(number(value), end, at, "x", yanchor="middle", xshift=4)
        for value, end, at in zip(mean, right, y, strict=True)
        if np.isfinite(value)
    ]


def _note(text: str, x: float, y: float, xref: str, **more: Any) -> dict[str, Any]:
    return {
        "text": text,
        "x": float(x),
        "y": float(y),
        "xref": xref,
        "xanchor": "left",
        "showarrow": False,
        "font": {"color": LIGHT.text, "size": 12},
        **more,
    }
