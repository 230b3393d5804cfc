"""A network in a folder: ``model.json`` (what it is) and ``weights.safetensors`` (its arrays).

``inputs.json`` beside them says what its inputs are, where that is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from .errors import InputError
from .inputs import INPUTS, Inputs

CONFIGURATION = "model.json"
WEIGHTS = "weights.safetensors"
FILES = (CONFIGURATION, WEIGHTS, INPUTS)


def write(
    folder: Path,
    configuration: Mapping[str, Any],
    weights: Mapping[str, np.ndarray],
    inputs: Inputs | None = None,
) -> Path:
    """Write a network's configuration and arrays, and what its inputs are; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(configuration, indent=2, sort_keys=True) + "\n"
    (folder / CONFIGURATION).write_text(text, encoding="utf-8")
    arrays = {name: np.ascontiguousarray(value) for name, value in weights.items()}
    save_file(arrays, str(folder / WEIGHTS))
    if inputs is None:
        # What another network's inputs were.
        (folder / INPUTS).unlink(missing_ok=True)
    else:
        inputs.write(folder)
    return folder


def read(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The configuration and the arrays in a folder.

    Raises:
        InputError: the folder does not hold a network, or a file in it is damaged.
    """
    for name in (CONFIGURATION, WEIGHTS):
        if not (folder / name).is_file():
            raise InputError(str(folder), f"must hold {CONFIGURATION} and {WEIGHTS}", f"no {name}")
    try:
        configuration = json.loads((folder / CONFIGURATION).read_text(encoding="utf-8"))
        if not isinstance(configuration, dict):
            raise ValueError(f"{CONFIGURATION} is no mapping")
        return configuration, load_file(str(folder / WEIGHTS))
    except (ValueError, SafetensorError) as error:
        rule = "must hold a network's undamaged files"
        raise InputError(str(folder), rule, str(error)) from error
