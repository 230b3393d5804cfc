"""Contestants' means are those of their seeds, and the sentence pairs them."""

from __future__ import annotations

import pytest
from made_claims import contestant, measure, with_claims
from scipy import stats

from layerwise.dashboards.figures import contestants
from layerwise.dashboards.frames import Frames


def test_the_table_and_the_drawing(crossing: Frames) -> None:
    frames = with_claims(crossing)
    rows = contestants.table(frames, 0)
    assert list(rows["contestant"]) == ["the codes", "the raw", "the untrained"]
    assert rows["mean"].tolist() == pytest.approx([0.8, 0.5, 0.25])
    bounds = stats.t.interval(0.95, 2, loc=0.8, scale=stats.sem([0.7, 0.8, 0.9]))
    assert (rows["low"][0], rows["high"][0]) == pytest.approx(bounds)
    assert rows["low"].isna().tolist() == [False, True, False]
    for beside in (True, False):
        drawn = contestants.figure(frames, 0, beside)
        means = [trace for trace in drawn.data if trace.mode == "markers+text"]
        assert sorted(x for trace in means for x in trace.x) == pytest.approx([0.25, 0.5, 0.8])
        seeds = [trace for trace in drawn.data if trace.mode == "markers"]
        assert sum(len(trace.x) for trace in seeds) == 5


def test_the_sentence_pairs_by_seed(crossing: Frames) -> None:
    text = contestants.sentence(with_claims(crossing), 0)
    assert text.startswith("Cluster information of the codes is 0.800 (95\u00a0% interval")
    assert "the best control, the raw, has 0.500." in text
    assert "The network is better by 0.300" in text


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((contestant("raw", True, 1.0),), "No network of the study was measured"),
        ((contestant("codes", False, 1.0, 2.0),), "of the codes is 1.50"),
        (
            (contestant("codes", False, 1.0, 2.0), contestant("raw", True, 2.0, 1.0)),
            "does not exclude zero",
        ),
        (
            (contestant("codes", False, 1.0, 1.1), contestant("raw", True, 2.0, 2.11)),
            "The network is worse by 1.00",
        ),
    ],
)
def test_sentences_of_other_contests(crossing: Frames, rows: tuple[object, ...], said: str) -> None:
    frames = with_claims(crossing, measures=[measure(*rows)])  # type: ignore[arg-type]
    assert said in contestants.sentence(frames, 0)


def test_a_contest_that_is_not_there_draws_nothing(crossing: Frames) -> None:
    assert contestants.table(crossing, 3).empty
    assert not contestants.draw(crossing, 3).traces
