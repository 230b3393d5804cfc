"""On a GPU: fused against one after another, and several workers against one.

    python tests/benchmarks/gpu.py [--trials 24] [--epochs 3] [--workers N] [--device cuda|cpu]

Prints the ratios that the CPU is measured by, of training alone: no Ray, no MLflow, no store.

fused          T trials in one tensor program, against the same T one after another
data-parallel  W processes that share every batch of one wide trial, against one process; on GPUs
               with NCCL, one whole GPU for each, and on a CPU with gloo

Without a GPU it says what is missing and exits with 1; `--device cpu` measures the same there.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as distributed
from torch import Tensor, multiprocessing

from layerwise.models import registry
from layerwise.models.data_parallel import ALONE, SharedBatches
from layerwise.models.network import Network
from layerwise.models.training import Samples, Training

SAMPLES, VISIBLE, ROUNDS = 10_000, 784, 3
VARIANTS: dict[str, dict[str, Any]] = {
    "denoising_autoencoder": {"hidden": 128, "batch_size": 100},
    "contractive_autoencoder": {"hidden": 128, "batch_size": 100},
    "bernoulli_rbm": {"hidden": 128, "batch_size": 100},
}
WIDE: dict[str, Any] = {"hidden": 2000, "batch_size": 2000}


def main() -> int:
    """Measure in turn and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=24, help="fused trials (default: 24)")
    parser.add_argument("--epochs", type=int, default=3, help="of each training (default: 3)")
    parser.add_argument("--workers", type=int, help="that share batches (default: the GPUs, or 2)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    given = parser.parse_args()
    if given.device == "cuda" and not torch.cuda.is_available():
        build = torch.version.cuda
        lacks = f"torch {torch.__version__} is built without CUDA" if build is None else (
            f"torch {torch.__version__} is built for CUDA {build} and sees no device"
        )  # fmt: skip
        print(f"No GPU to measure: {lacks}. `--device cpu` measures the same ratios there.")
        return 1
    torch.set_num_threads(1)
    device = torch.device(given.device)
    name = torch.cuda.get_device_name() if given.device == "cuda" else "the CPU, one thread"
    print(f"On {name}, torch {torch.__version__}, {SAMPLES} samples of {VISIBLE} numbers,")
    print(f"{given.epochs} epochs, medians of {ROUNDS} rounds.\n")
    for model, values in VARIANTS.items():
        _fused(model, values, given.trials, given.epochs, device)
    held = torch.cuda.device_count() if given.device == "cuda" else 2
    workers = given.workers or held
    if given.device == "cuda" and workers > held:
        print(f"\ndata-parallel: {workers} workers want {workers} GPUs, and there are {held}")
    elif workers < 2:
        print("\ndata-parallel: not measured, it wants at least 2 GPUs and there is 1")
    else:
        _together("denoising_autoencoder", workers, given.epochs, given.device)
    return 0


def _data(device: torch.device) -> Tensor:
    """(1, N, V) numbers in [0, 1], the same in every process."""
    made = torch.rand(1, SAMPLES, VISIBLE, generator=torch.Generator().manual_seed(0))
    return made.to(device)


def _made(model: str, values: dict[str, Any], seeds: range, device: torch.device) -> Network:
    variant = registry.lookup(model)
    settings = registry.resolve(variant, values)
    return variant(VISIBLE, [settings] * len(seeds), list(seeds), device=device)


def _train(network: Network, x_PNV: Tensor, epochs: int) -> None:
    for _ in Training(network, Samples(x_PNV, (0,) * network.trials), None, epochs):
        pass
    if x_PNV.device.type == "cuda":
        torch.cuda.synchronize()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _fused(
    model: str, values: dict[str, Any], trials: int, epochs: int, device: torch.device
) -> None:
    x_PNV = _data(device)
    # Seeds differ, so that nothing is shared but the program: the harder case for fusing.
    _train(_made(model, values, range(2), device), x_PNV, 1)
    fused, apart = [], []
    for _ in range(ROUNDS):
        network = _made(model, values, range(trials), device)
        fused.append(_seconds(lambda: _train(network, x_PNV, epochs)))  # noqa: B023
        # One after another is a sum of like terms: a few of them tell it.
        some = min(trials, 4)
        each = [_made(model, values, range(seed, seed + 1), device) for seed in range(some)]
        took = _seconds(lambda: [_train(one, x_PNV, epochs) for one in each])  # noqa: B023
        apart.append(took * trials / some)
    ratio = statistics.median(apart) / statistics.median(fused)
    print(
        f"{model}: {trials} fused {statistics.median(fused):.2f} s, one after another "
        f"{statistics.median(apart):.2f} s (from {some} of them): {ratio:.1f} times"
    )


def _together(model: str, workers: int, epochs: int, device: str) -> None:
    found = {}
    for count in (1, workers):
        with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
            arguments = (count, model, epochs, device, folder)
            multiprocessing.spawn(_worker, arguments, nprocs=count)
            found[count] = float((Path(folder) / "seconds").read_text())
    print(
        f"\ndata-parallel, {model} 784-{WIDE['hidden']}, batches of {WIDE['batch_size']}: "
        f"1 worker {found[1]:.2f} s, {workers} workers {found[workers]:.2f} s: "
        f"{found[1] / found[workers]:.2f} times (at most {workers})"
    )


def _worker(rank: int, workers: int, model: str, epochs: int, kind: str, folder: str) -> None:
    torch.set_num_threads(1)
    device = torch.device("cuda", rank) if kind == "cuda" else torch.device("cpu")
    if kind == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group(
        "nccl" if kind == "cuda" else "gloo",
        f"file://{folder}/meet",
        timeout=datetime.timedelta(minutes=2),
        rank=rank,
        world_size=workers,
    )
    group = distributed.group.WORLD
    assert group is not None
    x_PNV = _data(device)
    times = []
    for _ in range(ROUNDS + 1):
        network = _made(model, WIDE, range(1), device)
        network.share = SharedBatches(group, device) if workers > 1 else ALONE
        times.append(_seconds(lambda: _train(network, x_PNV, epochs)))  # noqa: B023
    if rank == 0:
        # The first one makes handles and memory.
        (Path(folder) / "seconds").write_text(str(statistics.median(times[1:])))
    distributed.destroy_process_group()


if __name__ == "__main__":
    sys.exit(main())
