"""What the networks see: reconstructions and filters, as small arrays for the record."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from ...models.corruption import Corruption
from ...models.draws import Draws
from ...models.estimator import Estimator
from ..data import DataSet
from ..execution.trained import layers, network, untrained
from ..store.store import Store
from .controls import PrincipalComponents
from .ranking import Ranked

SHOWN = 12
FILTERS = 64


@dataclass
class Pictures:
    """Panels of images, as study.json lists them, and their arrays (n, height, width)."""

    panels: list[dict[str, object]] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, panel: str, title: str, key: str, arrays: dict[str, np.ndarray]) -> None:
        """One more panel."""
        names = {kind: f"{panel}/{kind}" for kind in arrays}
        self.panels.append({"panel": panel, "title": title, "key": key, "arrays": names})
        self.arrays.update({names[kind]: array for kind, array in arrays.items()})


def take(ranking: list[Ranked], data: DataSet, store: Store) -> Pictures:
    """Pictures of the best setting, of the noisiest one, and of their controls.

    Nothing where the data are no images or the best stage joins several parents.
    """
    pictures = Pictures()
    if data.image_shape is None or not ranking:
        return pictures
    shape = data.image_shape
    clean = data.test[:SHOWN]

    def images(rows: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(rows.reshape(-1, *shape), dtype=np.float32)

    best = ranking[0].trials[0]
    stack = layers(best.key, store)
    if stack is None:
        return pictures
    pictures.add(
        "best",
        "the best setting",
        best.key,
        {
            "clean": images(clean),
            "reconstructed": images(network(stack).reconstruct(clean)),
            "filters": images(_filters(stack[0])),
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
                "filters": images(_filters(noisy[0])),
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
    fresh = [untrained(layer) for layer in stack]
    pictures.add(
        "untrained",
        "the best setting before training",
        best.key,
        {
            "clean": images(clean),
            "reconstructed": images(network(fresh).reconstruct(clean)),
            "filters": images(_filters(fresh[0])),
        },
    )
    return pictures


def _noisiest(ranking: list[Ranked]) -> Ranked | None:
    """The best-ranked setting at the highest noise level met, if there is any noise on the data."""
    levels = [
        (float(row.trials[0].settings.get("corruption.level", 0.0)), -row.rank, row)
        for row in ranking
        if not row.trials[0].depth
    ]
    level, _, row = max(levels, default=(0.0, 0, None), key=lambda found: found[:2])
    return row if level > 0 else None


def _corrupted(layer: Estimator, clean: np.ndarray) -> np.ndarray:
    settings = layer.settings
    corruption = Corruption(
        {
            "kind": settings["corruption.kind"],
            "level": torch.tensor([settings["corruption.level"]], dtype=torch.float32),
        }
    )
    x = torch.tensor(clean, dtype=torch.float32)[None]
    return np.asarray(corruption(x, Draws([layer.seed]))[0].numpy())


def _filters(layer: Estimator) -> np.ndarray:
    return layer.weights()["weight"].T[:FILTERS]
