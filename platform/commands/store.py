"""``layerwise store``: which trained stages lie on the disk, who needs them, are they sound.

``ls`` lists, ``gc`` deletes what nobody needs, ``verify`` reads every byte.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from ..console.width import console
from ..errors import StoreError
from ..execution.needs import Need, need_of, needs
from ..home import Home
from ..plan.trial import Source
from ..store.collection import Held, collecting, contents, delete, quarantined
from ..store.leases import Leases, in_words
from ..store.store import Store

DONE, DAMAGED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    purposes = {
        "ls": "list the entries by the studies that need them, with sizes and ages",
        "gc": "list what no study needs, and delete it when told to",
        "verify": "hash every byte anew, and set aside what is damaged",
    }
    for name, purpose in purposes.items():
        action = actions.add_parser(
            name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}."
        )
        action.add_argument(
            "--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        action.add_argument("--json", action="store_true", help="print one JSON object")
        if name == "gc":
            action.add_argument(
                "--keep",
                metavar="STUDY",
                action="append",
                help="keep what this study needs (its name, or a YAML file; again for more), and "
                "of the others only what unfinished ones need; without it, what the latest run of "
                "every study needs is kept",
            )
            action.add_argument(
                "--codes",
                action="store_true",
                help="also codes that only finished studies have read; they can be made anew",
            )
            action.add_argument(
                "--quarantine", action="store_true", help="also damaged entries that were set aside"
            )
            action.add_argument(
                "--delete", action="store_true", help="do it; without this nothing is deleted"
            )


def main(arguments: argparse.Namespace) -> int:
    """List, collect or verify; returns the exit code."""
    home = Home.from_environment(arguments.home)
    store = Store(home.store)
    actions = {"ls": _list, "gc": _collect, "verify": _verify}
    return actions[arguments.action](arguments, home, store)


def _list(arguments: argparse.Namespace, home: Home, store: Store) -> int:
    held, found = contents(store.root), needs(home, store)
    damaged, trained = quarantined(store.root), Leases(store.root).holders()
    if arguments.json:
        now = time.time()
        entries = [
            {
                "key": one.key,
                "bytes": one.entry_bytes,
                "code_bytes": one.code_bytes,
                "age_seconds": max(0.0, now - one.written),
                "stage": next((n.entries[one.key] for n in found if one.key in n.entries), None),
                "studies": [need.study for need in found if one.key in need.entries],
            }
            for one in held.values()
        ]
        said = {
            "entries": entries,
            "studies": [_plain(need, held) for need in found],
            "quarantine": {folder.name: size for folder, size in damaged.items()},
            "being_trained": trained,
        }
        print(json.dumps(said))
        return DONE
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("study", "stage", "entries", "MiB", "codes MiB", "age", "state"):
        table.add_column(column, justify="left" if column in _LEFT else "right")
    for need in found:
        for stage in dict.fromkeys(need.entries.values()):
            keys = [key for key, of in need.entries.items() if of == stage]
            _row(table, need.study, stage, [held[k] for k in keys if k in held], _state(need))
    needed = {key for need in found for key in need.entries}
    rest = [one for key, one in held.items() if key not in needed]
    if rest:
        _row(table, "(nobody)", "", rest, "see layerwise store gc")
    shown = console()
    if held:
        shown.print(table)
    total = sum(one.bytes for one in held.values())
    said_so = f"{len(held)} entries, {_mib(total)} MiB in {store.root}"
    if damaged:
        said_so += f"; {len(damaged)} set aside as damaged, {_mib(sum(damaged.values()))} MiB"
    if trained:
        said_so += f"; {len(trained)} trials in training by {in_words(trained)}"
    shown.print(Text(said_so + "."), soft_wrap=True)
    return DONE


@dataclass(frozen=True)
class _Garbage:
    """What would be deleted."""

    entries: list[Held]
    codes: list[Held]
    damaged: dict[Any, int]

    @property
    def bytes(self) -> int:
        entries = sum(one.entry_bytes for one in self.entries)
        return entries + sum(one.code_bytes for one in self.codes) + sum(self.damaged.values())


def _collect(arguments: argparse.Namespace, home: Home, store: Store) -> int:
    # Before the lock: a named study's data may take a while to load.
    files = [_of_file(word, home, store) for word in arguments.keep or ()]
    with collecting(store.root):
        known = needs(home, store)
        kept = _kept(known, arguments.keep, [need for need in files if need is not None])
        garbage = _garbage(arguments, store, known, kept)
        if arguments.delete:
            delete(
                store.root,
                [one.key for one in garbage.entries],
                [one.key for one in garbage.codes],
                garbage.damaged,
            )
    if arguments.json:
        held = contents(store.root)
        said = {
            "kept": [{**_plain(need, held), "why": why} for need, why in kept],
            "entries": [one.key for one in garbage.entries],
            "codes": [one.key for one in garbage.codes],
            "quarantine": [folder.name for folder in garbage.damaged],
            "bytes": garbage.bytes,
            "deleted": arguments.delete,
        }
        print(json.dumps(said))
        return DONE
    shown = console()
    for need, why in kept:
        line = f"kept: {need.study}, {len(need.entries)} entries ({why})"
        shown.print(Text(line), soft_wrap=True)
    what = f"{len(garbage.entries)} entries and {len(garbage.codes)} codes that nobody needs"
    if garbage.damaged:
        what += f", {len(garbage.damaged)} damaged entries"
    done = "deleted" if arguments.delete else "to delete"
    shown.print(Text(f"{done}: {what}, {_mib(garbage.bytes)} MiB"), soft_wrap=True)
    if garbage.bytes and not arguments.delete:
        shown.print("Nothing was deleted; add --delete to do it.")
    return DONE


def _garbage(
    arguments: argparse.Namespace, store: Store, known: list[Need], kept: list[tuple[Need, str]]
) -> _Garbage:
    held = contents(store.root)
    if held and not known and not arguments.keep:
        rule = "no run has left word in this home of which study needs what"
        remedy = "Name those to keep with --keep, or run them once more: nothing is trained again"
        raise StoreError(str(store.root.parent), rule, remedy=remedy)
    needed = {key for need, _ in kept for key in need.entries}
    read = {key for need, _ in kept if not need.finished for key in need.entries}
    codes = read if arguments.codes else needed
    return _Garbage(
        [one for key, one in held.items() if key not in needed and one.entry_bytes],
        [one for key, one in held.items() if key not in codes and one.code_bytes],
        quarantined(store.root) if arguments.quarantine else {},
    )


def _kept(known: list[Need], named: list[str] | None, files: list[Need]) -> list[tuple[Need, str]]:
    """The studies that keep what they need, and why; the latest run of each name comes first."""
    kept = [(need, "named") for need in files]
    latest: set[str] = set()
    finished: set[str] = set()
    for need in known:
        if named is not None and need.study in named and need.study not in latest:
            kept.append((need, "named"))
        elif named is None and need.study not in latest:
            kept.append((need, "its latest run"))
        elif not need.finished and need.study not in finished:
            # One that was changed and then finished has left its earlier plans behind.
            kept.append((need, f"unfinished, {need.missing} trials to train"))
        latest.add(need.study)
        if need.finished:
            finished.add(need.study)
    return kept


def _of_file(word: str, home: Home, store: Store) -> Need | None:
    """What a study file needs; None for the name of a study that was run here.

    Raises:
        StudyError, DataError: it is neither.
    """
    if any(need.study == word for need in needs(home, store)):
        return None
    from ..study.reading import find_study, read_study
    from .loading import load

    study = read_study(find_study(word))
    return need_of(study, Source.of(load(study.data)), store)


def _verify(arguments: argparse.Namespace, home: Home, store: Store) -> int:
    began = time.monotonic()
    held = contents(store.root)
    needed = needs(home, store)
    damaged = [key for key, one in held.items() if one.entry_bytes and not _is_sound(store, key)]
    codes = [key for key, one in held.items() if one.code_bytes and store.codes(key) is None]
    concerned = sorted({n.study for n in needed for key in damaged if key in n.entries})
    total = sum(one.bytes for one in held.values())
    if arguments.json:
        said = {
            "entries": sum(one.entry_bytes > 0 for one in held.values()),
            "bytes": total,
            "damaged": damaged,
            "damaged_codes": codes,
            "studies": concerned,
        }
        print(json.dumps(said))
    else:
        took = time.monotonic() - began
        line = f"{len(held)} entries, {_mib(total)} MiB read in {took:.1f} s: "
        line += f"{len(damaged)} damaged" if damaged or codes else "all as they were written"
        if codes:
            line += f", {len(codes)} damaged codes, which are made anew when they are needed"
        shown = console()
        shown.print(Text(line + "."), soft_wrap=True)
        for study in concerned:
            again = f"layerwise run {study} trains again what was damaged."
            shown.print(Text(again), soft_wrap=True)
    return DAMAGED if damaged or codes else DONE


def _is_sound(store: Store, key: str) -> bool:
    try:
        store.read(key)
    except StoreError:
        return False
    return True


def _plain(need: Need, held: dict[str, Held]) -> dict[str, Any]:
    ours = [held[key] for key in need.entries if key in held]
    return {
        "study": need.study,
        "plan": need.plan,
        "entries": len(need.entries),
        "bytes": sum(one.entry_bytes for one in ours),
        "code_bytes": sum(one.code_bytes for one in ours),
        "missing": need.missing,
        "finished": need.finished,
    }


_LEFT = ("study", "stage", "state")


def _row(table: Table, study: str, stage: str, held: Iterable[Held], state: str) -> None:
    ours = list(held)
    table.add_row(
        Text(study),
        Text(stage),
        f"{len(ours)}",
        _mib(sum(one.entry_bytes for one in ours)),
        _mib(sum(one.code_bytes for one in ours)),
        _age(max((one.written for one in ours), default=0.0)),
        state,
    )


def _state(need: Need) -> str:
    return "finished" if need.finished else f"unfinished, {need.missing} to train"


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f}"


def _age(written: float) -> str:
    """How long ago, by the clock of the disk; a clock that was set back says 0 s."""
    seconds = max(0.0, time.time() - written)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
