"""Optuna's proposals, as a function of what was told."""

from __future__ import annotations

import subprocess
import sys

from pretended import study

from layerwise.models import registry
from layerwise.platform.plan.parzen import Parzen, Point, installed
from layerwise.platform.study import Choice, LogUniform, Stage, Study


def searched() -> Study:
    return study(
        Stage(
            name="codes",
            model="autoencoder",
            learning_rate=LogUniform(1e-4, 1.0),
            hidden=Choice([4, 8]),
            search={"trials": 20},
        )
    )


def parzen(told: int) -> tuple[Parzen, list[Point]]:
    declared = registry.lookup("autoencoder").hyperparameters
    made = Parzen(searched().stages[0], {path: h.default for path, h in declared.items()})
    points: list[Point] = [{"learning_rate": 10 ** (-i / 3), "hidden": 4} for i in range(told)]
    for point in points:
        made.tell(point, [abs(float(point["learning_rate"]) - 0.01)])  # type: ignore[arg-type]
    return made, points


def test_what_was_asked_before_changes_nothing() -> None:
    one, _ = parzen(12)
    other, _ = parzen(12)
    other.ask(3)
    assert one.ask(4) == other.ask(4)


def test_what_was_told_changes_what_is_proposed() -> None:
    one, _ = parzen(11)
    other, points = parzen(11)
    one.tell({"learning_rate": 0.5, "hidden": 8}, [9.0])
    other.tell({"learning_rate": 0.5, "hidden": 8}, [0.0])
    assert one.ask(4) != other.ask(4)
    assert len(points) == 11


def test_questions_asked_together_get_different_answers() -> None:
    made, _ = parzen(12)
    asked = made.ask(6)
    assert len({point["learning_rate"] for point in asked}) == 6


def test_optuna_is_imported_when_it_is_needed_and_its_lack_is_said_before_anything_starts() -> None:
    code = (
        "import sys\n"
        "from layerwise.platform.errors import StudyError\n"
        "from layerwise.platform.plan import Source, plan\n"
        "from layerwise.platform.study import Stage, Study\n"
        "def made(sampler):\n"
        "    stage = Stage(name='codes', model='autoencoder', hidden={'integers': [2, 9]},\n"
        "                  search={'trials': 5, 'sampler': sampler})\n"
        "    return Study(study='s', data='digits', stages=[stage])\n"
        "source = Source('d' * 64, 64, 1000)\n"
        "print(len(list(plan(made('random'), source).trials())), 'optuna' in sys.modules)\n"
        "sys.modules['optuna'] = None\n"
        "try:\n"
        "    plan(made('tpe'), source)\n"
        "except StudyError as error:\n"
        "    print(error)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, said = found.stdout.splitlines()
    assert installed()
    assert first == "4 False"  # of five draws, two are equal
    assert said.startswith("stage 'codes': search.sampler: needs Optuna")
    assert "pip install 'layerwise[search]'" in said
