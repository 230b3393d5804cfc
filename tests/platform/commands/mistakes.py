"""Wrong inputs, one a row: what a person writes, and which words must stand in the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

STUDY = """\
study: mistaken
data: digits
seeds: [0, 1]
stages:
  - name: codes
    model: autoencoder
    hidden: 4
    epochs: 1
"""


@dataclass(frozen=True)
class Mistake:
    """A command that must be refused.

    name: of the test. words: typed after ``layerwise``. text: of ``study.yaml``. says: what the
    message must hold. files: made before, by name. home: relative to the test's folder.
    """

    name: str
    says: tuple[str, ...]
    text: str = STUDY
    words: tuple[str, ...] = ("run", "study.yaml")
    files: Mapping[str, Callable[[Path], object]] = field(default_factory=dict)
    raw: bytes | None = None
    home: str = "home"


def changed(name: str, old: str, new: str, *says: str) -> Mistake:
    """The study with a part of it replaced; the message names the line where the part stood."""
    assert old in STUDY, old
    line = STUDY[: STUDY.index(old)].count("\n") + 1
    return Mistake(name, (f"study.yaml:{line}", *says), STUDY.replace(old, new))


def added(name: str, lines: str, *says: str) -> Mistake:
    """The study with further lines for its stage; the message names the first of them."""
    indented = "".join(f"    {line}\n" for line in lines.split("\n"))
    return Mistake(name, (f"study.yaml:{STUDY.count(chr(10)) + 1}", *says), STUDY + indented)


def topped(name: str, lines: str, *says: str) -> Mistake:
    """The study with further lines of its own at the end."""
    return Mistake(name, (f"study.yaml:{STUDY.count(chr(10)) + 1}", *says), f"{STUDY}{lines}\n")


def table(name: str, make: Callable[[Path], object], *says: str, file: str = "t.npy") -> Mistake:
    """The study on a person's own table."""
    text = STUDY.replace("data: digits", f"data: {{path: {file}}}")
    return Mistake(name, (file, *says), text, files={file: make})


def saved(array: np.ndarray) -> Callable[[Path], object]:
    """Writes an array as .npy."""
    return lambda path: np.save(path, array)


def with_nan() -> np.ndarray:
    """Samples of which one number is missing."""
    x = np.random.default_rng(0).random((40, 6))
    x[17, 3] = np.nan
    return x


