"""A step's cost on MNIST: against scikit-learn's machine, and against the bare matrix products.

Prints, from one run, rounds in turn:

- one epoch of CD-1, 784-500, batches of 100, float32: scikit-learn's BernoulliRBM and the loop that
  one would write with torch (no trial axis, no measures, no reproducible draws) against ours, on
  all cores and on one; and on one beside scikit-learn in double precision, in which it computes
  when it is given the usual ``images / 255``;
- on one core, for an RBM, a denoising and a contractive step, alone and in a cohort whose trials
  share their input, the share of the machine's matrix product rate (2000³, float32) that the five
  products every such step needs reach (products that only reports need do not count);
- a contractive step against a plain one.

``LAYERWISE_DATA`` names the folder with ``mnist.npz``. Run it on a quiet machine.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from sklearn.neural_network import BernoulliRBM
from threadpoolctl import threadpool_limits

from layerwise.models import registry
from layerwise.models.training import Samples, Training

ROUNDS, EPOCHS = 7, 3
HIDDEN, BATCH, STEPS, COHORT = 500, 100, 60, 8
# The five products of CD-1 (v→h, h→v′, v′→h′, two correlations) and of an autoencoder's step
# (two forwards, two weight gradients, the code's gradient).
PRODUCTS = 5


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """Both libraries on that many threads."""
    torch.set_num_threads(threads)
    with threadpool_limits(threads):
        yield


def seconds(run: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def product_rate() -> float:
    """Multiplications and additions per second of a 2000³ product, in float32."""
    a = torch.rand(2000, 2000)
    times = [seconds(lambda: a @ a) for _ in range(6)]
    return 2 * 2000**3 / min(times)


def epoch(x: np.ndarray, model: str, trials: int, **settings: Any) -> Callable[[], object]:
    """One epoch of a cohort on x, its network made anew at each call."""
    variant = registry.lookup(model)
    given = {"hidden": HIDDEN, "batch_size": BATCH, "epochs": 1, "optimiser": "momentum"}
    resolved = registry.resolve(variant, given | settings)
    samples = Samples(torch.from_numpy(x)[None], (0,) * trials)

    def train() -> None:
        network = variant(x.shape[1], [resolved] * trials, [0] * trials)
        for _ in Training(network, samples, None, 1):
            pass

    return train


def written_out(x: np.ndarray) -> Callable[[], object]:
    """One epoch of CD-1 on x as one would write it with torch."""
    data = torch.from_numpy(x)

    def train() -> None:
        weight = 0.01 * torch.randn(x.shape[1], HIDDEN)
        below, above = torch.zeros(x.shape[1]), torch.zeros(HIDDEN)
        for v in data[torch.randperm(len(data))].split(BATCH):
            h = torch.sigmoid(v @ weight + above)
            v1 = torch.bernoulli(torch.sigmoid(torch.bernoulli(h) @ weight.T + below))
            h1 = torch.sigmoid(v1 @ weight + above)
            weight += 0.1 / len(v) * (v.T @ h - v1.T @ h1)
            below += 0.1 * (v - v1).mean(0)
            above += 0.1 * (h - h1).mean(0)

    return train


def share(run: Callable[[], object], samples: int, visible: int, trials: int, rate: float) -> float:
    """The needed products' share of the product rate in one epoch."""
    needed = PRODUCTS * 2 * samples * visible * HIDDEN * trials
    return needed / seconds(run) / rate


def main(folder: Path) -> None:
    """Print the ratios and shares, the median over rounds and all rounds."""
    images = np.load(folder / "mnist.npz")["x_train"].reshape(-1, 784)
    x = images.astype(np.float32) / 255
    for threads in (os.cpu_count() or 1, 1):
        with limited(threads):
            against_scikit_learn(x, x, f"float32, {threads} thread(s)")
    with limited(1):
        against_scikit_learn(x, x.astype(np.float64), "scikit-learn in double precision, 1 thread")
        shares_of_the_product_rate(x)


def against_scikit_learn(x: np.ndarray, given: np.ndarray, how: str) -> None:
    """Print the ratio of an epoch of theirs on ``given`` to one of ours on ``x``."""
    theirs = BernoulliRBM(HIDDEN, learning_rate=0.1, batch_size=BATCH, n_iter=1, random_state=0)
    ours, loop = epoch(x, "bernoulli_rbm", 1), written_out(x)
    needed = PRODUCTS * 2 * x.size * HIDDEN / product_rate()
    took: dict[str, list[float]] = {"scikit-learn": [], "written out": [], "layerwise": []}
    for _ in range(EPOCHS):
        for name, run in zip(took, (lambda: theirs.fit(given), loop, ours), strict=True):
            took[name].append(seconds(run))
    for name, times in took.items():
        print(f"CD-1 epoch, {how}: {name} {median(times):.2f} s, ", end="")
        print(f"{needed / median(times):.2f} of the product rate", flush=True)
    for name in ("scikit-learn", "written out"):
        pairs = zip(took[name], took["layerwise"], strict=True)
        show(f"{name}'s epoch over ours, {how}", [there / here for there, here in pairs])
    pairs = zip(took["scikit-learn"], took["written out"], strict=True)
    show(f"scikit-learn's epoch over the one written out, {how}", [a / b for a, b in pairs])


def shares_of_the_product_rate(x: np.ndarray) -> None:
    """Print what share of the product rate a step reaches, and the price of contraction."""
    few = x[: STEPS * BATCH]
    corruption = {"corruption.kind": "masking", "corruption.level": 0.25}
    cases = {
        "RBM, CD-1": ("bernoulli_rbm", {}),
        "denoising": ("denoising_autoencoder", corruption),
        "contractive": ("contractive_autoencoder", {"contraction.weight": 0.1, "tied": False}),
        "plain": ("autoencoder", {}),
    }
    for trials in (1, COHORT):
        part = few if trials == 1 else few[: len(few) // 4]
        runs = {
            name: epoch(part, model, trials, learning_rate=0.001, **settings)
            for name, (model, settings) in cases.items()
        }
        shares: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            rate = product_rate()
            for name, run in runs.items():
                shares[name].append(share(run, len(part), x.shape[1], trials, rate))
        where = "alone" if trials == 1 else f"in a cohort of {trials}"
        for name, values in shares.items():
            show(f"{name} step {where}, share of the product rate", values)
        pairs = zip(shares["plain"], shares["contractive"], strict=True)
        show(f"contractive step over a plain one, {where}", [p / c for p, c in pairs])


def show(what: str, values: list[float]) -> None:
    """One line: the median, and every round."""
    print(f"{what}: {median(values):.2f}  ({', '.join(f'{v:.2f}' for v in values)})", flush=True)


if __name__ == "__main__":
    given = os.environ.get("LAYERWISE_DATA")
    if not given or not (Path(given) / "mnist.npz").is_file():
        sys.exit("LAYERWISE_DATA must name a folder with mnist.npz")
    main(Path(given))
