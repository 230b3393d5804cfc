"""Stacks of three layers as a careful user writes them in plain Ray Tune: the other side.

A trial is a whole stack, each layer trained on the codes of the one below: function trainable, a
report each epoch, ``MLflowLoggerCallback`` on SQLite, the data put into the object store once, one
torch thread per worker. Run by :mod:`stage_tree`, which says how many of the 192 stacks to train.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import ray
import torch
from ray import tune
from ray.air.integrations.mlflow import MLflowLoggerCallback
from sklearn.datasets import load_digits
from torch import Tensor

LEVELS = (0.0, 0.1, 0.25, 0.4)
SPARSITIES = (0.0, 0.01, 0.03, 0.1)
CONTRACTIONS = (0.0, 0.01, 0.1, 1.0)
SEEDS = (0, 1, 2)
WIDTHS = (64, 64, 32, 16)
EPOCHS = 30

Penalty = Callable[[Tensor, Tensor], Tensor]


def train(config: dict[str, Any], pixels: np.ndarray) -> None:
    """A denoising, a sparse and a contractive autoencoder, one on top of the other."""
    torch.set_num_threads(1)
    torch.manual_seed(config["seed"])
    x = torch.tensor(pixels)[torch.randperm(len(pixels))]
    validation, training = x[:270], x[540:]

    def sparse(code: Tensor, weight: Tensor) -> Tensor:
        return config["sparsity"] * code.abs().sum(1).mean()

    def contractive(code: Tensor, weight: Tensor) -> Tensor:
        slopes = (code * (1 - code)).square() @ weight.square().sum(1)
        return config["contraction"] * slopes.mean()

    penalties: list[Penalty | None] = [None, sparse, contractive]
    for layer, penalty in enumerate(penalties):
        level = config["level"] if layer == 0 else 0.0
        encoder = train_layer(layer, level, penalty, training, validation)
        with torch.no_grad():
            training = torch.sigmoid(encoder(training))
            validation = torch.sigmoid(encoder(validation))


def train_layer(
    layer: int, level: float, penalty: Penalty | None, training: Tensor, validation: Tensor
) -> torch.nn.Linear:
    """Train one layer, reporting every epoch; returns its encoder."""
    encoder = torch.nn.Linear(WIDTHS[layer], WIDTHS[layer + 1])
    decoder = torch.nn.Linear(WIDTHS[layer + 1], WIDTHS[layer])
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
    for epoch in range(EPOCHS):
        total = 0.0
        for rows in torch.randperm(len(training)).split(100):
            clean = training[rows]
            seen = clean * (torch.rand_like(clean) >= level) if level else clean
            code = torch.sigmoid(encoder(seen))
            output = torch.sigmoid(decoder(code))
            loss = (output - clean).square().sum(1).mean()
            if penalty is not None:
                loss = loss + penalty(code, encoder.weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss) * len(rows)
        with torch.no_grad():
            code = torch.sigmoid(encoder(validation))
            error = (torch.sigmoid(decoder(code)) - validation).square().sum(1).mean()
            active = (code > 0.1).float().sum(1).mean()
        tune.report(
            {
                "layer": layer,
                "epoch": epoch,
                "loss": total / len(training),
                "reconstruction_error": float(error),
                "active_units": float(active),
            }
        )
    return encoder


def main(folder: Path, stacks: int) -> None:
    """Train that many of the stacks, drawn at random but fixed."""
    ray.init(address="local", num_cpus=2, include_dashboard=False)
    pixels = (load_digits().data / 16).astype(np.float32)
    names = ("level", "sparsity", "contraction", "seed")
    crossed = product(LEVELS, SPARSITIES, CONTRACTIONS, SEEDS)
    every = [dict(zip(names, values, strict=True)) for values in crossed]
    chosen = random.Random(0).sample(every, stacks)
    results = tune.Tuner(
        tune.with_parameters(train, pixels=pixels),
        param_space=tune.grid_search(chosen),
        tune_config=tune.TuneConfig(metric="reconstruction_error", mode="min"),
        run_config=tune.RunConfig(
            name="plain",
            storage_path=str(folder / "results"),
            callbacks=[
                MLflowLoggerCallback(
                    tracking_uri=f"sqlite:///{folder / 'mlflow.db'}", experiment_name="plain"
                )
            ],
        ),
    ).fit()
    assert not results.errors
    print(len(results), results.get_best_result().config)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
