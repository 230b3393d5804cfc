"""Filters show what is chosen, and what a reader ticks or types leads to the right address."""

from __future__ import annotations

import math

import numpy as np
import pytest
from component_trees import links, of_type, text
from dash import dcc, html

from layerwise.dashboards.app.address import Among, Between, View, view
from layerwise.dashboards.app.filters import boxes, chosen_line, ended, ticked
from layerwise.dashboards.frames import Frames

EVERY = ("0.0", "0.001", "0.01")
VALUES = (0.0, 0.001, 0.01)


def ticks_of(frames: Frames, shown: View) -> dict[str, list[str]]:
    """What is ticked, by column."""
    lists = of_type(boxes(frames, "codes", shown), dcc.Checklist)
    return {one.id["column"]: one.value for one in lists}


def test_every_value_is_ticked_while_nothing_is_asked(crossing: Frames) -> None:
    made = boxes(crossing, "codes", View("crossing"))
    assert [text(one) for one in of_type(made, html.Legend)] == [
        "Noise level",
        "Sparsity weight",
        "Contraction weight",
    ]
    assert ticks_of(crossing, View("crossing"))["sparsity.weight"] == list(EVERY)


def test_what_is_asked_is_ticked(crossing: Frames) -> None:
    asked = View("crossing").narrowed(
        Among("sparsity.weight", ("0.01",)), Between("corruption.level", 0.1, math.inf)
    )
    found = ticks_of(crossing, asked)
    assert found["sparsity.weight"] == ["0.01"]
    assert found["corruption.level"] == ["0.4"]
    assert found["contraction.weight"] == ["0.0", "0.1"]


def test_many_values_are_a_range(crossing: Frames) -> None:
    runs = crossing.runs.copy()
    runs["sparsity.weight"] = np.linspace(0.1, 3.6, len(runs))
    many = Frames(runs, crossing.history, crossing.study)
    asked = View("crossing").narrowed(Between("sparsity.weight", 0.5, math.inf))
    low, high = of_type(boxes(many, "codes", asked), dcc.Input)
    assert (low.value, low.placeholder) == (0.5, "from 0.1")
    assert (high.value, high.placeholder) == (None, "to 3.6")


def test_ticking_narrows_and_ticking_all_again_widens() -> None:
    begun = View("crossing", page=3)
    fewer = ticked(begun, "sparsity.weight", ["0.01", "0.0"], VALUES)
    # In the order of the values, so that one choice has one address.
    assert fewer.where == (Among("sparsity.weight", ("0.0", "0.01")),)
    assert fewer.page == 1
    assert ticked(fewer, "sparsity.weight", list(EVERY), VALUES).where == ()
    assert ticked(fewer, "sparsity.weight", ["0.0", "0.01"], VALUES) is fewer
    assert ticked(begun, "sparsity.weight", list(EVERY), VALUES) is begun


def test_the_same_ticks_said_otherwise_leave_the_address() -> None:
    asked = View("crossing").narrowed(Between("sparsity.weight", 0.0, 0.005))
    assert ticked(asked, "sparsity.weight", ["0.0", "0.001"], VALUES) is asked
    after = ticked(asked, "sparsity.weight", ["0.001"], VALUES)
    assert after.where == (Among("sparsity.weight", ("0.001",)),)


def test_nothing_ticked_is_everything() -> None:
    fewer = View("crossing").narrowed(Among("sparsity.weight", ("0.01",)))
    assert ticked(fewer, "sparsity.weight", [], VALUES).where == ()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.5, None, (Between("a", 0.5, math.inf),)),
        (None, 2, (Between("a", -math.inf, 2.0),)),
        (0.5, 2, (Between("a", 0.5, 2.0),)),
        (None, None, ()),
    ],
)
def test_typed_ends(low: float | None, high: float | None, expected: tuple[Between, ...]) -> None:
    begun = View("crossing").narrowed(Between("a", 0.0, 1.0))
    after = ended(begun, "a", low, high)
    assert after.where == expected
    assert ended(after, "a", low, high) is after


def test_what_is_chosen_is_said_and_can_be_dropped(crossing: Frames) -> None:
    shown = View("crossing", tab="effects").narrowed(
        Between("corruption.level", 0.0, 0.2), Among("sparsity.weight", ("0.01",))
    )
    line = chosen_line(crossing, "codes", shown, 2)
    assert text(line).startswith("2 of 12 settings|Noise level 0 to 0.2| ×|Sparsity weight 0.01")
    found = links(line)
    dropped = view(found["Noise level 0 to 0.2| ×"])
    assert dropped.where == (Among("sparsity.weight", ("0.01",)),)
    assert view(found["Show all"]) == View("crossing", tab="effects")
    assert chosen_line(crossing, "codes", View("crossing"), None) is None
