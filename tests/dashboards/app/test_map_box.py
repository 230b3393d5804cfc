"""A box on the map becomes conditions on its two columns, in the columns' own values."""

from __future__ import annotations

from component_trees import of_type
from dash import dcc

from layerwise.dashboards.app.address import Between, View
from layerwise.dashboards.app.components import MAP
from layerwise.dashboards.app.map_box import brushed, map_box
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.app.selection import chosen
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.settings import setting_values

ERROR, SPARSITY = "validation/reconstruction_error", "validation/hoyer_sparsity"
VIEW = View("crossing", x=SPARSITY, y=ERROR)


def test_the_axes_can_be_chosen(crossing: Frames) -> None:
    made = map_box(crossing, "codes", VIEW, None, Screen())
    across, up = of_type(made, dcc.Dropdown)
    assert (across.id, across.value) == ("map-x", SPARSITY)
    assert (up.id, up.value) == ("map-y", ERROR)
    assert {one["value"] for one in up.options} >= {ERROR, SPARSITY, "sparsity.weight"}
    assert of_type(made, dcc.Graph)[0].id == MAP


def test_a_single_setting_needs_no_map(one_trial: Frames) -> None:
    assert map_box(one_trial, one_trial.stages[0], View("one trial"), None, Screen()) == []


def test_a_box_keeps_exactly_the_settings_that_it_surrounds(crossing: Frames) -> None:
    table = setting_values(crossing, "codes", (SPARSITY, ERROR))
    x, y = float(table[SPARSITY].median()), float(table[ERROR].median())
    # Drawn from right to left: its ends come in either order.
    ranges = {"x": [x, float(table[SPARSITY].min()) - 1], "y": [0.0, y]}
    after = brushed(crossing, "codes", VIEW, ranges)
    assert [one.column for one in after.where] == [SPARSITY, ERROR]
    inside = (table[SPARSITY] <= x) & (table[ERROR] <= y)
    assert chosen(crossing, "codes", after.where) == set(table.index[inside])


def test_a_box_on_a_logarithmic_axis_is_in_the_hyperparameters_values(crossing: Frames) -> None:
    shown = VIEW.with_(x="sparsity.weight")
    after = brushed(crossing, "codes", shown, {"x": [-3.1, -1.9], "y": [-100, 100]})
    condition = after.where[0]
    assert isinstance(condition, Between)
    found = chosen(crossing, "codes", [condition])
    runs = crossing.runs
    assert found == set(runs.loc[runs["sparsity.weight"].isin([0.001, 0.01]), "setting"])
