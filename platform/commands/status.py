"""``layerwise status``: each study's executions, as the record has them; or a cluster's jobs."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from ..console.width import console
from ..home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", nargs="?", help="only this study")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--address", metavar="URL", help="the studies on the cluster there, http://HEAD:8265"
    )


def main(arguments: argparse.Namespace) -> int:
    """Print a line per execution, or per job on a cluster, the newest first."""
    if arguments.address is not None:
        return _jobs(arguments)
    home = Home.from_environment(arguments.home)
    rows: list[dict[str, object]] = []
    if home.has_record:
        from ...dashboards.executions import executions

        rows = executions(home.tracking_uri, arguments.study)
    if arguments.json:
        print(json.dumps(rows))
        return 0
    if not rows:
        print(f"nothing is recorded in {home.path} yet")
        return 0
    _show(rows)
    return 0


def _jobs(arguments: argparse.Namespace) -> int:
    from ..cluster.jobs import Jobs

    jobs = Jobs(arguments.address)
    rows = [
        {
            "study": job.study,
            "job": job.id,
            "status": job.status,
            "started": _when(job.started),
            "minutes": _minutes(job.started, job.ended),
            "storage": job.storage,
        }
        for job in jobs.all()
        if arguments.study in (None, job.study, job.id)
    ]
    if arguments.json:
        print(json.dumps(rows))
    elif rows:
        _show(rows)
    else:
        print(f"no study was submitted to {jobs.address} yet")
    return 0


def _show(rows: Sequence[Mapping[str, object]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in rows[0]:
        table.add_column(column)
    for found in rows:
        table.add_row(*(Text(_shown(value)) for value in found.values()))
    console().print(table)


def _when(moment: float | None) -> str | None:
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def _minutes(started: float | None, ended: float | None) -> float | None:
    return None if started is None else round(((ended or time.time()) - started) / 60, 1)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
