"""Levels and distances in decibels, and sounds that are not whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_uses import HOSTILE, made_arrays, with_uses

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sounds import PARTS, log_spectral_distance, sounds


def test_distances_are_those_of_the_recorded_magnitudes(crossing: Frames) -> None:
    arrays = made_arrays()
    for at, own in enumerate(sounds(with_uses(crossing))):
        first, *others = (np.float32(arrays[f"inside/sound/{at}/{part}"]) for part in PARTS)
        floor = first.max() * 1e-4
        for part, other in zip(PARTS[1:], others, strict=True):
            total = 0.0
            for frame in range(first.shape[1]):
                pair = [np.maximum(one[:, frame].astype(float), floor) for one in (first, other)]
                total += np.sqrt(np.mean((20 * np.log10(pair[0] / pair[1])) ** 2))
            assert own.distance(part) == pytest.approx(total / first.shape[1], rel=1e-5)
        assert own.distance("original") == 0
        assert own.levels["original"].max() == pytest.approx(0)
        assert own.levels["original"].min() >= -80


def test_a_gain_is_a_distance_in_decibels() -> None:
    levels = np.random.default_rng(0).uniform(-60, 0, (5, 7))
    assert log_spectral_distance(levels, levels - 6) == pytest.approx(6)


@pytest.mark.parametrize(
    "arrays",
    [
        {"original": np.zeros((129, 60))},
        {"original": np.full((129, 60), -1.0)},
        {"resynthesised": np.ones((3, 3))},
        {"resynthesised": np.full((129, 60), np.nan)},
        {"original": np.zeros(4)},
    ],
)
def test_what_does_not_fit_is_not_there(crossing: Frames, arrays: dict[str, Any]) -> None:
    changes = {f"sound__0__{part}": array for part, array in arrays.items()}
    assert [one.name for one in sounds(with_uses(crossing, **changes))] == ["two tones"]


def test_odd_entries(crossing: Frames) -> None:
    [own, _] = with_uses(crossing).study["inside"]["sound"]
    bad = [{**own, "extent": extent} for extent in (None, [1.0], [1.0, 0.0], [1.0, "a"])]
    assert sounds(with_uses(crossing, sound=bad)) == []
    some = {part: name for part, name in own["arrays"].items() if part != "corrupted"}
    [one] = sounds(with_uses(crossing, sound=[{**own, "name": HOSTILE, "arrays": some}]))
    assert set(one.levels) == {"original", "resynthesised"}
    assert np.isnan(one.distance("corrupted"))
    assert len(one.name) <= 60
    assert sounds(crossing) == []
