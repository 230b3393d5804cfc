from __future__ import annotations

import os
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.models import registry
from layerwise.models.hyperparameter import Hyperparameter
from layerwise.platform.errors import StudyError
from layerwise.platform.study import (
    Data,
    Halving,
    Keep,
    Median,
    Objective,
    Plateau,
    Proposals,
    Resources,
    Stage,
    Stop,
    Study,
)
from layerwise.platform.study.domains import Choice, Domain, Grid, Integers, LogUniform, Uniform
from layerwise.platform.study.reading import find_study, parse_study, read_study
from layerwise.platform.study.validation import InvalidStudyError
from layerwise.studies import shipped_studies

WRITTEN = """\
study: stacked-denoising
question: Does corrupting the first layer help the second layer's code?
data: {name: digits, validation: 0.15, test: 0.15}
seeds: [0, 1, 2]
stages:
  - name: first
    model: denoising_autoencoder
    hidden: 128
    corruption: {kind: masking, level: {grid: [0.0, 0.1, 0.25, 0.4]}}
    epochs: 30
    keep: {best: 2, by: validation/reconstruction_error}
  - name: second
    model: contractive_autoencoder
    hidden: 32
    contraction:
      weight: {log_uniform: [1.0e-3, 1.0], samples: 6}
    epochs: 30
objective: {minimize: validation/reconstruction_error}
resources: {cpus: 1, gpus: 0}
"""


def test_a_study_is_what_its_file_says(tmp_path: Path) -> None:
    path = tmp_path / "stacked.yaml"
    path.write_text(WRITTEN, encoding="utf-8")
    assert read_study(path) == Study(
        study="stacked-denoising",
        question="Does corrupting the first layer help the second layer's code?",
        data=Data(name="digits", validation=0.15, test=0.15),
        seeds=[0, 1, 2],
        stages=[
            Stage(
                name="first",
                model="denoising_autoencoder",
                hidden=128,
                corruption={"kind": "masking", "level": Grid([0.0, 0.1, 0.25, 0.4])},
                epochs=30,
                keep=Keep(2, "validation/reconstruction_error", "minimize"),
            ),
            Stage(
                name="second",
                model="contractive_autoencoder",
                after=["first"],
                hidden=32,
                contraction={"weight": LogUniform(1e-3, 1.0, 6)},
                epochs=30,
            ),
        ],
        objective=Objective("validation/reconstruction_error", "minimize"),
        resources=Resources(cpus=1, gpus=0),
    )


