"""Layers trained one upon the other, used as one deep network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from . import persistence
from .abilities import Array, ability
from .errors import InputError
from .estimator import Estimator, create
from .inputs import Inputs
from .uses import Uses


class Stack(Uses):
    """Encodes upwards through every layer, and decodes downwards again.

    code = f_L(… f_1(x)),  x̂ = g_1(… g_L(code))      (Hinton & Salakhutdinov 2006, figure 1)

    Args:
        layers: estimators, the one that sees the data first; fitted, or to be by :meth:`fit`.

    Raises:
        InputError: no layer, or one whose input is not as wide as the code below it.
    """

    model = "stack"

    def __init__(self, layers: Sequence[Estimator]) -> None:
        if not layers:
            raise InputError("stack", "needs at least one layer")
        self.layers = tuple(layers)
        for below, above in zip(self.layers, self.layers[1:], strict=False):
            width = below.settings["hidden"]
            if above.network_ is not None and above.visible_ != width:
                raise InputError(
                    "stack", f"needs a layer with {width} visible units", above.visible_
                )

    def fit(self, x: ArrayLike, y: object = None) -> Self:
        """Train each layer on the codes of those below it, which stay as they are; y is ignored.

        Greedy layerwise training (Hinton, Osindero & Teh 2006, Neural Computation 18:1527; Bengio,
        Lamblin, Popovici & Larochelle 2007, NIPS 19).

        Raises:
            InputError: x, or a layer's codes, that the layer above cannot learn from.
            TrialDiverged: the layer whose loss left the finite numbers.
        """
        code = x
        for layer in self.layers:
            code = layer.fit(code).encode(code)
        return self

    def fine_tune(
        self, x: ArrayLike, y: ArrayLike | None = None, **hyperparameters: Any
    ) -> Estimator:
        """A ``fine_tune`` network that began from this stack and was trained end to end on x.

        Args:
            x: samples (N, V).
            y: whole numbers from 0 (N,), to learn their classification instead of reconstruction.
            hyperparameters: of ``fine_tune``, and ``seed`` and ``dtype``, which are else those of
                the lowest layer.

        Raises:
            InputError: a layer that cannot be unrolled, or labels that are no whole numbers.
            HyperparameterError, TrialDiverged: as for every network.
        """
        lowest = self.layers[0]
        *layers, hidden = (layer.hidden_ for layer in self.layers)
        own: dict[str, Any] = {
            "seed": lowest.seed,
            "dtype": lowest.dtype,
            "layers": layers,
            "hidden": hidden,
            "output_activation": lowest._ready().unrolled().output_activation,
        }
        if y is not None:
            labels = np.asarray(y)
            if labels.dtype.kind not in "iu":
                raise InputError("fine_tune", "needs labels that are whole numbers", labels.dtype)
            own |= {"objective": "classification", "classes": max(2, int(labels.max()) + 1)}
        tuned = create("fine_tune", **(own | hyperparameters))
        return tuned.begin_from(self.layers).fit(x, y)

    def encode(self, x: ArrayLike) -> Array:
        """The deepest codes of x (N, V), (N, H)."""
        code: ArrayLike = x
        for layer in self.layers:
            code = layer.encode(code)
        return np.asarray(code)

    def transform(self, x: ArrayLike) -> Array:
        """scikit-learn's word for :meth:`encode`."""
        return self.encode(x)

    def decode(self, code: ArrayLike) -> Array:
        """The reconstructions (N, V) of deepest codes (N, H)."""
        output: ArrayLike = code
        for layer in reversed(self.layers):
            output = layer.decode(output)
        return np.asarray(output)

    def reconstruct(self, x: ArrayLike) -> Array:
        """The reconstructions of x (N, V) by way of the deepest code."""
        return self.decode(self.encode(x))

    def score_samples(self, x: ArrayLike) -> Array:
        """Minus the squared reconstruction error of each sample, (N,)."""
        error: Array = self.reconstruct(x) - np.asarray(x)
        return np.asarray(-np.square(error).sum(1))

    @ability(lambda stack: hasattr(stack.layers[-1], "sample"))
    def sample(self, n: int, steps: int = 1000, seed: int | None = None) -> Array:
        """n samples (n, V): codes drawn by the highest layer, decoded down through the others.

        Only of a stack with a Boltzmann machine on top (Hinton, Osindero & Teh 2006, Neural
        Computation 18:1527, section 5), of whose Gibbs chain each draw is after that many steps.

        Raises:
            InputError: no sample or no step.
        """
        output: ArrayLike = self.layers[-1].sample(n, steps, seed)
        for layer in reversed(self.layers[:-1]):
            output = layer.decode(output)
        return np.asarray(output)

    @ability(lambda stack: hasattr(stack.layers[0], "complete"))
    def complete(self, x: ArrayLike, known: str) -> Array:
        """x with one modality as given, ``known`` "first" or "second", and the other made from it.

        The lowest layer completes it, and the other modality is then what the whole stack
        reconstructs. What stands in its place, (N, V) both, is not read.

        Raises:
            InputError: another word, or not a finite matrix of the right width.
        """
        filled = self.layers[0].complete(x, known)
        first = int(self.lowest_settings["first_visible"]) or self.visible_ // 2
        given_V = (np.arange(self.visible_) < first) == (known == "first")
        return np.where(given_V, filled, self.reconstruct(filled))

    @property
    def lowest_settings(self) -> dict[str, Any]:
        """Every hyperparameter, by dotted path, of the layer that sees the data."""
        return self.layers[0].settings

    @property
    def visible_(self) -> int:
        """Width of the input of the fitted stack."""
        return self.layers[0].visible_

    def weights(self) -> list[dict[str, Array]]:
        """Each layer's parameters, the lowest first."""
        return [layer.weights() for layer in self.layers]

    def save(self, folder: str | Path) -> Path:
        """Write ``model.json`` and ``weights.safetensors``, and ``inputs.json`` where known."""
        arrays = {
            f"{depth}.{name}": array
            for depth, layer in enumerate(self.layers)
            for name, array in layer.checkpoint().items()
        }
        configuration = {"stack": [layer.configuration() for layer in self.layers]}
        return persistence.write(Path(folder), configuration, arrays, self.inputs)


def load(folder: str | Path) -> Estimator | Stack:
    """The network or stack that was saved in a folder, with what its ``inputs`` are.

    Raises:
        InputError: the folder does not hold one.
    """
    configuration, arrays = persistence.read(Path(folder))
    found: Estimator | Stack
    if "stack" in configuration:
        layers = []
        for depth, layer in enumerate(configuration["stack"]):
            prefix = f"{depth}."
            own = {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
            layers.append(Estimator.restored(layer, own))
        found = Stack(layers)
    else:
        found = Estimator.restored(configuration, arrays)
    found.inputs = Inputs.read(Path(folder))
    return found
