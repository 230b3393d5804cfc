"""Colours that everybody can tell apart, on paper and at night.

``LIGHT`` and ``DARK`` hold the same roles. A figure is drawn with ``LIGHT``; a page that is read
in the dark exchanges each colour for its partner in ``exchange()``, so that no light colour may
stand for two roles. Categorical colours are at least 10 apart (CIEDE2000) for normal vision,
deuteranopia and protanopia, and at least 3 : 1 against their background; text is at least 4.5 : 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

Scale = tuple[str, ...]
TURN = 3.5 / 6
"""Where on the sequential scales, in both themes, text must change its colour to stay legible."""


@dataclass(frozen=True)
class Palette:
    """Every colour of a theme by its role, as ``#rrggbb``."""

    background: str
    text: str
    quiet_text: str
    axis: str
    grid: str
    emphasis: str
    reference: str
    on_least: str
    """Text on the lower part of the sequential scale, up to ``TURN``; ``on_most`` above it."""
    on_most: str
    categorical: Scale
    sequential: Scale
    """From the least to the most; the least is nearest to the background."""
    diverging: Scale
    """From negative over zero (the middle) to positive."""
    ink: Scale
    """Grey levels of an image, from 0 to the largest value."""


LIGHT = Palette(
    background="#fdfcfa",
    text="#1d2530",
    quiet_text="#59626e",
    axis="#8b939d",
    grid="#e8e6e1",
    emphasis="#174ea0",
    reference="#6a737e",
    on_least="#000000",
    on_most="#ffffff",
    categorical=("#2460b7", "#db7326", "#2f988b", "#883260", "#87815f", "#9a84c3"),
    sequential=("#eef3f6", "#c9dde6", "#98c1d3", "#5489a3", "#316e92", "#1f5786", "#143560"),
    diverging=("#8a3b12", "#c4763c", "#e6bd95", "#f4f2ee", "#9fc3da", "#4587b5", "#1b4c80"),
    ink=("#fbfaf8", "#bdbcba", "#7d7c7a", "#41403f", "#121211"),
)

DARK = Palette(
    background="#15181c",
    text="#e4e7eb",
    quiet_text="#a0a9b4",
    axis="#6d7681",
    grid="#2a2f36",
    emphasis="#8ab8f5",
    reference="#9aa3ae",
    on_least="#ffffff",
    on_most="#000000",
    categorical=("#5891de", "#e48e50", "#74dac6", "#ca6b99", "#eadb7a", "#c6b5ea"),
    sequential=("#1d262e", "#21404f", "#265d75", "#2c6d87", "#4d8ea7", "#8cc5da", "#cdebf4"),
    diverging=("#f0a473", "#c07845", "#6f4a32", "#23272c", "#2f566f", "#4b8fb9", "#9ed2f2"),
    ink=("#101214", "#45484b", "#85878a", "#bfc1c3", "#f4f5f6"),
)


def categorical(index: int) -> str:
    """The light colour of the ``index``-th category; beyond the last it begins again."""
    return LIGHT.categorical[index % len(LIGHT.categorical)]


def stops(colours: Scale) -> list[list[float | str]]:
    """A Plotly colour scale: evenly spaced [position in 0–1, colour]."""
    last = len(colours) - 1
    return [[index / last, colour] for index, colour in enumerate(colours)]


def faint(colour: str, opacity: float = 0.16) -> str:
    """The colour as ``rgba(…)`` for the band of an interval, opacity in 0–1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def exchange() -> dict[str, str]:
    """From every light colour, plain or faint, to the dark one of the same role."""
    pairs: dict[str, str] = {}
    for field in fields(Palette):
        light, dark = getattr(LIGHT, field.name), getattr(DARK, field.name)
        if isinstance(light, str):
            pairs[light] = dark
        else:
            pairs.update(zip(light, dark, strict=True))
    pairs.update({faint(a): faint(b, 0.22) for a, b in list(pairs.items())})
    return pairs


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two ``#rrggbb`` colours, 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def variables(palette: Palette) -> str:
    """The roles that a page's own style needs, as CSS declarations: ``--quiet-text:#59626e;…``."""
    names = ("background", "text", "quiet_text", "axis", "grid", "emphasis", "reference")
    roles = "".join(f"--{name.replace('_', '-')}:{getattr(palette, name)};" for name in names)
    return f"{roles}--first:{palette.categorical[0]};--second:{palette.categorical[1]};"
