"""A part of the page that is drawn anew only where its shape differs from what the reader has.

Dash takes new children for other ones, even where they are the same but for a number: charts would
blink, and a reader who uses the keyboard would lose the place. So what has an id is told its new
properties where it stands, as long as everything around it stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

LIVE = ("className", "figure", "hidden", "href", "max", "options", "style", "title", "value")
"""What may change of a component with an id; and its children where they are one text."""
Id = str | dict[str, str]


@dataclass(frozen=True, eq=False)
class Region:
    """The children of a part of the page, a hash of its shape, and what may change within it.

    ``live``: (id, properties) of each component that has an id. ``content`` is a hash of that.
    """

    children: Sequence[Any]
    shape: str
    content: str
    live: tuple[tuple[Id, dict[str, Any]], ...]

    @classmethod
    def of(cls, children: Sequence[Any]) -> Region:
        """The region of these children."""
        live: list[tuple[Id, dict[str, Any]]] = []
        shape = _hash([_shape(one, live) for one in children])
        return cls(children, shape, _hash(live), tuple(live))

    @property
    def mark(self) -> list[str]:
        """What a page remembers of the region that it shows."""
        return [self.shape, self.content]

    def changes(self, shown: Sequence[str] | None) -> Iterator[tuple[Id, dict[str, Any]]]:
        """What to tell a page whose region has the same shape: nothing where nothing differs."""
        if list(shown or ()) != self.mark:
            yield from self.live


def _shape(one: Any, live: list[tuple[Id, dict[str, Any]]]) -> Any:
    """Everything of a component that cannot change where it stands; the rest is put in ``live``."""
    if isinstance(one, (list, tuple)):
        return [_shape(inner, live) for inner in one]
    if not isinstance(one, Component):
        return one
    held: dict[str, Any] = cast(Any, one).to_plotly_json()
    props = dict(held["props"])
    name = props.get("id")
    children = props.pop("children", None)
    if name is not None:
        own = {key: props.pop(key) for key in LIVE if key in props}
        if children is None or isinstance(children, (str, int, float)):
            own["children"] = children
            children = None
        live.append((name, own))
    return [held["namespace"], held["type"], props, _shape(children, live)]


def _hash(value: Any) -> str:
    text = json.dumps(value, cls=PlotlyJSONEncoder, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
