"""What gives documents a probability, and their next word: a machine, and a mere list of shares.

Of a replicated softmax (Salakhutdinov & Hinton 2009, NIPS 22) the next word has a closed form
whatever the number of hidden units, since log Z is the same for all words:

p(w | v̂) ∝ exp(−F(v̂ + e_w)),   −F(v̂) = bᵀv̂ + Σ_j log(1 + exp(D c_j + (v̂W)_j))

with e_w one more word w: the last word of a document of D + 1 words whose others are v̂.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from ...models.boltzmann.likelihood import ENUMERABLE
from ...models.boltzmann.replicated_softmax import ReplicatedSoftmax
from ...models.estimator import Estimator
from ...models.stack import Stack
from .documents import Array, completion, halves, perplexity

SMOOTHINGS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Words added to each count of the training documents."""
CHAINS = 100


class WordModel(Protocol):
    """A distribution over documents of any length, as counts (N, V)."""

    def log_likelihood(self, counts: Array) -> Array:
        """log p of the words in their order, (N,), in nats."""
        ...

    def log_next(self, counts: Array) -> Array:
        """log p of one more word, (N, V), in nats."""
        ...


@dataclass(frozen=True, eq=False)
class Unigram:
    """Every word independent of all others: log p of each, (V,)."""

    log_shares: Array

    @classmethod
    def of(cls, train: Array, validation: Array) -> Unigram:
        """Shares among the training words; the smoothing that serves validation best."""

        def made(added: float) -> Unigram:
            words = train.sum(0) + added
            return cls(np.log(words / words.sum()))

        tried = [made(added) for added in SMOOTHINGS]
        return min(tried, key=lambda one: perplexity(one.log_likelihood(validation), validation))

    def log_likelihood(self, counts: Array) -> Array:
        """Σ_k v̂_k log p_k."""
        return np.asarray(counts @ self.log_shares)

    def log_next(self, counts: Array) -> Array:
        """The same for every document."""
        return np.broadcast_to(self.log_shares, counts.shape)


@dataclass(frozen=True, eq=False)
class Machine:
    """A replicated softmax; ``temperatures`` of the estimate where log Z cannot be summed."""

    network: Estimator
    temperatures: int = 0

    @classmethod
    def among(cls, network: Estimator | Stack, temperatures: int = 0) -> Machine | None:
        """The network as a model of words; None where it is none."""
        known = isinstance(network, Estimator) and isinstance(network.network_, ReplicatedSoftmax)
        return cls(network, temperatures) if known else None  # type: ignore[arg-type]

    @property
    def exact(self) -> bool:
        """Whether log Z is a sum over all states of the hidden units."""
        return self.network.hidden_ <= ENUMERABLE

    @property
    def known(self) -> bool:
        """Whether its likelihood is exact, or estimated."""
        return self.exact or self.temperatures > 0

    def log_likelihood(self, counts: Array) -> Array:
        """Each length of document has a log Z of its own.

        By annealed importance sampling beyond 20 hidden units: log Z then is too low on average,
        and log p too high.
        """
        if self.exact:
            return np.asarray(self.network.log_likelihood(counts), dtype=np.float64)
        machine = self.network.network_
        assert isinstance(machine, ReplicatedSoftmax)
        v_1NV = torch.as_tensor(np.asarray(counts), dtype=machine.dtype)[None]
        with torch.no_grad():
            normaliser = machine.normaliser(v_1NV, self.temperatures, CHAINS)
            return np.asarray(machine.log_likelihood(v_1NV, normaliser)[0].double().numpy())

    def log_next(self, counts: Array) -> Array:
        """log softmax_w(b_w + Σ_j log(1 + exp((D + 1) c_j + (v̂W)_j + W_wj)))."""
        weights = {name: array.astype(np.float64) for name, array in self.network.weights().items()}
        weight_VH, bias_V = weights["weight"], weights["visible_bias"]
        length_N1 = np.asarray(counts, dtype=np.float64).sum(1, keepdims=True) + 1
        input_NH = counts @ weight_VH + length_N1 * weights["hidden_bias"]
        rows = [bias_V + np.logaddexp(0, input_H + weight_VH).sum(1) for input_H in input_NH]
        log_p_NV = np.asarray(rows)
        return np.asarray(log_p_NV - np.logaddexp.reduce(log_p_NV, axis=1, keepdims=True))


def scores(model: WordModel, test: Array, likely: bool = True) -> tuple[float | None, float]:
    """Perplexity and completion of test documents (N, V); None for the first where unlikely."""
    first, rest = halves(test)
    whole = perplexity(model.log_likelihood(test), test) if likely else None
    return whole, completion(model.log_next(first), rest)


def leading_words(
    network: Estimator, features: Sequence[str], words: int
) -> list[tuple[int, list[str]]]:
    """Each unit's number, from 1, and its ``words`` of the largest weights, the largest first."""
    weight_VH = network.weights()["weight"]
    order = np.argsort(-weight_VH, axis=0, kind="stable")[:words]
    return [
        (unit + 1, [features[word] for word in order[:, unit]]) for unit in range(order.shape[1])
    ]