# What to replace in the file above, by what, and the line, the key path and the remedy to be said.
MISTAKES = [
    ("study: stacked", "study: ../stacked", 1, "study", "must be a name"),
    ("study:", "studdy:", 1, "studdy", "Did you mean 'study'?"),
    ("study: stacked-denoising", "study: 2024", 1, "study", "Put it in quotes: '2024'."),
    ("question: Does", "question: 'Does'", 2, "", "must be valid YAML"),
    ("question: Does", "question: a: Does", 2, "", "Put text that holds a colon in quotes"),
    ("question:", "qestion:", 2, "qestion", "Did you mean 'question'?"),
    ("digits, validation", "digts, validation", 3, "data.name", "Did you mean digits?"),
    ("{name: digits", "{nam: digits", 3, "data.nam", "Did you mean 'name'?"),
    ("{name: digits", "{name: digits, path: x.npz", 3, "data", "exactly one of name and path"),
    ("validation: 0.15", "validation: 15", 3, "data.validation", "Write 0.15 for 15 %."),
    ("test: 0.15", "test: 0.85", 3, "data.test", "validation + test must be below 1"),
    ("test: 0.15", "test: 0.15, split_seed: yes", 3, "data.split_seed", "Write true, or 'yes'"),
    ("[0, 1, 2]", "[0, 1, 1]", 4, "seeds[2]", "must be distinct, but got 1. Leave it out."),
    ("[0, 1, 2]", "[0,\n  1,\n  -2]", 6, "seeds[2]", "from 0 to 2147483647, but got -2"),
    ("[0, 1, 2]", "[0, 010]", 4, "seeds[1]", "octal, which is 8: write 10."),
    ("[0, 1, 2]", "[0, true]", 4, "seeds[1]", "write 1 if that is meant"),
    ("[0, 1, 2]", "3", 4, "seeds", "Write [3]."),
    ("[0, 1, 2]", "", 4, "seeds", "Write one, or leave the key out."),
    ("seeds: [0, 1, 2]\n", "seeds: [0]\nseeds: [1]\n", 5, "seeds", "but line 4 has it too"),
    ("name: second", "name: first", 12, "stages[1].name", "no other stage has"),
    ("name: second", "name: second\n    after: [frist]", 13, "stages[1].after[0]", "first?"),
    ("name: first", "name: first\n    after: [second]", 7, "stages[0].after", "not lead back"),
    ("model: den", "modle: den", 7, "stages[0].modle", "Did you mean 'model'?"),
    ("model: denoising", "model: denosing", 7, "stages[0].model", "Did you mean denoising_auto"),
    ("    model: contractive_autoencoder\n", "", 12, "stages[1]", "needs the key 'model'"),
    ("hidden: 128", "hiden: 128", 8, "stages[0].hiden", "Did you mean 'hidden'?"),
    ("hidden: 128", "hidden: 0", 8, "stages[0].hidden", "from 1 to 65536, but got 0"),
    ("hidden: 128", "hidden: 12.5", 8, "stages[0].hidden", "must be a whole number"),
    ("hidden: 128", "hidden: [64, 128]", 8, "stages[0].hidden", "write {grid: [...]}"),
    ("hidden: 128", "hidden: {gird: [64]}", 8, "stages[0].hidden", "Did you mean 'grid'?"),
    ("hidden: 128", "visible: 0", 8, "stages[0].visible", "must be a whole number from 1"),
    ("masking", "maskin", 9, "stages[0].corruption.kind", "Did you mean masking?"),
    ("masking", "off", 9, "stages[0].corruption.kind", "or 'off' in quotes for the text"),
    ("level:", "levl:", 9, "stages[0].corruption.levl", "Did you mean 'level'?"),
    ("corruption: {", "corruption: &c {", 9, "", "anchors are refused, but got '&c'"),
    ("corruption: {", "corruption: !!map {", 9, "", "tags are refused"),
    ("{kind: masking", "{<<: {a: 1}, kind: masking", 9, "stages[0].corruption", "merge keys"),
    ("0.1, ", "1e-3, ", 9, "stages[0].corruption.level.grid[1]", "write 1.0e-3"),
    ("0.1, ", ".nan, ", 9, "stages[0].corruption.level.grid[1]", "Only finite numbers"),
    ("0.1, ", "0.0, ", 9, "stages[0].corruption.level.grid[1]", "must be distinct"),
    ("0.1, ", "-1, ", 9, "stages[0].corruption.level.grid[1]", "from 0 upwards, but got -1"),
    ("0.4]", "1.4]", 9, "stages[0].corruption.level", "from 0 to 1 for masking noise"),
    ("[0.0, 0.1, 0.25, 0.4]", "[]", 9, "stages[0].corruption.level.grid", "at least one"),
    ("best: 2", "best: 0", 11, "stages[0].keep.best", "must be a whole number from 1"),
    ("by: validation/", "by: ", 11, "stages[0].keep.by", "Did you mean validation/reconstruction_"),
    ("best: 2", "bets: 2", 11, "stages[0].keep.bets", "Did you mean 'best'?"),
    ("contraction:\n      ", "contraction: 3\n    #", 15, "stages[1].contraction", "{weight: …}"),
    (", samples: 6", "", 16, "stages[1].contraction.weight", "needs the key 'samples'"),
    ("samples: 6", "samples: 0", 16, "stages[1].contraction.weight.samples", "from 1 to"),
    ("[1.0e-3", "[0", 16, "stages[1].contraction.weight.log_uniform[0]", "must be above 0"),
    ("1.0e-3, 1.0]", "1.0, 1.0]", 16, "stages[1].contraction.weight.log_uniform", "low < high"),
    ("1.0e-3", "1e-3", 16, "stages[1].contraction.weight.log_uniform[0]", "write 1.0e-3"),
    ("minimize", "minimise", 18, "objective.minimise", "Did you mean 'minimize'?"),
    ("{minimize: validation", "{minimize: valid", 18, "objective.minimize", "validation/rec"),
    ("cpus: 1", "cpus: 0", 19, "resources.cpus", "must be a number above 0"),
    ("cpus: 1", "cpu: 1", 19, "resources.cpu", "Did you mean 'cpus'?"),
    ("gpus: 0}", "gpus: 1.5}", 19, "resources.gpus", "must be whole above 1"),
    ("best: 2", "fraction: 2.5", 11, "stages[0].keep.fraction", "Write 0.025 for 2.5 %."),
    ("best: 2", "best: 2, value: descendents", 11, "stages[0].keep.value", "descendants?"),
    (
        ", samples: 6}",
        "}\n    keep: {best: 1, value: descendants}\n    search: {trials: 4}",
        17,
        "stages[1].keep.value",
        "Write value: own.",
    ),
    ("    keep: {", "    stop: {platau: {}}\n    keep: {", 11, "stages[0].stop.platau", "plateau"),
    (
        "    keep: {",
        "    search: {trials: 3, sampler: bayes}\n    keep: {",
        11,
        "stages[0].search.sampler",
        "tpe, random",
    ),
    (
        "0.4]}",
        "0.4], when: {corruption.kind: gaussian}}",
        9,
        "stages[0].corruption.level.when.corruption.kind",
        "It has masking everywhere",
    ),
    ("[0, 1, 2]", "{until: 5, max: 9}", 4, "seeds.until", "Write 0.05 for 5 %."),
    ("gpus: 0}", "gpus: 0}\nbudget: {hours: 1}", 20, "budget.hours", "trials, minutes, epochs"),
    ("gpus: 0}", "gpus: 0}\nbudgt: {trials: 1}", 20, "budgt", "Did you mean 'budget'?"),
    ("gpus: 0}", "gpus: 0}\ndtype: float16", 20, "dtype", "must be one of float32, float64"),
    ("gpus: 0}", "gpus: 0}\n---\nstudy: b", 20, "", "Write one study per file"),
    ("gpus: 0}", "gpus: 0}\n\tdtype: float32", 20, "", "Indent with spaces"),
    ("gpus: 0}", "gpus: 0", 20, "", "must be valid YAML"),
]


