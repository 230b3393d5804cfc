"""What many trials cost beside their training: to plan, to walk through, to find, to record.

    python tests/benchmarks/scale.py [--only plan walk rerun record] [--rounds 2]

plan
    ``plan()`` of three-stage studies of 100 to 100 000 trials, each in a process of its own: the
    processor's seconds, the same per trial against the smallest, and the peak memory of the whole
    process, torch included; and the whole command ``layerwise plan``.
walk
    The schedule from its first cohort to its last, every one of them finished at once: what the
    driver thinks while others train.
rerun
    ``layerwise run`` of 1 000 trials of 30 epochs, and again when all of it is finished.
record
    The same training with and without a record beside it, in turn, from the first cohort handed
    out to the record's end; and the record alone: runs a second, in bulk and through MLflow's
    client one call after another, which is measured on a part.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from layerwise.platform.commands.plan import prepare
from layerwise.platform.console.progress import LineProgress
from layerwise.platform.data import load
from layerwise.platform.execution.execution import Execution, tracked
from layerwise.platform.execution.ray_session import RaySession
from layerwise.platform.home import Home
from layerwise.platform.plan import Source, plan
from layerwise.platform.plan.schedule import LedgerForReading, Schedule
from layerwise.platform.study.study import Study
from layerwise.platform.tracking.record import Record
from layerwise.platform.tracking.recording_process import Opening, RecordingProcess

PARTS = ("plan", "walk", "rerun", "record")
ERROR = "validation/reconstruction_error"
# Seeds, and settings of the three stages, for about that many trials.
SHAPES = {
    100: (2, 2, 4, 5),
    1000: (4, 6, 6, 6),
    10_000: (10, 10, 9, 10),
    100_000: (20, 16, 17, 17),
}
SOURCE = Source(digest="0" * 64, visible=64, samples=1258)
ONE_BY_ONE = 100


def main() -> None:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=2, help="of the record (default: 2)")
    parser.add_argument("--one", nargs=2, metavar=("PART", "WHAT"), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_ONE[asked.one[0]](asked.one[1], asked.home)))
        return
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        for part in asked.only:
            _PARTS[part](Path(folder), asked.rounds)
    versions = {name: version(name) for name in ("ray", "torch", "mlflow")}
    print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0], **versions}))


def three_stages(trials: int) -> Study:
    """A study of about that many trials."""
    seeds, *settings = SHAPES[trials]
    grids = [[round(0.001 * (1 + n), 4) for n in range(count)] for count in settings]
    models = ("denoising_autoencoder", "contractive_autoencoder", "autoencoder")
    swept: list[dict[str, Any]] = [
        {"corruption": {"kind": "masking", "level": {"grid": grids[0]}}},
        {"contraction": {"weight": {"grid": grids[1]}}},
        {"sparsity": {"kind": "l1", "weight": {"grid": grids[2]}}},
    ]
    stages = [
        {"name": name, "model": model, "hidden": hidden, "epochs": 30, **more}
        for name, model, hidden, more in zip(
            ("first", "second", "third"), models, (128, 32, 16), swept, strict=True
        )
    ]
    return Study(study="scale", data="digits", seeds=list(range(seeds)), stages=stages)


def thousand() -> Study:
    """1 000 trials of 30 epochs, in one stage."""
    stage = {
        "name": "codes",
        "model": "autoencoder",
        "hidden": 16,
        "output_activation": "sigmoid",
        "corruption": {"kind": "gaussian", "level": {"grid": [n / 20 for n in range(10)]}},
        "sparsity": {"kind": "l1", "weight": {"grid": [n / 100 for n in range(10)]}},
        "learning_rate": 0.01,
        "epochs": 30,
    }
    return Study(study="thousand", data="digits", seeds=list(range(10)), stages=[stage])


def _planning(place: Path, rounds: int) -> None:
    smallest = None
    for trials in SHAPES:
        runs = [_alone("plan", str(trials)) for _ in range(3)]
        seconds = min(run["seconds"] for run in runs)
        each = seconds / runs[0]["trials"]
        smallest = smallest or each
        study = place / f"{trials}.yaml"
        study.write_text(three_stages(trials).to_yaml())
        command = [_layerwise(), "--home", str(place / "home"), "plan", str(study), "--json"]
        whole, peak = _timed(command)
        print(
            f"plan, {runs[0]['trials']:6} trials: {seconds:7.3f} s, {1e6 * each:5.1f} µs a trial, "
            f"ratio {each / smallest:4.2f}, peak {runs[0]['mib']:4.0f} MiB; "
            f"the command {whole:5.1f} s, peak {peak:4.0f} MiB",
            flush=True,
        )


def _plan_once(trials: str, _: Path | None) -> dict[str, float]:
    study = three_stages(int(trials))
    plan(three_stages(100), SOURCE)  # so that importing a variant's module is not counted
    begun = time.process_time()
    found = plan(study, SOURCE)
    seconds = time.process_time() - begun
    return {"seconds": seconds, "trials": found.expected, "mib": _peak_mib()}


def _walking(place: Path, rounds: int) -> None:
    smallest = None
    for trials in SHAPES:
        run = _alone("walk", str(trials))
        each = run["seconds"] / run["trials"]
        smallest = smallest or each
        print(
            f"schedule, {run['trials']:6} trials in {run['cohorts']:4} cohorts: "
            f"{run['seconds']:7.3f} s, {1e6 * each:5.1f} µs a trial, ratio {each / smallest:4.2f}, "
            f"peak {run['mib']:4.0f} MiB",
            flush=True,
        )


def _walk_once(trials: str, _: Path | None) -> dict[str, float]:
    study = three_stages(int(trials))
    plan(three_stages(100), SOURCE)
    begun = time.process_time()
    ledger = LedgerForReading(Path(os.devnull))
    schedule = Schedule(study, SOURCE, {}, {}, lambda members: 64, ledger)
    done = cohorts = 0
    while (cohort := schedule.next()) is not None:
        schedule.finish(cohort, {trial.key: {ERROR: 1.0} for trial in cohort.trials})
        done += len(cohort.trials)
        cohorts += 1
    seconds = time.process_time() - begun
    return {"seconds": seconds, "trials": done, "cohorts": cohorts, "mib": _peak_mib()}


def _rerunning(place: Path, rounds: int) -> None:
    study = place / "thousand.yaml"
    study.write_text(thousand().to_yaml())
    command = [_layerwise(), "--home", str(place / "thousand"), "run", str(study)]
    print(f"run, 1 000 trials of 30 epochs:   {_timed(command)[0]:5.1f} s", flush=True)
    again = [_timed(command)[0] for _ in range(3)]
    shown = ", ".join(f"{seconds:.1f}" for seconds in again)
    print(f"again, all of them finished:      {statistics.median(again):5.1f} s   ({shown})")


def _recording(place: Path, rounds: int) -> None:
    times: dict[str, list[float]] = {"bare": [], "recorded": []}
    warm = place / "warm"
    _alone("train", "bare", warm)
    for number in range(rounds):
        # In turn, and each the first as often as the second.
        for how in ("bare", "recorded") if number % 2 == 0 else ("recorded", "bare"):
            home = place / f"{how}{number}"
            home.mkdir()
            # The same step times, so that both cut the same cohorts.
            shutil.copy(warm / "calibration.json", home)
            times[how].append(_alone("train", how, home)["seconds"])
    shares = [with_ / bare - 1 for bare, with_ in zip(*times.values(), strict=True)]
    for how, seconds in times.items():
        shown = ", ".join(f"{one:.1f}" for one in seconds)
        print(f"1 000 trials, {how + ':':9} {statistics.median(seconds):6.1f} s   ({shown})")
    shown = ", ".join(f"{100 * share:.0f}" for share in shares)
    print(f"added by the record: {100 * statistics.median(shares):.0f} % of the wall   ({shown})")
    alone = _alone("write", "bulk", warm)
    print(
        f"the record alone: {alone['runs'] / alone['seconds']:.0f} runs a second, "
        f"{alone['points'] / alone['runs']:.0f} points each, 1 000 runs in {alone['seconds']:.1f} s"
    )
    client = _alone("write", "client", warm)
    print(
        f"through MLflow's client: {client['runs'] / client['seconds']:.0f} runs a second, "
        f"measured on {client['runs']}"
    )


def _train_once(how: str, home: Path | None) -> dict[str, float]:
    """Train the thousand, as ``layerwise run`` does it, with or without a record."""
    assert home is not None
    study = home.parent / "thousand.yaml"
    study.write_text(thousand().to_yaml())
    prepared = prepare(str(study), str(home))
    prepared.home.ensure()
    execution, session = prepared.execution, RaySession()
    with RecordingProcess() as recording, session:
        session.start()
        execution.prepare(session)
        opening = Opening(
            prepared.home.tracking_uri, prepared.home.artifacts, "thousand",
            prepared.home.logs / "record.log", execution.plan.key, {}, "",
        )  # fmt: skip
        if how == "recorded":
            recording.start(opening)
        session.wait()
        with (
            open(os.devnull, "w") as nowhere,
            LineProgress(1000, Console(file=nowhere)) as listener,
        ):
            begun = time.perf_counter()
            if how == "recorded":
                execution.run(session, listener, recording.submit)
                recording.finish(
                    status="FINISHED", summary={}, images={}, metrics={}, study_yaml=""
                )
            else:
                execution.run(session, listener, lambda trials: None)
            seconds = time.perf_counter() - begun
    return {"seconds": seconds}


def _write_once(how: str, home: Path | None) -> dict[str, float]:
    """Write what is stored into a new record."""
    assert home is not None
    study = thousand()
    execution = Execution(study, load(study.data), Home(home))
    known = {trial.key: trial for trial in execution.plan.trials()}
    trials = [tracked(known[k], m, reused=False) for k, m in execution.manifests.items()]
    trials = trials if how == "bulk" else trials[:ONE_BY_ONE]
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        uri = f"sqlite:///{folder}/mlflow.db"
        record = Record(uri, Path(folder) / "artifacts", "thousand", bulk=how == "bulk")
        record.open(execution.plan.key, {}, "")
        begun = time.perf_counter()
        record.log_trials(trials)
        seconds = time.perf_counter() - begun
    points = sum(len(trial.points()) for trial in trials)
    return {"seconds": seconds, "runs": len(trials), "points": points}


_ONE = {"plan": _plan_once, "walk": _walk_once, "train": _train_once, "write": _write_once}
_PARTS = {"plan": _planning, "walk": _walking, "rerun": _rerunning, "record": _recording}


def _alone(part: str, what: str, home: Path | None = None) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, __file__, "--one", part, what]
    command += ["--home", str(home)] if home is not None else []
    ended = subprocess.run(command, env=_quiet(), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def _timed(command: list[str]) -> tuple[float, float]:
    """Seconds of a command, and the peak memory of the largest of its processes, in MiB."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=_quiet(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, used.ru_maxrss / 1024


def _quiet() -> dict[str, str]:
    return os.environ | {"RAY_USAGE_STATS_ENABLED": "0", "MLFLOW_DISABLE_TELEMETRY": "true"}


def _layerwise() -> str:
    return str(Path(sys.executable).with_name("layerwise"))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
