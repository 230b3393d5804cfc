"""``layerwise plan --simulate "64 gpus"``: the plan replayed on a cluster that is imagined."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..errors import StudyError
from ..execution.entries import last_metrics
from ..execution.execution import Execution
from ..plan.arrangements import Arranging
from ..plan.imagined_cluster import ImaginedCluster
from ..plan.pace import MeasuredPace, Sources
from ..plan.simulation import Replay, replay
from ..plan.unfolding import unfold

# What a row is called, whether prefixes are shared, and whether trials are fused.
ROWS = {
    "as planned": (True, True),
    "without sharing": (False, True),
    "without fusion": (True, False),
    "without either": (False, False),
}


@dataclass(frozen=True)
class Simulation:
    """What a study would take on a cluster.

    ``places`` cohorts train side by side; ``rows`` are the replays and the number of times that a
    stage is trained for a trial, by what the row is called; ``price`` is of a device-hour.
    """

    cluster: ImaginedCluster
    places: int
    price: float | None
    sources: Sources
    rows: Mapping[str, tuple[Replay, int]]
    bounded: bool = False
    """Whether the study has a budget, which is not applied: what the whole of it takes is told."""

    def device_hours(self, row: str) -> float:
        """Hours that the whole cluster is occupied, times its devices."""
        return self.rows[row][0].makespan * self.cluster.devices / 3600

    def cost(self, row: str) -> float | None:
        """The price of these device-hours, None where none is given."""
        return None if self.price is None else self.price * self.device_hours(row)

    def mapping(self) -> dict[str, Any]:
        """Plain values, for ``--json``."""
        return {
            "cluster": str(self.cluster),
            "devices": self.cluster.devices,
            "side_by_side": self.places,
            "times": {**vars(self.sources), "said": str(self.sources)},
            **{
                row.replace(" ", "_"): {
                    "makespan_seconds": round(found.makespan, 3),
                    "idle_share": round(found.idle, 4),
                    "busy_seconds": round(found.busy, 3),
                    "device_hours": round(self.device_hours(row), 6),
                    "cost": self.cost(row),
                    "tasks": found.tasks,
                    "stage_trainings": trainings,
                }
                for row, (found, trainings) in self.rows.items()
            },
        }


def asked(cluster: str | None, price: float | None) -> ImaginedCluster | None:
    """The cluster to imagine, None where none is named.

    Raises:
        StudyError: a cluster that cannot be read, or a price that is none.
    """
    if price is not None and (cluster is None or not 0 <= price < math.inf):
        rule = "must be a number from 0, of a device-hour of the cluster that --simulate names"
        raise StudyError("--price", rule, price, 'Write --simulate "64 gpus" --price 2.5.')
    return None if cluster is None else ImaginedCluster.of(cluster)


def simulate(execution: Execution, cluster: ImaginedCluster, price: float | None) -> Simulation:
    """Replay a study from its first trial to its last, whatever the store holds already.

    Raises:
        StudyError: a cohort needs more than the cluster has.
    """
    places = cluster.side_by_side(execution.study.resources)
    finished = {key: last_metrics(manifest) for key, manifest in execution.manifests.items()}
    tree = unfold(execution.study, execution.source, finished)
    pace = MeasuredPace(execution.calibration, execution.data, tree.trials, execution.manifests)
    arranging = Arranging(tree, pace, places)
    rows = {}
    for name, (shared, fused) in ROWS.items():
        arrangement = arranging.arrange(shared=shared, fused=fused)
        rows[name] = replay(arrangement.tasks, places), arrangement.trainings
    bounded = execution.study.budget is not None
    return Simulation(cluster, places, price, pace.sources, rows, bounded)


def show(console: Console, simulation: Simulation) -> None:
    """The simulation as a table, and what it rests on."""
    console.print()
    console.print(
        Text(f"Imagined on {simulation.cluster}", style="bold"),
        Text(f"  {simulation.places} side by side, from the first trial to the last"),
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    columns = ["stages trained", "tasks", "training", "makespan", "idle", "device-hours"]
    for column in [*columns, *(["cost"] if simulation.price is not None else []), "ratio"]:
        table.add_column(column, justify="right")
    best = simulation.rows["as planned"][0].makespan
    for row, (found, trainings) in simulation.rows.items():
        cost = simulation.cost(row)
        table.add_row(
            row,
            f"{trainings}",
            f"{found.tasks}",
            _duration(found.busy),
            _duration(found.makespan),
            f"{100 * found.idle:.0f} %",
            f"{simulation.device_hours(row):.3g}",
            *([f"{cost:.2f}"] if cost is not None else []),
            f"{found.makespan / best:.2f}" if best else "",
        )
    console.print(table)
    console.print(
        Text(
            f"From {simulation.sources}. Devices are taken to be as fast as this machine; "
            "promotions, proposals and halving at the numbers to be expected."
            + (" The study's budget is not applied." if simulation.bounded else "")
        )
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
