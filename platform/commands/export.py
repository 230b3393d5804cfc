"""``layerwise export``: a study's trained network in a folder, to be used on one's own data."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ...models.persistence import FILES
from ...studies import shipped_studies
from ..errors import HomeError, StudyError
from ..home import Home

if TYPE_CHECKING:
    from ..tracking.logged_network import LoggedNetworks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", help="a YAML file, or the name of a study in the record")
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="a new folder (default: named after the study)"
    )
    parser.add_argument(
        "--run",
        metavar="RUN_ID",
        help="of this execution, or of this trial, by MLflow's run id; a trial's weights are "
        "read from the home's store (default: the newest execution that finished)",
    )
    parser.add_argument(
        "--stage",
        help="the best setting of this stage, from the home's store (default: the best of all)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Write the folder, and say in one line how it is used."""
    if arguments.run and arguments.stage:
        rule = "belongs to the newest execution, not to a run"
        raise StudyError("--stage", rule, arguments.stage, "Leave out --run or --stage.")
    home = Home.from_environment(arguments.home)
    name = _name(arguments.study)
    home.check_record()
    target = Path(arguments.to or name)
    _check(target)

    from ..tracking.logged_network import LoggedNetworks

    logged = LoggedNetworks(home.tracking_uri, name)
    with tempfile.TemporaryDirectory(prefix="layerwise-") as scratch:
        folder = Path(scratch)
        _write(arguments, home, name, logged, folder)
        described = _describe(folder)
        try:
            target.mkdir(parents=True, exist_ok=True)
            for earlier in FILES:
                (target / earlier).unlink(missing_ok=True)
            for path in folder.iterdir():
                shutil.copyfile(path, target / path.name)
        except OSError as error:
            remedy = "Name another folder with --to."
            raise HomeError(str(target), "must be writable", error.strerror, remedy) from error
    # A path as Python writes it, whatever characters it has.
    print(
        f"from layerwise.models import load; network = load({str(target)!r})  # takes {described}"
    )
    return 0


def _write(
    arguments: argparse.Namespace, home: Home, name: str, logged: LoggedNetworks, folder: Path
) -> None:
    """The network's files, and what its inputs are."""
    if arguments.stage:
        key: str | None = _best_key(home, name, arguments.stage)
    else:
        key = logged.trial_key(arguments.run) if arguments.run else None
    if key is None:
        logged.fetch(arguments.run or logged.latest(), folder)
        return
    from ...models.inputs import Inputs
    from ..execution.trained import layers, network
    from ..store.store import Store

    stack = layers(key, Store(home.store))
    if stack is None:
        rule = "must stand on one stage each, up to the data"
        remedy = "Export a stage below the one that joins several."
        raise StudyError("--stage" if arguments.stage else "--run", rule, remedy=remedy)
    found = network(stack)
    # The study's data are the same for every network of it.
    logged.fetch(logged.latest(), folder)
    found.inputs = Inputs.read(folder)
    found.save(folder)


def _best_key(home: Home, name: str, stage: str) -> str:
    """The trial of the stage's best setting, of the first seed that it was trained with."""
    from ...dashboards.effects import ranked
    from ...dashboards.frames import read
    from ...models.errors import near_miss

    frames = read(home.tracking_uri, name)
    if stage not in frames.stages:
        close = near_miss(stage, frames.stages)
        remedy = f"Did you mean {close!r}?" if close else None
        raise StudyError("--stage", f"must be one of {', '.join(frames.stages)}", stage, remedy)
    order = ranked(frames, stage)
    if order.empty:
        raise StudyError("--stage", "must have a trial that finished", stage)
    trials = frames.trials(stage)
    best = trials[(trials["setting"] == order.index[0]) & (trials["status"] == "FINISHED")]
    return str(best.sort_values("seed")["key"].iloc[0])


def _name(word: str) -> str:
    """The study's name, be it a file, a study that ships, or the name itself."""
    if word.endswith((".yaml", ".yml")) or word in shipped_studies():
        from ..study.reading import find_study, read_study

        return read_study(find_study(word)).name
    if "/" in word or word.startswith("."):
        raise StudyError("study", "must be a YAML file or the name of a study", word)
    return word


def _check(target: Path) -> None:
    """Refuse to write among files of somebody else's."""
    if not target.exists():
        return
    if not target.is_dir():
        raise HomeError(str(target), "must be a folder", "a file", "Name another with --to.")
    others = sorted(path.name for path in target.iterdir() if path.name not in FILES)
    if others:
        rule = "must be new, empty, or an earlier export"
        raise HomeError(str(target), rule, f"a folder with {others[0]}", "Name another with --to.")


def _describe(folder: Path) -> str:
    """What the rows are, as far as it is known."""
    from ...models import load
    from ...models.inputs import Inputs

    network = load(folder)
    return (network.inputs or Inputs(network.visible_)).described()
