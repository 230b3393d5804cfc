"""What a classification has to beat: linear read-outs of what is there without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from ...models.measures.readout import probe_accuracy
from ..plan.trial import Trial
from .controls import Control, PrincipalComponents

ERROR = "test/classification_error"
PROBE = "test/probe_accuracy"


def measure(
    best: Sequence[Trial],
    inputs: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    manifests: Mapping[str, Mapping[str, Any]],
) -> list[Control]:
    """The controls of a stage that classifies: shares of the test set that they miss.

    Args:
        best: the trials of the stage's best setting, one per seed.
        inputs: the stage's input (N, V) by split.
        labels: the class numbers (N,) by split.
        manifests: the stored manifests, those of the stages below among them.
    """
    train, test = (inputs[split].astype(np.float64) for split in ("train", "test"))
    hidden = min(best[0].widths[-1], train.shape[1])
    pca = PrincipalComponents(train, hidden)
    components = tuple((x - pca.mean) @ pca.axes.T for x in (train, test))
    frequent = np.bincount(labels["train"]).argmax()
    found = [
        ("inputs", "a linear read-out of the inputs", _missed((train, test), labels)),
        ("pca", f"a linear read-out of PCA, {hidden} components", _missed(components, labels)),
        ("frequent", "the most frequent class", float(np.mean(labels["test"] != frequent))),
    ]
    below = [manifests[key]["history"].get(PROBE) for trial in best for key in trial.parents]
    if below and all(below):
        share = float(np.mean([1 - points[-1][1] for points in below if points]))
        found.insert(0, ("stack", "a linear read-out of the stack below", share))
    return [Control(best[0].stage, name, label, {ERROR: share}) for name, label, share in found]


def _missed(codes: Sequence[np.ndarray], labels: Mapping[str, np.ndarray]) -> float:
    """The share of the test set that a linear probe of the training set misses."""
    train, test = (torch.tensor(x)[None] for x in codes)
    right = probe_accuracy(train, torch.tensor(labels["train"]), test, torch.tensor(labels["test"]))
    return 1 - float(right[0])
