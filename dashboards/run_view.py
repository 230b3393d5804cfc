"""Everything that a page about one trial shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import run_sentences
from .chart import Chart, Section
from .effects import best_setting
from .figures import run_curves, settings_map
from .figures.style import Drawing
from .frames import EPOCHS, TAGS
from .lineage import child_keys, parent_keys, reached
from .memory import remembered
from .outline import measure_of, objective, swept
from .reliability import about
from .run_search import found, mlflow_address
from .run_sentences import epochs_of, named, status
from .settings import is_metric, metrics, seeds_of, setting_values
from .siblings import trial
from .statistics import interval
from .trial_histories import of_trial
from .wording import SPLITS, axis_entry, axis_label, capital, listing, measure_label, measure_unit

if TYPE_CHECKING:
    from .frames import Frames

__all__ = ["RunView", "Step", "mlflow_address", "view"]

MOST = 50
"""Descendants that are listed."""
SETTINGS = ["parameter", "label", "value", "unit", "swept"]
MEASURES = [
    *("measure", "label", "unit", *SPLITS),
    *("split", "mean", "low", "high", "n", "best", "doubt"),
]


@dataclass(frozen=True)
class Step:
    """A trial in the lineage of another, with the value of its stage's objective (NaN: none).

    ``relation``: "parent" for all that the other stands on, "child" for all that stand on it.
    ``run_id`` is "" for a trial that is not in this record.
    """

    key: str
    run_id: str
    stage: str
    setting: str
    objective: float
    status: str
    relation: str


@dataclass(frozen=True)
class RunView:
    """One trial in words, numbers and charts; all text is text, not markup.

    ``title``: its setting and seed. ``sentence``: how it stands, or how and when it ended early.
    ``facts``: label and text. ``settings``: ``parameter, label, value, unit, swept``, swept ones
    first. ``measures``: a row per measure, the objective's first: ``measure, label, unit``, the
    trial's ``train, validation, test, untrained`` (NaN where there is none), then on the ``split``
    that is compared the setting's ``mean, low, high`` over ``n`` finished seeds and the ``best``
    setting's mean; ``doubt`` says of an unreliable value between which bounds the truth lies.
    ``ancestors``: from the first stage to the trial's parents, empty where it has none.
    ``descendants``: nearest stages first, within a stage the best first, at most 50 of
    ``descendant_count``.
    """

    key: str
    run_id: str
    stage: str
    title: str
    sentence: str
    facts: list[tuple[str, str]]
    settings: pd.DataFrame
    measures: pd.DataFrame
    ancestors: list[Step]
    descendants: list[Step]
    descendant_count: int
    sections: list[Section]


def view(frames: Frames, key: str) -> RunView:
    """The trial with a key or a run id, or the only one that begins with six or more characters.

    Raises ``RecordError`` where there is none, or more than one.
    """
    return _view(frames, found(frames, key))


@remembered
def _view(frames: Frames, key: str) -> RunView:
    row = trial(frames, key)
    above = reached(key, parent_keys(frames))
    below = reached(key, child_keys(frames))
    steps = [_step(frames, name, "parent") for name in above]
    steps.sort(key=lambda step: _depth(frames, step.key, above))
    children = [_step(frames, name, "child") for name in below]
    children.sort(key=lambda step: (_depth(frames, step.key, below), *_goodness(frames, step)))
    return RunView(
        key,
        str(row["run_id"]),
        str(row["stage"]),
        capital(f"{named(frames, row)}, seed {row['seed']}"),
        run_sentences.standing(frames, key),
        _facts(frames, key),
        _settings(frames, key),
        _measures(frames, key),
        steps,
        children[:MOST],
        len(children),
        _sections(frames, key),
    )


def _step(frames: Frames, key: str, relation: str) -> Step:
    """A trial of the lineage; one that is not in this record is known by its key alone."""
    if key not in parent_keys(frames):
        return Step(key, "", "", "not in this record", np.nan, "unknown", relation)
    row = trial(frames, key)
    stage = str(row["stage"])
    value = float(row.get(objective(frames, stage)[0], np.nan))
    text = f"{named(frames, row, own=True)}, seed {row['seed']}"
    return Step(key, str(row["run_id"]), stage, text, value, status(row), relation)


def _depth(frames: Frames, key: str, steps: dict[str, int]) -> tuple[int, int]:
    """By stage, what is not in the record first; then, within one, the further away first."""
    known = key in parent_keys(frames)
    return (int(trial(frames, key)["depth"]) if known else -1), -steps[key]


def _goodness(frames: Frames, step: Step) -> tuple[bool, float]:
    lower = objective(frames, step.stage)[1]
    unknown = not np.isfinite(step.objective) or step.status != "finished"
    return unknown, 0.0 if unknown else step.objective if lower else -step.objective


def _facts(frames: Frames, key: str) -> list[tuple[str, str]]:
    row = trial(frames, key)
    last, planned = epochs_of(frames, key)
    trained = "–" if last is None else str(last)
    above = [_step(frames, name, "parent") for name in parent_keys(frames)[key]]
    texts = [
        f"{s.stage}: {s.setting}" if s.run_id else f"{s.key[:12]}… ({s.setting})" for s in above
    ]
    reused = bool(row.get("reused"))
    return [
        ("stage", str(row["stage"])),
        ("model", str(row.get("model", "–"))),
        ("seed", str(row["seed"])),
        ("epochs", trained if planned in (None, last) else f"{trained} of {planned}"),
        ("status", status(row)),
        ("trained from", listing(texts) or "the data"),
        ("trained by", "an earlier study; taken from the store" if reused else "this study"),
        ("cohort", str(row.get("cohort", "–"))),
        ("key", key),
        ("MLflow run", str(row["run_id"])),
    ]


def _settings(frames: Frames, key: str) -> pd.DataFrame:
    row = trial(frames, key)
    told = {*TAGS, *EPOCHS, "run_id", "status"}
    varied = swept(frames, str(row["stage"]))
    names = [name for name in row if name not in told and not is_metric(name)]
    names.sort(key=lambda name: varied.index(name) if name in varied else len(varied))
    made = pd.DataFrame({"parameter": names, "value": [row[name] for name in names]})
    made["label"] = [axis_label(frames, name) for name in names]
    made["unit"] = [str(axis_entry(frames, name).get("unit") or "") for name in names]
    made["swept"] = [name in varied for name in names]
    return made[SETTINGS]


def _measures(frames: Frames, key: str) -> pd.DataFrame:
    row = trial(frames, key)
    stage, goal = str(row["stage"]), objective(frames, str(row["stage"]))[0]
    held = [name for name in metrics(frames) if frames.trials(stage)[name].notna().any()]
    names = sorted({measure_of(name) for name in held}, key=lambda n: (n != measure_of(goal), n))
    best = best_setting(frames, stage)
    curves = of_trial(frames, key)
    # What was measured of the untrained network alone is no result of one that ended early.
    before = {
        name: np.nan
        for name, (epoch, _) in curves.items()
        if name.startswith("test/") and epoch[-1] == 0 and status(row) != "finished"
    }
    values = {**row, **before}
    made: list[dict[str, Any]] = []
    for name in names:
        on = [split for split in ("validation", "test", "train") if f"{split}/{name}" in held]
        if name == measure_of(goal) and goal in held:
            on.insert(0, goal.split("/", 1)[0])
        found: dict[str, Any] = {
            "measure": name,
            "label": measure_label(frames, name),
            "unit": measure_unit(frames, name),
            **{split: float(values.get(f"{split}/{name}", np.nan)) for split in SPLITS},
        }
        if on:
            found |= _over_seeds(frames, row, f"{on[0]}/{name}", best)
        made.append(found)
    return pd.DataFrame(made, columns=MEASURES)


def _over_seeds(
    frames: Frames, row: dict[str, Any], metric: str, best: pd.Series | None
) -> dict[str, Any]:
    """A metric's mean over the seeds of the trial's setting, and that of the best setting."""
    stage = str(row["stage"])
    seeds = seeds_of(frames, stage, metric)
    over = interval(seeds.loc[seeds["setting"] == row["setting"], metric].to_numpy(dtype=float))
    means = setting_values(frames, stage, (metric,))[metric]
    own = frames.runs[frames.runs["key"] == row["key"]]
    doubt = about(own, metric)
    return {
        "split": metric.split("/", 1)[0],
        "mean": over.mean,
        "low": over.low,
        "high": over.high,
        "n": over.n,
        "best": float(means[str(best.name)]) if best is not None else np.nan,
        "doubt": str(doubt) if doubt is not None else "",
    }


def _sections(frames: Frames, key: str) -> list[Section]:
    row = trial(frames, key)
    stage, setting = str(row["stage"]), str(row["setting"])
    sections = []
    rows = run_curves.table(frames, key)
    if len(rows):
        drawn, draw_narrow = run_curves.draw(frames, key), partial(run_curves.draw, frames, key, 1)
        said, title = run_curves.sentence(frames, key), "Epoch by epoch, among its siblings"
        chart = Chart("run-curves", title, said, drawn, rows, draw_narrow)
        sections.append(Section("run-curves", "Learning curves", "curves", [chart], stage=stage))
    x, y = settings_map.default_axes(frames, stage)
    if x != y:
        given = (frames, stage, x, y, (setting,))

        def placed(narrow: bool) -> Drawing:
            drawn = settings_map.draw(*given, narrow=narrow)
            # Here the map only shows where the setting stands: there is nothing to choose.
            drawn.layout["dragmode"] = False
            return drawn

        said = settings_map.sentence(frames, stage, x, y, (setting,))
        rows = settings_map.table(frames, stage, x, y, (setting,))
        title = "Its setting among all others"
        chart = Chart("run-map", title, said, placed(False), rows, partial(placed, True))
        sections.append(Section("run-map", "Where its setting stands", "map", [chart], stage=stage))
    return sections
