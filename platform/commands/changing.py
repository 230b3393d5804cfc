"""``--set`` and ``--scale``: what one command changes of the study that it reads."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..study.changes import Changes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Both, for every command that reads a study in order to train it."""
    parser.add_argument(
        "--set",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        help="change a key of the study: stages.NAME.epochs=200, data.name=mnist, seeds=[0,1]",
    )
    parser.add_argument(
        "--scale",
        metavar="FACTOR",
        type=float,
        default=1.0,
        help="multiply the epochs of every stage",
    )


def asked(arguments: argparse.Namespace) -> Changes:
    """The changes that a command line asks for.

    Raises:
        StudyError: they make no sense, whatever the study.
    """
    # Here, since the study's rules take a tenth of a second that a starting process can use.
    from ..study.changes import Changes

    return Changes.of(arguments.set, arguments.scale)
