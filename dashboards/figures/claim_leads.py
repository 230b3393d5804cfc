"""How far each claim leads what it had to reach, relative to the second side.

A claim's lead is the paired difference of both sides, seed by seed, as a share of the second side's
mean, counted so that to the right of zero is the claim's way. It holds where its whole 95 %
interval is to the right; a claim of equality holds where it stays inside the grey band.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from ..claims import VERDICTS, Claim, claims, tally
from ..palette import LIGHT
from ..wording import number
from .style import Drawing, axis, checked, drawing, labels_above, plain, rows_axis, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

COLUMNS = ["claim", "measure", "outcome", "lead %", "low %", "high %", "seeds"]
SYMBOLS = {"holds": "circle", "fails": "x", "untold": "circle-open"}


def table(frames: Frames) -> pd.DataFrame:
    """``COLUMNS`` of the claims that can be drawn, in the study's order."""
    return pd.DataFrame(
        [
            (
                _name(claim),
                claim.label,
                VERDICTS[claim.verdict],
                *(100 * value for value in (claim.lead.mean, claim.lead.low, claim.lead.high)),
                claim.lead.n,
            )
            for claim in _drawn(frames)
        ],
        columns=COLUMNS,
    )


def draw(frames: Frames, beside: bool = True) -> Drawing:
    """A row for each claim; labels ``beside`` the rows or above them."""
    rows = _drawn(frames)
    names = [wrapped(f"{_name(claim)}: {claim.label}", 44) for claim in rows]
    lines = sum(name.count("<br>") + 1 for name in names)
    height = 96 + (19 * lines + 16 * len(names) if beside else 20 * lines + 40 * len(names))
    drawn = drawing(height, margin={"l": 12, "r": 40, "t": 12, "b": 54})
    colours = {
        "holds": LIGHT.categorical[0],
        "fails": LIGHT.categorical[1],
        "untold": LIGHT.reference,
    }
    for verdict, symbol in SYMBOLS.items():
        part = [(at, claim) for at, claim in enumerate(rows) if claim.verdict == verdict]
        if not part:
            continue
        leads = [claim.lead for _, claim in part]
        drawn.traces.append(
            typed(
                "scatter",
                x=[100 * lead.mean for lead in leads],
                y=[at for at, _ in part],
                mode="markers",
                name=VERDICTS[verdict],
                marker={"color": colours[verdict], "size": 10, "symbol": symbol},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "thickness": 2,
                    "width": 0,
                    "color": colours[verdict],
                    "array": [100 * (e.high - e.mean) if e.known else 0.0 for e in leads],
                    "arrayminus": [100 * (e.mean - e.low) if e.known else 0.0 for e in leads],
                },
                text=[
                    f"<b>{plain(_name(claim))}</b><br>{VERDICTS[verdict]}, "
                    f"{number(100 * claim.lead.mean)} %"
                    for _, claim in part
                ],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    for at, claim in enumerate(rows):
        if claim.within is not None:
            room = 100 * claim.within
            drawn.shapes.append(
                typed(
                    "rect",
                    x0=-room,
                    x1=room,
                    y0=at - 0.3,
                    y1=at + 0.3,
                    layer="below",
                    fillcolor=LIGHT.grid,
                    line={"width": 0},
                )
            )
    drawn.layout["xaxis"] = axis(
        "Lead over what had to be reached, % of it", zeroline=True, zerolinecolor=LIGHT.axis
    )
    drawn.layout["yaxis"] = rows_axis(names, beside)
    if not beside:
        drawn.annotations += labels_above(names)
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How many claims hold."""
    return tally(frames)


def _drawn(frames: Frames) -> list[Claim]:
    return [claim for claim in claims(frames) if math.isfinite(claim.lead.mean)]


def _name(claim: Claim) -> str:
    verb = "beats" if claim.within is None else "equals"
    return f"{claim.first} {verb} {claim.second}"
