"""What a person writes: a study, its data, its stages and what counts as better.

The keywords are the keys of the YAML file, and the checks are the same; see
:mod:`layerwise.platform.study.reading` for files. ::

    Study(
        study="noise",
        data="digits",
        seeds=[0, 1, 2],
        stages=[
            Stage(
                name="codes",
                model="denoising_autoencoder",
                hidden=32,
                corruption={"kind": "masking", "level": Grid([0.0, 0.1, 0.25])},
            ),
        ],
        objective={"minimize": "validation/reconstruction_error"},
    )
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, Literal

import yaml

from ...models.errors import near_miss
from . import validation as rules
from .claims import Claim, placed, read_claims
from .data_terms import Data
from .effort import Budget, SeedsUntil, read_seeds, written_seeds
from .stage import Stage
from .terms import DEFAULT_OBJECTIVE, ONE_CPU, Objective, Resources
from .validation import Problems, wrong

if TYPE_CHECKING:
    from ..uses.use import Use

_REQUIRED = ("study", "data", "stages")
_OPTIONAL = (
    "question",
    "expected",
    "seeds",
    "objective",
    "resources",
    "dtype",
    "budget",
    "use",
    "claims",
)


@dataclass(frozen=True, init=False)
class Study:
    """One question, and the trials that answer it.

    Args:
        study: the name; of the file, of the MLflow experiment, of the report.
        data: a name, a mapping, or :class:`Data`.
        stages: at least one; a chain in the order written unless a stage says `after`.
        question: what the study asks, in a sentence.
        seeds: distinct whole numbers from 0 to 2³¹ − 1; every seed is a trial of every setting. Or
            ``{until: 0.5%, max: 12, start: 3}``: that many seeds from 0 at first, and further ones
            for the settings that may be the best, see :class:`.effort.SeedsUntil`.
        objective: what counts as better; the lowest validation reconstruction error by default.
        resources: per cohort; one CPU by default.
        dtype: ``float32`` or ``float64``, of weights and arithmetic.
        budget: what it may spend at most; without one, whatever its trials take.
        expected: what its author expects to see, and why.
        use: what the networks are for, looked at after training: a name, or a mapping from it to
            settings; see :mod:`..uses`.
        claims: what the answer has to beat; see :mod:`.claims`.

    Raises:
        StudyError: all mistakes at once, each with its key path.
    """

    name: str
    question: str
    data: Data
    seeds: tuple[int, ...]
    """The seeds that every setting has from the start."""
    more_seeds: SeedsUntil | None
    stages: tuple[Stage, ...]
    objective: Objective
    resources: Resources
    dtype: Literal["float32", "float64"]
    budget: Budget | None
    expected: str
    use: Use | None
    claims: tuple[Claim, ...]

    def __init__(
        self,
        *,
        study: str,
        data: Data | Mapping[str, Any] | str,
        stages: Sequence[Stage | Mapping[str, Any]],
        question: str = "",
        seeds: Sequence[int] | Mapping[str, Any] = (0,),
        objective: Objective | Mapping[str, Any] = DEFAULT_OBJECTIVE,
        resources: Resources | Mapping[str, Any] = ONE_CPU,
        dtype: str = "float32",
        budget: Budget | Mapping[str, Any] | None = None,
        expected: str = "",
        use: Use | Mapping[str, Any] | str | None = None,
        claims: Sequence[Claim | Mapping[str, Any]] = (),
    ) -> None:
        problems = Problems()
        found: dict[str, Any] = {}
        for field, key, read, value in (
            ("name", "study", rules.name, study),
            ("question", "question", rules.text, question),
            ("data", "data", Data.of, data),
            ("seeds", "seeds", read_seeds, seeds),
            ("stages", "stages", _stages, stages),
            ("objective", "objective", Objective.of, objective),
            ("resources", "resources", Resources.of, resources),
            ("dtype", "dtype", _dtype, dtype),
            ("budget", "budget", _budget, budget),
            ("expected", "expected", rules.text, expected),
            ("use", "use", _use, use),
            ("claims", "claims", _claims, claims),
        ):
            with problems.under(key):
                found[field] = read(value)
        if "stages" in found:
            goal = found.get("objective", DEFAULT_OBJECTIVE)
            with problems.under("stages"):
                found["stages"] = _placed(found["stages"], goal)
        if not problems.found:
            used = found["use"].name if found["use"] else None
            with problems.under("claims"):
                found["claims"] = placed(found["claims"], _parents_first(found["stages"]), used)
        problems.raise_any()
        found["seeds"], found["more_seeds"] = found["seeds"]
        for field, value in found.items():
            object.__setattr__(self, field, value)

    @classmethod
    def of(cls, value: object) -> Study:
        """A study from the tree of plain values that a YAML file holds."""
        remedy = f"Its keys are {', '.join((*_REQUIRED, *_OPTIONAL))}."
        written = rules.mapping(value, "a mapping", remedy)
        problems = Problems()
        with problems.under():
            rules.check_keys(written, _REQUIRED, _OPTIONAL)
        if problems.found and all(key in written for key in _REQUIRED):
            known = {k: v for k, v in written.items() if k in (*_REQUIRED, *_OPTIONAL)}
            with problems.under():
                cls(**known)
        problems.raise_any()
        return cls(**written)

    def in_order(self) -> tuple[Stage, ...]:
        """The stages with parents before children; among those that could come next, as written."""
        return _parents_first(self.stages)

    def mapping(self) -> dict[str, object]:
        """The study as a tree of plain values, defaults of the study's own keys said."""
        return {
            "study": self.name,
            "question": self.question,
            **({"expected": self.expected} if self.expected else {}),
            "data": self.data.mapping(),
            "seeds": written_seeds(self.seeds, self.more_seeds),
            "stages": [stage.mapping() for stage in self.stages],
            "objective": self.objective.mapping(),
            "resources": self.resources.mapping(),
            "dtype": self.dtype,
            **({} if self.budget is None else {"budget": self.budget.mapping()}),
            **({} if self.use is None else {"use": self.use.mapping()}),
            **({"claims": [claim.mapping() for claim in self.claims]} if self.claims else {}),
        }

    def to_yaml(self) -> str:
        """The study as a YAML file that reads back as an equal study."""
        return yaml.dump(
            self.mapping(),
            Dumper=_WithoutAliases,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=None,
            width=100,
        )


