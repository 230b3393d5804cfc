"""Colours for grey images: what a network that learned to undo grey gives to images it never saw.

Of each test image the network sees the luma (ITU-R BT.601) on all three planes. Of what it
reconstructs only the chroma is taken, around the luma that is given (:mod:`models.colouring`), so
that only colours can be wrong. Measured are the peak signal-to-noise ratio,
10 log₁₀(1 / mean squared error) of each image, and how far each pixel's colour lies from the true
one in the a*b* plane of CIELAB. Controls get the same luma, and strengths are chosen by the
validation images. Where samples have groups, those tested come from photographs, or parts of them,
that nothing was trained or chosen on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ...models.colouring import PLANES, colourise
from ...models.estimator import Estimator
from ...models.stack import Stack
from ..answer.cielab import chroma_distance
from ..answer.evenly import evenly
from ..answer.inside_entries import Inside
from ..contests import colourisers
from ..contests.colourisers import Array, Colouriser, Ridge
from ..data import DataSet
from ..data.dataset import SPLITS
from ..errors import DataError
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Trained
from .use import Use

ROUNDING = 1 / (12 * 255**2)
"""Mean squared error of 8-bit pixels alone; less counts as this, so that a ratio is finite."""


@dataclass(frozen=True)
class Colourise(Use):
    """Grey images given their colours again.

    pictures: how many test images are shown, from 1 to 64, at even distances along the groups.
    """

    name: ClassVar[str] = "colourise"
    pictures: int = 8

    def __post_init__(self) -> None:
        problems = rules.Problems()
        with problems.under("pictures"):
            rules.integer(rules.plain(self.pictures), 1, 64)
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs images in red, green and blue alone, from 0 to 1."""
        if data.image_shape is None:
            raise DataError("use.colourise", "needs images", f"{data.name} has none", _REMEDY)
        height, width = data.image_shape
        if data.channels != PLANES or data.visible != PLANES * height * width:
            rule = f"needs images in red, green and blue alone, {PLANES} planes of a row"
            got = f"{data.channels} of {height}x{width} in {data.visible} inputs"
            raise DataError("use.colourise", rule, got, _REMEDY)
        low = min(float(getattr(data, split).min()) for split in SPLITS)
        high = max(float(getattr(data, split).max()) for split in SPLITS)
        if low < 0 or high > 1:
            rule = "needs colours from 0 to 1"
            remedy = "Write {scale: unit}, or {scale: none}, in `data`"
            raise DataError("use.colourise", rule, f"{low:g} to {high:g}", remedy)

    def look(self, trained: Trained) -> Findings:
        """PSNR and chroma error of networks and controls, and some images that they coloured."""
        data = trained.data
        grey, _ = colourisers.parted(data.test)
        ridge, strength = _chosen_ridge(data)
        scores: dict[str, tuple[str, bool, dict[int, tuple[float, ...]]]] = {}
        first: dict[str, Array] = {}
        for one in _contenders(trained, ridge):
            by_seed = {}
            for seed, colour in one.colours.items():
                rgb = colour(grey)
                first.setdefault(one.name, rgb)
                by_seed[seed] = _scores(rgb, data.test)
            if one.seedless:
                [value] = by_seed.values()
                by_seed = dict.fromkeys(trained.seeds, value)
            scores[one.name] = one.label, one.control, by_seed
        measures = [
            Measured(f"colourise/{measure}", label, unit, better, tuple(
                Contestant(name, words, control, {s: v[place] for s, v in by_seed.items()})
                for name, (words, control, by_seed) in scores.items()
            ))
            for place, (measure, label, unit, better) in enumerate(_MEASURES)
        ]  # fmt: skip
        return Findings(measures, self._inside(trained, grey, first), [_said(data, strength)])

    def _inside(self, trained: Trained, grey: Array, coloured: dict[str, Array]) -> Inside:
        """An entry for each leaf, of its first seed, beside ridge regression."""
        data = trained.data
        assert data.image_shape is not None
        height, width = data.image_shape
        groups = None if data.groups is None else data.groups["test"]
        order = np.arange(len(grey)) if groups is None else np.argsort(groups, kind="stable")
        rows = order[evenly(len(order), self.pictures)]

        def pictures(rgb: NDArray[np.floating]) -> NDArray[np.uint8]:
            planes = rgb[rows].reshape(len(rows), -1, height, width).transpose(0, 2, 3, 1)
            return np.asarray(np.rint(255 * np.clip(planes, 0, 1)), dtype=np.uint8)

        inside = Inside()
        for leaf in trained.leaves:
            arrays = {
                "grey": pictures(grey)[..., 0],
                "colourised": pictures(coloured[leaf.stage]),
                "true": pictures(data.test),
                "baseline": pictures(coloured["ridge"]),
            }
            entry = {"key": leaf.trials[0].key, "name": leaf.label, "of": len(grey)}
            inside.add("colour", {**entry, "split": "test"}, arrays)
        return inside


