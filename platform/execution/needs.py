"""Which studies were run in a home, and what each of them needs of the store.

A run leaves ``plans/<plan>.study.json``: the study as it was written, and what there is to know of
its data. Which trials it has follows from that and from the store, as when it is run again; so
what a promotion or a search has decided since is known too, and nothing has to be kept up to date.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...models.errors import LayerwiseError
from ..errors import StoreError
from ..home import Home
from ..plan.schedule import LedgerForReading, Schedule
from ..plan.tree import Plan, Tree
from ..plan.trial import Metrics, Source
from ..store.store import Store
from ..study import Study
from ..study.reading import parse_study
from .entries import entry_key, last_metrics

_SUFFIX = ".study.json"

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Need:
    """What a study that was run in a home needs of its store.

    study, plan: its name, and the key of its plan: a study that was changed has several. run_at:
    when it was last begun, in seconds since 1970. entries: the keys of its entries in the store,
    and the stage of each. missing: how many of the trials that are known are still to be trained.
    finished: whether nothing more would be trained.
    """

    study: str
    plan: str
    run_at: float
    entries: Mapping[str, str]
    missing: int
    finished: bool


def register(home: Home, study: Study, source: Source, plan_key: str) -> None:
    """Leave word that a study is run in this home."""
    home.plans.mkdir(parents=True, exist_ok=True)
    path = home.plans / f"{plan_key[:32]}{_SUFFIX}"
    said = {"plan": plan_key, "study": study.to_yaml(), "source": asdict(source)}
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(said))
    os.replace(temporary, path)


def needs(home: Home, store: Store) -> list[Need]:
    """What each study needs that was run in this home, the latest run first.

    Raises:
        StoreError: it cannot be said of one of them.
    """
    found = [_need(path, store) for path in home.plans.glob(f"*{_SUFFIX}")]
    return sorted(found, key=lambda need: (-need.run_at, need.plan))


def need_of(study: Study, source: Source, store: Store, run_at: float = 0.0) -> Need:
    """What a study needs of a store."""
    tree = Tree(study, source)
    manifests, entries = replayed(tree, store.keys(), store.manifest)
    finished = {key: last_metrics(manifest) for key, manifest in manifests.items()}
    plan = tree.grown(finished)
    families = {key: manifest["cohort"] for key, manifest in manifests.items()}
    ledger = LedgerForReading(Path())
    schedule = Schedule(study, source, finished, families, len, ledger, tree)
    return Need(
        study=study.name,
        plan=plan.key,
        run_at=run_at,
        entries={entries[t.key]: t.stage for t in plan.trials() if t.key in entries},
        missing=len({trial.key for trial in plan.trials()} - manifests.keys()),
        finished=schedule.done,
    )


def replayed(
    tree: Tree, held: set[str], read: Callable[[str], Manifest]
) -> tuple[dict[str, Manifest], dict[str, str]]:
    """The manifests of a study's entries, promotions and searches replayed from what they say.

    Args:
        tree: of the study, nothing of it finished.
        held: the keys of the store's entries; those that turn out to be damaged leave it.
        read: gives an entry's manifest, or raises StoreError where it is damaged.

    Returns:
        For each trial that the store holds its manifest, and the key of its entry.
    """
    found: dict[str, Manifest] = {}
    entries: dict[str, str] = {}
    metrics: dict[str, Metrics] = {}
    while True:
        plan: Plan = tree.grown(metrics)
        fresh = {
            trial.key: key
            for trial in plan.trials()
            if trial.key not in found and (key := entry_key(trial, held)) is not None
        }
        for trial_key, key in fresh.items():
            try:
                found[trial_key] = read(key)
            except StoreError:
                # Quarantined by the store, which says so; the trial is trained again.
                held.discard(key)
                continue
            entries[trial_key] = key
            metrics[trial_key] = last_metrics(found[trial_key])
        if not fresh:
            return found, entries


def _need(path: Path, store: Store) -> Need:
    try:
        said = json.loads(path.read_text())
        study = parse_study(said["study"], path)
        return need_of(study, Source(**said["source"]), store, path.stat().st_mtime)
    except StoreError:
        raise
    except (OSError, ValueError, KeyError, TypeError, LayerwiseError) as error:
        rule = "must say which study was run, or nobody knows what it needs"
        remedy = "Run that study again, or delete this file if nobody wants what it made"
        raise StoreError(str(path), rule, f"{type(error).__name__}: {error}", remedy) from error
