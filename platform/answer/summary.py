"""The study as the record keeps it: what was asked, what it took, what it has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from ...models import registry
from ...models.hyperparameter import Hyperparameter
from ..data import DataSet
from ..execution.entries import recorded_key
from ..execution.execution import Outcome
from ..study.measures import described
from ..study.study import Study
from ..uses.findings import Findings
from .claims import Judged
from .controls import Control
from .pictures import Pictures

# Characters of a label that still fits below a panel of a figure.
LONGEST_LABEL = 32


def summarise(
    study: Study,
    data: DataSet,
    outcome: Outcome,
    controls: Sequence[Control],
    pictures: Pictures,
    verdict: str,
    seconds: Mapping[str, float],
    findings: Findings | None = None,
    claims: Sequence[Judged] = (),
) -> dict[str, Any]:
    """study.json: everything the dashboards need that is not a trial's own.

    ``inside`` has a list of entries for each of "code_map", "units", "spectrum", "gibbs",
    "traversal" and "field", none where there is nothing to show. An entry has the ``key`` of its
    trial and, by part, the names of its ``arrays`` in images.npz:

    code_map    points (n, 2), labels (n,) as places in ``classes``, thumbnails (n, h, w) in grey
                levels from 0 to 255; ``shares`` of the variance of both axes
    units       frequency (H,), the share of samples on which a unit is further than ``threshold``
                from 0, and mean (H,); an entry for each of some settings, the best first
    spectrum    mean, low, high (S,) over samples of the sorted singular values of ∂code/∂input, low
                and high at ``quantiles``; below ``resolution`` of the largest they count as 0
    gibbs       images (steps, chains, h, w) after each number of ``steps``
    traversal   images (directions, places, h, w), ``places`` in standard deviations, ``shares`` of
                the variance of each direction
    field       of data with two inputs: vectors (n, 2) at the points (n, 2) of a grid, and samples
                (m, 2); ``quantity`` is "reconstruction" for r(x) − x or "score" for −∂F/∂x, with
                ``corruption`` and ``noise_level`` where the network was trained with noise

    A study of what networks are for may add these, whose entries may lack the ``key``; the
    dashboards' ``detectors``, ``sounds`` and the figures ``retrieval_grid`` and ``colour_triplets``
    say more:

    anomaly     scores (n,), the higher the more anomalous, labels (n,), 1 for anomalous, else 0;
                ``name`` of the detector, whether it is a ``control``, ``threshold`` beyond which it
                flags a sample, the ``quantile`` of normal scores at which that stands
    retrieval   queries (q, h, w), found (q, k, h, w), the nearest first, relevant (q, k), 1 where
                it shares the query's label, else 0; ``texts``, q words of queries, beside images or
                alone; ``name`` of what was compared, whether it is a ``control``
    sound       original, corrupted, resynthesised (frequencies, frames), magnitudes;
                original_wave, corrupted_wave, resynthesised_wave (n,), −1 to 1, ``rate`` samples a
                second; ``extent`` [seconds, hertz] of the spectrograms, ``name``
    colour      grey (n, h, w), colourised, true and baseline (n, h, w, 3), all from 0 to 255

    ``measures`` has what the use measured, each with its ``contestants``: name, label, whether a
    ``control``, and by seed its ``values``. ``claims`` has each claim as it came out, with
    ``verdict`` "holds", "fails" or "untold", and ``said`` the use's own sentences.

    ``samples`` is how many there were to look at, ``of`` how many the ``split`` has.
    """
    swept = {
        path: registry.lookup(planned.stage.model).hyperparameters[path]
        for planned in outcome.plan.stages
        for path in planned.stage.swept
    }
    return {
        "study": study.name,
        "question": study.question,
        "expected": study.expected,
        "version": version("layerwise"),
        "seeds": _seeds(study),
        "objective": {"metric": study.objective.metric, "direction": study.objective.direction},
        "data": {
            "name": data.name,
            "digest": data.digest,
            "train": len(data.train),
            "validation": len(data.validation),
            "test": len(data.test),
            "visible": data.visible,
            "image_shape": list(data.image_shape) if data.image_shape else None,
        },
        "stages": [
            {
                "name": planned.stage.name,
                "model": planned.stage.model,
                "after": list(planned.stage.after),
                "depth": planned.depth,
                "hidden": planned.trials[0].settings["hidden"] if planned.trials else None,
                "epochs": planned.trials[0].settings["epochs"] if planned.trials else None,
                "swept": list(planned.stage.swept),
                "fixed": {
                    path: value
                    for path, value in planned.stage.settings.items()
                    if path not in planned.stage.swept
                },
                "keep": planned.stage.keep.mapping() if planned.stage.keep else None,
                "trials": planned.expected,
            }
            for planned in outcome.plan.stages
        ],
        "axes": {
            path: {
                "label": _label(hyperparameter),
                "meaning": hyperparameter.meaning,
                "unit": hyperparameter.unit,
                "log": hyperparameter.logarithmic,
            }
            for path, hyperparameter in swept.items()
        },
        "metrics": {
            name: asdict(measure) for name, measure in described(_measured(outcome)).items()
        },
        "trials": [
            recorded_key(trial, outcome.manifests.get(trial.key)) for trial in outcome.plan.trials()
        ],
        "controls": [control.mapping() for control in controls],
        "verdict": verdict,
        "measures": [measure.mapping() for measure in findings.measures] if findings else [],
        "said": list(findings.said) if findings else [],
        "claims": [claim.mapping() for claim in claims],
        "images": pictures.panels,
        "inside": pictures.inside,
        "cost": {
            "seconds": dict(seconds),
            "trained": len(outcome.trained),
            "reused": len(outcome.reused),
            "failed": len(outcome.failed),
            "skipped": len(outcome.skipped),
            "diverged": len(outcome.diverged),
            "stopped": len(outcome.stopped),
            "unspent": len(outcome.unspent),
            "seconds_saved": outcome.seconds_saved,
            "cohorts": _cohorts(outcome),
        },
    }


def _seeds(study: Study) -> list[int] | dict[str, object]:
    """The seeds of every setting; or the rule that adds to them, and the stage that it looks at."""
    more = study.more_seeds
    if more is None:
        return list(study.seeds)
    stage = study.in_order()[-1].name
    return {"start": len(study.seeds), "max": more.max, "until": more.until, "stage": stage}


def _label(hyperparameter: Hyperparameter) -> str:
    """What an axis calls it: its meaning, or its path where that is too long for an axis."""
    meaning = hyperparameter.meaning
    return meaning if len(meaning) <= LONGEST_LABEL else hyperparameter.path.replace("_", " ")


def _measured(outcome: Outcome) -> list[str]:
    """The measures that some trial has, without their splits."""
    found = dict.fromkeys(
        name.partition("/")[2]
        for manifest in outcome.manifests.values()
        for name in manifest["history"]
    )
    return list(found)


def _cohorts(outcome: Outcome) -> list[dict[str, Any]]:
    """When and where each cohort trained, in seconds from the first one's start."""
    stages = {trial.key: trial.stage for trial in outcome.plan.trials()}
    found: dict[str, dict[str, Any]] = {}
    for key in outcome.trained:
        manifest = outcome.manifests[key]
        cohort = found.setdefault(
            manifest["cohort"],
            {
                "cohort": manifest["cohort"],
                "stage": stages[key],
                "trials": 0,
                "seconds": manifest["ended"] - manifest["started"],
                "start": manifest["started"],
                "end": manifest["ended"],
                "worker": manifest["worker"],
            },
        )
        cohort["trials"] += 1
    first = min((cohort["start"] for cohort in found.values()), default=0.0)
    for cohort in found.values():
        cohort["start"] -= first
        cohort["end"] -= first
    return sorted(found.values(), key=lambda cohort: float(cohort["start"]))
