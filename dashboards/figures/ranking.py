"""Every setting from best to worst, with its interval: how far ahead is the best, and of how many?

Settings that may be the best just as well are drawn in its colour: the interval of their paired
difference from it, corrected for all that are compared, reaches zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import statistics
from ..effects import ranked
from ..memory import remembered
from ..outline import finished, measure_of, objective, swept
from ..palette import LIGHT
from ..reliability import of_settings
from ..wording import capital, measure_label, number, setting_text, spread
from .style import Drawing, axis, checked, drawing, legend, plain, typed

if TYPE_CHECKING:
    from ..frames import Frames

TESTS = (
    "reconstruction_error",
    "log_likelihood",
    "log_likelihood_bound",
    "classification_error",
    "probe_accuracy",
    "hoyer_sparsity",
    "jacobian_norm",
)
MOST_TESTS = 4
"""As many columns as a page is wide."""


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``effects.ranked`` and, per test metric, its ``<metric>``, ``<metric> low`` and ``… high``.

    ``<metric> unreliable``: the bounds in words of the objective and of test metrics, for those of
    which some are unreliable.
    """
    order = ranked(frames, stage)
    if order.empty:
        return order
    order = order.copy()
    for name in test_metrics(frames, stage):
        found = statistics.over_seeds(finished(frames, stage, name), ["setting"], name)
        for column, part in ((name, "mean"), (f"{name} low", "low"), (f"{name} high", "high")):
            order[column] = found[part]
    for name in (objective(frames, stage)[0], *test_metrics(frames, stage)):
        if doubts := of_settings(frames, stage, name):
            texts = {setting: str(found) for setting, found in doubts.items()}
            order[f"{name} unreliable"] = [texts.get(str(setting), "") for setting in order.index]
    return order


def test_metrics(frames: Frames, stage: str) -> tuple[str, ...]:
    """The test metrics beside the objective that trials hold, its own measure first; a few."""
    aim = objective(frames, stage)[0]
    trials = frames.trials(stage)
    wanted = [f"test/{measure}" for measure in dict.fromkeys((measure_of(aim), *TESTS))]
    held = [m for m in wanted if m != aim and m in trials.columns and trials[m].notna().any()]
    return tuple(held[:MOST_TESTS])


def draw(frames: Frames, stage: str) -> Drawing:
    """Mean and interval against rank."""
    rows = table(frames, stage)
    drawn = drawing(330, margin={"l": 64, "r": 14, "t": 40, "b": 54})
    if rows.empty:
        return drawn
    metric, _ = objective(frames, stage)
    tied = rows["tied"] | (rows["rank"] == 1)
    behind, lost = rows[~tied & rows["whole"]], rows[~tied & ~rows["whole"]]
    for part, colour, symbol, name in (
        (
            rows[tied],
            LIGHT.categorical[0],
            "circle",
            "the best, and what may be the best",
        ),
        (behind, LIGHT.reference, "circle", "behind the best"),
        (lost, LIGHT.reference, "circle-open", "a seed diverged or is missing"),
    ):
        if part.empty:
            continue
        known = part["low"].notna().any()
        drawn.traces.append(
            typed(
                "scatter",
                x=list(part["rank"]),
                y=list(part["mean"]),
                mode="markers",
                name=name,
                marker={"color": colour, "size": 7, "symbol": symbol},
                error_y={
                    "array": list((part["high"] - part["mean"]).fillna(0.0)),
                    "color": colour,
                    "thickness": 1.4,
                    "width": 0,
                    "visible": bool(known),
                },
                text=[_hover(frames, stage, row) for row in statistics.rows(part)],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    drawn.layout["xaxis"] = axis(
        "rank of the setting",
        range=[0.2, len(rows) + 0.8],
        showgrid=False,
        tickmode="linear" if len(rows) < 12 else "auto",
        tick0=1,
        dtick=1,
    )
    drawn.layout["yaxis"] = axis(
        capital(plain(measure_label(frames, metric))), showline=False, ticks="", nticks=6
    )
    drawn.layout["showlegend"] = bool(rows["low"].notna().any()) and len(rows) > 1
    drawn.layout["legend"] = legend()
    return drawn


figure = checked(draw)


def _hover(frames: Frames, stage: str, row: dict[str, Any]) -> str:
    found = statistics.Interval.of(row)
    text = plain(setting_text(frames, row, swept(frames, stage))).replace(", ", "<br>")
    bounds = f" ({spread(found)})" if found.known else ""
    if doubted := row.get(f"{objective(frames, stage)[0]} unreliable"):
        bounds += f"<br>{doubted}"
    return f"{int(row['rank'])}. <b>{number(found.mean)}</b>{bounds}<br>{text}"
