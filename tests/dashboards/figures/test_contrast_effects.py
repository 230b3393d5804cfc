"""Effects of what two records both sweep: each side's own averages, overlaid where allowed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from layerwise.dashboards.figures import contrast_effects
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sides import Pair

METRIC = "validation/reconstruction_error"
LEVEL = "corruption.level"


def elsewhere(frames: Frames) -> Frames:
    study = {**frames.study, "study": "faces", "data": {"name": "faces", "digest": "cd" * 32}}
    return dataclasses.replace(frames, study=study, memory={})


def test_only_what_both_sweep(crossing: Frames, two_stages: Frames, one_trial: Frames) -> None:
    assert contrast_effects.paths(Pair.of(crossing, two_stages)) == (LEVEL,)
    assert len(contrast_effects.paths(Pair.of(crossing, crossing))) == 3
    assert contrast_effects.paths(Pair.of(crossing, one_trial)) == ()


def test_the_points_are_means_over_seeds(crossing: Frames, two_stages: Frames) -> None:
    table = contrast_effects.table(Pair.of(crossing, two_stages), LEVEL)
    assert set(table["metric"]) == {
        METRIC, "validation/hoyer_sparsity", "validation/jacobian_norm",
    }  # fmt: skip
    for side, frames, stage in (("left", crossing, "codes"), ("right", two_stages, "second")):
        trials = frames.trials(stage)
        for metric in set(table["metric"]):
            part = table[(table["side"] == side) & (table["metric"] == metric)]
            expected = trials.groupby(LEVEL)[metric].mean()
            assert list(part["value"]) == list(expected.index)
            assert list(part["mean"]) == pytest.approx(list(expected))
            assert (part["low"] < part["mean"]).all()
            assert (part["n"] == 3).all()


def test_lines_are_overlaid_and_told_apart_without_colour(
    crossing: Frames, two_stages: Frames
) -> None:
    pair = Pair.of(crossing, two_stages)
    figure = contrast_effects.figure(pair, LEVEL)
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert len(lines) == 6
    assert {line.xaxis for line in lines} == {"x", "x2", "x3"}
    for left, right in zip(lines[::2], lines[1::2], strict=True):
        assert left.xaxis == right.xaxis
        assert (left.line.dash, right.line.dash) == ("solid", "dash")
        assert left.line.color != right.line.color
        assert left.marker.symbol != right.marker.symbol
        assert list(left.x) == [0.0, 0.4]
        assert list(right.x) == [0.0, 0.2, 0.4]
    assert [bool(line.showlegend) for line in lines] == [True, True, *[False] * 4]
    narrow = contrast_effects.draw(pair, LEVEL, columns=1)
    assert narrow.layout["xaxis3"]["domain"] == [0, 1]


def test_where_data_differ_no_axis_is_shared(crossing: Frames) -> None:
    pair = Pair.of(crossing, elsewhere(crossing))
    figure = contrast_effects.figure(pair, LEVEL)
    sides: dict[str, set[str]] = {}
    for trace in figure.data:
        if trace.mode == "lines+markers":
            sides.setdefault(trace.xaxis, set()).add(trace.name)
    assert len(sides) == 6
    assert all(len(names) == 1 for names in sides.values())


def test_one_seed_names_and_draws_have_points(
    one_seed: Frames, widths: Frames, hostile: Frames, crossing: Frames
) -> None:
    drawn = contrast_effects.draw(Pair.of(one_seed, one_seed), "sparsity.weight")
    assert all(trace["mode"] == "lines+markers" for trace in drawn.traces)
    # Behind the break before the zero of a logarithmic axis.
    assert len(drawn.shapes) == 3
    drawn = contrast_effects.draw(Pair.of(widths, widths), "layers")
    assert {trace["mode"] for trace in drawn.traces} == {"markers"}
    drawn = contrast_effects.draw(Pair.of(hostile, hostile), "corruption.kind")
    assert "<i>" not in str(drawn.spec())
    # Values drawn at random are no crossing: every setting is a point of its own.
    rng = np.random.default_rng(1)
    codes, _ = crossing.runs["setting"].factorize()
    levels = rng.uniform(0, 1, codes.max() + 1)[codes]
    weights = rng.uniform(0, 1, codes.max() + 1)[codes]
    runs = crossing.runs.assign(**{LEVEL: levels, "sparsity.weight": weights})
    loose = dataclasses.replace(crossing, runs=runs, memory={})
    pair = Pair.of(crossing, loose)
    drawn = contrast_effects.draw(pair, LEVEL)
    assert {"lines+markers", "markers"} <= {trace["mode"] for trace in drawn.traces}
    table = contrast_effects.table(pair, LEVEL)
    assert set(table[table["side"] == "right"]["view"]) == {"draw"}
    assert "No value" not in contrast_effects.sentence(pair, LEVEL)


def test_the_sentence_names_each_sides_best_value(crossing: Frames, two_stages: Frames) -> None:
    text = contrast_effects.sentence(Pair.of(crossing, two_stages), LEVEL)
    means = [
        frames.trials(stage).groupby(LEVEL)[METRIC].mean().min()
        for frames, stage in ((crossing, "codes"), (two_stages, "second"))
    ]
    assert text == (
        "On average the validation reconstruction error is lowest at a noise level of "
        f"0 in crossing ({means[0]:.2f}) and 0 in two stages ({means[1]:.2f})."
    )


def test_nothing_finished_has_no_points(crossing: Frames) -> None:
    none = dataclasses.replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    pair = Pair.of(none, none)
    assert contrast_effects.table(pair, LEVEL).empty
    assert not contrast_effects.draw(pair, LEVEL).traces
    assert contrast_effects.sentence(pair, LEVEL).startswith("No value of noise level")
