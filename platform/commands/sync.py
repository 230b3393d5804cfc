"""``layerwise sync``: write into the record what had to be spooled when it could not be written."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..console import chatter
from ..errors import TrackingError
from ..home import Home

DONE, SOME_LEFT = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="only these; by default all")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def main(arguments: argparse.Namespace) -> int:
    """Write the spooled executions, each exactly once; returns the exit code."""
    from ..tracking.spool import Spool

    home = Home.from_environment(arguments.home)
    spool = Spool(home.spool)
    waiting = spool.waiting()
    chosen = [_named(word, waiting) for word in arguments.studies] or sorted(waiting)
    written: dict[str, dict[str, int]] = {}
    left: dict[str, str] = {}
    for study in dict.fromkeys(chosen):
        for name in waiting.get(study, ()):
            # MLflow's chatter goes where that of the study's executions is.
            log = home.logs / f"{study}-sync-{name[:8]}.log"
            try:
                with chatter.into(log):
                    trials = spool.write(name, home.tracking_uri, home.artifacts)
            except TrackingError as error:
                left[name] = str(error)
                print(f"layerwise: {error}", file=sys.stderr)
            else:
                written.setdefault(study, {})[name] = trials
    if arguments.json:
        print(json.dumps({"written": written, "left": left}))
    else:
        _say(dict.fromkeys(chosen), written, bool(left))
    return SOME_LEFT if left else DONE


def _named(word: str, waiting: dict[str, list[str]]) -> str:
    """The study of that name, or in the file of that name."""
    if word in waiting:
        return word
    from ..errors import StudyError
    from ..study.reading import find_study, read_study

    try:
        return read_study(find_study(word)).name
    except StudyError:
        # The name of a study whose file lies elsewhere, and of which nothing waits.
        if Path(word).suffix in (".yaml", ".yml"):
            raise
        return word


def _say(chosen: dict[str, None], written: dict[str, dict[str, int]], left: bool) -> None:
    for study in chosen:
        for name, trials in written.get(study, {}).items():
            print(f"{study}: execution {name[:8]} with {trials} trials is in the record")
    if not written and not left:
        named = f" of {', '.join(chosen)}" if chosen else ""
        print(f"nothing{named} is spooled")
