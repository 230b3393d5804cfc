"""What it cost: cohorts as bars in time, a row per worker, a colour per stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..memory import remembered
from ..palette import LIGHT, categorical
from ..statistics import rows as records
from ..wording import count, duration
from .style import Drawing, axis, checked, drawing, legend, plain, typed

if TYPE_CHECKING:
    from ..frames import Frames

COLUMNS = ["cohort", "stage", "worker", "trials", "start", "end", "seconds"]


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``cohort, stage, worker, trials, start, end, seconds`` of every cohort that was trained."""
    cohorts = (frames.study.get("cost") or {}).get("cohorts") or []
    rows = pd.DataFrame(
        [{name: cohort.get(name) for name in COLUMNS} for cohort in cohorts], columns=COLUMNS
    )
    return rows.sort_values(["start", "worker"], ignore_index=True)


def draw(frames: Frames) -> Drawing:
    """A Gantt chart in seconds since the study's first cohort could start."""
    rows = table(frames)
    workers = list(dict.fromkeys(rows["worker"].astype(str)))
    stages = [stage for stage in frames.stages if (rows["stage"] == stage).any()]
    drawn = drawing(
        106 + 34 * max(len(workers), 1),
        margin={"l": 12, "r": 14, "t": 34, "b": 52},
        barmode="overlay",
        bargap=0.35,
    )
    for stage in stages:
        part = rows[rows["stage"] == stage]
        drawn.traces.append(
            typed(
                "bar",
                orientation="h",
                name=plain(stage),
                base=list(part["start"].astype(float)),
                x=list((part["end"] - part["start"]).astype(float)),
                y=[f"worker {workers.index(str(w)) + 1}" for w in part["worker"]],
                marker={
                    "color": categorical(frames.stages.index(stage)),
                    "line": {"width": 1, "color": LIGHT.background},
                },
                text=[str(n) for n in part["trials"]],
                textposition="inside",
                insidetextanchor="middle",
                constraintext="inside",
                customdata=[_hover(row) for row in records(part)],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    drawn.layout["xaxis"] = axis("seconds", rangemode="tozero")
    drawn.layout["yaxis"] = axis("", autorange="reversed", showline=False, ticks="", showgrid=False)
    drawn.layout["showlegend"] = len(stages) > 1
    drawn.layout["legend"] = legend()
    return drawn


figure = checked(draw)


def _hover(row: dict[str, Any]) -> str:
    trials = count(int(row["trials"]), "trial")
    time = f"{duration(float(row['seconds']))} on {plain(row['worker'])}"
    return f"{plain(row['stage'])}: {trials}<br>{time}"
