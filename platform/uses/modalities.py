"""Two modalities: does a network that knows images with their tags supply what is missing?

Samples are images with tags (:mod:`..contests.pairs`). Of each test sample only the image is given,
and tags are ranked by what the network fills in; then only the tags, and the right image is looked
for by the one that it fills in. In the codes, those of images alone and of tags alone look for each
other: a sample that lacks a modality is filled in first, and then encoded. (Ngiam et al. 2011,
ICML; Srivastava & Salakhutdinov 2014, JMLR 15:2949, sections 3.3 and 4; the measures are those of
:mod:`..contests.filled`.)

A network is called by its stage; ``stage/neighbours`` are the tags of the training samples nearest
to a sample by its code, ``stage/both`` is what it makes of samples that lack nothing. What has to
be beaten is in :mod:`..contests.modality_controls`, and the untrained network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from ..answer.controls import PrincipalComponents
from ..answer.inside_entries import Inside
from ..contests.completed import Completed, require_completing, tags_of_neighbours
from ..contests.completions import squared_distances
from ..contests.filled import Filled, cosines, measured
from ..contests.found_images import Seen, add_found
from ..contests.modality_controls import Without, tags_merit, without_network
from ..contests.pairs import Given, Pairs, require_pairs
from ..data import DataSet
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Leaf, Trained
from .use import Use


@dataclass(frozen=True)
class Modalities(Use):
    """What is missing of images with tags, made from what is there.

    k: places of a ranking that count for precision and recall, from 1 to 100.
    """

    name: ClassVar[str] = "modalities"
    k: int = 5

    def __post_init__(self) -> None:
        problems = rules.Problems()
        with problems.under("k"):
            rules.integer(rules.plain(self.k), 1, 100)
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs images with tags, some of them in every split."""
        require_pairs("use.modalities", data)

    def look(self, trained: Trained) -> Findings:
        """How good what is filled in is, of networks and of controls.

        Raises:
            StudyError: a network that completes nothing, or parts its inputs elsewhere.
        """
        given, inside = Given.of(trained.data), Inside()
        for leaf in trained.leaves:
            require_completing(leaf.stage, leaf.network(leaf.seeds[0]), given)
        networks = [
            one
            for number, leaf in enumerate(trained.leaves)
            for one in self._networks(leaf, number == 0, given, inside)
        ]
        controls = list(without_network(given))
        [near] = [one for one in controls if one.name == "nearest"]
        assert near.filled.tags is not None
        image = given.test.pairs.image
        apart = -squared_distances(image, image)
        add_found(inside, Seen("pixels", "", near.filled.tags, apart), given)
        found = [
            *networks,
            *(self._control(one, given, trained.seeds) for one in controls),
            self._components(trained, given),
        ]
        measures = [
            Measured(f"modalities/{name}", label, unit.format(k=self.k), better, tuple(
                one.contestant(name) for one in found if one.has(name)
            ))
            for name, label, unit, better in _MEASURES
        ]  # fmt: skip
        return Findings(measures, inside, _said(found, controls, given))

    def _networks(
        self, leaf: Leaf, first: bool, given: Given, inside: Inside
    ) -> Iterator[_Contender]:
        """A leaf, what its neighbours and whole samples give, and the leaf before training."""
        own = _Contender(leaf.stage, leaf.label, False)
        near = _Contender(f"{leaf.stage}/neighbours", f"{leaf.label}, neighbours by code", False)
        # The first branch's has the plain name.
        name = "untrained" if first else f"{leaf.stage}/untrained"
        before = _Contender(name, f"{leaf.label}, untrained", True)
        truth, merit = given.test.pairs, tags_merit(given.validation.pairs)
        for seed in leaf.seeds:
            network = leaf.network(seed)
            made = Completed.by(network, given.test, given)
            tags, _ = tags_of_neighbours(network, made, given, merit)
            start = Completed.by(leaf.untrained(seed), given.test, given)
            for one, filled in ((own, made.filled), (near, Filled(tags)), (before, start.filled)):
                one.numbers[seed] = measured(filled, truth, self.k)
            for one, of in ((own, network), (before, leaf.untrained(seed))):
                one.numbers[seed] |= self._whole(of.reconstruct(given.test.rows), given)
            if seed == leaf.seeds[0]:
                code = made.codes[0]
                seen = Seen(leaf.label, leaf.trials[0].key, made.of_image.tags, cosines(code, code))
                add_found(inside, seen, given)
        yield from (own, near, before)

    def _control(self, one: Without, given: Given, seeds: tuple[int, ...]) -> _Contender:
        found = measured(one.filled, given.test.pairs, self.k)
        return _Contender(one.name, one.label, True, dict.fromkeys(seeds, found))

    def _components(self, trained: Trained, given: Given) -> _Contender:
        """Principal components, as many as the first network's code has units."""
        pca = PrincipalComponents(given.train.rows, trained.leaves[0].trials[0].widths[-1])
        found = self._whole(pca.reconstruct(given.test.rows), given)
        label = f"PCA, {len(pca.axes)} components"
        return _Contender("pca", label, True, dict.fromkeys(trained.seeds, found))

    def _whole(self, reconstruction: np.ndarray, given: Given) -> dict[str, float]:
        """How well the test samples are told apart by what is made of all of them."""
        made = Pairs.of(reconstruction, given.data)
        found = measured(Filled(made.tags, made.image), given.test.pairs, self.k)
        return {f"whole_{measure}": found[measure] for measure in ("tag_map", "image_rank")}


