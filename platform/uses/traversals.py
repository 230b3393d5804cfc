"""Traversals: what do the leading directions of a code do to an image?

The code of each of some test samples goes from ``reach`` standard deviations before it to as many
behind it, along a principal direction of the codes, and both ends are decoded. Measured between the
ends: how far the image leans (:mod:`..contests.strokes`), how much ink it gains, and how often its
class changes, as its nearest training samples say. The same is done along random directions of the
same code, as far as codes reach there, and along the principal components of the inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from ..answer.as_images import as_images
from ..answer.controls import PrincipalComponents
from ..answer.evenly import evenly
from ..answer.principal import principal
from ..contests.strokes import ink, slant
from ..data import DataSet
from ..errors import DataError
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Trained
from .use import Use

SAMPLES = 200
NEIGHBOURS = 5
MAPS = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Traversals(Use):
    """What directions of a code do.

    directions: how many, the leading ones first, from 1 to 20. reach: to either side, above 0, in
    standard deviations of the codes along a direction.
    """

    name: ClassVar[str] = "traversals"
    directions: int = 4
    reach: float = 1.5

    def __post_init__(self) -> None:
        problems = rules.Problems()
        with problems.under("directions"):
            rules.integer(rules.plain(self.directions), 1, 20)
        with problems.under("reach"):
            reach = rules.number(rules.plain(self.reach), "must be a number above 0")
            if reach <= 0:
                raise rules.wrong("must be a number above 0", self.reach)
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs images, and labels that are classes."""
        if data.image_shape is None:
            raise DataError("use.traversals", "needs images", data.name)
        if len(data.classes) < 2:
            rule = "needs labels of at least two classes, to see images change theirs"
            raise DataError(
                "use.traversals", rule, f"{data.name} has {len(data.classes) or 'none'}"
            )

    def look(self, trained: Trained) -> Findings:
        """Slant, ink and class along the directions of every code and its controls."""
        data = trained.data
        class_of = _classifier(data)
        found: dict[str, tuple[str, bool, dict[int, np.ndarray]]] = {}
        for leaf in trained.leaves:
            pca = PrincipalComponents(data.train, leaf.trials[0].widths[-1])
            for seed in leaf.seeds:
                network = leaf.network(seed)
                ways = principal(network.encode(data.train), self.directions)
                chance = _random(network.encode(data.train), len(ways.directions), seed)
                for name, label, control, directions in (
                    (leaf.stage, leaf.label, False, ways.deviations[:, None] * ways.directions),
                    (f"{leaf.stage}/random", f"{leaf.label}, random directions", True, chance),
                ):
                    own = self._along(network.encode, network.decode, directions, data, class_of)
                    found.setdefault(name, (label, control, {}))[2][seed] = own
            if "pca" not in found:
                spreads = _projected(pca, data.train).std(0)
                directions = np.diag(spreads)[: self.directions]
                encode, decode = partial(_projected, pca), partial(_expanded, pca)
                own = self._along(encode, decode, directions, data, class_of)
                label = f"PCA, {len(pca.axes)} components"
                found["pca"] = (label, True, dict.fromkeys(trained.seeds, own))
        measures = [
            Measured(f"traversals/{name}", label, unit, "higher", tuple(
                Contestant(who, words, control, {s: float(of(own)) for s, own in values.items()})
                for who, (words, control, values) in found.items()
            ))
            for name, label, unit, of in _MEASURES
        ]  # fmt: skip
        said = [
            _sentence(label, place, moved)
            for name, (label, control, values) in found.items()
            if not control
            for place, moved in enumerate(values[min(values)])
        ]
        return Findings(measures, said=said)

    def _along(
        self, encode: MAPS, decode: MAPS, directions: np.ndarray, data: DataSet, class_of: MAPS
    ) -> np.ndarray:
        """Degrees, share of ink gained and share of classes changed, by direction (K, 3)."""
        codes = np.asarray(encode(data.test[evenly(len(data.test), SAMPLES)]), dtype=np.float64)
        rows = []
        for direction in directions:
            ends = [np.asarray(decode(codes + side * direction)) for side in self._sides()]
            before, after = (as_images(end, data) for end in ends)
            gained = ink(after).mean() / max(ink(before).mean(), 1e-12) - 1
            changed = (class_of(ends[0]) != class_of(ends[1])).mean()
            rows.append((float((slant(after) - slant(before)).mean()), gained, changed))
        return np.array(rows)

    def _sides(self) -> tuple[float, float]:
        return -self.reach, self.reach


_MEASURES: tuple[tuple[str, str, str, MAPS], ...] = (
    ("slant", "leaning", "largest mean change of slant along a direction, degrees",
     lambda moved: np.abs(moved[:, 0]).max()),
    ("ink", "thickening", "largest share of ink gained or lost along a direction",
     lambda moved: np.abs(moved[:, 1]).max()),
    ("class", "morphing", "mean share of samples whose class changes along a direction",
     lambda moved: moved[:, 2].mean()),
)  # fmt: skip


def _projected(pca: PrincipalComponents, x: np.ndarray) -> np.ndarray:
    return np.asarray((x - pca.mean) @ pca.axes.T)


def _expanded(pca: PrincipalComponents, code: np.ndarray) -> np.ndarray:
    return np.asarray(code @ pca.axes + pca.mean)


def _random(codes: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Random directions (count, H), as long as the codes' standard deviation along each."""
    drawn = np.random.default_rng([seed, 1]).standard_normal((count, codes.shape[1]))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return np.asarray(drawn * (codes @ drawn.T).std(0)[:, None])


def _classifier(data: DataSet) -> MAPS:
    from sklearn.neighbors import KNeighborsClassifier

    numbers = data.class_numbers
    assert numbers is not None
    fitted = KNeighborsClassifier(NEIGHBOURS).fit(data.train, numbers["train"])
    return lambda x: np.asarray(fitted.predict(x))


def _sentence(label: str, place: int, moved: np.ndarray) -> str:
    degrees, gained, changed = moved
    return (
        f"Direction {place + 1} of {label} slants by {degrees:+.0f}°, changes the ink by "
        f"{100 * gained:+.0f} % and the class of {100 * changed:.0f} % of the samples."
    )
