"""Units by how often they speak, the dead ones apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layerwise.dashboards.figures import unit_histogram
from layerwise.dashboards.frames import Frames

FIRST = "inside/units/0"


def changed(frames: Frames, frequency: object, mean: object = None) -> Frames:
    """The frames with another first setting."""
    arrays = {f"{FIRST}/frequency": np.asarray(frequency, np.float32)}
    if mean is not None:
        arrays[f"{FIRST}/mean"] = np.asarray(mean, np.float32)
    return replace(frames, images={**frames.images, **arrays}, memory={})


def test_every_unit_of_every_setting_is_counted_once(crossing: Frames) -> None:
    table = unit_histogram.table(crossing)
    assert len(table) == 3 * 32
    drawn = unit_histogram.draw(crossing)
    bars = [trace for trace in drawn.traces if len(trace["x"]) > 1]
    dead = [trace for trace in drawn.traces if len(trace["x"]) == 1]
    for place, (alive, gone) in enumerate(zip(bars, dead, strict=True)):
        frequency = crossing.images[f"inside/units/{place}/frequency"]
        assert gone["y"] == [int((frequency == 0).sum())]
        expected, _ = np.histogram(frequency[frequency > 0], 10, (0, 1))
        assert alive["y"] == list(expected)
        assert sum(alive["y"]) + sum(gone["y"]) == 32
    unit_histogram.figure(crossing)


def test_a_column_per_panel_on_a_phone(crossing: Frames) -> None:
    narrow = unit_histogram.draw(crossing, columns=1)
    assert narrow.layout["xaxis3"]["domain"] == [0, 1]
    assert narrow.height > unit_histogram.draw(crossing).height


def test_the_sentence_counts_the_dead(crossing: Frames) -> None:
    text = unit_histogram.sentence(crossing)
    assert text.startswith("In the best setting none of 32 units is dead over 60 of 269 validation")
    last = crossing.images["inside/units/2/frequency"]
    assert f"most dead units, {(last == 0).sum()}, are in noise level 0.4" in text
    frequency = crossing.images[f"{FIRST}/frequency"]
    assert f"the median unit on {100 * np.median(frequency):.0f}\u00a0%" in text


def test_dead_everywhere_and_alive_everywhere(crossing: Frames) -> None:
    dead = changed(crossing, np.zeros(5))
    assert "5 of 5 units are dead" in unit_histogram.sentence(dead)
    unit_histogram.figure(dead)
    alive = changed(crossing, np.ones(5))
    assert unit_histogram.draw(alive).traces[0]["y"][-1] == 5


@pytest.mark.parametrize("odd", [np.full(3, np.nan), np.zeros((2, 2)), np.zeros(0)])
def test_a_setting_whose_units_are_not_there_is_left_out(crossing: Frames, odd: object) -> None:
    frames = changed(crossing, odd)
    assert unit_histogram.table(frames)["setting"].nunique() == 2
    assert "the setting of rank" in unit_histogram.sentence(frames)
    unit_histogram.figure(frames)


def test_means_that_do_not_fit_are_not_known(crossing: Frames) -> None:
    table = unit_histogram.table(changed(crossing, [0.5, np.nan, 1], [1.0]))
    first = table[table["setting"] == table["setting"].iloc[0]]
    assert list(first["unit"]) == [0, 2]
    assert first["mean"].isna().all()


def test_one_setting_and_no_record(one_trial: Frames, one_seed: Frames) -> None:
    assert unit_histogram.table(one_trial)["setting"].nunique() == 1
    assert "Beside it" not in unit_histogram.sentence(one_trial)
    unit_histogram.figure(one_trial)
    assert unit_histogram.table(one_seed).empty
    assert unit_histogram.draw(one_seed).traces == []
    assert unit_histogram.sentence(one_seed) == "No unit's activity was recorded."


def test_hostile_names(hostile: Frames) -> None:
    titles = [note["text"] for note in unit_histogram.draw(hostile).annotations]
    assert titles
    assert not any("<i>" in title or "%{" in title for title in titles)
