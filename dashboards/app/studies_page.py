"""The first page: every study of the record, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dash import html
from dash.development.base_component import Component

from ..wording import count
from .address import View
from .components import link, table
from .header import STATES, shortened

if TYPE_CHECKING:
    from .watch import Listed


def studies_page(studies: Sequence[Listed], said: str = "") -> list[Component]:
    """The studies with their questions; ``said`` is what went wrong before, if anything did."""
    problem = [html.P(said, className="notice", role="alert")] if said else []
    if not studies and said:
        return [html.H1("The record cannot be read"), *problem]
    if not studies:
        return [
            html.H1("No study is recorded here yet"),
            html.P(["Run one: ", html.Code("layerwise run quickstart")], className="answer"),
        ]
    rows = [
        [
            link(shortened(one.name), View(one.name)),
            one.question or "–",
            STATES.get(one.state, one.state),
            str(one.trials),
            f"{one.started:%d %b %Y, %H:%M}".lstrip("0") if one.started is not None else "–",
        ]
        for one in studies
    ]
    return [
        html.H1(count(len(studies), "study", "studies")),
        *problem,
        table(["study", "question", "state", "trials", "started (UTC)"], rows, "Studies", "list"),
    ]
