"""The manifold: is the field that a network learns the true one, and does it lead there from noise?

For data whose density is known exactly. At held-out samples under the network's own noise, which is
where that density is, the learned score is held against the true one (:mod:`..contests.fields`).
Then chains start at white noise and follow the network: walking back (Bengio, Yao, Alain & Vincent
2013, NIPS), Langevin steps along the score, or Gibbs steps of a machine; where they end is compared
with held-out samples (:mod:`..contests.energy_distance`).

Controls know no network: a field of zeros, one Gaussian, and a kernel density estimate, whose
bandwidth the validation samples choose by their likelihood, under the same noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from ...models.draws import Draws
from ...models.estimator import Estimator
from ...models.sampling.chain import Transition, run, white_noise
from ...models.sampling.gibbs import Gibbs
from ...models.sampling.langevin import langevin
from ...models.sampling.walk_back import walk_back
from ..contests import fields
from ..contests.energy_distance import energy_distance
from ..data import DataSet
from ..data.density import Mixture
from ..errors import DataError, StudyError
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Leaf, Trained
from .use import Use

NOISY = 5
"""Corrupted versions of each held-out sample."""
NARROWEST, BANDWIDTHS = 2.0**-6, 15
"""Bandwidths that are tried, from this share of Silverman's rule to twice the rule."""


@dataclass(frozen=True)
class Manifold(Use):
    """The learned field beside the true one, and samples from noise.

    steps: of each chain, from 1 to 100 000. chains: from 10 to 10 000.
    """

    name: ClassVar[str] = "manifold"
    steps: int = 500
    chains: int = 1000

    def __post_init__(self) -> None:
        problems = rules.Problems()
        for name, low, high in (("steps", 1, 100_000), ("chains", 10, 10_000)):
            with problems.under(name):
                rules.integer(rules.plain(getattr(self, name)), low, high)
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs data whose density is known."""
        if data.density is None:
            rule = "needs data whose density is known, neither scaled nor made binary"
            raise DataError("use.manifold", rule, data.name, "Write {name: spiral}")

    def look(self, trained: Trained) -> Findings:
        """Errors and curls of the fields, and where chains from noise end.

        Raises:
            StudyError: no network of the study has a field that estimates a score.
        """
        data = trained.data
        leaves = [leaf for leaf in trained.leaves if fields.of(leaf.network(leaf.seeds[0]))]
        if not leaves:
            rule = "needs a network trained to remove gaussian noise, or a gaussian_rbm"
            raise StudyError("use.manifold", rule, ", ".join(one.stage for one in trained.leaves))
        # Controls stand under the noise of the first network that has any.
        levels = [_level(leaf) for leaf in leaves]
        level = next((one for one in levels if one), 0.0)
        kernels = kernel_density(data)
        errors, curls, distances = (
            _Table(trained.seeds),
            _Table(trained.seeds),
            _Table(trained.seeds),
        )
        for leaf in leaves:
            for seed in leaf.seeds:
                network = leaf.network(seed)
                assert isinstance(network, Estimator)
                self._measure(network, leaf, seed, data, (errors, curls, distances))
        first = leaves[levels.index(level)]
        x, true = at_noise(data, level)
        for seed in first.seeds:
            field = fields.of(first.untrained(seed))
            assert field is not None
            errors.add("untrained", "untrained", seed, fields.error(field.score(x), true), True)
            curls.add("untrained", "untrained", seed, fields.curl(field.slopes(x)), True)
        normal = Normal.of(data.train)
        errors.fixed("none", "a field of zeros", 1.0)
        errors.fixed("gaussian", "one Gaussian", fields.error(normal.score(x, level), true))
        kde = fields.error(kernels.smoothed(level).score(x), true)
        errors.fixed("kde", f"kernel density estimate, bandwidth {kernels.spread:.2g}", kde)
        for seed in trained.seeds:
            for name, label, points in self._drawn(data, kernels, seed):
                distances.add(name, label, seed, energy_distance(points, data.test), True)
        measures = [
            Measured(f"manifold/{name}", label, unit, "lower", table.contestants())
            for (name, label, unit), table in zip(
                _MEASURES, (errors, curls, distances), strict=True
            )
        ]
        return Findings(measures, said=_said(measures, leaves, level))

    def _measure(
        self, network: Estimator, leaf: Leaf, seed: int, data: DataSet, tables: tuple[_Table, ...]
    ) -> None:
        errors, curls, distances = tables
        field = fields.of(network)
        assert field is not None
        x, true = at_noise(data, field.level)
        errors.add(leaf.stage, leaf.label, seed, fields.error(field.score(x), true))
        curls.add(leaf.stage, leaf.label, seed, fields.curl(field.slopes(x)))
        for scorer, transition in _transitions(network, data, seed):
            ends = self._ends(network, transition, data, seed)
            name, label = leaf.stage + scorer, leaf.label + scorer.replace("/", ", ")
            distances.add(name, label, seed, energy_distance(ends, data.test))

    def _ends(
        self, network: Estimator, transition: Transition, data: DataSet, seed: int
    ) -> np.ndarray:
        """Where chains (chains, V) are that started at white noise."""
        layer: Any = network.network_
        draws = Draws([seed], dtype=layer.dtype).within("manifold")
        start = white_noise(self.chains, data.visible, draws, *_middle(data))
        return np.asarray(run(transition, start, self.steps, draws)[0].numpy())

    def _drawn(
        self, data: DataSet, kernels: Mixture, seed: int
    ) -> Iterator[tuple[str, str, np.ndarray]]:
        """Controls of the chains' ends: as many points, without a network."""
        generator = np.random.default_rng([seed, 0])
        mean, spread = _middle(data)
        noise = generator.standard_normal((self.chains, data.visible))
        yield "noise", "white noise", mean + spread * noise
        normal = Normal.of(data.train)
        yield "gaussian", "one Gaussian", normal.samples(self.chains, generator)
        yield "kde", "kernel density estimate", kernels.samples(self.chains, generator)
        rows = generator.choice(len(data.train), min(self.chains, len(data.train)), replace=False)
        yield "training", "training samples", data.train[rows]


