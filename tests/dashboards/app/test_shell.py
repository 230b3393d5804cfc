"""The page around every view: both themes, no outside address, and all the parts it fills."""

from __future__ import annotations

import re

from component_trees import parts

from layerwise.dashboards.app.shell import index, layout, themes
from layerwise.dashboards.palette import DARK, LIGHT


def test_both_themes_are_there_whatever_the_system_has() -> None:
    style = themes()
    light, system, chosen = (
        style.index(f"--background:{LIGHT.background}"),
        style.index(f":root:not([data-theme=light]){{--background:{DARK.background}"),
        style.index(f":root[data-theme=dark]{{--background:{DARK.background}"),
    )
    assert light < system < chosen


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert not re.search(r"https?:|//\w|@import|url\((?!data:)", index())
    for part in ("metas", "config", "scripts", "renderer", "app_entry", "css"):
        assert f"{{%{part}%}}" in index()


def test_the_layout_has_the_parts_that_are_filled() -> None:
    found = {getattr(one, "id", None) for one in parts(layout())}
    assert found >= {
        "address", "bar", "clock", "filter-box", "filters", "navigation", "page", "screen",
        "titled", "version",
    }  # fmt: skip
