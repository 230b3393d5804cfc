"""All that a trained network goes on from: its weights, and state such as persistent chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from .errors import InputError
from .network import Network

STATE = "state."


def checkpoint(network: Network, trial: int = 0) -> dict[str, np.ndarray]:
    """One trial's :meth:`~.network.Network.weights`, and its state under ``state.…``."""
    state = {
        f"{STATE}{name}": np.array(value[trial].cpu().numpy(), order="C")
        for name, value in network.state.items()
    }
    return network.weights(trial) | state


def restore(network: Network, given: Mapping[str, np.ndarray]) -> None:
    """Let a network of a single trial go on from a :func:`checkpoint`.

    Raises:
        InputError: as for ``set_weights``, or the network has several trials.
    """
    if network.trials != 1:
        raise InputError("restore", "is for a single trial", network.trials)
    restore_all(network, [given])


def restore_all(network: Network, given: Sequence[Mapping[str, np.ndarray]]) -> None:
    """Let each trial of a network go on from a :func:`checkpoint` of its own.

    Raises:
        InputError: as for ``set_weights``, or there is not one checkpoint for each trial.
    """
    if network.trials != len(given):
        raise InputError("restore", f"needs {network.trials} checkpoints", len(given))
    for trial, arrays in enumerate(given):
        parameters = {n: array for n, array in arrays.items() if not n.startswith(STATE)}
        network.set_weights(parameters, trial)
    network.state |= {
        name.removeprefix(STATE): torch.stack(
            [torch.tensor(arrays[name], device=network.device) for arrays in given]
        )
        for name in given[0]
        if name.startswith(STATE)
    }
