"""Latent Dirichlet allocation (Blei, Ng & Jordan 2003, JMLR 3:993), told as well as it can be.

θ ~ Dirichlet(α), and each word w with p(w | θ) = Σ_k θ_k φ_kw. It is fitted by scikit-learn's
variational Bayes; φ is the posterior mean of the topics. log p(v) of a new document is estimated by
a particle filter over its words, in which particles are counts of topics, are drawn anew by how
well they foretold each word, and then take some Gibbs steps on earlier words (resample-move, Gilks
& Berzuini 2001, JRSS B 63:127; for topic models Buntine 2009, ACML). p̂ is unbiased, so log p̂ is
too low on average, by less the more particles there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .documents import Array, as_words, completion, halves

DOCUMENT_PRIORS = (0.03, 0.1, 0.3, 1.0)
WORD_PRIORS = (0.03, 0.1, 0.3, 1.0)
MIDDLE = 0.1
"""The document prior with which word priors are compared."""
TRIED, ITERATIONS = 20, 60
"""Passes over the training documents while priors are compared, and afterwards."""
MOVES = 10
"""Earlier words whose topics are drawn anew after each word."""


@dataclass(frozen=True)
class Priors:
    """α of the topics of a document, and that of the words of a topic; above 0."""

    document: float
    word: float


@dataclass(frozen=True, eq=False)
class Allocation:
    """Topics φ (K, V) and priors; ``particles`` of what it estimates, drawn by ``seed``."""

    topics: Array
    priors: Priors
    fitted: Any
    particles: int
    seed: int

    @classmethod
    def of(
        cls,
        train: Array,
        topics: int,
        priors: Priors,
        seed: int,
        particles: int = 40,
        iterations: int = ITERATIONS,
    ) -> Allocation:
        """Fitted to the training documents (N, V)."""
        from sklearn.decomposition import LatentDirichletAllocation

        fitted = LatentDirichletAllocation(
            topics, doc_topic_prior=priors.document, topic_word_prior=priors.word,
            max_iter=iterations, learning_method="batch", random_state=seed,
        ).fit(train)  # fmt: skip
        components = fitted.components_
        shares = components / components.sum(1, keepdims=True)
        return cls(shares, priors, fitted, particles, seed)

    def log_likelihood(self, counts: Array) -> Array:
        """log p̂ of the words in their order, (N,), in nats, by the particle filter."""
        return filtered(self.topics, self.priors.document, counts, self.particles, self.seed)[0]

    def log_next(self, counts: Array) -> Array:
        """log p of one more word, (N, V): E[θ | v] φ, the expectation by the particles."""
        shares = filtered(self.topics, self.priors.document, counts, self.particles, self.seed)[1]
        return np.asarray(np.log(shares @ self.topics))

    def encode(self, counts: Array) -> Array:
        """E[θ] of the variational posterior, (N, K)."""
        return np.asarray(self.fitted.transform(counts))

    def bound(self, counts: Array) -> Array:
        """The variational lower bound of log p(v), (N,), given the topics.

        Σ_w v_w log Σ_k φ_kw exp(E log θ_k) − KL(q(θ) ‖ Dirichlet(α)). scikit-learn's own
        ``perplexity`` adds the divergence of the topics themselves to that of the documents at
        hand, which for some hundred of them is most of it.
        """
        from scipy.special import gammaln, psi

        alpha, size = self.priors.document, len(self.topics)
        total = size * alpha + counts.sum(1)
        posterior = self.encode(counts) * total[:, None]
        log_theta = psi(posterior) - psi(total)[:, None]
        words = (counts * np.log(np.exp(log_theta) @ self.topics)).sum(1)
        own = gammaln(posterior).sum(1) - gammaln(total)
        prior = size * gammaln(alpha) - gammaln(size * alpha)
        return np.asarray(words + ((alpha - posterior) * log_theta).sum(1) + own - prior)


def chosen(train: Array, validation: Array, topics: int, seed: int = 0) -> Priors:
    """The priors that complete validation documents best: the words', then the documents'."""
    first, rest = halves(validation)

    def told(priors: Priors) -> float:
        made = Allocation.of(train, topics, priors, seed, iterations=TRIED)
        return completion(np.log(made.encode(first) @ made.topics), rest)

    tried = {(one := Priors(MIDDLE, word)): told(one) for word in WORD_PRIORS}
    word = min(tried, key=tried.__getitem__).word
    for document in DOCUMENT_PRIORS:
        one = Priors(document, word)
        if one not in tried:
            tried[one] = told(one)
    return min(tried, key=tried.__getitem__)


def filtered(
    topics: Array, prior: float, counts: Array, particles: int, seed: int
) -> tuple[Array, Array]:
    """log p̂(v), (N,), in nats, and E[θ | v], (N, K), of documents (N, V).

    topics: (K, V) shares of words. prior: α, above 0.
    """
    rng = np.random.default_rng(seed)
    # The longest first, so that those that have a word at some place are the first ones.
    order = np.argsort(-counts.sum(1), kind="stable")
    lengths = counts[order].sum(1).astype(int)
    word_ND = np.zeros((len(counts), lengths.max(initial=0)), int)
    for row, place in enumerate(order):
        word_ND[row, : lengths[row]] = rng.permutation(as_words(counts[place]))
    swarm = _Swarm(np.ascontiguousarray(topics.T), prior, word_ND, particles, rng)
    log_p, shares = np.zeros(len(counts)), np.empty((len(counts), len(topics)))
    for at in range(word_ND.shape[1]):
        longer = int((lengths > at).sum())
        log_p[order[:longer]] += swarm.meet(at, longer)
    held = swarm.count_NPK.mean(1) + prior
    shares[order] = held / held.sum(1, keepdims=True)
    return log_p, shares


class _Swarm:
    """P particles for each document, each a topic for every word so far."""

    def __init__(
        self,
        word_VK: Array,
        prior: float,
        word_ND: np.ndarray,
        particles: int,
        rng: np.random.Generator,
    ) -> None:
        self.word_VK, self.prior, self.word_ND, self.rng = word_VK, prior, word_ND, rng
        self.count_NPK = np.zeros((len(word_ND), particles, word_VK.shape[1]))
        self.topic_DNP = np.zeros((word_ND.shape[1], len(word_ND), particles), int)
        self.every = np.arange(particles)[None]

    def meet(self, at: int, longer: int) -> Array:
        """log p̂ of the word at that place of the first documents, given those before it."""
        rows, count_NPK = np.arange(longer)[:, None], self.count_NPK[:longer]
        odds_NPK = self._odds(at, longer)
        foretold_NP = odds_NPK.sum(-1)
        heir_NP = self._heirs(foretold_NP)
        count_NPK[:] = count_NPK[rows, heir_NP]
        self.topic_DNP[:at, :longer] = self.topic_DNP[:at, :longer][:, rows, heir_NP]
        self._place(at, rows, odds_NPK[rows, heir_NP])
        for again in self.rng.permutation(at)[:MOVES]:
            count_NPK[rows, self.every, self.topic_DNP[again, :longer]] -= 1
            self._place(again, rows, self._odds(again, longer))
        return np.asarray(np.log(foretold_NP.mean(1) / (at + count_NPK.shape[2] * self.prior)))

    def _odds(self, at: int, longer: int) -> Array:
        """p(topic, word | the other topics) of the word at that place, up to a factor."""
        own_NK = self.word_VK[self.word_ND[:longer, at]]
        return np.asarray((self.count_NPK[:longer] + self.prior) * own_NK[:, None])

    def _place(self, at: int, rows: np.ndarray, odds_NPK: Array) -> None:
        """Draw the topic of the word at that place, and count it."""
        risen_NPK = odds_NPK.cumsum(-1)
        drawn_NP1 = self.rng.random((*odds_NPK.shape[:2], 1)) * risen_NPK[..., -1:]
        topic_NP = np.minimum((drawn_NP1 > risen_NPK).sum(-1), odds_NPK.shape[2] - 1)
        self.topic_DNP[at, : len(rows)] = topic_NP
        self.count_NPK[rows, self.every, topic_NP] += 1

    def _heirs(self, weight_NP: Array) -> np.ndarray:
        """Systematic resampling: (N, P) numbers of particles, as often as their weights say."""
        risen_NP = weight_NP.cumsum(1)
        particles = weight_NP.shape[1]
        comb_NP = (np.arange(particles) + self.rng.random((len(weight_NP), 1))) / particles
        found = [
            np.searchsorted(risen, comb * risen[-1])
            for risen, comb in zip(risen_NP, comb_NP, strict=True)
        ]
        return np.asarray(np.minimum(found, particles - 1))
