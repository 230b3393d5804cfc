"""Two studies beside one another: which to choose, and then what tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from .. import contrast_sentences
from ..asked import differences
from ..contrast import of_pair
from ..sides import Pair
from .address import View
from .components import plain_table, section
from .header import shortened
from .screen import Screen

if TYPE_CHECKING:
    from ..chart import Section
    from ..frames import Frames
    from .watch import Listed


def compare_page(
    frames: Frames, other: Frames | None, studies: Sequence[Listed], view: View, screen: Screen
) -> list[Component]:
    """The choice of the other study, and, once there is one, what the two have to tell."""
    names = [one.name for one in studies if one.name != view.study]
    choice = dcc.Dropdown(
        id="beside",
        options=[{"label": shortened(name), "value": name} for name in names],
        value=view.beside or None,
        placeholder="another study",
        className="choice",
    )
    lead = html.Div([html.Span("Beside", id="beside-label"), choice], className="beside")
    if other is None:
        note = "Choose another study." if names else "There is no other study in this record."
        return [lead, html.P(note, className="note")]
    pair = Pair.of(frames, other)
    asked = differences(pair)
    return [
        lead,
        html.P(contrast_sentences.verdict(pair), className="answer"),
        *(section(one, view, screen) for one in of_pair(pair)),
        *([_asked(pair, asked)] if len(asked) else []),
    ]


def _asked(pair: Pair, rows: pd.DataFrame) -> Component:
    """What differs in the question, in the columns of the two studies."""
    names = [shortened(side.label) for side in pair.sides]
    return plain_table(rows.set_axis(["where", "what", *names], axis=1), "What was asked")


def compared(frames: Frames, other: Frames | None) -> list[Section]:
    """The sections of a comparison; none while there is nothing to compare with."""
    return [] if other is None else of_pair(Pair.of(frames, other))
