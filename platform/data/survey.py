"""A data set as a study would see it, in words: what a person wants to know before training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .dataset import SPLITS, DataSet

_MOST_NAMED = 8


@dataclass(frozen=True)
class Survey:
    """What there is, each in words. notes: what a person may want to do about it."""

    name: str
    samples: str
    inputs: str
    values: str
    labels: str
    memory: str
    notes: tuple[str, ...]


def survey(data: DataSet) -> Survey:
    """Look at all splits of a data set."""
    counts = {split: len(getattr(data, split)) for split in SPLITS}
    shares = ", ".join(f"{count} {split}" for split, count in counts.items())
    low = min(float(getattr(data, split).min()) for split in SPLITS)
    high = max(float(getattr(data, split).max()) for split in SPLITS)
    return Survey(
        data.name,
        f"{sum(counts.values())}: {shares}{_groups(data)}",
        _inputs(data),
        f"from {low:g} to {high:g}",
        _labels(data),
        _memory(data),
        tuple(_notes(data, low, high)),
    )


def _inputs(data: DataSet) -> str:
    about = []
    if data.image_shape is not None:
        height, width = data.image_shape
        planes = f", {data.channels} planes" if data.channels > 1 else ""
        about.append(f"an image of {height}x{width} pixels{planes}")
    if data.sound is not None:
        sound = data.sound
        about.append(
            f"{sound.frames} window(s) of {sound.window} samples, {sound.hop} apart, "
            f"at {sound.rate} samples a second"
        )
    if data.modalities:
        about.append(", ".join(f"{kind.width} of {kind.name}" for kind in data.modalities))
    elif data.features:
        about.append(_listed(data.features))
    return f"{data.visible}" + (f": {'; '.join(about)}" if about else "")


def _groups(data: DataSet) -> str:
    if data.groups is None:
        return ""
    counts = (f"{len(np.unique(data.groups[split]))} {split}" for split in SPLITS)
    return f"; whole groups in one split: {', '.join(counts)}"


def _labels(data: DataSet) -> str:
    if data.labels is None:
        return "none"
    every = np.concatenate([data.labels[split] for split in SPLITS])
    if not data.classes:
        return f"{len(np.unique(every))} different values, so no classes"
    there, counts = np.unique(every, return_counts=True)
    each = [f"{label} ({count})" for label, count in zip(there, counts, strict=True)]
    return f"{len(there)} classes: {_listed(each)}"


def _memory(data: DataSet) -> str:
    size = sum(getattr(data, split).nbytes for split in SPLITS)
    said = f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"
    return f"{said}, in memory" if data.folder is None else f"{said}, streamed: {data.folder}"


def _notes(data: DataSet, low: float, high: float) -> list[str]:
    notes = []
    constant = int((data.train.min(0) == data.train.max(0)).sum())
    if constant:
        verb = "input never varies" if constant == 1 else "inputs never vary"
        notes.append(f"{constant} {verb} in training")
    if low < 0 or high > 1:
        notes.append(
            "models of binary units need values from 0 to 1: {scale: unit}; for others "
            "{scale: standardise} gives every input the same weight"
        )
    if data.labels is None:
        notes.append("without labels nothing is measured that needs classes")
    elif data.classes and min(len(np.unique(data.labels[s])) for s in SPLITS) < len(data.classes):
        notes.append("some classes are missing in a split: there are few samples of them")
    return notes


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(words[:_MOST_NAMED]) + (", …" if len(words) > _MOST_NAMED else "")
