"""The free-energy gap over epochs, and whether it still grows."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layerwise.dashboards.effects import ranked
from layerwise.dashboards.figures import free_energy_gap
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.wording import number

STAGE = "codes"


def with_gaps(frames: Frames, rate: float = 0.1, noise: float = 0.01) -> Frames:
    """The same record with gaps that grow by ``rate`` an epoch, faster with more noise level."""
    runs = frames.runs
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame(
            {
                "key": row.key,
                "metric": free_energy_gap.METRIC,
                "epoch": range(7),
                "value": [
                    rate * epoch * (1 + level) + noise * rng.standard_normal() for epoch in range(7)
                ],
            }
        )
        for row, level in zip(runs.itertuples(), runs["corruption.level"], strict=True)
    ]
    history = pd.concat([frames.history.astype({"key": str, "metric": str}), *parts])
    history = history.astype({"key": "category", "metric": "category"})
    return replace(frames, history=history.reset_index(drop=True), memory={})


def test_lines_are_the_means_of_the_histories(crossing: Frames) -> None:
    frames = with_gaps(crossing)
    table = free_energy_gap.table(frames, STAGE)
    assert list(table.columns) == free_energy_gap.COLUMNS
    order = list(ranked(frames, STAGE).index)
    shown = list(dict.fromkeys(table["setting"]))
    assert shown[:3] == order[:3]
    history = frames.history[frames.history["metric"] == free_energy_gap.METRIC]
    columns = (history["key"].astype(str), history["epoch"], history["value"].to_numpy(float))
    values = {(key, epoch): float(value) for key, epoch, value in zip(*columns, strict=True)}
    for row in table.to_dict("records"):
        keys = frames.runs.loc[frames.runs["setting"] == row["setting"], "key"]
        own = [values[key, row["epoch"]] for key in keys]
        assert row["mean"] == pytest.approx(sum(own) / 3)
        assert row["n"] == 3


def test_the_largest_gap_is_drawn_too(crossing: Frames) -> None:
    frames = with_gaps(crossing)
    table = free_energy_gap.table(frames, STAGE)
    history = frames.history[frames.history["metric"] == free_energy_gap.METRIC]
    last = history[history["epoch"] == 6].assign(key=history["key"].astype(str))
    setting = dict(zip(frames.runs["key"], frames.runs["setting"], strict=True))
    ends = last["value"].groupby(last["key"].map(setting)).mean()
    assert ends.idxmax() in set(table["setting"])
    text = free_energy_gap.sentence(frames, STAGE)
    assert f"The largest gap, {number(ends.max())}, is that of noise level 0.4" in text
    figure = free_energy_gap.figure(frames, STAGE)
    lines = [trace for trace in figure.data if trace.name]
    assert [line.line.dash for line in lines] == ["solid", "dash", "dot", "dashdot"]
    assert list(lines[0].y) == list(table[table["rank"] == 1]["mean"])
    assert len(figure.data) == 2 * len(lines)


def test_the_sentence_says_whether_it_grows(crossing: Frames) -> None:
    frames = with_gaps(crossing)
    text = free_energy_gap.sentence(frames, STAGE)
    best = free_energy_gap.table(frames, STAGE).set_index(["rank", "epoch"])["mean"]
    assert f"since epoch 3 it has grown by {number(best[1, 6] - best[1, 3])}:" in text
    assert "by heart" in text
    text = free_energy_gap.sentence(with_gaps(crossing, rate=-0.1), STAGE)
    assert "since epoch 3 it has not grown" in text
    assert "by heart" not in text
    text = free_energy_gap.sentence(with_gaps(crossing, rate=0.0, noise=1.0), STAGE)
    assert "as far as its seeds can tell" in text


def test_one_seed_has_no_band(one_seed: Frames, one_trial: Frames) -> None:
    figure = free_energy_gap.figure(with_gaps(one_seed), STAGE)
    assert all(trace.fill is None for trace in figure.data)
    text = free_energy_gap.sentence(with_gaps(one_trial), STAGE)
    assert "largest" not in text
    assert "interval" not in text


def test_trials_that_did_not_end_are_left_out(diverged: Frames, running: Frames) -> None:
    table = free_energy_gap.table(with_gaps(diverged), STAGE)
    assert set(table["n"]) <= {1, 2, 3}
    assert len(free_energy_gap.table(with_gaps(running), STAGE))
    failed = with_gaps(diverged)
    failed = replace(failed, runs=failed.runs.assign(status="FAILED"), memory={})
    assert free_energy_gap.table(failed, STAGE).empty
    assert free_energy_gap.sentence(failed, STAGE).startswith("No finished trial")


def test_gaps_that_are_no_numbers_are_left_out(crossing: Frames) -> None:
    frames = with_gaps(crossing)
    frames.history.loc[frames.history["epoch"] == 4, "value"] = np.nan
    table = free_energy_gap.table(frames, STAGE)
    assert 4 not in set(table["epoch"])
    assert table["mean"].notna().all()


def test_nothing_recorded(crossing: Frames) -> None:
    assert free_energy_gap.table(crossing, STAGE).empty
    assert not free_energy_gap.figure(crossing, STAGE).data
    assert free_energy_gap.sentence(crossing, STAGE).startswith("No finished trial")


def test_hostile_names_are_text(hostile: Frames) -> None:
    drawn = json.dumps(free_energy_gap.draw(with_gaps(hostile), hostile.stages[0]).spec())
    assert "<i>" not in drawn
    assert "=1+%{x}" not in drawn
