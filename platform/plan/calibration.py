"""Whether to fuse, and how wide: decided by timing a few real steps, and remembered per machine.

Fusing pays while a step is bound by overhead, and stops paying when the matrix products alone keep
the processor busy. Both depend on the machine, so they are measured, not assumed.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ...models.allocation import out_of_memory
from ...models.network import Network
from ..data import DataSet
from .network import labels_like, network_of, samples_like
from .trial import Trial, digest

WIDTHS = (1, 2, 4, 8, 16, 32, 64)
# Beyond this a wider program is not tried: its step is long enough to hide every overhead.
LONG_STEP = 0.06
# What a worker takes before its first step (process, torch), and what a further cohort takes in a
# worker that runs already; seconds on one core.
WORKER_START = 2.5
COHORT_START = 0.15


@dataclass(frozen=True)
class StepTimes:
    """Seconds of one step of training, by the number of fused trials."""

    seconds: Mapping[int, float]

    def step(self, width: int) -> float:
        """Seconds of one step of that width, between and beyond the measured ones by proportion."""
        known = sorted(self.seconds)
        if width in self.seconds:
            return self.seconds[width]
        below = max((w for w in known if w < width), default=None)
        above = min((w for w in known if w > width), default=None)
        if below is None or above is None:
            end = known[0] if below is None else known[-1]
            return self.seconds[end] * width / end
        share = (width - below) / (above - below)
        return self.seconds[below] * (1 - share) + self.seconds[above] * share


def best_width(trials: int, workers: int, times: StepTimes, steps: int) -> int:
    """The cohort width that ends soonest.

    Args:
        trials: how many trials of one structure there are.
        workers: how many cohorts can run side by side.
        times: what a step costs at each width.
        steps: steps of training per trial.
    """

    def makespan(width: int) -> float:
        cohorts = -(-trials // width)
        used = min(cohorts, workers)
        rounds = -(-cohorts // used)
        each = times.step(-(-trials // cohorts)) * steps + COHORT_START
        # Further workers start side by side, each on a core of its own, while the first one trains.
        return rounds * each + (WORKER_START / 2 if used > 1 else 0.0)

    # Memory was met at the measured widths only, so nothing wider than those is proposed.
    widest = max(times.seconds)
    candidates = {min(width, trials) for width in range(1, widest + 1)}
    return min(sorted(candidates), key=lambda width: (round(makespan(width), 3), width))


class Calibration:
    """Measured step times, by structure and machine, kept in one JSON file.

    Args:
        path: the file; it is made on the first measurement.
        threads: torch threads that a worker has.
        gpu: whether workers train on a GPU. Where this process has none, nothing is measured that
            would decide how wide to fuse: what was measured on the CPU does not hold there.
    """

    def __init__(self, path: Path, threads: int = 1, *, gpu: bool = False) -> None:
        self.path = path
        self.threads = threads
        self._gpu = gpu
        self._on_gpu = gpu and torch.cuda.is_available()
        self._known: dict[str, dict[str, float]] = self._read()

    def known(self, members: Sequence[Trial]) -> StepTimes | None:
        """Times measured earlier on this machine for trials like these, or None."""
        found = self._known.get(self._name(members[0]))
        if found is None:
            return None
        return StepTimes({int(width): seconds for width, seconds in found.items()})

    def measure(self, members: Sequence[Trial], data: DataSet) -> StepTimes | None:
        """Times of a step for trials like these: known ones, or measured now (well under 1 s).

        None where they would have to be measured on a GPU, and there is none here.
        """
        known = self.known(members)
        if known is not None and max(known.seconds) >= min(len(members), WIDTHS[-1]):
            return known
        if self._gpu and not self._on_gpu:
            return known
        times = self.time(members, data)
        self._known[self._name(members[0])] = {str(w): s for w, s in times.seconds.items()}
        self._write()
        return times

    def time(self, members: Sequence[Trial], data: DataSet) -> StepTimes:
        """Times of a step for trials like these, measured now and not remembered."""
        threads = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            return StepTimes(self._timed(members, data))
        finally:
            torch.set_num_threads(threads)

    def _timed(self, members: Sequence[Trial], data: DataSet) -> dict[int, float]:
        device = torch.device("cuda" if self._on_gpu else "cpu")
        x = samples_like(members[0], data, int(members[0].settings["batch_size"])).to(device)
        labels = labels_like(data, x.shape[1])
        labels = None if labels is None else labels.to(device)
        seconds: dict[int, float] = {}
        widest = min(len(members), WIDTHS[-1])
        for width in (*(width for width in WIDTHS if width < widest), widest):
            try:
                seconds[width] = self._step(network_of(members[:width], device), x, labels)
            except (MemoryError, RuntimeError) as error:
                if not out_of_memory(error):
                    raise
                # Wider ones do not fit either. What a single trial lacks its worker will say.
                return seconds or {1: LONG_STEP}
            if seconds[width] > LONG_STEP:
                break
        return seconds

    def _step(self, network: Network, x: Tensor, labels: Tensor | None) -> float:
        """Seconds of a step of this network, the best of four."""
        network.meet(x)
        optimiser = network.make_optimiser()
        best = float("inf")
        clock = self._clock()
        for step in range(4):
            # Of the last epoch: a training may come in phases, and the last one is the longest.
            draws = network.draws(max(1, network.epochs), step)
            started = clock()
            if network.supervised and labels is not None:
                gradients, _ = network.supervised_gradients(x, labels[None], draws)
            else:
                gradients, _ = network.gradients(x, draws)
            optimiser.step(network.parameters, gradients)
            network.constrain(draws)
            best = min(best, clock() - started)
        return best

    def _clock(self) -> Callable[[], float]:
        """The clock of a step, which is over when it says so."""
        if self._on_gpu:

            def over() -> float:
                torch.cuda.synchronize()
                return time.perf_counter()

            return over
        # What other processes do meanwhile must not be counted: one thread's own time is.
        return time.thread_time if self.threads == 1 else time.perf_counter

    def _name(self, trial: Trial) -> str:
        machine = [platform.machine(), os.cpu_count(), torch.__version__, self.threads]
        if self._gpu:
            machine.append(torch.cuda.get_device_name() if self._on_gpu else "gpu")
        return digest([machine, *map(str, trial.structure[1:])])[:16]

    def _read(self) -> dict[str, dict[str, float]]:
        # A measurement that cannot be read is only worth a new measurement.
        try:
            return dict(json.loads(self.path.read_text()))
        except (OSError, ValueError):
            return {}

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(self._known, indent=1, sort_keys=True))
        os.replace(temporary, self.path)
