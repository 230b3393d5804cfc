"""Anomalies: does a network that learned what is normal tell what is not?

Labels are 0 for normal and 1 for anomalous samples (``anomalous`` of a study's ``data`` makes them
so, and keeps anomalies out of training). Every network of the study is a detector by one score that
a rule chooses before anything is measured (:mod:`..contests.detectors`), called by its stage; its
other scores are ``stage/detector``. Measured on the test samples: the areas under the ROC curve
(Fawcett 2006, Pattern Recognition Letters 27:861) and, as average precision, under the
precision-recall curve (Davis & Goadrich 2006, ICML), over all thresholds; and precision, recall and
false alarms beyond one threshold, a quantile of the normal validation samples' scores. No label of
a test sample chooses anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from ..answer.inside_entries import Inside
from ..contests import detectors
from ..contests.detectors import Detector, Scores
from ..data import DataSet
from ..errors import DataError
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Leaf, Trained
from .use import Use

DISTINCT = 0.9
"""Least share of distinct scores among distinct samples before ties are told."""


@dataclass(frozen=True)
class Anomaly(Use):
    """Anomalies told from normal samples.

    quantile: of the normal validation samples' scores, beyond which a sample is flagged, above 0
    and below 1. neighbours: the training sample whose distance is the control ``nearest``, the
    1st to the 100th nearest.
    """

    name: ClassVar[str] = "anomaly"
    quantile: float = 0.95
    neighbours: int = 5

    def __post_init__(self) -> None:
        problems = rules.Problems()
        with problems.under("quantile"):
            object.__setattr__(self, "quantile", rules.share(rules.plain(self.quantile)))
        with problems.under("neighbours"):
            rules.integer(rules.plain(self.neighbours), 1, 100)
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs labels 0 and 1, both in test, and normal samples in training and validation."""
        remedy = "Write {anomalous: [labels]} in `data`"
        if data.labels is None:
            raise DataError("use.anomaly", "needs labels, 1 for anomalies", "none", remedy)
        found = sorted({str(label) for split in data.labels.values() for label in split})
        if not set(found) <= {"0", "1"}:
            rule = "needs labels that are 0 for normal samples and 1 for anomalies"
            shown = ", ".join(found[:6]) + (", …" if len(found) > 6 else "")
            raise DataError("use.anomaly", rule, shown, remedy)
        for split, wanted, what in _NEEDED:
            if not (_anomalous(data, split) == wanted).any():
                raise DataError("use.anomaly", f"needs {what} in {split}", "none", remedy)

    def look(self, trained: Trained) -> Findings:
        """Areas under both curves, and what is flagged, of networks and controls."""
        data = trained.data
        found = [_Scored.of(one, data, self.quantile) for one in self._all(trained)]
        measures = [
            Measured(f"anomaly/{measure}", label, unit, better, tuple(
                one.contestant(measure) for one in found
            ))
            for measure, label, unit, better in _MEASURES
        ]  # fmt: skip
        return Findings(measures, self._inside(found, trained), _said(found, data, self.quantile))

    def _all(self, trained: Trained) -> Iterator[_Contender]:
        """Every network by its own score, then the controls, then the networks' other scores."""
        train, seeds = trained.data.train, trained.seeds
        controls, untrained, others = [], [], []
        components: list[int] = []
        for leaf in trained.leaves:
            by_seed = {seed: detectors.of_network(leaf.network(seed), seed) for seed in leaf.seeds}
            own, *more = by_seed[leaf.seeds[0]]
            yield _Contender.of_leaf(leaf, own, by_seed)
            others += [_Contender.of_leaf(leaf, name, by_seed, leaf.stage) for name in more]
            # The first branch's controls have the plain names.
            under = f"{leaf.stage}/" if components else ""
            words = f"{leaf.label}, untrained"
            before = {s: detectors.of_network(leaf.untrained(s), s)[own] for s in leaf.seeds}
            untrained.append(_Contender(f"{under}untrained", words, True, before))
            count = detectors.components(train, leaf.trials[0].widths[-1])
            if count not in components:
                components.append(count)
                left = detectors.principal(train, count)
                words = f"error of PCA, {count} components"
                controls.append(_Contender.fixed(f"{under}pca", words, left, seeds))
        yield controls[0]
        yield from self._without_networks(train, seeds)
        yield from untrained + controls[1:] + others

    def _without_networks(self, train: np.ndarray, seeds: tuple[int, ...]) -> Iterator[_Contender]:
        """Controls that have no code whose size they could share."""
        near = detectors.nearest(train, self.neighbours)
        yield _Contender.fixed("nearest", f"distance to neighbour {self.neighbours}", near, seeds)
        grown = {seed: detectors.forest(train, seed) for seed in seeds}
        yield _Contender("isolation_forest", "isolation forest", True, grown)
        away = detectors.principal(train, 0)
        yield _Contender.fixed("mean", "distance from the mean", away, seeds)

    def _inside(self, found: list[_Scored], trained: Trained) -> Inside:
        """Scores of the first seed that each has."""
        labels = _anomalous(trained.data, "test")
        keys = {leaf.stage: leaf.trials[0].key for leaf in trained.leaves}
        inside = Inside()
        for one in found:
            of = one.contender
            flagged = one.first
            entry: dict[str, object] = {
                "name": of.label,
                "control": of.control,
                "threshold": flagged.threshold,
                "quantile": self.quantile,
            }
            if not of.control:
                entry["key"] = keys[of.name.split("/")[0]]
            inside.add("anomaly", entry, {"scores": flagged.scores, "labels": labels})
        return inside