@dataclass(frozen=True)
class _Contender:
    """A way from luma (N, P) to colours (N, 3 P) for each seed; only one where no seed matters."""

    name: str
    label: str
    control: bool
    colours: Mapping[int, Callable[[Array], Array]]
    seedless: bool = False


def _contenders(trained: Trained, ridge: Colouriser) -> Iterator[_Contender]:
    """Every network, the controls, then every network before training."""
    train = trained.data.train
    for leaf in trained.leaves:
        made = {seed: by(leaf.network(seed)) for seed in leaf.seeds}
        yield _Contender(leaf.stage, leaf.label, False, made)
    for name, label, rule in (
        ("ridge", "ridge regression from luma", ridge),
        ("nearest", "colours of the nearest training image", colourisers.nearest(train)),
        ("mean_chroma", "the mean colour of training", colourisers.mean_chroma(train)),
        ("grey", "the grey image itself", lambda grey: np.zeros((len(grey), train.shape[1]))),
    ):
        yield _Contender(name, label, True, {0: _around(rule)}, seedless=True)
    for place, leaf in enumerate(trained.leaves):
        name = f"{leaf.stage}/untrained" if place else "untrained"
        before = {seed: by(leaf.untrained(seed)) for seed in leaf.seeds}
        yield _Contender(name, f"{leaf.label} before training", True, before)


def by(network: Estimator | Stack) -> Callable[[Array], Array]:
    """The colours (N, 3 P) that a network gives to luma (N, P)."""
    return lambda grey: np.asarray(
        colourise(grey, network.visible_, network.reconstruct), dtype=np.float64
    )


def _around(rule: Colouriser) -> Callable[[Array], Array]:
    return lambda grey: colourisers.coloured(grey, rule(grey))


def _chosen_ridge(data: DataSet) -> tuple[Colouriser, float]:
    """Ridge regression with the strength at which validation images come out best."""
    grey, _ = colourisers.parted(data.validation)
    fitted = Ridge.of(data.train)

    def ratio(strength: float) -> float:
        rgb = colourisers.coloured(grey, fitted.at(strength)(grey))
        return float(psnr(rgb, data.validation).mean())

    best = max(colourisers.STRENGTHS, key=ratio)
    return fitted.at(best), best


def psnr(rgb: NDArray[np.floating], true: NDArray[np.floating]) -> Array:
    """10 log₁₀(1 / mean squared error) of each image (N, V) from 0 to 1, (N,) in dB."""
    error = np.square(np.asarray(rgb, dtype=np.float64) - true).mean(1)
    return np.asarray(-10 * np.log10(np.maximum(error, ROUNDING)))


def _scores(rgb: Array, true: NDArray[np.floating]) -> tuple[float, ...]:
    one, other = (x.reshape(len(x), PLANES, -1).transpose(0, 2, 1) for x in (rgb, true))
    return float(psnr(rgb, true).mean()), float(chroma_distance(one, other).mean())


def _said(data: DataSet, strength: float) -> str:
    """How the control was chosen, and where the images are from."""
    said = f"Ridge regression has the strength {strength:g}, which colours validation images best."
    if data.groups is None:
        return said
    trained_on, tested = (len(set(data.groups[of].tolist())) for of in ("train", "test"))
    apart = f"The {len(data.test)} test images are from {tested} photographs or parts of them"
    return f"{said} {apart}, none of which is among the {trained_on} of training."


_MEASURES: tuple[tuple[str, str, str, Literal["higher", "lower"]], ...] = (
    ("psnr", "peak signal-to-noise ratio", "dB, mean over images", "higher"),
    ("chroma_error", "chroma error", "distance in the a*b* plane of CIELAB", "lower"),
)
_REMEDY = "Name colour images, such as {name: photographs}, or write {image: {colour: rgb}}"
