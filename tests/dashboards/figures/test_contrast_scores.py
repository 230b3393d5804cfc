"""Two best settings, measure by measure: MLflow's numbers, and only what both have."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import by_client
import numpy as np
import pytest
from made_studies import Made
from scipy import stats

from layerwise.dashboards.figures import contrast_scores
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sides import Pair
from layerwise.dashboards.statistics import interval

METRIC = "validation/reconstruction_error"


def test_the_table_is_mlflows(
    tracking_uri: str, crossing: Frames, record: Callable[[Made], Frames]
) -> None:
    pair = Pair.of(crossing, record(by_client.NOISIER))
    table = contrast_scores.table(pair).set_index("metric")
    studies = ("crossing", "noisier")
    names = [by_client.best(tracking_uri, study, "codes", METRIC) for study in studies]
    for metric in (METRIC, "test/reconstruction_error"):
        sides = []
        for study, name in zip(studies, names, strict=True):
            held = by_client.values(tracking_uri, study, "codes", metric)[name]
            sides.append([held[seed] for seed in (0, 1, 2)])
        row = table.loc[metric]
        for side, values in zip(("left", "right"), sides, strict=True):
            mean = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
            assert row[side] == pytest.approx(np.mean(values))
            assert (row[f"{side}_low"], row[f"{side}_high"]) == pytest.approx(mean)
            assert row[f"{side}_n"] == 3
        gap = stats.ttest_rel(sides[1], sides[0]).confidence_interval(0.95)
        assert row["difference"] == pytest.approx(np.mean(sides[1]) - np.mean(sides[0]))
        assert (row["difference_low"], row["difference_high"]) == pytest.approx((gap.low, gap.high))
        assert row["by_seed"]


def test_only_what_both_have_the_objective_first(crossing: Frames, one_trial: Frames) -> None:
    pair = Pair.of(crossing, one_trial)
    found = contrast_scores.metrics(pair)
    assert found[:2] == (METRIC, "test/reconstruction_error")
    assert len(set(found)) == len(found) == 10
    assert not any(name.startswith(("train/", "untrained/")) for name in found)
    less = dataclasses.replace(
        one_trial, runs=one_trial.runs.drop(columns="test/hoyer_sparsity"), memory={}
    )
    left_out = set(found) - set(contrast_scores.metrics(Pair.of(crossing, less)))
    assert left_out == {"test/hoyer_sparsity"}


def test_bounds_are_no_measures_and_doubts_are_told(machines: Frames) -> None:
    pair = Pair.of(machines, machines)
    table = contrast_scores.table(pair)
    assert not table["metric"].str.contains("_low|_high|_reliable").any()
    goal = table.iloc[0]
    assert goal["metric"] == "validation/log_likelihood"
    assert goal["doubt"] == ""
    poor = machines.runs.assign(**{"validation/log_likelihood_reliable": 0.0})
    pair = Pair.of(machines, dataclasses.replace(machines, runs=poor, memory={}))
    assert contrast_scores.table(pair).iloc[0]["doubt"].startswith("crossing (second) unreliable: ")


def test_a_panel_per_measure_with_a_dot_per_side(crossing: Frames, one_seed: Frames) -> None:
    pair = Pair.of(crossing, one_seed)
    figure = contrast_scores.figure(pair)
    shown = contrast_scores.shown(pair)
    assert len(figure.data) == 2 * len(shown) <= 2 * contrast_scores.MOST
    for index, (_, row) in enumerate(shown.iterrows()):
        left, right = figure.data[2 * index], figure.data[2 * index + 1]
        assert left.x[0] == pytest.approx(row["left"])
        assert left.error_x.array[0] == pytest.approx(row["left_high"] - row["left"])
        assert right.x[0] == pytest.approx(row["right"])
        assert right.error_x.array[0] == 0
    assert len({trace.marker.color for trace in figure.data}) == 2
    assert len({trace.marker.symbol for trace in figure.data}) == 2
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2
    narrow = contrast_scores.draw(pair, columns=1)
    assert narrow.layout["xaxis3"]["domain"] == [0, 1]
    assert narrow.height > contrast_scores.draw(pair).height


def test_names_are_inert(crossing: Frames, hostile: Frames) -> None:
    long = dataclasses.replace(crossing, study={**crossing.study, "study": "x" * 5000}, memory={})
    drawn = contrast_scores.draw(Pair.of(hostile, long))
    names = {trace["name"] for trace in drawn.traces}
    assert not any("<" in name for name in names)
    assert any("…" in name for name in names)
    assert len(str(drawn.spec())) < 40_000


def test_the_sentence_counts_what_differs(crossing: Frames, one_seed: Frames) -> None:
    runs = crossing.runs.assign(**{METRIC: crossing.runs[METRIC] - 1.0})
    better = dataclasses.replace(
        crossing, runs=runs, study={**crossing.study, "study": "b"}, memory={}
    )
    text = contrast_scores.sentence(Pair.of(crossing, better))
    # The same seeds: all that was not moved differs by nothing at all.
    assert text == (
        "Of 10 measures that both have, 1 differs by more than seeds explain, each taken alone. "
        "Of those shown, b is better in validation reconstruction error."
    )
    assert contrast_scores.sentence(Pair.of(one_seed, one_seed)).startswith("With one seed")
    none = dataclasses.replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    pair = Pair.of(crossing, none)
    assert contrast_scores.table(pair).empty
    assert contrast_scores.sentence(pair) == "There is no measure that both best settings have."
    assert not contrast_scores.draw(pair).traces


def test_intervals_over_seeds_are_of_the_side_alone(crossing: Frames) -> None:
    pair = Pair.of(crossing, crossing)
    found = interval(pair.left.of_best(METRIC).to_numpy())
    row = contrast_scores.table(pair).iloc[0]
    assert (row["left_low"], row["left_high"]) == (found.low, found.high)
    assert (row["difference_low"], row["difference_high"]) == (0, 0)
