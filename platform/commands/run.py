"""``layerwise run``: train what is missing, record it, answer, report."""

from __future__ import annotations

import argparse
import time

from ...dashboards.collector import collector_paused
from ..tracking.recording_process import RecordingProcess
from . import changing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", help="a YAML file, or the name of a study that ships")
    changing.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument(
        "--address", default="local", help="a Ray cluster to join; by default a Ray of its own"
    )
    parser.add_argument("--no-report", action="store_true", help="write no HTML report")


def main(arguments: argparse.Namespace) -> int:
    """Run a study; returns the exit code."""
    begun = time.monotonic()
    # Two processes import side by side: that one MLflow, this one torch.
    with RecordingProcess() as recording:
        with collector_paused(kept=True):
            from .run_study import run_study
        return run_study(arguments, recording, begun)
