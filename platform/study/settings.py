"""The hyperparameters of a stage as written, checked against what its model declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from ...models.errors import HyperparameterError, near_miss
from ...models.hyperparameter import Hyperparameter
from . import validation
from .domains import Domain, Value, read_domain
from .validation import Problems, misread, wrong


def read_settings(
    declared: Mapping[str, Hyperparameter], written: Mapping[str, object], reserved: Sequence[str]
) -> dict[str, Value | Domain]:
    """The settings by dotted path, in the order in which they are written.

    Args:
        declared: what the model has, by dotted path.
        written: nested as in YAML; in place of a value there may be a search domain.
        reserved: the other keys on the outermost level, for the message about an unknown one.

    Raises:
        StudyError: keys that the model does not have, values outside their range.
    """
    problems = Problems()
    settings: dict[str, Value | Domain] = {}
    for keys, value in _walk(written, (), declared, reserved, problems):
        with problems.under(*keys):
            settings[".".join(keys)] = _setting(declared[".".join(keys)], validation.plain(value))
    problems.raise_any()
    return settings


def _walk(
    written: Mapping[str, object],
    above: tuple[str, ...],
    declared: Mapping[str, Hyperparameter],
    reserved: Sequence[str],
    problems: Problems,
) -> Iterable[tuple[tuple[str, ...], object]]:
    """The written hyperparameters with the keys that lead to them; notes keys nobody declared."""
    depth = len(above)
    known = {
        path.split(".")[depth]: None for path in declared if tuple(path.split(".")[:depth]) == above
    }
    for key, value in written.items():
        keys = (*above, key)
        if ".".join(keys) in declared and "." not in key:
            yield keys, value
        elif key in known:
            with problems.under(*keys):
                inner = [p.split(".")[depth + 1] for p in declared if p.split(".")[:-1] == [*keys]]
                example = f"{{{inner[0]}: …}}"
                group = validation.mapping(
                    value, f"a mapping with the keys {', '.join(inner)}", f"Write {key}: {example}."
                )
                yield from _walk(group, keys, declared, reserved, problems)
        else:
            _note_unknown(key, above, [*known], declared, reserved, problems)


def _note_unknown(
    key: str,
    above: tuple[str, ...],
    known: list[str],
    declared: Mapping[str, Hyperparameter],
    reserved: Sequence[str],
    problems: Problems,
) -> None:
    allowed = known if above else [*reserved, *known]
    rule, got, remedy = validation.unknown_key(key, near_miss(key, allowed), allowed)
    inner = [path for path in declared if path.endswith(f".{key}")]
    if key in declared and above:
        remedy = f"{key!r} belongs one level further out."
    elif key in declared:
        outer, _, last = key.partition(".")
        remedy = f"Write {outer}: {{{last}: …}}."
    elif inner:
        remedy = f"Did you mean {' or '.join(inner)}? Indent it under its group."
    with problems.under(*above, key):
        raise wrong(rule, got, remedy)


def _setting(declared: Hyperparameter, value: object) -> Value | Domain:
    """One checked value, or a domain of which every value was checked."""

    def check(single: object) -> Value:
        if isinstance(single, tuple) and declared.kind != "widths":
            raise wrong(f"must be {declared.range_text}", list(single))
        try:
            return cast(Value, declared.check(single))
        except HyperparameterError as error:
            remedy = misread(error.got) if declared.kind in ("real", "integer", "widths") else None
            raise wrong(error.rule, error.got, remedy or error.remedy) from None
        except OverflowError:
            raise wrong(f"must be {declared.range_text}", single) from None

    if isinstance(value, Mapping):
        value = read_domain(value)
    if not isinstance(value, Domain):
        return check(value)
    if declared.kind not in value.kinds:
        fitting = "grid, choice or integers" if declared.kind == "integer" else "grid or choice"
        if declared.kind == "real":
            fitting = "grid, choice, uniform or log_uniform"
        rule = f"{value.key} cannot stand for {declared.range_text}"
        raise wrong(rule, None, f"Write {fitting}.")
    return value.checked(check)
