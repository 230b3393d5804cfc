"""Words by enumeration: their probabilities sum to 1, and the next one's is that of the joint."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from layerwise.models import Estimator, Stack, create
from layerwise.platform.contests.documents import perplexity
from layerwise.platform.contests.word_models import Machine, Unigram, leading_words, scores

VOCABULARY = 4
RNG = np.random.default_rng(0)
DOCUMENTS = RNG.poisson(1.5, (12, VOCABULARY)).astype(np.float64) + 1


def network(hidden: int = 3, visible: int = VOCABULARY) -> Estimator:
    rng = np.random.default_rng(1)
    return create("replicated_softmax", visible, hidden, dtype="float64").set_weights({
        "weight": rng.normal(0, 1, (visible, hidden)),
        "hidden_bias": rng.normal(0, 0.3, hidden),
        "visible_bias": rng.normal(0, 0.5, visible),
    })  # fmt: skip


def test_words_of_any_order_have_probabilities_that_sum_to_one() -> None:
    orders = np.array(list(product(range(VOCABULARY), repeat=3)))
    counts = np.eye(VOCABULARY)[orders].sum(1)
    for model in (Machine(network()), Unigram.of(DOCUMENTS[:6], DOCUMENTS[6:])):
        assert np.exp(model.log_likelihood(counts)).sum() == pytest.approx(1, abs=1e-9)


def test_the_next_word_is_that_of_a_document_with_one_word_more() -> None:
    machine = Machine(network())
    joint = np.stack(
        [machine.log_likelihood(DOCUMENTS + one) for one in np.eye(VOCABULARY)], axis=1
    )
    expected = joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)
    np.testing.assert_allclose(machine.log_next(DOCUMENTS), expected, rtol=0, atol=1e-9)


def test_a_machine_without_weights_is_a_list_of_shares() -> None:
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    blank = create("replicated_softmax", VOCABULARY, 2, dtype="float64").set_weights({
        "weight": np.zeros((VOCABULARY, 2)), "hidden_bias": np.zeros(2),
        "visible_bias": np.log(shares),
    })  # fmt: skip
    machine, unigram = Machine(blank), Unigram(np.log(shares))
    np.testing.assert_allclose(
        machine.log_likelihood(DOCUMENTS), unigram.log_likelihood(DOCUMENTS), atol=1e-9
    )
    np.testing.assert_allclose(machine.log_next(DOCUMENTS), unigram.log_next(DOCUMENTS), atol=1e-9)
    assert scores(machine, DOCUMENTS) == pytest.approx(scores(unigram, DOCUMENTS))


def test_smoothing_serves_the_validation_documents() -> None:
    train, validation = np.eye(VOCABULARY)[:1] * 20, np.eye(VOCABULARY)[1:2] * 5
    # Nothing of the training documents helps: the most even shares that are tried win.
    assert np.exp(Unigram.of(train, validation).log_shares)[1] == pytest.approx(30 / 140)
    same = Unigram.of(train, train)
    assert perplexity(same.log_likelihood(train), train) == pytest.approx(1, abs=0.01)


def test_a_wide_machine_is_estimated_only_when_asked() -> None:
    wide = network(21, 5)
    counts = np.array([[1.0, 1.0, 0.0, 2.0, 0.0], [0.0, 1.0, 1.0, 1.0, 1.0]])
    silent, asked = Machine(wide), Machine(wide, temperatures=200)
    assert not silent.exact
    assert [silent.known, asked.known] == [False, True]
    whole, half = scores(silent, counts, silent.known)
    assert whole is None
    assert np.isfinite(half)
    # Log Z by summing the sequences of four words out.
    orders = np.array(list(product(range(5), repeat=4)))
    every = np.eye(5)[orders].sum(1)
    log_z = np.logaddexp.reduce(-np.asarray(wide.free_energy(every), dtype=float))
    expected = -np.asarray(wide.free_energy(counts), dtype=float) - log_z
    np.testing.assert_allclose(asked.log_likelihood(counts), expected, atol=0.3)


def test_only_a_replicated_softmax_speaks_of_words() -> None:
    assert Machine.among(network()) is not None
    assert Machine.among(create("autoencoder", VOCABULARY, 2)) is None
    assert Machine.among(Stack([network()])) is None


def test_words_of_the_largest_weights_lead() -> None:
    machine = create("replicated_softmax", 3, 2, dtype="float64").set_weights({
        "weight": [[1.0, -1.0], [3.0, 0.0], [2.0, -0.5]], "hidden_bias": [0.0, 0.0],
        "visible_bias": [0.0, 0.0, 0.0],
    })  # fmt: skip
    assert leading_words(machine, ["a", "b", "c"], 2) == [(1, ["b", "c"]), (2, ["b", "c"])]
    assert leading_words(machine, ["a", "b", "c"], 9)[1] == (2, ["b", "c", "a"])
