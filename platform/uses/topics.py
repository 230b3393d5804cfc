"""Topics: do a network's hidden units foretell words, and find documents about the same thing?

Every replicated softmax of a study is asked for the probability of documents that it has not seen
(:mod:`..contests.documents`): of all their words (``perplexity``), and of the second half of their
words given the first (``completion``), which needs no partition function. It has to beat smoothed
shares of words, and latent Dirichlet allocation of as many topics as it has hidden units, with
priors that are chosen on validation documents (:mod:`..contests.dirichlet_allocation`). Where
documents have labels, the nearest training documents by the cosine of codes are looked at
(``retrieval``), of any network, beside those by topics, by words weighted with tf-idf and by as
many of their singular directions as a code has units (Deerwester et al. 1990, JASIS 41:391).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from ...models.errors import near_miss
from ...models.retrieval import nearest
from ..contests.dirichlet_allocation import Allocation, chosen
from ..contests.document_codes import Encoder, singular_directions, tf_idf
from ..contests.documents import Array, perplexity
from ..contests.word_models import Machine, Unigram, leading_words, scores
from ..data import DataSet
from ..errors import DataError
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Leaf, Trained
from .use import Use

Fitted = dict[str, tuple[int, dict[int, Allocation]]]
"""Latent Dirichlet allocation by contestant: its number of topics, and by seed."""
TOLD = 6
"""Units whose leading words are told."""


@dataclass(frozen=True)
class Topics(Use):
    """Documents as counts of words.

    neighbours: training documents that are looked at for each test document, from 1 to 100.
    leave_out: labels that name no topic; their documents are not looked for, nor found. particles:
    of the estimates of latent Dirichlet allocation, from 2 to 1000. temperatures: of the annealed
    estimate of log Z of machines with more than 20 hidden units; 0 leaves their perplexity out.
    words: of a unit that are told, from 1 to 30.
    """

    name: ClassVar[str] = "topics"
    neighbours: int = 10
    leave_out: tuple[str, ...] = ()
    particles: int = 40
    temperatures: int = 0
    words: int = 8

    def __post_init__(self) -> None:
        problems = rules.Problems()
        for key, low, high in (
            ("neighbours", 1, 100),
            ("particles", 2, 1000),
            ("temperatures", 0, 1_000_000),
            ("words", 1, 30),
        ):
            with problems.under(key):
                rules.integer(rules.plain(getattr(self, key)), low, high)
        with problems.under("leave_out"):
            if self.leave_out:
                labels = rules.listed(self.leave_out, "labels", "Write [other].")
                object.__setattr__(self, "leave_out", tuple(str(label) for label in labels))
            else:
                object.__setattr__(self, "leave_out", ())
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs counts of words, two words in every document, and the labels it leaves out."""
        for split in ("train", "validation", "test"):
            counts = getattr(data, split)
            if (counts < 0).any() or (counts != np.round(counts)).any():
                rule = "needs counts of words: whole numbers from 0"
                got = f"{data.name} has others in {split}, the smallest {counts.min():g}"
                raise DataError("use.topics", rule, got, "Leave data.scale out")
            if (counts.sum(1) < 2).any():
                rule, got = "needs two words in every document", f"a shorter one in {split}"
                raise DataError("use.topics", rule, got)
        known = [str(label) for label in data.classes]
        for label in self.leave_out:
            if label not in known:
                guess = near_miss(label, known)
                rule = (
                    "must be labels of the data" if known else "needs labels, which are not there"
                )
                remedy = f"Did you mean {guess}?" if guess else None
                raise DataError("use.topics.leave_out", rule, label, remedy)

    def look(self, trained: Trained) -> Findings:
        """Perplexity, completion and retrieval, of networks and controls."""
        board = _Board()
        fitted = self._allocations(trained)
        self._tell(board, trained, fitted)
        if len(trained.data.classes) > 1:
            self._retrieve(board, trained, fitted)
        return Findings(board.measures(trained.seeds), said=board.said)

    def _allocations(self, trained: Trained) -> Fitted:
        """Latent Dirichlet allocation of as many topics as each leaf's code has units."""
        train, validation = _counts(trained.data.train), _counts(trained.data.validation)
        found: Fitted = {}
        for leaf in trained.leaves:
            size = leaf.trials[0].widths[-1]
            if size not in [one for one, _ in found.values()]:
                priors = chosen(train, validation, size)
                made = {
                    seed: Allocation.of(train, size, priors, seed, self.particles)
                    for seed in trained.seeds
                }
                found[f"{leaf.stage}/lda" if found else "lda"] = size, made
        return found

    def _tell(self, board: _Board, trained: Trained, fitted: Fitted) -> None:
        """Perplexity and completion; nothing of both where no network gives words probabilities."""
        data, test = trained.data, _counts(trained.data.test)
        some = False
        for leaf in trained.leaves:
            for seed in leaf.seeds:
                machine = Machine.among(leaf.network(seed), self.temperatures)
                if machine is None:
                    board.said.append(f"{leaf.label} gives no probability to words.")
                    break
                some = True
                whole, half = scores(machine, test, machine.known)
                board.add("completion", leaf.stage, leaf.label, False, seed, half)
                if whole is not None:
                    board.add("perplexity", leaf.stage, leaf.label, False, seed, whole)
                if seed == leaf.seeds[0]:
                    board.said += self._of_machine(leaf, machine, data)
        if not some:
            return
        for name, (size, by_seed) in fitted.items():
            words = f"LDA, {size} topics"
            for seed, one in by_seed.items():
                whole, half = scores(one, test)
                assert whole is not None
                bound = perplexity(one.bound(test), test)
                board.add("perplexity", name, words, True, seed, whole)
                board.add("perplexity", f"{name}_bound", f"{words}, its bound", True, seed, bound)
                board.add("completion", name, words, True, seed, half)
            board.said.append(_of_allocation(words, next(iter(by_seed.values()))))
        unigram = scores(Unigram.of(_counts(data.train), _counts(data.validation)), test)
        for measure, value in zip(("perplexity", "completion"), unigram, strict=True):
            assert value is not None
            board.fixed(measure, "unigram", "smoothed shares of words", trained.seeds, value)

    def _of_machine(self, leaf: Leaf, machine: Machine, data: DataSet) -> Iterator[str]:
        """How its likelihood is found, and what its units are about."""
        if not machine.exact:
            how = f"estimated at {self.temperatures} temperatures, on average too low"
            left_out = "left out: set use.topics.temperatures to have it estimated"
            yield (
                f"{leaf.label} has more than 20 hidden units: its perplexity is "
                f"{how if machine.known else left_out}."
            )
        features = data.features or tuple(f"word {place + 1}" for place in range(data.visible))
        units = leading_words(machine.network, features, self.words)
        # Those that tell documents apart come first.
        spread = machine.network.encode(_counts(data.validation)).std(0)
        for place in np.argsort(-spread, kind="stable")[:TOLD]:
            unit, words = units[place]
            yield f"Unit {unit} of {leaf.label} speaks for {', '.join(words)}."

    def _retrieve(self, board: _Board, trained: Trained, fitted: Fitted) -> None:
        data, every = trained.data, trained.seeds
        for place, leaf in enumerate(trained.leaves):
            before = f"{leaf.stage}/untrained" if place else "untrained"
            for seed in leaf.seeds:
                found = self._precision(leaf.network(seed).encode, data)
                board.add("retrieval", leaf.stage, leaf.label, False, seed, found)
                found = self._precision(leaf.untrained(seed).encode, data)
                board.add("retrieval", before, f"{leaf.label} before training", True, seed, found)
        weighted = tf_idf(_counts(data.train))
        for name, (size, by_seed) in fitted.items():
            for seed, one in by_seed.items():
                found = self._precision(one.encode, data)
                board.add("retrieval", name, f"LDA, {size} topics", True, seed, found)
            found = self._precision(singular_directions(_counts(data.train), size), data)
            name, label = name.replace("lda", "lsa"), f"LSA, {size} directions"
            board.fixed("retrieval", name, label, every, found)
        found = self._precision(weighted, data)
        board.fixed("retrieval", "tfidf", "words weighted by tf-idf", every, found)
        found = self._precision(lambda counts: counts, data)
        board.fixed("retrieval", "counts", "counts of words", every, found)

    def _precision(self, encoder: Encoder, data: DataSet) -> float:
        """The share of the nearest training documents that share a test document's label."""
        assert data.labels is not None
        kept = {
            split: ~np.isin(data.labels[split].astype(str), self.leave_out)
            for split in ("train", "test")
        }
        train, test = (encoder(_counts(getattr(data, one))[kept[one]]) for one in ("train", "test"))
        labels = {split: data.labels[split][of] for split, of in kept.items()}
        found = nearest(test, train, min(self.neighbours, len(train))).places
        return float((labels["train"][found] == labels["test"][:, None]).mean())


