"""Chains over steps."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from layerwise.dashboards.figures import gibbs_samples
from layerwise.dashboards.frames import Frames

NAME = "inside/gibbs/0/images"


def changed(frames: Frames, images: Any, **entry: Any) -> Frames:
    """The frames with other chains."""
    [own] = frames.study["inside"]["gibbs"]
    inside = {**frames.study["inside"], "gibbs": [{**own, **entry}]}
    named = {**frames.images, NAME: np.asarray(images, np.float32)}
    return replace(frames, study={**frames.study, "inside": inside}, images=named, memory={})


def test_a_row_per_chain_and_a_column_per_number_of_steps(crossing: Frames) -> None:
    images = crossing.images[NAME]
    drawn = gibbs_samples.draw(crossing)
    page = np.array([[np.nan if v is None else v for v in row] for row in drawn.traces[0]["z"]])
    # Chain 2 after 100 steps, the third of the numbers.
    np.testing.assert_allclose(page[9:17, 18:26].astype(float), images[2, 1], rtol=1e-2)
    assert drawn.layout["xaxis"]["ticktext"] == ["1", "10", "100", "1\u00a0000"]
    table = gibbs_samples.table(crossing)
    assert len(table) == 16
    row = table[(table["chain"] == 2) & (table["steps"] == 100)].iloc[0]
    assert row["mean"] == pytest.approx(images[2, 1].mean(), rel=1e-5)
    assert row["moved"] == pytest.approx(((images[2, 1] - images[1, 1]) ** 2).sum(), rel=1e-5)
    gibbs_samples.figure(crossing)


def test_distance_between_chains_is_the_mean_over_pairs(crossing: Frames) -> None:
    images = crossing.images[NAME].astype(float)
    pairs = [((images[-1, a] - images[-1, b]) ** 2).sum() for a, b in combinations(range(4), 2)]
    assert gibbs_samples.apart(images[-1]) == pytest.approx(np.mean(pairs))
    text = gibbs_samples.sentence(crossing)
    assert text.startswith("4 chains of the best setting, started at random")
    assert f"{np.mean(pairs):.3g} after 1 000 steps" in text


def test_records_that_are_not_whole(crossing: Frames, one_seed: Frames) -> None:
    images = crossing.images[NAME]
    whole = changed(crossing, images[:, :1])
    assert gibbs_samples.sentence(whole) == "1 chain of the best setting, started at random."
    for odd in (
        one_seed,
        changed(crossing, images[:2]),
        changed(crossing, images * np.nan),
        changed(crossing, images[0]),
        changed(crossing, images, steps=["1"] * 4),
    ):
        assert gibbs_samples.table(odd).empty
        assert gibbs_samples.draw(odd).traces == []
        assert gibbs_samples.sentence(odd) == "No samples were recorded."
