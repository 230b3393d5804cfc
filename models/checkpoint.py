"""All that a trained network goes on from: its weights, and state such as persistent chains."""

from __future__ import annotations

from collections.abc import Mapping

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
    network.set_weights({n: array for n, array in given.items() if not n.startswith(STATE)})
    network.state |= {
        name.removeprefix(STATE): torch.tensor(array, device=network.device)[None]
        for name, array in given.items()
        if name.startswith(STATE)
    }