def bomb() -> str:
    """Aliases that would expand to 10⁹ words."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for above, here in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{here}: &{here} [{', '.join([f'*{above}'] * 10)}]")
    return "\n".join(lines) + "\n"


SECOND = "  - {name: second, model: autoencoder, hidden: 2, epochs: 1"
TUNED = "  - {name: tuned, model: fine_tune, epochs: 1"
SAMPLES = np.random.default_rng(1).random((60, 6))

FILES = (
    changed("unknown model", "model: autoencoder", "model: autoencodr", "mean autoencoder?"),
    changed("study key misspelt", "seeds: [0, 1]", "seed: [0, 1]", "Did you mean 'seeds'?"),
    changed("stage key misspelt", "epochs: 1", "epoch: 1", "Did you mean 'epochs'?"),
    added("nested key misspelt", "corruption: {levle: 0.1}", "Did you mean 'level'?"),
    added("nested key not nested", "level: 0.1", "corruption.level"),
    added("number instead of a group", "corruption: 0.3", "{kind: …}"),
    changed("text instead of a number", "hidden: 4", "hidden: four", "a whole number", "'four'"),
    changed("fraction instead of a whole number", "hidden: 4", "hidden: 4.5", "a whole number"),
    added("exponent without a point", "learning_rate: 1e-3", "1.0e-3"),
    added("no for false", "tied: no", "Write false"),
    changed("octal", "hidden: 4", "hidden: 010", "octal"),
    added("out of range", "learning_rate: -0.1", "from 0", "-0.1"),
    added("not a number", "learning_rate: .nan", "inite"),
    added("infinite", "corruption: {level: .inf}", "inite"),
    added("empty grid", "learning_rate: {grid: []}", "at least one"),
    added("one bad value in a grid", "learning_rate: {grid: [0.1, fast]}", "'fast'"),
    added("uniform on a whole number", "batch_size: {uniform: [1, 9], samples: 3}", "integers"),
    added("ends reversed", "learning_rate: {uniform: [0.5, 0.1], samples: 2}", "low < high"),
    added("samples missing", "learning_rate: {uniform: [0.1, 0.5]}", "samples"),
    added("unknown domain", "learning_rate: {loguniform: [0.1, 0.5], samples: 2}", "log_uniform"),
    added("duplicate key", "hidden: 8", "line 7"),
    topped("duplicate stage", f"{SECOND}}}\n{SECOND}}}".replace("second", "codes"), "codes"),
    topped("cycle", f"{SECOND}, after: [third]}}\n{SECOND.replace('second', 'third')}}}",
           "must not lead back"),
    topped("unknown parent", f"{SECOND}, after: [code]}}", "Did you mean", "codes"),
    changed("validation and test too large", "data: digits",
            "data: {name: digits, validation: 0.5, test: 0.5}", "below 1"),
    changed("unknown data set", "data: digits", "data: digit", "Did you mean", "digits"),
    changed("duplicate seeds", "seeds: [0, 1]", "seeds: [1, 1]", "distinct"),
    changed("negative seed", "seeds: [0, 1]", "seeds: [-1]", "from 0"),
    changed("name that climbs", "study: mistaken", "study: ../../x", "must be a name"),
    changed("name that is markup", "study: mistaken", "study: <script>", "must be a name"),
    changed("python object", "study: mistaken", "study: !!python/object:os.system {}", "tags"),
    topped("unknown metric form", "objective: {minimize: error}", "validation/"),
    topped("no such metric", "objective: {minimize: validation/reconstruction_eror}",
           "Did you mean validation/reconstruction_error?"),
    topped("no cpu", "resources: {cpus: 0}", "above 0"),
    added("kl of relu", "sparsity: {kind: kl, weight: 0.1}\nactivation: relu", "kind: l1"),
    added("more than all masked", "corruption: {kind: masking, level: 1.5}", "from 0 to 1"),
    added("cross-entropy of a linear output", "reconstruction: cross_entropy", "sigmoid"),
    added("visible of another width", "visible: 63", "64"),
    topped("a width instead of a list", "  - {name: deep, model: deep_autoencoder, layers: 9}",
           "stages[1].layers", "Write a list, such as [500, 250]."),
    topped("widths that the stages below do not have", f"{TUNED}, hidden: 5}}",
           "stages[1].hidden", "must be what the stages below make it, 4", "Leave it out"),
    Mistake("a joint stage on two parents",
            ("study.yaml:10", "stages[2].after", "a chain of stages"),
            f"{STUDY}{SECOND}, after: []}}\n{TUNED}, after: [codes, second]}}\n"),
    Mistake("a metric of labels without a use for them",
            ("study.yaml:10", "objective.minimize", "must be a metric of fine_tune"),
            f"{STUDY}{TUNED}}}\nobjective: {{minimize: validation/classification_error}}\n"),
    added("keep nothing", "keep: {best: 0}", "from 1"),
    added("keep by no metric", "keep: {best: 1, by: validation/hoyer_sparsty}",
          "Did you mean validation/hoyer_sparsity?"),
)  # fmt: skip
TABLES = (
    Mistake("missing table", ("nowhere.csv",), STUDY.replace("digits", "{path: nowhere.csv}")),
    table("table with nan", saved(with_nan()), "17", "3"),
    table("table of text", lambda p: p.write_text("a,b\n1,2\n3,x\n"), "'x'", file="t.csv"),
    table("table of one row", saved(SAMPLES[:1]), "1"),
    table("table of three axes", saved(SAMPLES.reshape(5, 12, 6)), "2-D"),
    table("no table at all", lambda p: p.write_bytes(b"\x93NUMPY garbage"), "npy"),
    table("pickled table", lambda p: np.save(p, np.array([{}], dtype=object)), "numbers"),
    Mistake(
        "table of another width",
        ("study.yaml", "visible", "6"),
        (STUDY + "    visible: 7\n").replace("digits", "{path: t.npy}"),
        files={"t.npy": saved(SAMPLES)},
    ),
    Mistake(
        "labels asked of data without any",
        ("study.yaml:9", "stages[1].objective", "learns from labels", ".npz table with x and y"),
        f"{STUDY}{TUNED}, objective: classification}}\n".replace("digits", "{path: t.npy}"),
        files={"t.npy": saved(SAMPLES)},
    ),
    Mistake(
        "cross-entropy of data that are no probabilities",
        ("study.yaml", "from 0 to 1"),
        (STUDY + "    reconstruction: cross_entropy\n    output_activation: sigmoid\n").replace(
            "digits", "{path: t.npy}"
        ),
        files={"t.npy": saved(SAMPLES * 5 - 2)},
    ),
)
OTHERS = (
    Mistake("alias bomb", ("study.yaml:1", "anchors are refused"), bomb()),
    Mistake("not utf-8", ("study.yaml:2", "UTF-8"), raw=b"study: x\nquestion: caf\xe9\n"),
    Mistake("too large", ("study.yaml", "1 MiB"), STUDY + "# filler\n" * 150_000),
    Mistake("empty file", ("study.yaml:1", "'study'"), ""),
    Mistake("a list", ("study.yaml:1", "mapping"), "- study\n"),
    Mistake("missing file", ("nowhere.yaml",), words=("run", "nowhere.yaml")),
    Mistake("file's near miss", ("Did you mean study.yaml?",), words=("run", "studdy.yaml")),
    Mistake("study's near miss", ("Did you mean quickstart?",), words=("plan", "quickstrt")),
    Mistake("a folder", ("a folder",), words=("run", ".")),
    Mistake(
        "home is a file",
        ("must be a folder", "--home"),
        files={"occupied": lambda p: p.write_text("mine")},
        home="here/occupied",
    ),
    Mistake(
        "home below a file",
        ("must be a folder", "--home"),
        files={"occupied": lambda p: p.write_text("mine")},
        home="here/occupied/home",
    ),
    Mistake("unknown command", ("invalid choice", "'rum'"), words=("rum", "study.yaml")),
    Mistake("no command", ("COMMAND",), words=()),
    Mistake("missing argument", ("study",), words=("run",)),
    Mistake("unknown option", ("--fast",), words=("run", "study.yaml", "--fast")),
    Mistake("report without a record", ("no record", "Run a study"), words=("report", "mistaken")),
    Mistake("report that climbs", ("YAML file",), words=("report", "../../mistaken")),
    Mistake("ui without a record", ("no record", "Run a study"), words=("ui",)),
    Mistake("ui on no port", ("65535",), words=("ui", "--port", "99999")),
    Mistake("unknown model's name", ("Did you mean autoencoder?",), words=("models", "autoencodr")),
    Mistake("unknown data's name", ("Did you mean", "digits"), words=("data", "digit")),
    Mistake("unknown study's name", ("Did you mean",), words=("studies", "quickstrt")),
)
MISTAKES = FILES + TABLES + OTHERS
