"""What happens inside the networks: codes, units, Jacobians, chains, for the record.

Everything here is bounded by multiplications, not by samples: a small network is looked at closely,
a large one at fewer samples or not at all, so that an answer never waits a second for its pictures.
The code is that of the setting's own stage, and its Jacobian is taken by what that stage reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from ...models.estimator import Estimator
from ...models.measures.evaluation import ACTIVE
from ..data import DataSet
from ..execution.frozen_codes import stage_inputs
from ..execution.trained import estimator, network
from ..store.store import Store
from .alongside import alongside
from .as_images import as_images
from .chains import chains
from .evenly import evenly
from .field import SIDE, noise, vector_field
from .inside_entries import Inside
from .principal import Principal, principal
from .ranking import Ranked
from .spectra import QUANTILES, spectra

SHOWN = 500
"""Samples on the map of codes."""
READ = 1000
"""Samples at which units are watched."""
DIRECTIONS = 4
PLACES = tuple(np.linspace(-2.0, 2.0, 7).tolist())
"""Along a direction of the code, in standard deviations."""
EFFORT = 2**32
"""Multiplications that watching the units of all settings may take."""
LONGEST_CLASS = 60
IN_PLANE = 400
"""Samples that stand in the plane of a field."""
FIELD_EFFORT = 2**27
"""Multiplications that the field may take."""


def look(
    ranking: list[Ranked], data: DataSet, store: Store, stack: list[Estimator] | None
) -> Inside:
    """Look inside the best setting, and some that differ from it.

    Args:
        ranking: settings, best first, at least one.
        data, store: where their inputs and weights come from.
        stack: the best setting's networks from the data up; None where it joins several parents.
    """
    with _one_thread():
        return _look(ranking, data, store, stack)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Matrices this small are done before a second thread is awake, which then only burns time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _look(
    ranking: list[Ranked], data: DataSet, store: Store, stack: list[Estimator] | None
) -> Inside:
    found = Inside()
    split = "validation" if len(data.validation) else "test"
    best = ranking[0].trials[0]
    top = estimator(best.key, store) if stack is None else stack[-1]
    seen = stage_inputs(best.inputs, data, store)[split]
    rows = evenly(len(seen), SHOWN)
    codes = top.encode(seen[rows])
    if np.isfinite(codes).all() and len(codes) > 1:
        components = principal(codes, DIRECTIONS)
        if len(components.shares):
            _map(found, best.key, data, split, rows, components)
            if stack is not None and not hasattr(top, "sample"):
                _traverse(found, best.key, data, stack, components)
    _watch(found, ranking, data, store, split, top)
    if stack is not None and data.image_shape is not None:
        _chains(found, best.key, data, stack)
    if stack is not None:
        _flow(found, best.key, data, split, stack)
    return found


def effort(layer: Estimator) -> int:
    """About how many multiplications the code of one sample takes."""
    return size(layer) * (1 + int(layer.settings.get("mean_field.updates", 0)))


def size(layer: Estimator) -> int:
    """About how many multiplications one pass through a network takes."""
    parameters = sum(array.size for array in layer.weights().values())
    return max(parameters, layer.visible_ * layer.hidden_)


def _map(
    found: Inside,
    key: str,
    data: DataSet,
    split: str,
    rows: np.ndarray,
    components: Principal,
) -> None:
    """Codes on their first two principal components; labels only colour them."""
    points = np.zeros((len(rows), 2))
    points[:, : components.points.shape[1]] = components.points[:, :2]
    arrays = {"points": points}
    numbers = data.class_numbers
    if numbers is not None:
        arrays["labels"] = numbers[split][rows]
    samples = getattr(data, split)
    if data.image_shape is not None:
        arrays["thumbnails"] = grey(as_images(samples[rows], data))
    entry: dict[str, object] = {
        "key": key,
        "split": split,
        "samples": len(rows),
        "of": len(samples),
        "shares": [float(share) for share in components.shares[:2]],
        "classes": [str(name)[:LONGEST_CLASS] for name in data.classes],
    }
    found.add("code_map", entry, arrays)


def grey(images: np.ndarray) -> np.ndarray:
    """Images (n, h, w) in 256 grey levels, from their least to their largest value."""
    low, high = float(images.min()), float(images.max())
    return np.round((images - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)


def _traverse(
    found: Inside, key: str, data: DataSet, stack: list[Estimator], components: Principal
) -> None:
    """What is decoded while the code goes along its principal directions, through its mean."""
    if data.image_shape is None:
        return
    along = np.asarray(PLACES)[None, :, None]
    steps = (components.deviations[:, None] * components.directions)[:, None]
    codes = (components.mean + along * steps).reshape(-1, len(components.mean))
    images = as_images(network(stack).decode(codes), data)
    images = images.reshape(len(steps), len(PLACES), *data.image_shape)
    if np.isfinite(images).all():
        shares = [float(share) for share in components.shares]
        entry: dict[str, object] = {"key": key, "shares": shares, "places": list(PLACES)}
        found.add("traversal", entry, {"images": images})


def _watch(
    found: Inside,
    ranking: list[Ranked],
    data: DataSet,
    store: Store,
    split: str,
    top: Estimator,
) -> None:
    """How often each unit speaks, and the spectrum of the Jacobian, setting by setting."""
    activity, spectrum = EFFORT, None
    for place, row in enumerate([ranking[0], *alongside(ranking)]):
        trial = row.trials[0]
        layer = top if place == 0 else estimator(trial.key, store)
        seen = stage_inputs(trial.inputs, data, store)[split]
        rows = evenly(len(seen), max(1, min(READ, activity // effort(layer) if place else READ)))
        activity -= len(rows) * effort(layer)
        if place and activity < 0:
            return
        about: dict[str, Any] = {"key": trial.key, "split": split, "of": len(seen)}
        codes = layer.encode(seen[rows])
        found.add(
            "units",
            {**about, "samples": len(rows), "threshold": ACTIVE},
            {"frequency": (np.abs(codes) > ACTIVE).mean(0), "mean": codes.mean(0)},
        )
        spectrum = spectra(layer, effort(layer), seen, spectrum)
        if spectrum.values is not None:
            low, mean, high = spectrum.bands()
            entry = {
                **about,
                "samples": len(spectrum.values),
                "quantiles": list(QUANTILES),
                "resolution": spectrum.resolution,
            }
            found.add("spectrum", entry, {"mean": mean, "low": low, "high": high})


def _chains(found: Inside, key: str, data: DataSet, stack: list[Estimator]) -> None:
    """What a Boltzmann machine dreams, decoded by the layers below it."""
    steps, states = chains(stack[-1], size(stack[-1]))
    if not steps:
        return
    if len(stack) > 1:
        below = network(stack[:-1])
        states = [below.decode(state) for state in states]
    images = np.stack([as_images(state, data) for state in states])
    if np.isfinite(images).all():
        found.add("gibbs", {"key": key, "steps": steps}, {"images": images})


def _flow(found: Inside, key: str, data: DataSet, split: str, stack: list[Estimator]) -> None:
    """Where the networks carry the plane of data with two inputs, and samples in that plane."""
    if data.visible != 2 or SIDE**2 * sum(map(effort, stack)) > FIELD_EFFORT:
        return
    samples = getattr(data, split)
    rows = evenly(len(samples), IN_PLANE)
    flow = vector_field(stack, np.concatenate([data.train, samples[rows]]))
    if flow is not None:
        entry: dict[str, object] = {
            "key": key,
            "split": split,
            "samples": len(rows),
            "of": len(samples),
            "quantity": flow.quantity,
            **noise(stack),
        }
        parts = {"points": flow.points, "vectors": flow.vectors, "samples": samples[rows]}
        found.add("field", entry, parts)
