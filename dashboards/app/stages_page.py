"""The stages of one study side by side: which of them to show, and then what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dash import dcc, html
from dash.development.base_component import Component

from ..chart import Section
from ..stages import recorded
from ..study_sections import beside_one_another
from .address import View
from .components import attributes, section
from .header import shortened
from .screen import Screen

if TYPE_CHECKING:
    from ..frames import Frames


def stages_page(frames: Frames, view: View, screen: Screen) -> list[Component]:
    """The stages to tick, and, once there are two, their table and chart."""
    held = recorded(frames)
    if len(held) < 2:
        note = "One stage alone has trials: there is nothing to set beside it."
        return [html.P(note, className="note")]
    shown = shown_stages(frames, view)
    ticks = dcc.Checklist(
        id="side-by-side",
        options=[{"label": shortened(name), "value": name} for name in held],
        value=list(shown),
        className="ticks abreast",
        inline=True,
    )
    label = "Stages to set side by side"
    lead = html.Div(
        [html.Span("Side by side"), ticks],
        className="beside",
        role="group",
        **attributes(aria_label=label),
    )
    if len(shown) < 2:
        return [lead, html.P("Tick another stage to set beside it.", className="note")]
    return [lead, section(side_by_side(frames, view), view, screen)]


def side_by_side(frames: Frames, view: View) -> Section:
    """The section of the stages that a view shows; empty where that is one alone."""
    return beside_one_another(frames, shown_stages(frames, view))


def shown_stages(frames: Frames, view: View) -> tuple[str, ...]:
    """The stages that a view asks for in the study's order, all where it asks for none there is."""
    held = recorded(frames)
    return tuple(name for name in held if name in view.stages) or held


def ticked(frames: Frames, view: View, names: Sequence[str]) -> View:
    """The view after those stages have been ticked; none ticked counts as all of them.

    It stays the same where these are what it shows already, however it says so.
    """
    held = recorded(frames)
    shown = tuple(name for name in held if name in names) or held
    if shown == shown_stages(frames, view):
        return view
    return view.with_(stages=() if shown == held else shown)
