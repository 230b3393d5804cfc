"""What a network makes of samples of which it is given one modality, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ...models.estimator import Estimator
from ...models.retrieval import nearest
from ...models.stack import Stack
from ..errors import StudyError
from .completions import NEIGHBOURS, Merit, best_of, voted
from .filled import Filled
from .pairs import Given, Pairs, Samples
from .ranks import Array

MODELS = "bimodal_autoencoder or multimodal_boltzmann_machine"


@dataclass(frozen=True)
class Completed:
    """n samples. of_image: their tags filled in, and the code of that; of_tags: their image."""

    of_image: Pairs
    of_tags: Pairs
    codes: tuple[Array, Array]

    @classmethod
    def by(cls, network: Estimator | Stack, samples: Samples, given: Given) -> Self:
        """By that network, of samples of these data."""
        first, second = (network.complete(samples.rows, known) for known in ("first", "second"))
        codes = tuple(np.asarray(network.encode(x), dtype=np.float64) for x in (first, second))
        own, other = (Pairs.of(x, given.data) for x in (first, second))
        return cls(own, other, (codes[0], codes[1]))

    @property
    def filled(self) -> Filled:
        """What was missing, and the codes of what was given."""
        return Filled(self.of_image.tags, self.of_tags.image, self.codes)


def require_completing(stage: str, network: Estimator | Stack, given: Given) -> None:
    """Whether this network of a stage completes modalities, those of the data.

    Raises:
        StudyError: it completes none, or its first modality is of another width.
    """
    if not hasattr(network, "complete"):
        rule = "needs networks that complete a modality, to be used for modalities"
        raise StudyError(stage, rule, network.model, f"Take {MODELS}.")
    width = given.data.modalities[0].width
    found = int(network.lowest_settings["first_visible"]) or network.visible_ // 2
    if found != width:
        rule = f"must part its inputs where the data do, after the {width} of the image"
        raise StudyError(f"{stage}.first_visible", rule, found, f"Write first_visible: {width}.")


def tags_of_neighbours(
    network: Any, test: Completed, given: Given, merit: Merit
) -> tuple[Array, str]:
    """The tags of the training samples whose codes are nearest to a test sample's, (n, K).

    Training samples are encoded whole, test samples from their image alone. How many neighbours is
    chosen by the merit of the same on validation samples; in words.
    """
    train, tags = network.encode(given.train.rows), given.train.pairs.tags
    ahead = network.encode(network.complete(given.validation.rows, "first"))
    most = [k for k in NEIGHBOURS if k <= len(tags)]

    def complete(codes: Array, k: int) -> Array:
        return voted(nearest(codes, train, k).places, tags)

    options = ((f"{k} nearest", lambda codes, k=k: complete(codes, k)) for k in most)
    chosen = best_of(options, ahead, merit)
    return chosen.complete(test.codes[0]), chosen.words
