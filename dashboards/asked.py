"""What two records were asked differently: data, seeds, stages, models and hyperparameters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from .outline import objective
from .wording import axis_label, count, listing, measure_label, value_text

if TYPE_CHECKING:
    from .frames import Frames
    from .sides import Pair

COLUMNS = ["where", "what", "left", "right"]
MANY = 8
"""Values that are listed one by one; of more only how many there are, and the ends."""
MISSING = "–"
DATA_PARTS = {
    "name": "",
    "train": "sample",
    "validation": "sample",
    "test": "sample",
    "visible": "input",
    "digest": "",
}
_TOLD = ("name", "model", "after", "depth", "hidden", "epochs", "swept", "fixed", "keep", "trials")


def differences(pair: Pair) -> pd.DataFrame:
    """``where`` ("study", "data", a stage), ``what``, and the ``left`` and ``right`` text.

    Only rows that differ. Stages of the same name are compared; the rest in their order.
    """
    frames = [side.frames for side in pair.sides]
    whole = [dict(_of_study(one)) for one in frames]
    found = [(*where, *texts) for where, texts in _paired(whole[0], whole[1])]
    for left, right in _stages(frames[0], frames[1]):
        named = " | ".join(dict.fromkeys(name for name in (left, right) if name))
        parts = [
            dict(_of_stage(one, name)) if name else {}
            for one, name in ((frames[0], left), (frames[1], right))
        ]
        parts = _fill(frames, (left, right), parts)
        found += [(f"stage {named}", what, *texts) for what, texts in _paired(parts[0], parts[1])]
    return pd.DataFrame(found, columns=COLUMNS)


def sentence(pair: Pair) -> str:
    """How much differs, and where."""
    table = differences(pair)
    if table.empty:
        return "Both were asked the same: nothing that the record holds of the question differs."
    places = [str(where) for where in table["where"].drop_duplicates()]
    differ = "differs" if len(table) == 1 else "differ"
    return f"{count(len(table), 'thing')} {differ}, in {listing(places)}; all else is the same."


def _paired(left: dict[Any, str], right: dict[Any, str]) -> Iterator[tuple[Any, tuple[str, str]]]:
    for key in dict.fromkeys([*left, *right]):
        texts = left.get(key, MISSING), right.get(key, MISSING)
        if texts[0] != texts[1]:
            yield key, texts


def _of_study(frames: Frames) -> Iterator[tuple[tuple[str, str], str]]:
    study = frames.study
    yield ("study", "name"), str(study.get("study") or MISSING)
    yield ("study", "question"), str(study.get("question") or MISSING)
    metric, lower = objective(frames)
    goal = f"{'lowest' if lower else 'highest'} {measure_label(frames, metric)}"
    yield ("study", "objective"), goal
    yield ("study", "seeds"), _seeds(frames)
    yield ("study", "stages"), " → ".join(frames.stages)
    yield ("study", "version"), str(study.get("version") or MISSING)
    data = study.get("data") or {}
    for part, unit in DATA_PARTS.items():
        value = data.get(part)
        if value is None:
            yield ("data", part), MISSING
        elif unit:
            yield ("data", part), count(int(value), unit)
        else:
            yield ("data", part), str(value)


def _seeds(frames: Frames) -> str:
    asked = frames.study.get("seeds")
    if isinstance(asked, dict):
        share = f"{100 * float(asked['until']):g}\u00a0%"
        return f"{asked['start']} to {asked['max']}, until the best is known within {share}"
    seeds = asked if isinstance(asked, list) else sorted(frames.runs["seed"].unique())
    return _listed([int(seed) for seed in seeds])


def _stages(left: Frames, right: Frames) -> Iterator[tuple[str, str]]:
    """Pairs of stage names; "" where the other has none."""
    both = [name for name in left.stages if name in right.stages]
    yield from ((name, name) for name in both)
    rest = [[name for name in one.stages if name not in both] for one in (left, right)]
    yield from itertools.zip_longest(*rest, fillvalue="")


def _of_stage(frames: Frames, stage: str) -> Iterator[tuple[str, str]]:
    entry = frames.stage(stage)
    yield "model", str(entry.get("model") or MISSING).replace("_", " ")
    for name in ("hidden", "epochs"):
        if entry.get(name) is not None:
            yield name, _text(entry[name])
    yield "after", listing([str(name) for name in entry.get("after") or []]) or MISSING
    keep = entry.get("keep")
    yield "keep", ", ".join(f"{k} {_text(v)}" for k, v in keep.items()) if keep else "all"
    trials = frames.trials(stage)
    for path in entry.get("swept") or []:
        if path in trials.columns:
            yield (
                _name(frames, str(path)),
                f"swept: {_listed(list(trials[path].dropna().unique()))}",
            )
    for path, value in (entry.get("fixed") or {}).items():
        if path not in ("hidden", "epochs"):
            yield _name(frames, str(path)), _text(value)
    # What is asked of a stage beyond this is the study's own affair, and told as it stands.
    for name, value in entry.items():
        if name not in _TOLD:
            yield str(name), _text(value)


def _name(frames: Frames, path: str) -> str:
    label = axis_label(frames, path)
    return path if label in (path, path.replace("_", " ")) else f"{path} ({label})"


def _fill(
    frames: list[Frames], stages: tuple[str, str], parts: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Both sides' texts under the same names, and with what only the trials tell.

    A hyperparameter may have a label on one side only: that one is used. Where a side says nothing
    of it, its trials may tell the value that they all had.
    """
    names: dict[str, str] = {}
    for name in itertools.chain(*parts):
        path = _path(name)
        names[path] = max(names.get(path, ""), name, key=len)
    filled = [{names[_path(name)]: text for name, text in part.items()} for part in parts]
    for one, stage, part in zip(frames, stages, filled, strict=True):
        trials = one.trials(stage)
        for path, name in names.items():
            values = list(trials[path].dropna().unique()) if path in trials.columns else []
            if name not in part and len(values) == 1:
                part[name] = _text(values[0])
    return filled


def _path(name: str) -> str:
    return name.partition(" (")[0]


def _listed(values: list[Any]) -> str:
    """The values in order; of many only the ends."""
    try:
        values = sorted(values)
    except TypeError:
        values = sorted(values, key=str)
    if len(values) <= MANY:
        return ", ".join(map(_text, values))
    return f"{count(len(values), 'value')} from {_text(values[0])} to {_text(values[-1])}"


def _text(value: Any) -> str:
    """A value as both study.json (true, 8) and MLflow ("True", "8.0") mean it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if str(value) in ("True", "False"):
        return value_text(str(value) == "True")
    if isinstance(value, (list, dict, tuple)):
        return str(value)
    try:
        return value_text(float(value))
    except (TypeError, ValueError):
        return str(value)
