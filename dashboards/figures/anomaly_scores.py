"""What a detector says of normal and of anomalous samples: two histograms and its threshold.

Each bar is the share of its own kind of samples, so that few anomalies are seen beside many normal
samples. The rare highest scores are counted in the last bar. The threshold is the recorded one, at
a quantile of the normal samples' scores. ``detectors`` says what the record must hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..detectors import Detector, best, detectors
from ..inside import Array
from ..memory import remembered
from ..palette import LIGHT, faint
from ..wording import capital, number, value_text
from . import style
from .style import Drawing, checked, plain, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

COLUMNS = ["detector", "kind", "from", "to", "samples", "share"]
BINS = 30
HIGHEST = 0.99
"""The quantile of the scores of either kind beyond which there is one bar."""
ROW, ABOVE = 180, 40
KINDS = (
    ("normal", LIGHT.categorical[0], ""),
    ("anomalous", LIGHT.categorical[1], "/"),
)


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``COLUMNS``: bars of each detector; the last one's end is the highest score."""
    parts = []
    for own in detectors(frames):
        ends = edges(own)
        upto = np.append(ends[1:-1], max(ends[-1], own.scores.max()))
        for kind, counts in zip(("normal", "anomalous"), _counts(own), strict=True):
            parts.append(
                pd.DataFrame(
                    {
                        "detector": own.name,
                        "kind": kind,
                        "from": ends[:-1],
                        "to": upto,
                        "samples": counts,
                        "share": counts / counts.sum(),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def draw(frames: Frames, columns: int = 2) -> Drawing:
    """A panel per detector, ``columns`` to a row, each on its own scale."""
    found = detectors(frames)
    columns = max(1, min(columns, len(found)))
    lines = max(-(-len(found) // columns), 1)
    gap, top = ABOVE + 50, ABOVE + 30
    height = lines * ROW + (lines - 1) * gap + top + 54
    drawn = style.drawing(height, margin={"l": 52, "r": 12, "t": top, "b": 54}, barmode="overlay")
    if not found:
        return drawn
    domains = style.tiles(len(found), columns, 0.08, gap / (height - top - 54))
    for index, (own, (x, y)) in enumerate(zip(found, domains, strict=True)):
        name = "" if index == 0 else str(index + 1)
        ends = edges(own)
        axes = {"xaxis": f"x{name}", "yaxis": f"y{name}", "showlegend": index == 0}
        bars = _bars(own, ends)
        drawn.traces += [{**trace, **axes} for trace in bars]
        last = index + columns >= len(found)
        drawn.layout[f"xaxis{name}"] = style.axis(
            "score" if last else "",
            domain=x,
            anchor=f"y{name}",
            range=[float(ends[0]), float(ends[-1])],
            nticks=6,
            showgrid=False,
        )
        tallest = max(max(trace["y"]) for trace in bars)
        drawn.layout[f"yaxis{name}"] = style.axis(
            "share of its kind" if index % columns == 0 else "",
            domain=y,
            anchor=f"x{name}",
            range=[0, 1.06 * tallest],
            nticks=4,
            tickformat=".0%",
            showline=False,
            ticks="",
        )
        title = wrapped(f"{own.name}{' (control)' if own.control else ''}", 44)
        drawn.annotations.append(style.panel_title(f"<b>{title}</b>", x[0], y[1]))
        if ends[0] <= own.threshold <= ends[-1]:
            _mark(drawn, own, name, own.threshold > (ends[0] + ends[-1]) / 2)
    drawn.layout["bargap"] = 0
    drawn.layout["showlegend"] = True
    above = 1 + (ABOVE - 10) / (height - top - 54)
    drawn.layout["legend"] = style.legend(traceorder="normal", y=above)
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """What the best detector's threshold catches, and what it flags wrongly."""
    found = detectors(frames)
    own = best(found, control=False) or best(found, control=True)
    if own is None:
        return "No detector's scores were recorded."
    normal, anomalous = own.scores[~own.anomalous], own.scores[own.anomalous]
    middle = f"{number(float(np.median(normal)))} and {number(float(np.median(anomalous)))}"
    text = f"{capital(own.name)}: the median normal and the median anomalous sample score {middle}"
    if own.threshold != own.threshold:
        return f"{text}. No threshold was recorded."
    alarms, hits = (number(100 * share, 3) for share in own.flagged(own.threshold))
    return (
        f"{text}. Its threshold{_quantile(own)} flags {hits}\u00a0% of the anomalies and "
        f"{alarms}\u00a0% of the normal samples."
    )


def edges(own: Detector) -> Array:
    """Ends of the bars (BINS + 1,): from the least score to where scores of both kinds are rare."""
    kinds = (own.scores[own.anomalous], own.scores[~own.anomalous])
    high = max(float(np.quantile(scores, HIGHEST)) for scores in kinds)
    if own.threshold == own.threshold:
        high = max(high, min(own.threshold, float(own.scores.max())))
    low = float(own.scores.min())
    if not high > low:
        low, high = low - 0.5, low + 0.5
    return np.linspace(low, high, BINS + 1)


def _counts(own: Detector) -> tuple[Array, Array]:
    """Samples in each bar, (BINS,) of the normal and of the anomalous ones."""
    ends = edges(own)
    inside = np.clip(own.scores, ends[0], ends[-1])
    normal, anomalous = (
        np.histogram(inside[own.anomalous == kind], ends)[0].astype(float) for kind in (False, True)
    )
    return normal, anomalous


def _bars(own: Detector, ends: Array) -> list[dict[str, Any]]:
    made = []
    for (kind, colour, pattern), counts in zip(KINDS, _counts(own), strict=True):
        shares = counts / counts.sum()
        told = [
            f"<b>{number(100 * share, 3)}\u00a0%</b> of {kind} samples ({int(n)})<br>"
            f"score {number(float(low))} {'and more' if at == BINS - 1 else f'to {number(high)}'}"
            for at, (share, n, low, high) in enumerate(
                zip(shares, counts, ends[:-1], (float(end) for end in ends[1:]), strict=True)
            )
        ]
        marker: dict[str, Any] = {"color": faint(colour), "line": {"color": colour, "width": 1}}
        if pattern:
            marker["pattern"] = {"shape": pattern, "solidity": 0.35, "fgcolor": colour, "size": 6}
        made.append(
            typed(
                "bar",
                name=f"{kind} samples",
                x=[float(at) for at in (ends[:-1] + ends[1:]) / 2],
                y=[float(share) for share in shares],
                width=float(ends[1] - ends[0]),
                marker=marker,
                customdata=told,
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    return made


def _quantile(own: Detector) -> str:
    """Such as ", at 95 % of the normal samples,"."""
    if not 0 <= own.quantile <= 1:
        return ""
    return f", recorded at {value_text(100 * own.quantile)}\u00a0% of normal scores,"


def _mark(drawn: Drawing, own: Detector, name: str, left: bool) -> None:
    """The threshold as a line with its words, at its ``left`` or at its right."""
    line = {"color": LIGHT.text, "width": 1.4, "dash": "dash"}
    ends = {"x0": own.threshold, "x1": own.threshold, "y0": 0, "y1": 1}
    drawn.shapes.append(typed("line", xref=f"x{name}", yref=f"y{name} domain", line=line, **ends))
    known = 0 <= own.quantile <= 1
    text = f"{value_text(100 * own.quantile)}\u00a0% of normal" if known else "threshold"
    drawn.annotations.append(
        {
            "text": plain(text),
            "x": own.threshold,
            "xref": f"x{name}",
            "y": 1,
            "yref": f"y{name} domain",
            "xanchor": "right" if left else "left",
            "yanchor": "top",
            "xshift": -4 if left else 4,
            "showarrow": False,
            "font": {"size": 12, "color": LIGHT.text},
        }
    )
