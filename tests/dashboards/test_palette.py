"""Colours that everybody can tell apart and read."""

from __future__ import annotations

import itertools

import pytest
from colour_vision import MACHADO, distance, lab

from layerwise.dashboards import palette
from layerwise.dashboards.palette import DARK, LIGHT, Palette

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@THEMES
@pytest.mark.parametrize("vision", list(MACHADO))
def test_categories_are_distinct_for_everybody(theme: Palette, vision: str) -> None:
    for first, second in itertools.combinations(theme.categorical, 2):
        assert distance(first, second, vision) >= 10, (first, second)


@THEMES
def test_marks_stand_out_and_text_is_legible(theme: Palette) -> None:
    for mark in (*theme.categorical, theme.reference, theme.axis):
        assert palette.contrast(mark, theme.background) >= 3
    for text in (theme.text, theme.quiet_text, theme.emphasis):
        assert palette.contrast(text, theme.background) >= 4.5


def between(scale: palette.Scale, share: float) -> str:
    """The colour at ``share`` of a scale, mixed in sRGB as Plotly does."""
    place = share * (len(scale) - 1)
    index = min(int(place), len(scale) - 2)
    rest = place - index
    channels = (
        round(int(a, 16) * (1 - rest) + int(b, 16) * rest)
        for a, b in ((scale[index][i : i + 2], scale[index + 1][i : i + 2]) for i in (1, 3, 5))
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)


@THEMES
def test_text_is_legible_on_every_cell_of_a_heat_map(theme: Palette) -> None:
    for step in range(601):
        share = step / 600
        text = theme.on_least if share < palette.TURN else theme.on_most
        assert palette.contrast(between(theme.sequential, share), text) >= 4.5, share


@THEMES
@pytest.mark.parametrize("vision", list(MACHADO))
def test_scales_go_one_way_in_lightness(theme: Palette, vision: str) -> None:
    lightness = [lab(colour, vision)[0] for colour in theme.sequential]
    steps = [b - a for a, b in itertools.pairwise(lightness)]
    assert all(step > 0 for step in steps) or all(step < 0 for step in steps)
    middle = lab(theme.diverging[3], vision)[0]
    ends = [lab(theme.diverging[i], vision)[0] for i in (0, -1)]
    assert abs(middle - ends[0]) > 20
    assert abs(middle - ends[1]) > 20
    assert distance(theme.diverging[1], theme.diverging[-2], vision) >= 10


def test_every_light_colour_has_one_dark_partner() -> None:
    light = [
        colour
        for value in vars(LIGHT).values()
        for colour in ([value] if isinstance(value, str) else value)
    ]
    assert len(light) == len(set(light))
    exchange = palette.exchange()
    assert set(light) <= set(exchange)
    assert exchange[palette.faint(LIGHT.categorical[1])].startswith("rgba(")


def test_contrast_is_wcags() -> None:
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert palette.stops(("#000000", "#ffffff")) == [[0.0, "#000000"], [1.0, "#ffffff"]]
