"""What the networks see: reconstructions, filters, codes, as small arrays for the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from ...models.corruption import Corruption
from ...models.draws import Draws
from ...models.estimator import Estimator
from ..data import DataSet
from ..execution.trained import layers, network, untrained
from ..store.store import Store
from .as_images import as_images
from .controls import PrincipalComponents
from .inside import look
from .inside_entries import Inside
from .ranking import Ranked

SHOWN = 12
FILTERS = 64

Images = Callable[[np.ndarray], np.ndarray]


@dataclass
class Pictures:
    """Panels of images and looks inside, as study.json lists them, and the arrays of both."""

    panels: list[dict[str, object]] = field(default_factory=list)
    inside: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, panel: str, title: str, key: str, arrays: dict[str, np.ndarray]) -> None:
        """One more panel of images (n, height, width)."""
        names = {kind: f"{panel}/{kind}" for kind in arrays}
        self.panels.append({"panel": panel, "title": title, "key": key, "arrays": names})
        self.arrays.update({names[kind]: array for kind, array in arrays.items()})

    def show(self, inside: Inside) -> None:
        """Further looks inside, after those that there are."""
        together = Inside(self.inside, self.arrays)
        for kind, entries in inside.entries.items():
            for entry in entries:
                arrays = {part: inside.arrays[name] for part, name in entry["arrays"].items()}
                together.add(kind, entry, arrays)


def take(ranking: list[Ranked], data: DataSet, store: Store) -> Pictures:
    """Pictures of the best setting, of the noisiest one, and of their controls.

    No panels where the data are no images or the best stage joins several parents; what happens
    inside (:mod:`.inside`) is there for all data.
    """
    pictures = Pictures()
    if not ranking:
        return pictures
    best = ranking[0].trials[0]
    stack = layers(best.key, store)
    inside = look(ranking, data, store, stack)
    pictures.inside, pictures.arrays = inside.entries, inside.arrays
    fresh = untrained(best.key, store)
    if data.image_shape is None or stack is None or fresh is None:
        return pictures
    clean = data.test[:SHOWN]

    def images(rows: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(as_images(rows, data), dtype=np.float32)

    pictures.add(
        "best",
        "the best setting",
        best.key,
        {
            "clean": images(clean),
            "reconstructed": images(network(stack).reconstruct(clean)),
            **_filters(stack[0], images),
        },
    )
    noisiest = _noisiest(ranking)
    if noisiest is not None:
        key = noisiest.trials[0].key
        noisy = layers(key, store)
        assert noisy is not None
        corrupted = _corrupted(noisy[0], clean)
        pictures.add(
            "noise",
            "the best setting at the highest noise level",
            key,
            {
                "clean": images(clean),
                "corrupted": images(corrupted),
                "reconstructed": images(network(noisy).reconstruct(corrupted)),
                **_filters(noisy[0], images),
            },
        )
    components = PrincipalComponents(data.train, stack[-1].hidden_)
    pictures.add(
        "pca",
        "PCA of the same code size",
        "",
        {
            "clean": images(clean),
            "reconstructed": images(components.reconstruct(clean)),
            "filters": images(components.axes[:FILTERS]),
        },
    )
    pictures.add(
        "untrained",
        "the stack that the best setting started from"
        if best.joint
        else "the best setting before training",
        best.key,
        {
            "clean": images(clean),
            "reconstructed": images(network(fresh).reconstruct(clean)),
            **_filters(fresh[0], images),
        },
    )
    return pictures


def _noisiest(ranking: list[Ranked]) -> Ranked | None:
    """The best-ranked setting at the highest noise level met, if there is any noise on the data."""
    levels = [
        (float(row.trials[0].settings.get("corruption.level", 0.0)), -row.rank, row)
        for row in ranking
        if not row.trials[0].inputs
    ]
    level, _, row = max(levels, default=(0.0, 0, None), key=lambda found: found[:2])
    return row if level > 0 else None


def _corrupted(layer: Estimator, clean: np.ndarray) -> np.ndarray:
    values = {
        name: layer.settings[f"corruption.{name}"]
        if declared.structural
        else torch.tensor([layer.settings[f"corruption.{name}"]], dtype=torch.float32)
        for name, declared in Corruption.hyperparameters.items()
    }
    x = torch.tensor(clean, dtype=torch.float32)[None]
    return np.asarray(Corruption(values)(x, Draws([layer.seed]))[0].numpy())


def _filters(layer: Estimator, images: Images) -> dict[str, np.ndarray]:
    """The weights of the units that see the data; nothing where they are no images of its size."""
    weights = layer.weights()
    weight = weights.get("weight", weights.get("1.weight"))
    if weight is None or weight.ndim != 2 or weight.shape[0] != layer.visible_:
        return {}
    return {"filters": images(weight.T[:FILTERS])}
