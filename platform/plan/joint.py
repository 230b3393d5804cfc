"""Joint stages: a whole trained stack goes on learning as one network, on the data.

Fine-tuning an unrolled stack, a deep belief network, a deep Boltzmann machine: such a stage stands
after others, starts from their weights, and takes its widths from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from ...models import registry
from ..study import Stage, Study
from ..study.domains import Integers, Listed
from ..study.validation import plain
from .refusal import of_stage
from .trial import Trial

_LEAVE_OUT = "Leave it out: it follows from the stages below."

Widths = tuple[int, ...]


def is_joint(stage: Stage) -> bool:
    """Whether a stage trains the stack below it as one network."""
    return bool(stage.after) and registry.lookup(stage.model).joint


def stack_below(parents: Sequence[Trial]) -> tuple[Trial, ...]:
    """The trials whose networks lie below a child of these, the one that sees the data first.

    A joint trial has taken the place of all that lies below it. Empty for several parents.
    """
    if len(parents) != 1:
        return ()
    [parent] = parents
    if parent.joint or not parent.parents:
        return (parent,)
    return (*parent.stack, parent) if parent.stack else ()


def taken(model: str, stack: Sequence[Trial]) -> dict[str, Any]:
    """The hyperparameters that a joint trial has from the stack below it."""
    *layers, hidden = (width for trial in stack for width in trial.widths)
    found = {"hidden": hidden, "layers": tuple(layers)}
    return {k: v for k, v in found.items() if k in registry.lookup(model).hyperparameters}


def check(study: Study) -> None:
    """Refuse joint stages on anything but a chain, and widths that are not those of the chain.

    Raises:
        StudyError: several parents, there or further down; or ``hidden`` or ``layers`` that are
            written and differ from what the stages below make them.
    """
    chains: dict[str, set[Widths]] = {}
    several: dict[str, str] = {}
    for stage in study.in_order():
        below = next((several[name] for name in stage.after if name in several), None)
        if len(stage.after) > 1:
            several[stage.name] = stage.name
        elif below is not None:
            several[stage.name] = below
        joins = several.get(stage.name)
        above = {widths for name in stage.after for widths in chains[name]} or {()}
        if not is_joint(stage):
            own = _widths(stage)
            chains[stage.name] = {(*widths, *more) for widths in above for more in own}
            continue
        if joins is not None:
            path = "after" if joins == stage.name else "model"
            got = list(stage.after) if joins == stage.name else f"stage {joins!r} joins several"
            rule = f"{stage.model} starts from a chain of stages, each with one parent"
            remedy = "Name one stage, or write `after: []` to train it from the start."
            raise of_stage(study, stage, path, rule, got, remedy)
        _check_written(study, stage, above)
        chains[stage.name] = above


def _check_written(study: Study, stage: Stage, above: set[Widths]) -> None:
    for path, possible in (
        ("hidden", {widths[-1] for widths in above}),
        ("layers", {widths[:-1] for widths in above}),
    ):
        if path not in stage.settings:
            continue
        for written in {point[path] for point in _possible(stage, (path,))}:
            if possible != {written}:
                shown = " or ".join(str(plain(width)) for width in sorted(possible))
                rule = f"must be what the stages below make it, {shown}"
                raise of_stage(study, stage, path, rule, plain(written), _LEAVE_OUT)


def _widths(stage: Stage) -> set[Widths]:
    """The widths of the layers that a stage's settings may have, the code last."""
    tried = _possible(stage, ("layers", "hidden"))
    return {(*values.get("layers", ()), values["hidden"]) for values in tried}


def _possible(stage: Stage, paths: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The values that some hyperparameters of a stage may have together."""
    declared = registry.lookup(stage.model).hyperparameters
    settings: Mapping[str, Any] = {p: h.default for p, h in declared.items()} | stage.settings
    if stage.search is None:
        yield from ({**settings, **point} for point in stage.points())
        return
    known = [path for path in paths if path in settings]
    options = (_options(settings[path], declared[path].default) for path in known)
    yield from (dict(zip(known, values, strict=True)) for values in product(*options))


def _options(written: object, default: object) -> Sequence[object]:
    if isinstance(written, Listed):
        found: Sequence[object] = written.values
    elif isinstance(written, Integers):
        found = range(written.low, written.high + 1)
    else:
        return (written,)
    return (*found, default) if written.when else found
