"""24 trials as a careful user writes them in plain Ray Tune and MLflow: the other side.

Function trainable, a report each epoch, ``MLflowLoggerCallback`` on SQLite, the data put into the
object store once, one torch thread per worker. Run by :mod:`against_plain_tune`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import ray
import torch
from ray import tune
from ray.air.integrations.mlflow import MLflowLoggerCallback
from sklearn.datasets import load_digits

LEVELS = (0.0, 0.1, 0.2, 0.4)
SPARSITIES = (0.0, 0.03)
SEEDS = (0, 1, 2)
EPOCHS = 20


def train(config: dict[str, Any], pixels: np.ndarray) -> None:
    """One denoising autoencoder with L1 and contractive penalties, 64-32-64."""
    torch.set_num_threads(1)
    torch.manual_seed(config["seed"])
    x = torch.tensor(pixels)[torch.randperm(len(pixels))]
    validation, training = x[:270], x[540:]
    encoder, decoder = torch.nn.Linear(64, 32), torch.nn.Linear(32, 64)
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
    for _ in range(EPOCHS):
        total = 0.0
        for rows in torch.randperm(len(training)).split(100):
            clean = training[rows]
            code = torch.sigmoid(encoder(clean + config["level"] * torch.randn_like(clean)))
            output = torch.sigmoid(decoder(code))
            norms = encoder.weight.square().sum(1)
            jacobian = ((code * (1 - code)).square() * norms).sum(1).mean()
            loss = (
                (output - clean).square().sum(1).mean()
                + config["sparsity"] * code.abs().sum(1).mean()
                + 0.01 * jacobian
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss) * len(rows)
        with torch.no_grad():
            code = torch.sigmoid(encoder(validation))
            error = (torch.sigmoid(decoder(code)) - validation).square().sum(1).mean()
            active = (code > 0.1).float().sum(1).mean()
            slopes = (code * (1 - code)).square() @ encoder.weight.square().sum(1)
        tune.report(
            {
                "loss": total / len(training),
                "reconstruction_error": float(error),
                "active_units": float(active),
                "jacobian_norm": float(slopes.sqrt().mean()),
            }
        )


def main(folder: Path) -> None:
    """Run the grid and print the best setting."""
    ray.init(address="local", num_cpus=2, include_dashboard=False)
    pixels = (load_digits().data / 16).astype(np.float32)
    results = tune.Tuner(
        tune.with_parameters(train, pixels=pixels),
        param_space={
            "level": tune.grid_search(list(LEVELS)),
            "sparsity": tune.grid_search(list(SPARSITIES)),
            "seed": tune.grid_search(list(SEEDS)),
        },
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
    print(len(results), results.get_best_result().config)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
