"""Which data a study trains on, how they are read, scaled and split."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from ...models.errors import near_miss
from . import validation as rules
from .folder_terms import FolderTerms, ImageTerms, SoundTerms
from .validation import Problems, wrong

LARGEST_SEED = 2**31 - 1
MOST_SAMPLES = 2**40
TABLES = (".npz", ".npy", ".csv", ".parquet")
STREAMED = (".npy", ".parquet")

Label = str | int | float


@dataclass(frozen=True)
class Data:
    """Which data a study trains on, and how it is split.

    Args:
        name: a data set that layerwise knows; exactly one of `name` and `path` is given.
        path: a person's own table (.npz, .npy, .csv, .parquet), a folder of .parquet or .npy parts
            of one, or a folder of images or of WAV files, whose sub-folders are labels; made
            absolute.
        validation: the share of the samples that ranks trials, between 0 and 1.
        test: the share that is looked at once, at the end, between 0 and 1.
        split_seed: of the permutation that decides which sample goes where.
        binarise: makes 0 or 1 of grey values, ``sampled`` (each once, 1 with its value as
            probability) or ``threshold`` (1 from a half upwards); left out, they stay.
        scale: ``unit`` brings every input to 0 … 1 by its range (what lies beyond it in other
            splits becomes 0 or 1), ``standardise`` to mean 0 and variance 1, both by the training
            samples alone; ``none``, or left out, they stay. Of scaled rows no sound can be made
            again.
        label: the column of a .csv or .parquet that holds labels, or the array of an .npz (there
            ``y`` when left out).
        anomalous: labels that are anomalies: labels become 1 (anomalous) or 0, training and
            validation hold normal samples only, and anomalies are in test. A test set that was
            published with the data stays as it is.
        contamination: the share of the training samples that are anomalies all the same, from 0
            to below 1.
        samples: at most so many, the first ones of the permutation; a published test set stays
            whole.
        stream: whether a table (.parquet, .npy, or a folder of such parts) is read a piece at a
            time into files that training maps; left out, where as float32 it would take more than
            an eighth of the free memory. The numbers are the same.
        image: how a folder of images becomes rows.
        sound: how a folder of WAV files becomes rows.

    Raises:
        StudyError: an unknown name, neither or both of name and path, shares that leave nothing,
            terms that contradict each other.
    """

    name: str | None = None
    path: Path | None = None
    validation: float = 0.15
    test: float = 0.15
    split_seed: int = 0
    binarise: str | None = None
    scale: str | None = None
    label: str | None = None
    anomalous: Sequence[Label] | None = None
    contamination: float = 0.0
    samples: int | None = None
    stream: bool | None = None
    image: ImageTerms | None = None
    sound: SoundTerms | None = None

    def __post_init__(self) -> None:
        problems = Problems()
        if (self.name is None) == (self.path is None):
            remedy = "Write {name: digits} or {path: table.npz}."
            with problems.under():
                raise wrong("must have exactly one of name and path", None, remedy)
        if self.name is not None:
            with problems.under("name"):
                object.__setattr__(self, "name", _data_name(self.name))
        if self.path is not None:
            with problems.under("path"):
                object.__setattr__(self, "path", _absolute(self.path))
        for part in ("validation", "test"):
            with problems.under(part):
                object.__setattr__(self, part, rules.share(getattr(self, part)))
        with problems.under("split_seed"):
            seed = rules.integer(rules.plain(self.split_seed), 0, LARGEST_SEED)
            object.__setattr__(self, "split_seed", seed)
        self._check_values(problems)
        self._check_labels(problems)
        self._check_folder(problems)
        self._check_stream(problems)
        if not problems.found and self.validation + self.test >= 1:
            total, remedy = self.validation + self.test, "The rest is what is trained on."
            problems.add("validation + test must be below 1", total, remedy, at="test")
        problems.raise_any("data")

    def _check_values(self, problems: Problems) -> None:
        if self.binarise is not None:
            from ..data.binarise import KINDS  # as for the names below

            with problems.under("binarise"):
                rules.one_of(self.binarise, KINDS)
        if self.scale is not None:
            from ..data import scale

            with problems.under("scale"):
                chosen = rules.one_of(self.scale, ("none", *scale.KINDS))
                # One spelling of what is the same, so that it is the same study.
                object.__setattr__(self, "scale", None if chosen == "none" else chosen)
            if self.scale == "standardise" and self.binarise is not None:
                remedy = "Write {scale: unit}."
                rule = "cannot be standardise where values are binarised, which takes 0 to 1"
                problems.add(rule, None, remedy, at="scale")
        if self.samples is not None:
            with problems.under("samples"):
                most = rules.integer(rules.plain(self.samples), 3, MOST_SAMPLES)
                object.__setattr__(self, "samples", most)

    def _check_labels(self, problems: Problems) -> None:
        if self.label is not None:
            with problems.under("label"):
                rules.text(self.label)
            if self.path is None:
                rule, remedy = "is a term of tables of your own", "Leave it out."
                problems.add(rule, self.label, remedy, at="label")
        if self.anomalous is not None:
            with problems.under("anomalous"):
                object.__setattr__(self, "anomalous", _labels(self.anomalous))
        with problems.under("contamination"):
            rule = "must be a share from 0 to below 1"
            share = rules.number(rules.plain(self.contamination), rule)
            if not 0 <= share < 1:
                percent = f"Write {share / 100:g} for {share:g} %." if 1 < share < 100 else None
                raise wrong(rule, share, percent)
            if share and self.anomalous is None:
                raise wrong("needs anomalous", None, "Name the labels that are anomalies.")
            object.__setattr__(self, "contamination", share)

    def _check_folder(self, problems: Problems) -> None:
        kinds: dict[str, type[FolderTerms]] = {"image": ImageTerms, "sound": SoundTerms}
        for term, kind in kinds.items():
            value = getattr(self, term)
            if value is None:
                continue
            with problems.under(term):
                object.__setattr__(self, term, kind.of(value))
            if self.path is None or Path(self.path).suffix in TABLES:
                rule, remedy = f"is a term of folders of {term}s", "Leave it out."
                problems.add(rule, None, remedy, at=term)
        if self.image is not None and self.sound is not None:
            rule, remedy = "must be left out where image is written", "A folder holds one of them."
            problems.add(rule, None, remedy, at="sound")

    def _check_stream(self, problems: Problems) -> None:
        if self.stream is None:
            return
        with problems.under("stream"):
            object.__setattr__(self, "stream", rules.boolean(rules.plain(self.stream)))
            if self.path is None:
                raise wrong("is a term of tables of your own", self.stream, "Leave it out.")
            kind = Path(self.path).suffix.lower()
            if self.stream and kind in TABLES and kind not in STREAMED:
                remedy = "Save the table as .parquet, or leave stream out."
                raise wrong(f"needs {' or '.join(STREAMED)}, or a folder of parts", kind, remedy)
            for term in ("image", "sound"):
                if self.stream and getattr(self, term) is not None:
                    rule = f"is a term of tables, not of folders of {term}s"
                    raise wrong(rule, self.stream, "Leave it out.")

    @classmethod
    def of(cls, value: object) -> Data:
        """Data from what a study writes: ``digits``, ``{name: digits}``, ``{path: table.npz}``."""
        if isinstance(value, Data):
            return value
        if isinstance(value, str):
            value = {"name": value}
        written = rules.mapping(value, "a name, or a mapping with name or path")
        rules.check_keys(written, [], [field.name for field in fields(cls)])
        return cls(**written)

    def mapping(self) -> dict[str, object]:
        """The data as a study writes it."""
        source = {"path": str(self.path)} if self.path else {"name": self.name}
        optional: dict[str, object] = {
            "binarise": self.binarise,
            "scale": self.scale,
            "label": self.label,
            "anomalous": list(self.anomalous) if self.anomalous else None,
            "contamination": self.contamination or None,
            "samples": self.samples,
            "stream": self.stream,
            "image": self.image.mapping() if self.image else None,
            "sound": self.sound.mapping() if self.sound else None,
        }
        return {
            **source,
            "validation": self.validation,
            "test": self.test,
            "split_seed": self.split_seed,
            **{term: value for term, value in optional.items() if value is not None},
        }


def _labels(value: object) -> tuple[Label, ...]:
    found: list[Label] = []
    items = rules.listed(value, "labels", f"Write [{value}]." if _is_label(value) else None)
    problems = Problems()
    for index, label in enumerate(items):
        if isinstance(label, str | int | float) and _is_label(label):
            found.append(label)
        else:
            problems.add("must be a label, a word or a number", label, at=index)
    problems.raise_any()
    rules.distinct(found, "labels")
    return tuple(found)


def _is_label(value: object) -> bool:
    return isinstance(value, str | int | float) and value == value


def _data_name(value: object) -> str:
    from ..data import names  # loads NumPy tables' readers, needed only here

    word = rules.text(value)
    if word in names():
        return word
    guess = near_miss(word, names())
    remedy = f"Did you mean {guess}?" if guess else f"Known data: {', '.join(names())}."
    if "/" in word or word.endswith(TABLES) or Path(word).is_dir():
        remedy = f"For a table or folder of your own write {{path: {word}}}."
    raise wrong("must be the name of a known data set", word, remedy)


def _absolute(value: object) -> Path:
    if not isinstance(value, str | os.PathLike):
        raise wrong("must be the path of a table or folder", value)
    written = rules.text(os.fspath(value))
    path = Path(os.path.expanduser(written)).absolute()
    if path.suffix and not written.endswith(TABLES) and not path.is_dir():
        kinds = f"{', '.join(TABLES[:-1])} or {TABLES[-1]}"
        raise wrong(f"must end with {kinds}, or be a folder", written)
    return path