_MEASURES = (
    ("field_error", "error of the field", "share of the true score's mean square"),
    ("curl", "curl of the field", "share of its derivative's square that is antisymmetric"),
    ("sample_distance", "distance of samples from noise", "energy distance to held-out samples"),
)


@dataclass(frozen=True, eq=False)
class Normal:
    """One Gaussian with the mean (V,) and the covariance (V, V) of samples."""

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> Normal:
        """The one that fits x (n, V) best."""
        x = np.asarray(x, dtype=np.float64)
        return cls(x.mean(0), np.atleast_2d(np.cov(x.T, bias=True)))

    def score(self, x: np.ndarray, level: float) -> np.ndarray:
        """Its score under noise of that level, at x (n, V), same shape."""
        wider = self.covariance + level**2 * np.eye(len(self.mean))
        return np.asarray(np.linalg.solve(wider, (self.mean - x).T).T)

    def samples(self, count: int, generator: np.random.Generator) -> np.ndarray:
        """That many draws, (count, V)."""
        return generator.multivariate_normal(self.mean, self.covariance, size=count)


def kernel_density(data: DataSet) -> Mixture:
    """A Gaussian at every training sample, as wide as makes the validation samples likeliest.

    Bandwidths are shares of Silverman's rule (1986, Density Estimation, section 4.3.2).
    """
    train = np.asarray(data.train, dtype=np.float64)
    count, width = train.shape
    rule = (4 / ((width + 2) * count)) ** (1 / (width + 4)) * float(train.std(0).mean())
    shares = np.geomspace(NARROWEST, 2.0, BANDWIDTHS)
    tried = [Mixture(train, float(share * rule)) for share in shares]
    return max(tried, key=lambda one: float(one.log_density(data.validation).mean()))


def at_noise(data: DataSet, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Held-out samples under that noise, (n, V), and the true score there of the noisy density."""
    assert data.density is not None
    clean = np.repeat(data.test, NOISY if level else 1, axis=0)
    # The same noise for every network and every seed.
    x = clean + level * np.random.default_rng(0).standard_normal(clean.shape)
    return x, data.density.smoothed(level).score(x)


class _Table:
    """Contestants of one measure while they are gathered."""

    def __init__(self, seeds: tuple[int, ...]) -> None:
        self.seeds = seeds
        self.rows: dict[str, tuple[str, bool, dict[int, float]]] = {}

    def add(self, name: str, label: str, seed: int, value: float, control: bool = False) -> None:
        self.rows.setdefault(name, (label, control, {}))[2][seed] = value

    def fixed(self, name: str, label: str, value: float) -> None:
        self.rows[name] = (label, True, dict.fromkeys(self.seeds, value))

    def contestants(self) -> tuple[Contestant, ...]:
        return tuple(Contestant(name, *rest) for name, rest in self.rows.items())


def _level(leaf: Leaf) -> float:
    field = fields.of(leaf.network(leaf.seeds[0]))
    return field.level if field else 0.0


def _transitions(network: Estimator, data: DataSet, seed: int) -> Iterator[tuple[str, Transition]]:
    layer: Any = network.network_
    if hasattr(network, "free_energy"):
        yield "", Gibbs(layer)
        return
    train = torch.as_tensor(data.train, dtype=layer.dtype)[None]
    draws = Draws([seed], dtype=layer.dtype).within("manifold/remaining")
    yield "", walk_back(layer, train, draws)
    yield "/langevin", langevin(layer)


def _middle(data: DataSet) -> tuple[float, float]:
    """Mean and standard deviation of all training numbers."""
    return float(data.train.mean()), float(data.train.std())


def _said(measures: list[Measured], leaves: list[Leaf], level: float) -> list[str]:
    errors, _, distances = (
        {one.name: float(np.mean(list(one.values.values()))) for one in measure.contestants}
        for measure in measures
    )
    found = []
    for leaf in leaves:
        found.append(
            f"The field of {leaf.label} misses the true score by {100 * errors[leaf.stage]:.2g} % "
            f"of its mean square; from white noise its samples come to an energy distance of "
            f"{distances[leaf.stage]:.2g} to held-out samples."
        )
    found.append(
        f"At noise {level:g} a kernel density estimate misses it by {100 * errors['kde']:.2g} %, "
        f"one Gaussian by {100 * errors['gaussian']:.2g} %; training samples are at "
        f"{distances['training']:.2g} from held-out ones, white noise at {distances['noise']:.2g}."
    )
    return found
