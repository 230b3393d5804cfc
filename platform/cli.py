"""The ``layerwise`` command: parse, call, print.

Exit codes: 0 done; 1 some trials failed; 2 the person's mistake, and nothing was started; 130 or
143 interrupted.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import NoReturn

MISTAKE = 2

# The commands and what they are for. Their files are imported when called, so that --help is fast.
COMMANDS = {
    "plan": "show what a study would train, before anything trains",
    "run": "train what is missing of a study, record it, and report",
    "submit": "the same on a cluster, which goes on without this terminal",
    "report": "write a study's report from the record",
    "export": "write a study's trained network into a folder, to use it on data of your own",
    "models": "list the registered models, or describe one",
    "studies": "list the studies that ship",
    "data": "list the data sets, describe one or your own, or fetch one",
    "status": "show what the record knows of each study, or a cluster of its jobs",
    "logs": "print what a study on a cluster says",
    "stop": "end a study on a cluster; what is finished stays",
    "sync": "write into the record what was spooled while it could not be written",
    "store": "list, verify and clean up the trained stages on the disk",
    "dashboard": "browse, filter and compare studies in a browser, also while they run",
    "ui": "open MLflow's own page on the record",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    from ..dashboards.collector import collector_paused

    # Torch alone is a thousand modules, none of them garbage.
    with collector_paused(kept=True):
        parser = _parser(_command(words))
    parsed = parser.parse_args(words)
    from ..dashboards.errors import RecordError
    from ..models.errors import LayerwiseError
    from .console import chatter

    chatter.keep_quiet()

    try:
        code = int(import_module(f".commands.{parsed.command}", __package__).main(parsed))
        # What is still buffered may find its reader gone, which must not happen after this block.
        sys.stdout.flush()
        return code
    except (LayerwiseError, RecordError) as error:
        print(f"layerwise: {error}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        print("layerwise: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (for example `layerwise models | head`). At its end
        # Python flushes standard output once more, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def entry() -> NoReturn:
    """The console script: one command, and out."""
    # Before a command takes the signals itself: out through everything that has been opened.
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed by now, and to take down an interpreter with torch and Ray in it takes a
    # second.
    os._exit(code)


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _command(words: Sequence[str]) -> str | None:
    """The command among the words; the folder after ``--home`` is none, whatever its name."""
    rest = iter(words)
    for word in rest:
        if word == "--home":
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="layerwise",
        description="Studies of autoencoders and Boltzmann machines, layer by layer.",
    )
    parser.add_argument(
        "--home",
        metavar="DIR",
        help="where results are kept (default: LAYERWISE_HOME, else .layerwise)",
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(
            name, help=purpose, description=purpose[0].upper() + purpose[1:] + "."
        )
        command.add_argument(
            "--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        if name == chosen:
            import_module(f".commands.{name}", __package__).add_arguments(command)
    return parser


class _Version(argparse.Action):
    def __init__(self, option_strings: list[str], dest: str, **rest: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> None:
        from importlib.metadata import version

        print(f"layerwise {version('layerwise')}")
        parser.exit()


if __name__ == "__main__":
    entry()
