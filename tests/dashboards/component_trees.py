"""Reads Dash's components as a browser would show them: their texts, links and parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash import dcc
from dash.development.base_component import Component


def parts(tree: Any) -> Iterator[Any]:
    """Every component and every text of a tree, in reading order."""
    if isinstance(tree, (list, tuple)):
        for one in tree:
            yield from parts(one)
    elif tree is not None:
        yield tree
        if isinstance(tree, Component):
            yield from parts(getattr(tree, "children", None))


def text(tree: Any) -> str:
    """All texts, with a bar between two of them."""
    return "|".join(str(one) for one in parts(tree) if not isinstance(one, Component))


def of_type(tree: Any, kind: type) -> list[Any]:
    """The components of a type."""
    return [one for one in parts(tree) if isinstance(one, kind)]


def links(tree: Any) -> dict[str, str]:
    """Where each link of a page leads, by its text."""
    return {text(one.children): str(one.href) for one in of_type(tree, dcc.Link)}


def cells(tree: Any) -> list[list[str]]:
    """The rows of the first table, its header first."""
    from dash import html

    rows = of_type(of_type(tree, html.Table)[0], html.Tr)
    return [[text(cell.children) for cell in row.children] for row in rows]
