"""The Jacobian's spectrum against what was swept, in fair company."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from layerwise.dashboards.effects import effect, ranked
from layerwise.dashboards.figures import spectrum
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.wording import number

STAGE = "codes"


def measured(frames: Frames) -> Frames:
    """The same record with the two numbers of a spectrum, which a contraction of 0.1 narrows."""
    runs = frames.runs.copy()
    narrow = 3.0 * runs.get("contraction.weight", 0.0) / 0.1
    runs[spectrum.RANK] = 12.0 - narrow + 0.1 * runs["seed"]
    runs[spectrum.RANK] += runs["validation/reconstruction_error"] / 9
    runs[spectrum.LARGEST] = 4.0 - narrow
    return replace(frames, runs=runs, memory={})


def test_every_setting_stands_with_its_mean_over_seeds(crossing: Frames) -> None:
    frames = measured(crossing)
    table = spectrum.table(frames, STAGE)
    assert list(table.columns) == spectrum.COLUMNS
    assert len(table) == 2 * (3 * 12 + 2 + 3 + 2)
    chosen = (table["metric"] == spectrum.RANK) & (table["path"] == "sparsity.weight")
    points = table[chosen & (table["view"] == "setting")].set_index("setting")
    runs = frames.runs
    for setting in runs["setting"].unique():
        own = runs[runs["setting"] == setting]
        row = points.loc[setting]
        assert row["mean"] == pytest.approx(sum(own[spectrum.RANK]) / 3)
        assert row["value"] == own["sparsity.weight"].iloc[0]


@pytest.mark.parametrize("path", ["corruption.level", "sparsity.weight", "contraction.weight"])
@pytest.mark.parametrize("study", ["crossing", "diverged", "one_seed"])
def test_averages_are_the_effects(study: str, path: str, request: pytest.FixtureRequest) -> None:
    frames = measured(request.getfixturevalue(study))
    table = spectrum.table(frames, STAGE)
    chosen = (table["metric"] == spectrum.RANK) & (table["path"] == path)
    found = table[chosen & (table["view"] == "average")].sort_values("value")
    wanted = effect(frames, STAGE, path, spectrum.RANK).table
    wanted = wanted[wanted["view"] == "average"].sort_values("value")
    for name in ("value", "mean", "low", "high", "n"):
        np.testing.assert_allclose(found[name].astype(float), wanted[name].astype(float))


def test_the_best_and_the_ends_of_contraction_are_told_apart(crossing: Frames) -> None:
    frames = measured(crossing)
    order = ranked(frames, STAGE)
    marked = spectrum.marked(frames, STAGE)
    assert list(marked) == ["best", "strongest", "weakest"]
    assert marked["best"][0] == order.index[0]
    strongest = order[order["contraction.weight"] == 0.1]
    assert marked["strongest"][0] == strongest.index[0]
    assert "0.1" in marked["strongest"][1]
    # The best has the weakest contraction: it is one point, and its role is the first.
    assert marked["weakest"][0] == marked["best"][0]
    roles = spectrum.table(frames, STAGE)["role"]
    assert set(roles) == {"", "best", "strongest"}


def test_without_contraction_the_largest_effect_tells(widths: Frames) -> None:
    frames = measured(widths)
    marked = spectrum.marked(frames, STAGE)
    assert set(marked) == {"best", "highest", "lowest"}
    assert "noise level" in marked["highest"][1]


def test_a_panel_for_each_number_and_hyperparameter(crossing: Frames) -> None:
    figure = spectrum.figure(measured(crossing), STAGE)
    assert len({trace.yaxis for trace in figure.data}) == 6
    assert figure.layout.yaxis4.type == "log"
    assert {trace.marker.symbol for trace in figure.data} >= {"circle-open", "circle", "diamond"}
    assert {text for trace in figure.data if "text" in trace.mode for text in trace.text} == {
        " best ",
        " strongest ",
    }
    narrow = spectrum.figure(measured(crossing), STAGE, columns=1)
    assert narrow.layout.xaxis6.domain == (0, 1)
    names = spectrum.figure(measured(widths_of(crossing)), STAGE)
    assert all("lines" not in t.mode for t in names.data if t.xaxis == "x")


def widths_of(frames: Frames) -> Frames:
    """The noise levels as names."""
    runs = frames.runs.copy()
    runs["corruption.level"] = ["much" if level else "none" for level in runs["corruption.level"]]
    return replace(frames, runs=runs, memory={})


def test_the_sentence_has_the_best_and_the_ends(crossing: Frames) -> None:
    frames = measured(crossing)
    means = frames.runs.groupby("setting")[spectrum.RANK].mean()
    text = spectrum.sentence(frames, STAGE)
    assert f"moves in {means[ranked(frames, STAGE).index[0]]:.2f}" in text
    assert "for its 32 units" in text
    assert f"goes from {number(means.min())} (" in text
    assert f" to {number(means.max())} (" in text


def test_nothing_recorded_and_nothing_finished(
    crossing: Frames, running: Frames, one_trial: Frames
) -> None:
    assert spectrum.table(crossing, STAGE).empty
    assert not spectrum.figure(crossing, STAGE).data
    assert spectrum.sentence(crossing, STAGE).startswith("No finished trial")
    failed = measured(crossing)
    failed.runs["status"] = "FAILED"
    assert spectrum.table(failed, STAGE).empty
    assert spectrum.sentence(failed, STAGE).startswith("No finished trial")
    assert len(spectrum.table(measured(running), STAGE))
    alone = measured(one_trial)
    assert spectrum.table(alone, STAGE).empty
    text = spectrum.sentence(alone, STAGE)
    assert text.startswith(
        f"The best setting's code moves in {number(alone.runs[spectrum.RANK][0])}"
    )
    assert "over" not in text.split(". ")[0]


def test_a_value_that_is_no_number_is_left_out(crossing: Frames) -> None:
    frames = measured(crossing)
    worst = frames.runs["setting"].iloc[0]
    frames.runs.loc[frames.runs["setting"] == worst, spectrum.RANK] = np.nan
    table = spectrum.table(frames, STAGE)
    assert worst not in set(table[table["metric"] == spectrum.RANK]["setting"])
    assert table["mean"].notna().all()


def test_hostile_names_are_text(hostile: Frames) -> None:
    frames = measured(hostile)
    stage = frames.stages[0]
    assert len(spectrum.table(frames, stage))
    drawn = json.dumps(spectrum.draw(frames, stage).spec())
    assert "<i>" not in drawn
    assert "%{x}" not in drawn


def test_values_drawn_at_random_have_points_and_no_average(crossing: Frames) -> None:
    runs = measured(crossing).runs.copy()
    codes = runs["setting"].rank(method="dense")
    for place, path in enumerate(("corruption.level", "sparsity.weight", "contraction.weight")):
        runs[path] = (codes * (7 + place)) % 13 / 13
    frames = replace(crossing, runs=runs, memory={})
    assert set(spectrum.table(frames, STAGE)["view"]) == {"setting"}
    figure = spectrum.figure(frames, STAGE)
    assert all("lines" not in trace.mode for trace in figure.data)
    # A hyperparameter that only some settings have is drawn for those.
    runs.loc[runs["corruption.level"] > 0.5, "sparsity.weight"] = np.nan
    table = spectrum.table(replace(crossing, runs=runs, memory={}), STAGE)
    assert table["value"].notna().all()
    assert len(table[table["path"] == "sparsity.weight"]) < len(table) / 3
