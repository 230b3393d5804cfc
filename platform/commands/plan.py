"""``layerwise plan``: what a run would train, before anything trains."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..console.width import console
from ..data import DataSet
from ..execution.execution import Execution
from ..home import Home
from ..plan.cohorts import Cohort
from ..plan.joint import is_joint
from ..plan.rehearsal import rehearse
from ..plan.schedule import Schedule
from ..plan.spending import Spending
from ..study.changes import UNCHANGED, Changes
from ..study.reading import find_study, located, read_study
from ..study.study import Study
from ..study.validation import InvalidStudyError
from . import changing, simulated
from .loading import LOCAL, load

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


def prepare(
    name: str, home: str | None, changed: Changes = UNCHANGED, address: str = LOCAL
) -> Prepared:
    """Read and check everything that can be wrong before anything starts.

    Args:
        name, home, changed: of the command line.
        address: of the Ray that reads a table which is streamed.

    Raises:
        StudyError, DataError, HomeError, StoreError: the person's mistake.
    """
    file = find_study(name)
    study = read_study(file, changed)
    place = Home.from_environment(home)
    place.check_writable()
    data = load(study.data, address)
    if study.use is not None:
        study.use.check(data)
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
    changing.add_arguments(parser)
    parser.add_argument(
        "--simulate",
        metavar="CLUSTER",
        help='what the whole study would take elsewhere: "64 gpus", "4 nodes x 8 gpus", "8 cpus"',
    )
    parser.add_argument(
        "--price", metavar="PRICE", type=float, help="of one of its devices for an hour"
    )


def main(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    cluster = simulated.asked(arguments.simulate, arguments.price)
    prepared = prepare(arguments.study, arguments.home, changing.asked(arguments))
    execution = prepared.execution
    schedule = execution.preview(workers(prepared.study))
    simulation = None
    if cluster is not None:
        simulation = simulated.simulate(execution, cluster, arguments.price)
    if arguments.json:
        facts = plain(execution, schedule)
        if simulation is not None:
            facts["simulation"] = simulation.mapping()
        print(json.dumps(facts))
    else:
        show(console(), execution, schedule)
        if simulation is not None:
            simulated.show(console(), simulation)
    return 0


def workers(study: Study) -> int:
    """How many cohorts a Ray of our own trains side by side here."""
    return max(1, int((os.cpu_count() or 1) / study.resources.total_cpus))


def plain(execution: Execution, schedule: Schedule) -> dict[str, Any]:
    """The plan as plain values."""
    plan = execution.plan
    held = set(execution.reused)
    cohorts = schedule.cohorts()
    unspent = _unspent(execution, schedule, cohorts)
    cohorts = [
        cohort for cohort in cohorts if any(trial.key not in unspent for trial in cohort.trials)
    ]
    to_train = _to_train(execution, cohorts, unspent)
    return {
        "study": execution.study.name,
        "key": plan.key,
        "trials": plan.expected,
        "cohorts": len(cohorts),
        "reused": len(held),
        "to_train": to_train,
        "unspent": len(unspent),
        "unspent_because": list(dict.fromkeys(unspent.values())),
        "estimated_minutes": round(_seconds(execution, cohorts, to_train) / 60, 3),
        "stages": [
            {
                "name": planned.stage.name,
                "model": planned.stage.model,
                "after": list(planned.stage.after),
                "joint": is_joint(planned.stage),
                "trials": planned.expected,
                "reused": sum(trial.key in held for trial in planned.trials),
                "decided": planned.complete,
                "keys": [trial.key for trial in planned.trials],
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
    seeds, more_seeds = f"{len(study.seeds)}", study.more_seeds
    if more_seeds is not None:
        seeds += f" to {more_seeds.max}"
    for planned, facts_of in zip(execution.plan.stages, facts["stages"], strict=True):
        settings = planned.expected // len(study.seeds)
        if planned.complete:
            settings = len({trial.setting for trial in planned.trials})
        table.add_row(
            Text(planned.stage.name),
            Text(planned.stage.model),
            Text(", ".join(planned.stage.after) or "the data")
            + Text(", jointly" if facts_of["joint"] else ""),
            f"{settings}",
            seeds,
            f"{'' if facts_of['decided'] else 'up to '}{planned.expected}",
            f"{facts_of['reused']}",
        )
    console.print(table)
    missing, data = facts["to_train"], execution.data
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
    if facts["unspent"]:
        causes = "; ".join(facts["unspent_because"])
        said += f" Left to another day: {facts['unspent']}, since {causes}."
    console.print(Text(said))


_LEFT = ("stage", "model", "after")


def _seconds(execution: Execution, cohorts: Sequence[Cohort], to_train: int) -> float:
    """Estimated seconds of training on this machine, from measured steps where there are any."""
    total = 0.0
    for cohort in cohorts:
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
    known = sum(len(cohort.trials) for cohort in cohorts)
    if known:
        total *= to_train / known
    return total / min(workers(execution.study), max(1, len(cohorts)))


def _unspent(execution: Execution, schedule: Schedule, cohorts: Sequence[Cohort]) -> dict[str, str]:
    """The known trials that the budget will not allow, with the cause, as far as it is trials."""
    if execution.study.budget is None:
        return {}
    spending = Spending(execution.study.budget, time.monotonic)
    spending.know(execution.plan.trials())
    for trial in execution.plan.trials():
        if trial.key in execution.manifests:
            spending.pay(trial, anyway=True)
    found = dict(schedule.unspent)
    for cohort in cohorts:
        for trial in cohort.trials:
            cause = spending.pay(trial)
            if cause is not None:
                found[trial.key] = cause
    return found


def _to_train(execution: Execution, cohorts: Sequence[Cohort], unspent: Mapping[str, str]) -> int:
    """How many trials a run would train, those behind undecided promotions counted as expected."""
    known = sum(trial.key not in unspent for cohort in cohorts for trial in cohort.trials)
    if execution.plan.decided or unspent:
        return known
    return max(known, execution.plan.expected - len(execution.reused))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _words(seconds: float) -> str:
    return f"{max(1, seconds):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