@dataclass(frozen=True)
class _Contender:
    """A contestant with all its numbers: seed → measure → number."""

    name: str
    label: str
    control: bool
    numbers: dict[int, dict[str, float]] = field(default_factory=dict)

    def has(self, measure: str) -> bool:
        """Whether it was measured so."""
        return all(measure in found for found in self.numbers.values())

    def contestant(self, measure: str) -> Contestant:
        """Its number for each seed."""
        values = {seed: found[measure] for seed, found in self.numbers.items()}
        return Contestant(self.name, self.label, self.control, values)

    def mean(self, measure: str) -> float:
        """Over seeds."""
        return float(np.mean([found[measure] for found in self.numbers.values()]))


def _said(found: list[_Contender], controls: list[Without], given: Given) -> list[str]:
    """Who was asked about what, what a missing modality costs, and what validation chose."""
    has = given.test.pairs.has
    said = [
        f"{len(has)} test samples have {has.sum(1).mean():.2g} of {has.shape[1]} tags each, on "
        f"average; {len(given.train.rows)} samples were learned from."
    ]
    said += [
        f"{one.label}: the tags have a mean average precision of {one.mean('tag_map'):.3g} given "
        f"the image alone, {one.mean('whole_tag_map'):.3g} given both; the right image has a "
        f"mean reciprocal rank of {one.mean('image_rank'):.3g} given the tags alone, and of "
        f"{one.mean('whole_image_rank'):.3g} given both."
        for one in found
        if not one.control and one.has("whole_tag_map")
    ]
    chosen = "; ".join(f"{one.label}: {one.chosen}" for one in controls if one.chosen)
    return [*said, f"Validation samples chose, for tags, {chosen}."]


_MEASURES: tuple[tuple[str, str, str, Literal["higher", "lower"]], ...] = (
    ("tag_map", "tags of an image", "mean average precision over samples", "higher"),
    ("tag_precision", "first tags of an image", "share of the {k} likeliest", "higher"),
    ("word_map", "images of a word", "mean average precision over words", "higher"),
    ("image_rank", "image of its tags", "mean reciprocal rank", "higher"),
    ("image_recall", "image of its tags, near", "share among the {k} nearest", "higher"),
    ("tags_by_code", "tags by the code of the image", "mean reciprocal rank", "higher"),
    ("image_by_code", "image by the code of its tags", "mean reciprocal rank", "higher"),
    ("image_error", "error of the image", "squared error, summed over pixels", "lower"),
    ("whole_tag_map", "tags of image and tags", "mean average precision over samples", "higher"),
    ("whole_image_rank", "image of image and tags", "mean reciprocal rank", "higher"),
)
