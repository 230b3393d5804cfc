"""Who came from whom: the settings of a study of several stages as a tree, and what it saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from .effects import ranked
from .memory import remembered
from .outline import final_stages, finished, objective, own_swept
from .statistics import rows as records
from .wording import setting_text

if TYPE_CHECKING:
    from .frames import Frames

COLUMNS = [
    *("stage", "setting", "parents", "trials", "finished", "mean", "rank"),
    *("children", "state", "reused", "text"),
]
TAGS = ["setting", "stage", "key", "parent_key", "reused", "status", "stopped_at"]
MOST_LEAVES = 60
NAN = float("nan")


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """A row per setting, parents first, the best of a stage first; empty where there is no edge.

    ``stage, setting, parents`` (settings, a tuple), ``trials``, ``finished`` (how many), ``mean``
    and ``rank`` of the objective as ``effects.ranked`` has them (NaN where no trial finished),
    ``children`` (settings that started from it), ``state`` (as in ``_state``), ``reused``
    (whether all its trials came from the store), ``text`` (its stage's own swept values).
    """
    own = _by_setting(frames)
    home = {trial["key"]: name for name, trials in own.items() for trial in trials}
    parents = {
        name: tuple(dict.fromkeys(home[key] for t in trials for key in _above(t) if key in home))
        for name, trials in own.items()
    }
    children = Counter(name for above in parents.values() for name in above)
    going_on = {own[name][0]["stage"] for name in children}
    found: list[tuple[Any, ...]] = []
    for stage in frames.stages if children else ():
        order = ranked(frames, stage)
        means = dict(zip(order.index, order["mean"], strict=True)) if len(order) else {}
        rank = {name: place for place, name in enumerate(means, 1)}
        whole = set(finished(frames, stage, objective(frames, stage)[0])["key"])
        values = _values(frames, stage)
        names = [name for name, trials in own.items() if trials[0]["stage"] == stage]
        for name in sorted(names, key=lambda name: rank.get(name, len(rank) + 1)):
            trials = own[name]
            good = [trial["key"] in whole for trial in trials]
            state = _state(trials, bool(children[name]), stage in going_on, name in rank)
            numbers = (len(trials), sum(good), means.get(name, NAN), rank.get(name, NAN))
            end = (
                all(t["reused"] for t in trials),
                setting_text(frames, values[name], list(values[name])),
            )
            found.append((stage, name, parents[name], *numbers, children[name], state, *end))
    return pd.DataFrame(found, columns=COLUMNS)


@remembered
def parent_keys(frames: Frames) -> dict[str, tuple[str, ...]]:
    """By the key of each trial the keys of those it started from, in the record or not."""
    keys = zip(frames.runs["key"], frames.runs["parent_key"], strict=True)
    return {str(key): tuple(_above({"parent_key": above})) for key, above in keys}


@remembered
def child_keys(frames: Frames) -> dict[str, tuple[str, ...]]:
    """By key the keys of the trials that started from it, in the order of ``runs``."""
    found: dict[str, list[str]] = {}
    for key, above in parent_keys(frames).items():
        for parent in above:
            found.setdefault(parent, []).append(key)
    return {parent: tuple(keys) for parent, keys in found.items()}


def reached(key: str, edges: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """By key how many steps along ``edges`` lead there from ``key`` at least; itself left out."""
    found, ahead = {key: 0}, [key]
    for name in ahead:
        for other in edges.get(name, ()):
            if other not in found:
                found[other] = found[name] + 1
                ahead.append(other)
    return {name: steps for name, steps in found.items() if steps}


def saving(frames: Frames) -> tuple[int, int]:
    """Trials in the tree, and trials if every path through it had been trained from its root.

    A path ends at a trial that no other started from; it is as long as it has distinct trials.
    """
    above = {t["key"]: _above(t) for trials in _by_setting(frames).values() for t in trials}
    inner = {key for keys in above.values() for key in keys}
    return len(above), sum(len(_way(key, above)) for key in above if key not in inner)


def best_paths(frames: Frames) -> list[list[dict[str, Any]]]:
    """For each last stage its best setting, at the end, after all that it stands on."""
    rows = records(table(frames))
    above = {row["setting"]: row["parents"] for row in rows}
    last = final_stages(frames)
    ways = [_way(r["setting"], above) for r in rows if r["rank"] == 1 and r["stage"] in last]
    return [[row for row in rows if row["setting"] in way] for way in ways]


def places(rows: list[dict[str, Any]], path: Iterable[str] = ()) -> dict[str, float]:
    """Height of the settings that are drawn, in slots from the top: inner ones amid their children.

    A leaf has a slot of its own and stands beside its siblings, under its first parent. Of more
    than ``MOST_LEAVES`` leaves those are drawn that lie on ``path`` or are best within their stage.
    """
    above = {row["setting"]: row["parents"] for row in rows}
    path = set(path)
    leaves = [row for row in rows if not row["children"]]
    leaves.sort(key=lambda row: (row["setting"] not in path, not row["rank"] <= 1e9, row["rank"]))
    shown = {name for row in leaves[:MOST_LEAVES] for name in _way(row["setting"], above)}
    below: dict[str, list[str]] = {}
    for row in rows:
        if row["setting"] in shown:
            below.setdefault(next(iter(row["parents"]), ""), []).append(row["setting"])
    found: dict[str, float] = {}
    slots = iter(range(len(rows)))

    def stand(name: str) -> float:
        inside = [stand(child) for child in below.get(name, ())]
        found[name] = sum(inside) / len(inside) if inside else float(next(slots))
        return found[name]

    for root in below.get("", ()):
        stand(root)
    return found


def _by_setting(frames: Frames) -> dict[str, list[dict[str, Any]]]:
    """The trials of each setting, as dictionaries of ``TAGS``, parents' stages first."""
    columns = [frames.runs[name].tolist() for name in TAGS]
    trials = [dict(zip(TAGS, row, strict=True)) for row in zip(*columns, strict=True)]
    trials.sort(key=lambda t: frames.stages.index(t["stage"]) if t["stage"] in frames.stages else 0)
    found: dict[str, list[dict[str, Any]]] = {}
    for trial in trials:
        found.setdefault(trial["setting"], []).append(trial)
    return found


def _above(trial: Mapping[str, Any]) -> list[str]:
    """The keys of a trial's parents: one tag has them all."""
    return [key for key in str(trial["parent_key"]).split(",") if key]


def _way(end: str, above: Mapping[str, Iterable[str]]) -> set[str]:
    """``end`` and all that it stands on, as far as ``above`` knows them."""
    found: set[str] = set()
    ahead = [end]
    while ahead:
        name = ahead.pop()
        if name in above and name not in found:
            found.add(name)
            ahead += above[name]
    return found


def _values(frames: Frames, stage: str) -> dict[str, dict[str, Any]]:
    """By setting its stage's own swept values, those left out that it does not have."""
    paths = own_swept(frames, stage)
    first = frames.trials(stage)[["setting", *paths]].drop_duplicates("setting")
    return {
        row.pop("setting"): {p: v for p, v in row.items() if v is not None and v == v}
        for row in records(first)
    }


def _state(trials: list[dict[str, Any]], parent: bool, goes_on: bool, whole: bool) -> str:
    if parent:
        return "kept"
    if whole:
        return "not kept" if goes_on else "last stage"
    if any(trial["stopped_at"] == trial["stopped_at"] for trial in trials):
        return "stopped early"
    lost = any(trial["status"] in ("FAILED", "KILLED") for trial in trials)
    return "diverged or failed" if lost else "not finished"
