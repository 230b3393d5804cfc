"""Topics of passages of Python's own language reference, with tiny machines and real controls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.platform.contests.documents import perplexity
from layerwise.platform.data import DataSet, load
from layerwise.platform.errors import DataError, StudyError
from layerwise.platform.study import Data
from layerwise.platform.uses.topics import Topics
from layerwise.platform.uses.trained import Trained

STUDY: dict[str, Any] = {
    "study": "topics",
    "data": {"name": "python_reference"},
    "seeds": [0, 1],
    "stages": [
        {
            "name": "codes", "model": "replicated_softmax", "hidden": 4, "epochs": 8,
            "optimiser": "adam", "learning_rate": 0.02,
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def small() -> DataSet:
    """A hundred passages of the most common words, so that every fit takes a blink."""
    data = load(Data(name="python_reference"))
    common = np.argsort(-data.train.sum(0), kind="stable")[:80]
    kept = {}
    for split, most in (("train", 100), ("validation", 20), ("test", 20)):
        counts = getattr(data, split)[:, common]
        kept[split] = np.flatnonzero(counts.sum(1) >= 2)[:most]
    assert data.labels is not None
    return replace(
        data,
        **{one: getattr(data, one)[np.ix_(rows, common)] for one, rows in kept.items()},
        labels={split: data.labels[split][rows] for split, rows in kept.items()},
        features=tuple(data.features[word] for word in common),
    )  # fmt: skip


@pytest.fixture(scope="module")
def looked_at(trained: Any, small: DataSet) -> Trained:
    found = trained(STUDY, small)
    assert isinstance(found, Trained)
    return found


def test_contestants_and_their_numbers(looked_at: Trained, small: DataSet) -> None:
    found = Topics(particles=4, leave_out=("other",), words=3).look(looked_at)
    whole, half, near = found.measures
    assert [one.name for one in found.measures] == [
        "topics/perplexity", "topics/completion", "topics/retrieval",
    ]  # fmt: skip
    assert [one.better for one in found.measures] == ["lower", "lower", "higher"]
    assert [one.name for one in whole.contestants] == ["codes", "lda", "lda_bound", "unigram"]
    assert [one.name for one in half.contestants] == ["codes", "lda", "unigram"]
    assert [one.name for one in near.contestants] == [
        "codes", "untrained", "lda", "lsa", "tfidf", "counts",
    ]  # fmt: skip
    for measure in found.measures:
        assert [one.control for one in measure.contestants] == [False] + [True] * (
            len(measure.contestants) - 1
        )
        assert all(one.values.keys() == {0, 1} for one in measure.contestants)
    for seed in (0, 1):
        network = looked_at.leaves[0].network(seed)
        log_p = np.asarray(network.log_likelihood(small.test), dtype=float)
        expected = perplexity(log_p, small.test)
        assert whole.contestants[0].values[seed] == pytest.approx(expected)
    unigram = whole.contestants[3].values
    assert unigram[0] == unigram[1]
    assert 1 < unigram[0] < 2 * small.visible
    assert all(0 <= value <= 1 for one in near.contestants for value in one.values.values())
    units = [said for said in found.said if said.startswith("Unit ")]
    assert len(units) == 4
    weights = looked_at.leaves[0].network(0).weights()["weight"]
    unit = int(units[0].split()[1]) - 1
    first, *_ = units[0].split(" speaks for ")[1].rstrip(".").split(", ")
    assert first == small.features[int(np.argmax(weights[:, unit]))]
    assert any(said.startswith("LDA, 4 topics: priors ") for said in found.said)


def test_the_nearest_share_the_label_of_copies(small: DataSet) -> None:
    """Searching the training documents by themselves: the nearest one is the document itself."""
    assert small.labels is not None
    itself = replace(
        small, test=small.train, labels={**small.labels, "test": small.labels["train"]}
    )
    distinct = len(np.unique(small.train, axis=0)) == len(small.train)
    assert distinct
    assert Topics(neighbours=1)._precision(lambda counts: counts, itself) == pytest.approx(
        1, abs=0.03
    )
    share = Topics(neighbours=100)._precision(lambda counts: counts, itself)
    y = small.labels["train"]
    assert share == pytest.approx(np.mean(y[:, None] == y))


def test_documents_without_labels_are_not_searched(looked_at: Trained, small: DataSet) -> None:
    found = Topics(particles=2).look(replace(looked_at, data=replace(small, labels=None)))
    assert [one.name for one in found.measures] == ["topics/perplexity", "topics/completion"]


def test_a_network_that_speaks_of_no_words_is_only_searched_with(
    trained: Any, small: DataSet
) -> None:
    stage = {"name": "codes", "model": "autoencoder", "hidden": 4, "epochs": 2}
    found = Topics().look(trained({**STUDY, "stages": [stage]}, small))
    assert [one.name for one in found.measures] == ["topics/retrieval"]
    assert found.said == ["codes gives no probability to words."]


def test_what_is_no_count_of_words_is_refused(small: DataSet) -> None:
    Topics(leave_out=("other",)).check(small)
    for bad, message in (
        (replace(small, test=small.test / 2), "whole numbers from 0"),
        (replace(small, train=-small.train), "whole numbers from 0"),
        (replace(small, validation=small.validation * 0), "needs two words in every document"),
    ):
        with pytest.raises(DataError, match=message):
            Topics().check(bad)


def test_labels_that_are_left_out_are_those_of_the_data(small: DataSet) -> None:
    with pytest.raises(DataError, match=r"Did you mean other\?"):
        Topics(leave_out=("othr",)).check(small)
    with pytest.raises(DataError, match="needs labels, which are not there"):
        Topics(leave_out=("other",)).check(replace(small, labels=None))


def test_settings_are_read_strictly() -> None:
    assert Topics.read({"leave_out": ["other"]}).mapping() == {"topics": {"leave_out": ["other"]}}
    assert Topics.read(None) == Topics()
    for bad in ({"neighbours": 0}, {"particles": 1}, {"words": "many"}, {"leave_out": "other"}):
        with pytest.raises(StudyError):
            Topics.read(bad)