@dataclass(frozen=True)
class _Contender:
    """A detector for each seed."""

    name: str
    label: str
    control: bool
    detectors: dict[int, Detector]

    @classmethod
    def of_leaf(
        cls, leaf: Leaf, name: str, by_seed: dict[int, dict[str, Detector]], under: str = ""
    ) -> _Contender:
        """A network's score by that name; ``stage/name`` where it is not its own."""
        found = {seed: by_seed[seed][name] for seed in leaf.seeds}
        written = f"{under}/{name}" if under else leaf.stage
        return cls(written, f"{leaf.label}, {_words(name)}", False, found)

    @classmethod
    def fixed(cls, name: str, label: str, detector: Detector, seeds: tuple[int, ...]) -> _Contender:
        """A control that no seed changes."""
        return cls(name, label, True, dict.fromkeys(seeds, detector))


@dataclass(frozen=True)
class Flagged:
    """Test samples' scores (n,) and the threshold beyond which they are flagged."""

    scores: Scores
    threshold: float
    measures: dict[str, float]


@dataclass(frozen=True)
class _Scored:
    """A contender with what each seed's detector made of the samples."""

    contender: _Contender
    flagged: dict[int, Flagged] = field(default_factory=dict)

    @classmethod
    def of(cls, contender: _Contender, data: DataSet, quantile: float) -> _Scored:
        normal = data.validation[~_anomalous(data, "validation")]
        asked, anomalous = np.concatenate([data.test, normal]), _anomalous(data, "test")
        seen: dict[int, Flagged] = {}
        for detector in contender.detectors.values():
            # One that no seed changes is asked once.
            if id(detector) not in seen:
                scores = detector(asked)
                parts = scores[: len(anomalous)], scores[len(anomalous) :]
                seen[id(detector)] = flag(*parts, anomalous, quantile)
        found = {seed: seen[id(detector)] for seed, detector in contender.detectors.items()}
        return cls(contender, found)

    @property
    def first(self) -> Flagged:
        """Of the first seed."""
        return next(iter(self.flagged.values()))

    def means(self, *measures: str) -> list[float]:
        """Of those measures, over seeds."""
        found = self.flagged.values()
        return [float(np.mean([one.measures[name] for one in found])) for name in measures]

    def contestant(self, measure: str) -> Contestant:
        """Its number for each seed."""
        values = {seed: one.measures[measure] for seed, one in self.flagged.items()}
        of = self.contender
        return Contestant(of.name, of.label, of.control, values)


def flag(scores: Scores, normal: Scores, anomalous: np.ndarray, quantile: float) -> Flagged:
    """The measures of test scores (n,), and of what lies beyond the threshold.

    normal: scores (m,) of normal validation samples, whose quantile the threshold is. anomalous:
    (n,), some of each. Where nothing is flagged, precision counts as 0.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    threshold = float(np.quantile(normal, quantile))
    beyond = scores > threshold
    hits = float((beyond & anomalous).sum())
    measures = {
        "roc_auc": float(roc_auc_score(anomalous, scores)),
        "pr_auc": float(average_precision_score(anomalous, scores)),
        "precision": hits / max(1, int(beyond.sum())),
        "recall": hits / int(anomalous.sum()),
        "false_alarms": float(beyond[~anomalous].mean()),
    }
    return Flagged(scores, threshold, measures)


def _anomalous(data: DataSet, split: str) -> np.ndarray:
    assert data.labels is not None
    return np.asarray(data.labels[split].astype(np.int64) == 1)


def _words(detector: str) -> str:
    return detector.replace("_", " ")


def _said(found: list[_Scored], data: DataSet, quantile: float) -> list[str]:
    """What was flagged by each network's own score, and whose scores tie."""
    anomalies = int(_anomalous(data, "test").sum())
    normal, learned = len(data.test) - anomalies, int(_anomalous(data, "train").sum())
    said = [
        f"{anomalies} anomalies among {normal} normal test samples; of {len(data.train)} training "
        f"samples {learned or 'none'} {'is' if learned <= 1 else 'are'} anomalous."
    ]
    flagged = [
        f"{one.contender.label} flags {100 * recall:.0f} % of the anomalies and {100 * alarms:.1f} "
        "% of the normal samples"
        for one in found
        if not one.contender.control and "/" not in one.contender.name
        for recall, alarms in [one.means("recall", "false_alarms")]
    ]
    said.append(
        f"Beyond the score that {100 * quantile:g} % of the normal validation samples stay below, "
        f"on average over seeds, {'; '.join(flagged)}."
    )
    samples = len(np.unique(data.test, axis=0))
    for one in found:
        distinct = len(np.unique(one.first.scores))
        if distinct < DISTINCT * samples:
            label = one.contender.label
            said.append(f"{label} gives {samples} different samples only {distinct} scores.")
    return said


_NEEDED = (
    ("train", False, "normal samples"),
    ("validation", False, "normal samples"),
    ("test", False, "normal samples"),
    ("test", True, "anomalies"),
)
_MEASURES: tuple[tuple[str, str, str, Literal["higher", "lower"]], ...] = (
    ("roc_auc", "area under the ROC curve", "share of pairs in the right order", "higher"),
    ("pr_auc", "average precision", "area under the precision-recall curve", "higher"),
    ("precision", "precision at the threshold", "share of flagged samples", "higher"),
    ("recall", "recall at the threshold", "share of anomalies", "higher"),
    ("false_alarms", "false alarms at the threshold", "share of normal samples", "lower"),
)