@pytest.mark.parametrize(("right", "mistake", "line", "where", "said"), MISTAKES)
def test_a_mistake_is_placed_and_explained(
    tmp_path: Path, right: str, mistake: str, line: int, where: str, said: str
) -> None:
    assert right in WRITTEN
    path = tmp_path / "study.yaml"
    path.write_text(WRITTEN.replace(right, mistake, 1), encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        read_study(path)
    assert caught.value.where == f"{path}:{line}" + (f": {where}" if where else "")
    assert said in str(caught.value)


def test_all_mistakes_of_a_file_are_said_in_the_order_of_their_lines() -> None:
    text = WRITTEN.replace("cpus: 1", "cpus: 0").replace("epochs: 30", "epochs: -1")
    with pytest.raises(InvalidStudyError) as caught:
        parse_study(text.replace("study:", "stud:", 1), Path("a.yaml"))
    assert caught.value.where == "a.yaml:1: stud"
    with pytest.raises(InvalidStudyError) as caught:
        parse_study(text, Path("a.yaml"))
    assert [error.where for error in caught.value.errors] == [
        "a.yaml:10: stages[0].epochs",
        "a.yaml:17: stages[1].epochs",
        "a.yaml:19: resources.cpus",
    ]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n", "just words", "{}"])
def test_a_file_that_is_no_mapping_of_a_study(text: str) -> None:
    with pytest.raises(StudyError, match=r"^empty\.yaml:1: (must be a mapping|needs the key)"):
        parse_study(text, Path("empty.yaml"))


@pytest.mark.parametrize(
    ("content", "where", "said"),
    [
        (b"study: a\nquestion: \xe4\n", ":2", "must be UTF-8 text, but got 'the byte 0xe4'"),
        ("study: a".encode("utf-16"), ":1", "Save the file as UTF-8."),
        (b"# " + b"x" * 2**20, "", "must be at most 1 MiB"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes, where: str, said: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(StudyError) as caught:
        read_study(path)
    assert caught.value.where == f"{path}{where}"
    assert said in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(WRITTEN, encoding="utf-8-sig")
    assert read_study(path).name == "stacked-denoising"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="must be a readable file, but got 'No such file"):
        read_study(tmp_path / "none.yaml")
    with pytest.raises(StudyError, match="must be a readable file, but got 'Is a directory'"):
        read_study(tmp_path)


def test_a_relative_table_lies_beside_the_study(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    path = folder / "study.yaml"
    path.write_text(WRITTEN.replace("name: digits", "path: ../table.npz"), encoding="utf-8")
    table = read_study(path).data.path
    assert table is not None
    assert os.path.normpath(table) == str(tmp_path / "table.npz")


def test_a_plain_word_names_the_data() -> None:
    text = WRITTEN.replace("{name: digits, validation: 0.15, test: 0.15}", "digits")
    assert parse_study(text, Path("a.yaml")).data == Data(name="digits")


def test_a_path_finds_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(WRITTEN, encoding="utf-8")
    assert find_study(path) == path
    assert find_study(str(path)) == path


def test_a_name_finds_what_is_shipped() -> None:
    for name, path in shipped_studies().items():
        assert find_study(name) == path
        assert path.is_file()
        assert read_study(path).name == name


@pytest.mark.parametrize("word", ["x" * 5000, "a\0b", "", "zzzzzzzz"])
def test_words_that_are_no_study(word: str) -> None:
    with pytest.raises(StudyError, match=r"must be a YAML file or the name of a study|a folder"):
        find_study(word)


def test_a_path_that_is_nearly_right_is_said(tmp_path: Path) -> None:
    (tmp_path / "my_study.yaml").write_text(WRITTEN, encoding="utf-8")
    with pytest.raises(StudyError, match=r"Did you mean .*/my_study\.yaml\?"):
        find_study(tmp_path / "my_sudy.yaml")
    with pytest.raises(StudyError, match="but got 'a folder'"):
        find_study(tmp_path)
    with pytest.raises(StudyError, match="The studies are "):
        find_study("zzzzzzzz")


# Studies of any kind, for the round trip.

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,12}(\.[A-Za-z0-9 _-]{0,4})?", fullmatch=True)
metrics = st.sampled_from(["validation/reconstruction_error", "train/loss", "test/no_2"])
directions = st.sampled_from(["minimize", "maximize"])
questions = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" \n\t"),
    max_size=80,
) | st.text(string.printable.translate({11: None, 12: None, 13: None}), max_size=20)


def single(declared: Hyperparameter) -> st.SearchStrategy[Any]:
    """Any value that a hyperparameter admits, within what is comfortable to train."""
    if declared.kind == "choice":
        return st.sampled_from(declared.choices)
    if declared.kind == "boolean":
        return st.booleans()
    low, high = declared.low or 0, 1000 if declared.high is None else min(declared.high, 1000)
    if declared.kind == "integer":
        return st.integers(int(low), int(high))
    if declared.kind == "widths":
        return st.lists(st.integers(int(low), int(high)), max_size=3).map(tuple)
    # At most 1 above the lowest: noise of some kinds is a share.
    return st.floats(low, min(high, low + 1), exclude_min=True, exclude_max=True)


@st.composite
def swept(draw: st.DrawFn, declared: Hyperparameter) -> Any:
    values = draw(st.lists(single(declared), min_size=1, max_size=4, unique=True))
    if len(values) < 2 or declared.kind in ("choice", "boolean", "widths"):
        return draw(st.sampled_from([Grid, Choice]))(values)
    low, high = sorted(values)[:2]
    if declared.kind == "integer":
        return Integers(low, high, 3)
    return draw(st.sampled_from([Uniform, LogUniform]))(low, high, 3)


@st.composite
def stages(draw: st.DrawFn, name: str, before: list[str]) -> Stage:
    model = draw(st.sampled_from(registry.names()))
    declared = registry.lookup(model).hyperparameters
    free = [p for p in declared if declared[p].kind in ("real", "integer", "widths")]
    chosen = draw(st.lists(st.sampled_from(free), unique=True, max_size=4))
    flat = {path: draw(single(declared[path]) | swept(declared[path])) for path in chosen}
    goal = {"by": metrics | st.just(""), "direction": directions | st.just("")}
    keep = st.builds(Keep, st.integers(1, 9), **goal)
    keep |= st.builds(Keep, st.none(), fraction=st.floats(0.01, 0.9), **goal)
    some = st.integers(1, 9)
    search = st.builds(Proposals, some, at_once=some, seed=some, by=metrics | st.just(()))
    goal["by"] = st.sampled_from(["", "train/loss"])
    stop = st.builds(
        Stop,
        st.builds(Halving, from_epoch=some, factor=st.integers(2, 5), **goal),
        st.none() | st.builds(Median, from_epoch=some, **goal),
        st.none() | st.builds(Plateau, patience=some, tolerance=st.floats(0, 0.9), **goal),
    )
    after = st.lists(st.sampled_from(before), unique=True) if before else st.just([])
    own: dict[str, Any] = {
        "name": name,
        "model": model,
        "after": draw(st.none() | after),
        "keep": draw(st.none() | keep),
        "visible": draw(st.none() | st.integers(1, 10_000)),
        "stop": draw(st.none() | stop),
    }
    searched = (
        draw(st.none() | search) if any(isinstance(v, Domain) for v in flat.values()) else None
    )
    try:
        return Stage(**own, search=searched, **registry.nest(flat))
    except StudyError:
        # Drawn one by one, values may exclude one another.
        return Stage(**own)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    called = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    return Study(
        study=draw(names),
        question=draw(questions),
        data=draw(
            st.builds(
                Data,
                path=st.sampled_from(["/data/table.npz", "/da ta/Ü:#{.csv"]),
                validation=st.floats(0.01, 0.4),
                test=st.floats(0.01, 0.4),
                split_seed=st.integers(0, 2**31 - 1),
            )
            | st.just(Data(name="digits"))
        ),
        seeds=draw(
            st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=4, unique=True)
            | st.just({"until": "0.7%", "max": 7, "start": 4})
        ),
        stages=[draw(stages(name, called[:index])) for index, name in enumerate(called)],
        objective=draw(st.builds(Objective, metrics, directions)),
        resources=draw(
            st.builds(Resources, st.floats(0.1, 1) | st.integers(1, 9), st.floats(0, 1))
            | st.just(Resources(workers=3, gpus_per_worker=0.5))
        ),
        budget=draw(st.none() | st.just({"trials": 9, "minutes": 1.5})),
        dtype=draw(st.sampled_from(["float32", "float64"])),
    )


@settings(deadline=None)
@given(studies())
def test_a_study_reads_back_from_the_file_it_writes(study: Study) -> None:
    written = study.to_yaml()
    again = parse_study(written, Path("study.yaml"))
    assert again == study
    assert again.to_yaml() == written
    assert [_all_points(stage) for stage in again.stages] == [
        _all_points(stage) for stage in study.stages
    ]


def _all_points(stage: Stage) -> list[dict[str, Any]]:
    return stage.points() if stage.search is None else stage.extremes()
