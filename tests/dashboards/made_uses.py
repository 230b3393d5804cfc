"""Made-up detectors, retrievals, sounds and colours, as a study's record may have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from layerwise.dashboards.frames import Frames

HOSTILE = "<img src=x onerror=alert(1)>%{x}" + "x" * 5000
NORMAL, ANOMALOUS = 400, 80
DETECTORS = (
    ("reconstruction error", False, 2.0),
    ("free energy", False, 1.4),
    ("denoising score", False, 1.1),
    ("PCA error", True, 1.0),
    ("untrained network", True, 0.1),
)
QUERIES, NEAREST = 5, 8
RATE = 8000


def with_uses(frames: Frames, **changes: Any) -> Frames:
    """The frames with an entry of each kind; ``changes`` replaces lists of entries, or arrays."""
    key = str(frames.runs["key"].iloc[0])
    inside, arrays = {**entries(key)}, made_arrays()
    for name, value in changes.items():
        if name in inside:
            inside[name] = value
        else:
            arrays[f"inside/{name.replace('__', '/')}"] = np.asarray(value)
    whole = {**frames.study.get("inside", {}), **inside}
    images = {**frames.images, **{name: np.float32(array) for name, array in arrays.items()}}
    study = {**frames.study, "inside": whole}
    return replace(frames, study=study, images=images, memory={})


def entry(kind: str, place: int, parts: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """An entry whose arrays are named as the platform names them."""
    return {**more, "arrays": {part: f"inside/{kind}/{place}/{part}" for part in parts}}


def entries(key: str) -> dict[str, list[dict[str, Any]]]:
    """The entries of all four kinds."""
    found = ("queries", "found", "relevant")
    return {
        "anomaly": [
            entry(
                "anomaly",
                at,
                ("scores", "labels"),
                name=name,
                control=control,
                threshold=float(np.float32(np.quantile(_scores(at)[:NORMAL], 0.95))),
                quantile=0.95,
            )
            for at, (name, control, _) in enumerate(DETECTORS)
        ],
        "retrieval": [
            entry(
                "retrieval",
                at,
                found,
                key=key,
                name=name,
                control=at > 0,
                texts=["a bright spot", "two", "", "a dark one on the left", "five"],
            )
            for at, name in enumerate(("codes", "pixels"))
        ],
        "sound": [
            entry(
                "sound",
                at,
                tuple(
                    f"{part}{end}"
                    for part in ("original", "corrupted", "resynthesised")
                    for end in ("", "_wave")
                ),
                name=name,
                rate=RATE,
                extent=[1.0, RATE / 2],
            )
            for at, name in enumerate(("a rising tone", "two tones"))
        ],
        "colour": [entry("colour", 0, ("grey", "colourised", "true", "baseline"), key=key)],
    }


def _scores(at: int) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(at)
    shift = DETECTORS[at][2]
    scores = np.exp(0.5 * rng.standard_normal(NORMAL + ANOMALOUS))
    scores[NORMAL:] *= np.exp(shift * 0.5)
    # Coarse enough that some scores are tied.
    return np.round(scores, 2)


def made_arrays() -> dict[str, np.ndarray[Any, Any]]:
    """The arrays that those entries name."""
    rng = np.random.default_rng(3)
    found: dict[str, np.ndarray[Any, Any]] = {}
    for at in range(len(DETECTORS)):
        found[f"anomaly/{at}/scores"] = _scores(at)
        found[f"anomaly/{at}/labels"] = np.repeat([0, 1], [NORMAL, ANOMALOUS])
    grid = np.stack(np.meshgrid(np.arange(12), np.arange(12)), -1)
    middle = rng.uniform(2, 10, (QUERIES, NEAREST + 1, 2))
    blobs = np.exp(-np.square(grid - middle[:, :, None, None]).sum(-1) / 6)
    for at, share in enumerate((0.8, 0.5)):
        found |= {
            f"retrieval/{at}/queries": blobs[:, 0],
            f"retrieval/{at}/found": blobs[:, 1:],
            f"retrieval/{at}/relevant": rng.uniform(size=(QUERIES, NEAREST)) < share,
        }
    for at in range(2):
        time = np.arange(RATE) / RATE
        tone = np.sin(2 * np.pi * (400 + 900 * time * (1 - at)) * time)
        wave = 0.4 * (tone + at * np.sin(2 * np.pi * 1700 * time))
        noisy = wave + 0.1 * rng.standard_normal(RATE)
        again = wave + 0.01 * rng.standard_normal(RATE)
        for part, heard in (("original", wave), ("corrupted", noisy), ("resynthesised", again)):
            found[f"sound/{at}/{part}"] = _magnitudes(heard)
            found[f"sound/{at}/{part}_wave"] = heard
    places = np.linspace(0, 1, 16)
    hue = rng.uniform(0.2, 1, (9, 1, 1, 3))
    shade = 0.3 + 0.7 * places[None, :, None, None] * places[None, None, :, None]
    true = 255 * np.clip(hue * shade + 0.1 * (places[:, None] > 0.5)[None, ..., None], 0, 1)
    grey = true.mean(-1)
    found |= {
        "colour/0/grey": grey,
        "colour/0/true": true,
        "colour/0/colourised": np.clip(true + rng.normal(0, 12, true.shape), 0, 255),
        "colour/0/baseline": np.clip(grey[..., None] * hue.mean(0) / hue.mean(), 0, 255),
    }
    return {f"inside/{name}": np.asarray(array, np.float64) for name, array in found.items()}


def _magnitudes(wave: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """(129, frames) of a short-time Fourier transform, windows of 256 that overlap by half."""
    starts = range(0, len(wave) - 256, 128)
    windows = np.stack([wave[at : at + 256] for at in starts]) * np.hanning(256)
    return np.abs(np.fft.rfft(windows, axis=1)).T
