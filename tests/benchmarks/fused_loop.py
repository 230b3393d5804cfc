"""The same trials in one bare fused loop: no Ray, no MLflow, no store. The floor of the ratio.

Run by :mod:`against_plain_tune`, which gives it a study; it trains every trial of it and prints the
seconds that training alone took.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

from layerwise.models import registry
from layerwise.models.training import Samples, Training
from layerwise.platform.data import load
from layerwise.platform.plan import Source, plan
from layerwise.platform.study.reading import read_study

WIDTH = 64


def main(path: Path) -> None:
    """Train all trials of a one-stage study, some dozens at a time."""
    torch.set_num_threads(1)
    study = read_study(path)
    data = load(study.data)
    trials = sorted(
        plan(study, Source.of(data)).trials(),
        key=lambda trial: trial.seed,
    )
    started = time.perf_counter()
    for first in range(0, len(trials), WIDTH):
        cohort = trials[first : first + WIDTH]
        network = registry.lookup(cohort[0].model)(
            data.visible, [t.settings for t in cohort], [t.seed for t in cohort]
        )
        train, validation = (
            Samples(torch.tensor(x)[None], (0,) * len(cohort))
            for x in (data.train, data.validation)
        )
        for _ in Training(network, train, validation, int(cohort[0].settings["epochs"])):
            pass
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
