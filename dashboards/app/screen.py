"""The reader's screen, and drawings as it shows them: light or dark, wide or narrow."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..chart import Chart
from ..palette import exchange


@dataclass(frozen=True)
class Screen:
    """What a page must know of the screen before it draws."""

    dark: bool = False
    narrow: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any] | None) -> Screen:
        """As the page's script tells it; light and wide where it tells nothing."""
        said = told or {}
        return cls(bool(said.get("dark")), bool(said.get("narrow")))


def drawn(chart: Chart, screen: Screen) -> dict[str, Any]:
    """``data`` and ``layout`` of a chart for a screen, in plain values that JSON has."""
    drawing = chart.narrow if screen.narrow and chart.narrow is not None else chart.drawing
    colours = _exchange() if screen.dark else {}
    spec: dict[str, Any] = _plain(drawing.spec(), colours)
    # What a reader unfolds or moves in a chart stays as it is while the numbers change.
    spec["layout"]["uirevision"] = chart.name
    return spec


_exchange = functools.cache(exchange)


def _plain(value: Any, colours: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return colours.get(value, value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(inner, colours) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), colours)
    if isinstance(value, (list, tuple)):
        if all(type(inner) is float for inner in value) and np.isfinite(value).all():
            return value
        return [_plain(inner, colours) for inner in value]
    if isinstance(value, np.generic):
        return _plain(value.item(), colours)
    return value
