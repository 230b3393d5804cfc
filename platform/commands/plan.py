"""``layerwise plan``: what a run would train, before anything trains."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..console.width import console
from ..data import DataSet, load
from ..execution.execution import Execution
from ..home import Home
from ..plan.joint import is_joint
from ..plan.rehearsal import rehearse
from ..plan.schedule import Schedule
from ..study.reading import find_study, located, read_study
from ..study.study import Study
from ..study.validation import InvalidStudyError

# Sustained arithmetic of one core on small matrix products, and what a step costs besides, for
# machines that were never calibrated.
FLOPS = 2e10
STEP_SECONDS = 1e-3


@dataclass(frozen=True)
class Prepared:
    """A study that was read and checked, its data, and what is left to train."""

    study: Study
    data: DataSet
    home: Home
    execution: Execution


def prepare(name: str, home: str | None) -> Prepared:
    """Read and check everything that can be wrong before anything starts.

    Raises:
        StudyError, DataError, HomeError, StoreError: the person's mistake.
    """
    file = find_study(name)
    study = read_study(file)
    place = Home.from_environment(home)
    place.check_writable()
    data = load(study.data)
    try:
        execution = Execution(study, data, place)
        rehearse(study, data)
    except InvalidStudyError as invalid:
        raise located(invalid, file) from invalid
    return Prepared(study, data, place, execution)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", help="a YAML file, or the name of a study that ships")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def main(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    prepared = prepare(arguments.study, arguments.home)
    execution = prepared.execution
    schedule = execution.preview(workers(prepared.study))
    if arguments.json:
        print(json.dumps(plain(execution, schedule)))
    else:
        show(console(), execution, schedule)
    return 0


def workers(study: Study) -> int:
    """How many cohorts a Ray of our own trains side by side here."""
    return max(1, int((os.cpu_count() or 1) / study.resources.cpus))


def plain(execution: Execution, schedule: Schedule) -> dict[str, Any]:
    """The plan as plain values."""
    plan = execution.plan
    held = set(execution.reused)
    return {
        "study": execution.study.name,
        "key": plan.key,
        "trials": plan.expected,
        "cohorts": len(schedule.cohorts()),
        "reused": len(held),
        "estimated_minutes": round(seconds(execution, schedule) / 60, 3),
        "stages": [
            {
                "name": planned.stage.name,
                "model": planned.stage.model,
                "after": list(planned.stage.after),
                "joint": is_joint(planned.stage),
                "trials": planned.expected,
                "reused": sum(trial.key in held for trial in planned.trials or ()),
                "decided": planned.trials is not None,
                "keys": [trial.key for trial in planned.trials or ()],
            }
            for planned in plan.stages
        ],
    }


def show(console: Console, execution: Execution, schedule: Schedule) -> None:
    """The plan as a table."""
    study, facts = execution.study, plain(execution, schedule)
    console.print(Text(study.name, style="bold"), Text(f"  {study.question}"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("stage", "model", "after", "settings", "seeds", "trials", "in store"):
        table.add_column(column, justify="right" if column not in _LEFT else "left")
    for planned, facts_of in zip(execution.plan.stages, facts["stages"], strict=True):
        settings = planned.expected // len(study.seeds)
        table.add_row(
            Text(planned.stage.name),
            Text(planned.stage.model),
            Text(", ".join(planned.stage.after) or "the data")
            + Text(", jointly" if facts_of["joint"] else ""),
            f"{settings}",
            f"{len(study.seeds)}",
            f"{'' if facts_of['decided'] else 'up to '}{planned.expected}",
            f"{facts_of['reused']}",
        )
    console.print(table)
    missing = facts["trials"] - facts["reused"]
    data = execution.data
    said = (
        f"{_count(facts['trials'], 'trial')} on {data.name}: {len(data.train)} training samples, "
    )
    said += f"{data.visible} numbers each. In the store already: {facts['reused']}. "
    if missing:
        more = "" if execution.plan.decided else " or more"
        said += f"To train: {missing}, fused into {_count(facts['cohorts'], 'cohort')}{more}, "
        said += f"about {_words(facts['estimated_minutes'] * 60)} of training."
    else:
        said += "Nothing is left to train."
    console.print(Text(said))


_LEFT = ("stage", "model", "after")


def seconds(execution: Execution, schedule: Schedule) -> float:
    """Estimated seconds of training on this machine, from measured steps where there are any."""
    total = 0.0
    for cohort in schedule.cohorts():
        first = cohort.trials[0]
        batch = min(int(first.settings["batch_size"]), execution.source.samples)
        steps = int(first.settings["epochs"]) * -(-execution.source.samples // batch)
        width = len(cohort.trials)
        times = execution.calibration.known(cohort.trials)
        if times is not None:
            total += steps * times.step(width)
        else:
            # Five products of 2·B·V·H operations each make a step of a layer.
            sizes = sum(v * h for v, h in pairwise((first.visible, *first.widths)))
            flops = 10 * batch * sizes * width
            total += steps * (STEP_SECONDS + flops / FLOPS)
    decided = sum(len(cohort.trials) for cohort in schedule.cohorts())
    missing = execution.plan.expected - len(execution.reused)
    if decided:
        total *= max(missing, decided) / decided
    return total / min(workers(execution.study), max(1, len(schedule.cohorts())))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _words(seconds: float) -> str:
    return f"{max(1, seconds):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
