"""The directions of a code that hold most of its variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Principal:
    """The leading principal components of codes (N, H), K of them.

    mean (H,); directions (K, H) of length 1, each with its largest entry positive; shares (K,) of
    the variance, from 0 to 1; deviations (K,), the codes' standard deviation along each; points
    (N, K), the centred codes in these coordinates.
    """

    mean: np.ndarray
    directions: np.ndarray
    shares: np.ndarray
    deviations: np.ndarray
    points: np.ndarray


def principal(codes: np.ndarray, most: int) -> Principal:
    """At most that many components of codes (N, H); those without variance are left out.

    From the eigenvectors of the smaller of both products, so that wide codes stay cheap.
    """
    codes = np.asarray(codes, dtype=np.float64)
    mean = codes.mean(0)
    centred = codes - mean
    wide = centred.shape[1] > len(centred)
    # By torch, whose caller says how many threads there are: NumPy's own library takes all.
    codes_NH = torch.from_numpy(centred)
    product = codes_NH @ codes_NH.T if wide else codes_NH.T @ codes_NH
    squares, vectors = (
        found.numpy()[..., ::-1][..., :most] for found in torch.linalg.eigh(product)
    )
    total = float(np.square(centred).sum())
    # Of an exact zero, rounding leaves about this much of the whole.
    there = squares > 1e-12 * total
    directions = (centred.T @ vectors if wide else vectors).T[there]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    largest = np.abs(directions).argmax(1)
    directions *= np.sign(directions[np.arange(len(directions)), largest])[:, None]
    squares = squares[there]
    return Principal(
        mean,
        directions,
        squares / max(total, 1e-300),
        np.sqrt(squares / len(centred)),
        centred @ directions.T,
    )
