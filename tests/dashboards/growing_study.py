"""A study that grows while somebody watches, written as the platform writes one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from layerwise.platform.tracking.record import Record
from layerwise.platform.tracking.tracked_trial import TrackedTrial

LEVELS = (0.0, 0.2, 0.4)


def trial(number: int, **changes: Any) -> TrackedTrial:
    """The trial of that number: level ``number % 3``, seed ``number // 3``, three epochs."""
    level, seed = LEVELS[number % 3], number // 3
    error = [(epoch, 9.0 / (epoch + 1) + level + 0.01 * seed) for epoch in range(4)]
    given: dict[str, Any] = {
        "key": f"{number:064x}", "stage": "codes", "depth": 0, "model": "denoising_autoencoder",
        "seed": seed, "parent_keys": (), "setting": str(number % 3), "cohort": "one",
        "reused": False, "params": {"corruption.level": level, "hidden": 32, "seed": seed},
        "history": {"validation/reconstruction_error": error, "test/reconstruction_error": error},
        "started": 1.7e9 + number, "ended": 1.7e9 + number + 10,
    }  # fmt: skip
    return TrackedTrial(**given | changes)


class Growing:
    """One execution of a study, open for more trials."""

    def __init__(
        self, uri: str, folder: Path, study: str, plan: str = "a" * 64, **tags: str
    ) -> None:
        self.study = study
        self.record = Record(uri, folder / "artifacts", study)
        self.record.open(plan, tags, "Does it grow?")
        self.record.log_trials([])
        self.parent = self.record._begin()

    def add(self, *numbers: int, **changes: Any) -> None:
        """Record these trials."""
        self.record.log_trials([trial(number, **changes) for number in numbers])

    def finish(self, *numbers: int, status: str = "FINISHED") -> None:
        """End the execution with a study.json that names these trials."""
        stage = {
            "name": "codes", "model": "denoising_autoencoder", "after": [], "depth": 0,
            "hidden": 32, "epochs": 3, "swept": ["corruption.level"], "fixed": {"hidden": 32},
            "trials": len(numbers),
        }  # fmt: skip
        summary = {
            "study": self.study,
            "question": "Does it grow?",
            "objective": {"metric": "test/reconstruction_error", "direction": "minimize"},
            "data": {"name": "digits"},
            "stages": [stage],
            "axes": {"corruption.level": {"label": "noise level", "unit": "", "log": False}},
            "metrics": {"reconstruction_error": {"label": "error", "unit": "", "better": "lower"}},
            "trials": [trial(number).key for number in numbers],
            "controls": [], "images": [], "cost": {}, "verdict": "It grew.",
        }  # fmt: skip
        self.record.close(status, summary, {}, {"trials": len(numbers)}, "study: growing\n")


if __name__ == "__main__":
    # Another process that adds a trial for each line it is given.
    execution = Growing(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    print("begun", flush=True)
    for line in sys.stdin:
        execution.add(int(line))
        print("added", flush=True)
    execution.record.abandon()
