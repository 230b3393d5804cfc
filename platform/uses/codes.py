"""Codes instead of inputs: do clusters and neighbours of codes agree with labels never seen?

k-means finds as many clusters as there are classes among the codes of the test samples; normalised
mutual information (Strehl & Ghosh 2002, JMLR 3:583) and the adjusted Rand index (Hubert & Arabie
1985) say how they agree with the labels. Neighbours are looked for among the training samples, and
count where they share a test sample's label. The same is done with the inputs themselves, with as
many of their principal components as a code has units, and with the untrained network's codes.
Of images, the neighbours of some test samples are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..answer.as_images import as_images
from ..answer.controls import PrincipalComponents
from ..answer.evenly import evenly
from ..answer.inside_entries import Inside
from ..data import DataSet
from ..errors import DataError
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Trained
from .use import Use

Encoder = Callable[[np.ndarray], np.ndarray]
STARTS = 10
"""Random starts of k-means, the tightest of which counts."""
QUERIES = 60
"""Test samples whose neighbours are shown."""


@dataclass(frozen=True)
class Codes(Use):
    """Clusters and neighbours of codes.

    neighbours: nearest training samples that are asked for their label, from 1 to 100. normalise:
    whether codes are brought to length 1 first, so that their direction alone counts.
    """

    name: ClassVar[str] = "codes"
    neighbours: int = 5
    normalise: bool = False

    def __post_init__(self) -> None:
        problems = rules.Problems()
        with problems.under("neighbours"):
            rules.integer(rules.plain(self.neighbours), 1, 100)
        with problems.under("normalise"):
            if not isinstance(self.normalise, bool):
                raise rules.wrong("must be true or false", self.normalise)
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs labels that are classes, two of them at least."""
        if len(data.classes) < 2:
            rule = "needs labels of at least two classes, to compare clusters with"
            raise DataError("use.codes", rule, f"{data.name} has {len(data.classes) or 'none'}")

    def look(self, trained: Trained) -> Findings:
        """NMI, ARI and the share of neighbours that share the label, of codes and of controls."""
        data, seeds = trained.data, trained.seeds
        scores: dict[str, tuple[str, bool, dict[int, tuple[float, ...]]]] = {}
        inside = Inside()
        for leaf in trained.leaves:
            pca = PrincipalComponents(data.train, leaf.trials[0].widths[-1])
            components = f"PCA, {len(pca.axes)} components"
            for name, label, control, encoder in (
                (leaf.stage, leaf.label, False, lambda seed, of=leaf: of.network(seed).encode),
                ("untrained", "untrained", True, lambda seed, of=leaf: of.untrained(seed).encode),
                ("pca", components, True, lambda seed, of=pca: lambda x: (x - of.mean) @ of.axes.T),
                ("raw", "the inputs themselves", True, lambda seed: lambda x: x),
            ):
                if name not in scores:
                    found = {seed: self._scores(encoder(seed), data, seed) for seed in leaf.seeds}
                    scores[name] = (label, control, found)
                    if data.image_shape is not None and name != "untrained":
                        shown = encoder(leaf.seeds[0])
                        inside.add("retrieval", *self._retrieval(label, control, shown, data))
        measures = [
            Measured(f"codes/{measure}", label, unit, "higher", tuple(
                Contestant(name, words, control, {s: found[s][place] for s in seeds if s in found})
                for name, (words, control, found) in scores.items()
            ))
            for place, (measure, label, unit) in enumerate(_MEASURES)
        ]  # fmt: skip
        return Findings(measures, inside, [_said(leaf.stage, measures) for leaf in trained.leaves])

    def _scores(self, encoder: Encoder, data: DataSet, seed: int) -> tuple[float, ...]:
        from sklearn.cluster import KMeans
        from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

        labels = data.class_numbers
        assert labels is not None
        train, test = (self._prepared(encoder(x)) for x in (data.train, data.test))
        kmeans = KMeans(len(data.classes), n_init=STARTS, random_state=seed)
        clusters = kmeans.fit_predict(test)
        shared = labels["train"][self._nearest(train, test)] == labels["test"][:, None]
        return (
            float(normalized_mutual_info_score(labels["test"], clusters)),
            float(adjusted_rand_score(labels["test"], clusters)),
            float(shared.mean()),
        )

    def _retrieval(
        self, label: str, control: bool, encoder: Encoder, data: DataSet
    ) -> tuple[dict[str, object], dict[str, np.ndarray]]:
        """An entry of ``inside``: evenly drawn test samples and their nearest training samples."""
        labels = data.class_numbers
        assert labels is not None
        rows = evenly(len(data.test), QUERIES)
        train, queries = (self._prepared(encoder(x)) for x in (data.train, data.test[rows]))
        nearest = self._nearest(train, queries)
        found = as_images(data.train[nearest.ravel()], data)
        images = {
            "queries": as_images(data.test[rows], data),
            "found": found.reshape(*nearest.shape, *found.shape[1:]),
            "relevant": labels["train"][nearest] == labels["test"][rows][:, None],
        }
        return {"name": label, "control": control, "split": "test"}, images

    def _nearest(self, among: np.ndarray, queries: np.ndarray) -> np.ndarray:
        from sklearn.neighbors import NearestNeighbors

        found = NearestNeighbors(n_neighbors=min(self.neighbours, len(among))).fit(among)
        return np.asarray(found.kneighbors(queries, return_distance=False))

    def _prepared(self, codes: np.ndarray) -> np.ndarray:
        codes = np.asarray(codes, dtype=np.float64)
        if not self.normalise:
            return codes
        lengths = np.linalg.norm(codes, axis=1, keepdims=True)
        return np.asarray(codes / np.maximum(lengths, 1e-12))


_MEASURES = (
    ("nmi", "cluster information", "normalised mutual information with the labels"),
    ("ari", "cluster agreement", "adjusted Rand index with the labels"),
    ("neighbours", "neighbours of the same label", "share of the nearest training samples"),
)


def _said(stage: str, measures: list[Measured]) -> str:
    nmi, _, neighbours = (
        {one.name: float(np.mean(list(one.values.values()))) for one in measure.contestants}
        for measure in measures
    )
    return (
        f"Clusters of {stage}'s codes hold {nmi[stage] / max(nmi['raw'], 1e-12):.2f} times the "
        f"information on labels that clusters of the inputs hold; "
        f"{100 * neighbours[stage]:.1f} % of a code's neighbours share its label, "
        f"{100 * neighbours['raw']:.1f} % of an input's."
    )
