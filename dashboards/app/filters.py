"""What narrows a study to some of its settings: a box per hyperparameter, and what is chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html
from dash.development.base_component import Component

from ..settings import column_label
from ..wording import capital, count, value_text
from .address import Among, Between, Condition, View
from .components import attributes, link
from .selection import FEW, columns, in_words, known, value_key, values

if TYPE_CHECKING:
    from ..frames import Frames


def boxes(frames: Frames, stage: str, view: View) -> list[Component]:
    """A fieldset per swept column: its values to tick while they are few, else two ends."""
    asked = {one.column: one for one in known(frames, stage, view.where)}
    made: list[Component] = []
    for column in columns(frames, stage):
        found = values(frames, stage, column)
        if len(found) > 1:
            few = len(found) <= FEW or any(isinstance(one, str) for one in found)
            box = _ticks(column, found, asked.get(column)) if few else None
            made.append(
                html.Fieldset(
                    [
                        html.Legend(capital(column_label(frames, column))),
                        *([box] if box is not None else _ends(column, found, asked.get(column))),
                    ]
                )
            )
    return made


def meeting(found: Sequence[Any], asked: Condition | None) -> list[str]:
    """The keys of those values that meet a condition; of all where there is none."""
    if isinstance(asked, Among):
        return [key for value in found if (key := value_key(value)) in asked.values]
    return [
        value_key(value)
        for value in found
        if asked is None or (not isinstance(value, str) and asked.low <= value <= asked.high)
    ]


def _ticks(column: str, found: Sequence[Any], asked: Condition | None) -> Component:
    options = [{"label": value_text(value), "value": value_key(value)} for value in found]
    return dcc.Checklist(
        options=options,
        value=meeting(found, asked),
        id={"type": "ticks", "column": column},
        className="ticks",
    )


def _ends(column: str, found: Sequence[Any], asked: Condition | None) -> list[Component]:
    low, high = (asked.low, asked.high) if isinstance(asked, Between) else (-math.inf, math.inf)
    return [
        dcc.Input(
            id={"type": end, "column": column},
            type="number",
            step="any",
            debounce=True,
            value=None if math.isinf(value) else value,
            placeholder=f"{word} {value_text(bound)}",
            className="end",
        )
        for end, word, value, bound in (
            ("low", "from", low, found[0]),
            ("high", "to", high, found[-1]),
        )
    ]


def ticked(view: View, column: str, keys: Sequence[str], found: Sequence[Any]) -> View:
    """The view after those of a column's values ``found`` have been ticked whose keys are given.

    It stays the same where the ticks are those that it has already, however it says so.
    """
    every = meeting(found, None)
    shown = [key for key in every if key in keys]
    if shown == ticks_of(view, column, found):
        return view
    # Nothing ticked would show nothing, which nobody asks for.
    return (
        view.narrowed(Among(column, tuple(shown)))
        if 0 < len(shown) < len(every)
        else (view.without(column))
    )


def ticks_of(view: View, column: str, found: Sequence[Any]) -> list[str]:
    """The keys of a column's values that are ticked in a view."""
    return meeting(found, next((one for one in view.where if one.column == column), None))


def ended(view: View, column: str, low: float | None, high: float | None) -> View:
    """The view after the ends of a column's range have been typed; None is open."""
    if low is None and high is None:
        return view.without(column) if _asked(view, column) else view
    condition = Between(
        column, -math.inf if low is None else float(low), math.inf if high is None else float(high)
    )
    return view if condition in view.where else view.narrowed(condition)


def _asked(view: View, column: str) -> bool:
    return any(one.column == column for one in view.where)


def chosen_line(frames: Frames, stage: str, view: View, left: int | None) -> Component | None:
    """How many settings are left by which conditions, each with a way to drop it."""
    asked = known(frames, stage, view.where)
    if left is None:
        return None
    total = int(frames.trials(stage)["setting"].nunique())
    return html.Div(
        [
            html.Span(f"{left} of {count(total, 'setting')}", className="left"),
            *(
                link(
                    [
                        capital(in_words(frames, one)),
                        html.Span(" ×", **attributes(aria_hidden="true")),
                    ],
                    view.without(one.column),
                    "chip",
                    "Drop this condition",
                )
                for one in asked
            ),
            link("Show all", view.with_(where=()), "chip all"),
        ],
        className="chosen",
        role="status",
    )
