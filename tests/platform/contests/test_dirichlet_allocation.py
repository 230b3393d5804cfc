"""Latent Dirichlet allocation against integrals over θ that can be done."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from layerwise.platform.contests.dirichlet_allocation import (
    DOCUMENT_PRIORS,
    WORD_PRIORS,
    Allocation,
    Priors,
    chosen,
    filtered,
)

TOPICS = np.array([[0.6, 0.3, 0.05, 0.05], [0.05, 0.05, 0.3, 0.6]])
ALPHA = 0.4
COUNTS = np.array([[3.0, 1, 0, 1], [0, 0, 2, 2], [1, 0, 0, 0], [2, 2, 2, 4]])


def likelihood(document: np.ndarray, weight: int = 0) -> float:
    """∫ θ₁^weight Π_w p(w | θ)^v_w Beta(θ; α, α) dθ."""

    def over(theta: float) -> float:
        words = np.prod((theta * TOPICS[0] + (1 - theta) * TOPICS[1]) ** document)
        return float(words * theta**weight * beta.pdf(theta, ALPHA, ALPHA))

    return float(quad(over, 0, 1, limit=200)[0])


def documents(topics: np.ndarray, count: int, words: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.full(len(topics), 0.2), count) @ topics
    return rng.multinomial(words, shares).astype(np.float64)


def test_the_filter_gives_the_integral() -> None:
    log_p, shares = filtered(TOPICS, ALPHA, COUNTS, particles=4000, seed=0)
    exact = np.array([likelihood(document) for document in COUNTS])
    np.testing.assert_allclose(np.exp(log_p), exact, rtol=0.05)
    first = [likelihood(document, 1) / p for document, p in zip(COUNTS, exact, strict=True)]
    np.testing.assert_allclose(shares[:, 0], first, atol=0.02)
    np.testing.assert_allclose(shares.sum(1), 1)


def test_few_particles_are_right_on_average() -> None:
    document = np.repeat(COUNTS[3:], 4000, axis=0)
    log_p, _ = filtered(TOPICS, ALPHA, document, particles=2, seed=1)
    p, exact = np.exp(log_p), likelihood(COUNTS[3])
    assert abs(p.mean() - exact) < 4 * p.std() / np.sqrt(len(p))
    assert log_p.mean() < np.log(exact)


def test_one_topic_is_a_list_of_shares() -> None:
    log_p, shares = filtered(TOPICS[:1], ALPHA, COUNTS, particles=3, seed=0)
    np.testing.assert_allclose(log_p, COUNTS @ np.log(TOPICS[0]))
    assert (shares == 1).all()


def test_the_bound_is_below_the_likelihood() -> None:
    train = documents(TOPICS, 200, 30)
    made = Allocation.of(train, 2, Priors(0.2, 0.1), seed=0, particles=200)
    bound, log_p = made.bound(train[:40]), made.log_likelihood(train[:40])
    assert (bound < log_p + 0.1).all()
    assert bound.mean() > log_p.mean() - 3
    # The divergence from the prior is 0 where the posterior is the prior: no words.
    empty = np.zeros((1, 4))
    assert made.bound(empty)[0] == pytest.approx(0, abs=1e-6)


def test_topics_that_made_the_documents_are_found_again() -> None:
    made = Allocation.of(documents(TOPICS, 400, 40), 2, Priors(0.2, 0.1), seed=0)
    order = np.argsort(made.topics[:, 3])
    np.testing.assert_allclose(made.topics[order], TOPICS, atol=0.05)
    assert made.encode(COUNTS)[0, order[0]] > 0.8
    given = np.exp(made.log_next(COUNTS))
    np.testing.assert_allclose(given.sum(1), 1)
    assert given[0, 0] > given[1, 0]


def test_priors_are_among_those_tried_and_depend_on_the_documents() -> None:
    train = documents(TOPICS, 60, 20)
    found = chosen(train[:40], train[40:], 2)
    assert found.document in DOCUMENT_PRIORS
    assert found.word in WORD_PRIORS
    assert found == chosen(train[:40], train[40:], 2)