class _WithoutAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def _dtype(value: object) -> str:
    return rules.one_of(value, ("float32", "float64"))


def _budget(value: object) -> Budget | None:
    return None if value is None else Budget.of(value)


def _use(value: object) -> Use | None:
    if value is None:
        return None
    from ..uses import of  # knows studies' rules itself

    return of(value)


def _claims(value: object) -> tuple[Claim, ...]:
    return read_claims(value) if value else ()


def _stages(value: object) -> tuple[Stage, ...]:
    problems = Problems()
    stages: list[Stage] = []
    for index, item in enumerate(rules.listed(value, "stages")):
        with problems.under(index):
            stages.append(Stage.of(item))
    problems.raise_any()
    return tuple(stages)


def _placed(stages: tuple[Stage, ...], goal: Objective) -> tuple[Stage, ...]:
    """The stages with their parents known, once names, parents and their order make sense."""
    problems = Problems()
    placed: list[Stage] = []
    names = [stage.name for stage in stages]
    for index, stage in enumerate(stages):
        previous = names[index - 1] if index else None
        placed.append(stage.placed(previous, goal.metric, goal.direction))
        if stage.name in names[:index]:
            with problems.under(index, "name"):
                raise wrong("must be a name that no other stage has", stage.name)
        for place, parent in enumerate(stage.after):
            if parent not in names:
                guess = near_miss(parent, names)
                remedy = (
                    f"Did you mean {guess}?" if guess else f"The stages are {', '.join(names)}."
                )
                with problems.under(index, "after", place):
                    raise wrong("must be the name of a stage", parent, remedy)
    problems.raise_any()
    try:
        _parents_first(placed)
    except CycleError as error:
        circle = error.args[1]
        with problems.under(names.index(circle[0]), "after"):
            remedy = "A stage can only come after stages that do not need it."
            raise wrong("must not lead back to the stage", " → ".join(circle), remedy) from None
    problems.raise_any()
    _check_descendants(placed)
    return tuple(placed)


def _check_descendants(stages: Sequence[Stage]) -> None:
    """Refuse to value a stage by descendants that it does not have."""
    problems = Problems()
    for index, stage in enumerate(stages):
        if stage.keep is None or stage.keep.value == "own":
            continue
        below = {stage.name}
        for _ in stages:
            below |= {other.name for other in stages if below & set(other.after)}
        last = _parents_first(stages)[-1].name
        if last == stage.name or last not in below:
            rule = f"needs the study's last stage, {last!r}, to come after this one"
            with problems.under(index, "keep", "value"):
                raise wrong(rule, stage.keep.value, "Write value: own.")
    problems.raise_any()


def _parents_first(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    named = {stage.name: stage for stage in stages}
    written = list(named)
    sorter = TopologicalSorter({stage.name: stage.after for stage in stages})
    sorter.prepare()
    order: list[Stage] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=written.index)
        following = ready.pop(0)
        order.append(named[following])
        sorter.done(following)
    return tuple(order)
