"""What the networks are for: one file each, found by itself and named by a study's ``use``.

A use looks at the finished networks of a study: it measures them beside what they have to beat, and
shows what a person would want to see or hear.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from ..study import validation as rules
from .use import Use

_COMMON = ("findings", "trained", "use")


def names() -> tuple[str, ...]:
    """The uses that there are."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if name not in _COMMON))


def of(value: object) -> Use:
    """A use from what a study writes: ``anomaly``, or ``{anomaly: {quantile: 0.99}}``.

    Raises:
        StudyError: no such use, or settings that it does not have.
    """
    if isinstance(value, Use):
        return value
    if isinstance(value, str):
        value = {value: {}}
    written = rules.mapping(value, "a use, or a mapping with one", f"Uses: {', '.join(names())}.")
    if len(written) != 1:
        raise rules.wrong("must name exactly one use", list(written))
    [(name, settings)] = written.items()
    rules.one_of(name, names())
    module = import_module(f".{name}", __name__)
    kinds = (found for found in vars(module).values() if isinstance(found, type))
    # Its own class, not those that it imports.
    [kind] = [
        kind for kind in kinds if issubclass(kind, Use) and kind.__module__ == module.__name__
    ]
    problems = rules.Problems()
    with problems.under(name):
        made = kind.read(settings)
    problems.raise_any()
    return made
