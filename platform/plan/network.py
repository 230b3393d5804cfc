"""The network of a cohort before its first step, and samples such as it will see."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from ...models import registry
from ...models.arguments import DTYPES
from ...models.network import Network
from ..data import DataSet
from .trial import Trial

Load = Callable[[Network, Sequence[Trial]], None]


def network_of(
    trials: Sequence[Trial], device: torch.device | None = None, load: Load | None = None
) -> Network:
    """One network with a row of its trial axis for each of these trials of one structure.

    Args:
        trials: what it is made for.
        device: where its tensors live.
        load: gives a network of the stack below a joint stage its trained weights, trial by trial;
            left out, the stack is as untrained as the network itself.

    Raises:
        InputError: a joint stage cannot start from the stack below it.
    """
    first = trials[0]
    settings = [trial.settings for trial in trials]
    seeds = [trial.seed for trial in trials]
    variant = registry.lookup(first.model)
    network = variant(first.visible, settings, seeds, DTYPES[first.dtype], device)
    if first.joint:
        layers = []
        for column in zip(*(trial.stack for trial in trials), strict=True):
            layers.append(network_of(column, device, load))
            if load is not None:
                load(layers[-1], column)
        network.begin_from(layers)
    return network


def tensor_of(array: np.ndarray, dtype: torch.dtype, device: torch.device | None = None) -> Tensor:
    """An array as a tensor of that type on that device: a copy, unless it is mapped from a file.

    What is mapped stays so where type and device allow it. It is mapped privately: no write reaches
    the file.
    """
    if isinstance(array, np.memmap):
        return mapped_tensor(array).to(device, dtype)
    return torch.tensor(array, dtype=dtype, device=device)


def mapped_tensor(array: np.ndarray) -> Tensor:
    """The array's own memory as a tensor."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
        return torch.from_numpy(array)


def samples_like(trial: Trial, data: DataSet, most: int | None = None) -> Tensor:
    """Training samples of this trial, (1, N, V), at most so many.

    Codes are not known before their trials are trained: numbers from 0 to 1 stand for them.
    """
    count = len(data.train[:most])
    if trial.inputs:
        samples: np.ndarray = np.random.default_rng(0).random((count, trial.visible))
    else:
        samples = data.train[:most]
    return tensor_of(samples, DTYPES[trial.dtype])[None]


def labels_like(data: DataSet, most: int | None = None) -> Tensor | None:
    """The class numbers of :func:`samples_like`, (N,); None without labels."""
    numbers = data.class_numbers
    return None if numbers is None else torch.tensor(numbers["train"][:most])