@dataclass
class _Board:
    """Numbers by measure, contestant and seed, in the order in which they come."""

    values: dict[str, dict[str, tuple[str, bool, dict[int, float]]]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def add(
        self, measure: str, name: str, label: str, control: bool, seed: int, value: float
    ) -> None:
        """One more number."""
        contestants = self.values.setdefault(measure, {})
        contestants.setdefault(name, (label, control, {}))[2][seed] = value

    def fixed(
        self, measure: str, name: str, label: str, seeds: tuple[int, ...], value: float
    ) -> None:
        """A control that depends on no seed."""
        for seed in seeds:
            self.add(measure, name, label, True, seed, value)

    def measures(self, seeds: tuple[int, ...]) -> list[Measured]:
        """What is recorded, networks first."""
        return [
            Measured(f"topics/{measure}", label, unit, better, tuple(
                Contestant(name, words, control, {s: found[s] for s in seeds if s in found})
                for name, (words, control, found) in self.values[measure].items()
            ))
            for measure, label, unit, better in _MEASURES
            if measure in self.values
        ]  # fmt: skip


def _counts(split: np.ndarray) -> Array:
    return np.asarray(split, dtype=np.float64)


def _of_allocation(label: str, one: Allocation) -> str:
    return (
        f"{label}: priors {one.priors.document:g} for the topics of a document and "
        f"{one.priors.word:g} for the words of a topic, chosen on validation documents; its "
        f"likelihood is estimated with {one.particles} particles."
    )


_MEASURES: tuple[tuple[str, str, str, Literal["higher", "lower"]], ...] = (
    ("perplexity", "perplexity of test documents", "equally likely words", "lower"),
    ("completion", "perplexity of second halves, given the first", "equally likely words", "lower"),
    ("retrieval", "nearest documents of the same label", "share of those found", "higher"),
)
