"""Networks and what needs no network, on one axis."""

from __future__ import annotations

import pytest
from made_studies import measures

from layerwise.dashboards.figures import controls
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval


def test_the_table_holds_networks_then_controls(crossing: Frames) -> None:
    table = controls.table(crossing, "codes").set_index("name")
    assert list(table["kind"]) == ["network"] * 3 + ["control"] * 3
    assert table.loc["pca", "mean"] == 1.31
    expected = interval([1.02 * measures({}, s, 6, 6)["reconstruction_error"] for s in range(3)])
    assert table["mean"].iloc[0] == pytest.approx(expected.mean)
    assert table["low"].iloc[0] == pytest.approx(expected.low)


def test_the_untrained_network_is_measured_over_seeds(crossing: Frames) -> None:
    row = controls.table(crossing, "codes").set_index("name").loc["untrained"]
    expected = interval([1.02 * measures({}, s, 0, 6)["reconstruction_error"] for s in range(3)])
    assert row["n"] == 3
    assert row["mean"] == pytest.approx(expected.mean)


def test_the_axis_is_logarithmic_when_the_controls_are_far(crossing: Frames) -> None:
    figure = controls.figure(crossing, "codes")
    assert figure.layout.xaxis.type == "log"
    assert [len(trace.x) for trace in figure.data] == [3, 3]
    above = controls.figure(crossing, "codes", beside=False)
    assert len(above.layout.annotations) == 6


def test_without_controls_networks_stand_alone(one_seed: Frames) -> None:
    table = controls.table(one_seed, "codes")
    assert set(table["kind"]) == {"network"}
    assert table["low"].isna().all()
