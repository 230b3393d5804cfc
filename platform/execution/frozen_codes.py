"""What a stage reads of the stages below: their codes, computed once, mapped by whoever reads them.

A code is the hidden representation of clean samples. It is made when the first child needs it, by
one process, from the parent's weights and the codes below that parent; from then on nothing below
is looked at. All trials under one parent share one tensor, and where a cohort has a single parent
that tensor is the file itself, mapped: workers of a host share its pages.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ..data import DataSet
from ..plan.network import mapped_tensor, tensor_of
from ..store.store import Store
from ..store.turns import PATIENCE_SECONDS
from .trained import estimator

_log = logging.getLogger("layerwise.execution")

SPLITS = ("train", "validation", "test")


def stage_inputs(inputs: Sequence[str], data: DataSet, store: Store) -> Mapping[str, np.ndarray]:
    """What a trial reads, (N, V) for each split.

    The codes of the trials with these keys, several side by side; the data where there is none.

    Raises:
        StoreError: the store does not hold one of them.
    """
    if not inputs:
        return {split: getattr(data, split) for split in SPLITS}
    below = [codes(key, data, store) for key in inputs]
    if len(below) == 1:
        return below[0]
    return {split: np.concatenate([c[split] for c in below], axis=1) for split in SPLITS}


def codes(key: str, data: DataSet, store: Store) -> Mapping[str, np.ndarray]:
    """The codes (N, H) of a finished trial for each split; computed once, then mapped.

    Raises:
        StoreError: the store does not hold the trial, or it diverged.
    """
    held = store.codes(key)
    return _made(key, data, store, PATIENCE_SECONDS) if held is None else held


def make_codes(keys: Iterable[str], data: DataSet, store: Store) -> None:
    """See to it that the store holds the codes of all these trials.

    What another process is making is left for last, so that processes which start with the same
    parents share the work instead of following one another from parent to parent.

    Raises:
        StoreError: as :func:`codes`.
    """
    missing = [key for key in dict.fromkeys(keys) if store.codes(key) is None]
    left = [key for key in missing if not _made(key, data, store, 0.0)]
    for key in left:
        codes(key, data, store)


def sources(
    inputs: Sequence[Sequence[str]],
    data: DataSet,
    store: Store,
    dtype: torch.dtype,
    device: torch.device,
) -> dict[str, Tensor]:
    """What the trials of a cohort read, (P, N, V) for each split.

    Args:
        inputs: for each of the P sources the keys whose codes it is; none for the data.
        data, store: where they come from.
        dtype, device: of the tensors.

    Raises:
        StoreError: as :func:`codes`.
    """
    make_codes([key for keys in inputs for key in keys], data, store)
    arrays = [stage_inputs(keys, data, store) for keys in inputs]
    return {split: _stacked([a[split] for a in arrays], dtype, device) for split in SPLITS}


def _stacked(arrays: Sequence[np.ndarray], dtype: torch.dtype, device: torch.device) -> Tensor:
    if len(arrays) == 1:
        return tensor_of(arrays[0], dtype, device)[None]
    stacked = torch.empty((len(arrays), *arrays[0].shape), dtype=dtype, device=device)
    for row, array in zip(stacked, arrays, strict=True):
        row.copy_(mapped_tensor(array))
    return stacked


def _made(
    key: str, data: DataSet, store: Store, patience_seconds: float
) -> Mapping[str, np.ndarray]:
    """The codes, made here unless another process makes them; empty when that takes too long."""
    # Before the turn: what lies below may have to be made too, and turns must not nest.
    inputs = stage_inputs(store.manifest(key)["inputs"], data, store)
    with store.turn(key, patience_seconds) as ours:
        held = store.codes(key)
        if held is not None or not (ours or patience_seconds):
            return held or {}
        _log.info("codes of %s are computed", key[:12])
        network = estimator(key, store)
        # In slices, so that the activations of a large set fit any memory.
        made = {
            split: np.concatenate([network.encode(part) for part in _slices(x)])
            for split, x in inputs.items()
        }
        store.put_codes(key, made)
    return store.codes(key) or made


def _slices(x: np.ndarray, rows: int = 10_000) -> Iterator[np.ndarray]:
    for start in range(0, len(x), rows):
        yield x[start : start + rows]
