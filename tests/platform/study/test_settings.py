from __future__ import annotations

from typing import Any

import pytest

from layerwise.models import registry
from layerwise.platform.errors import StudyError
from layerwise.platform.study.domains import Choice, Grid, Integers, Uniform
from layerwise.platform.study.settings import read_settings


def settings(model: str = "denoising_autoencoder", /, **written: Any) -> dict[str, Any]:
    declared = registry.lookup(model).hyperparameters
    return read_settings(declared, written, ["name", "model"])


def test_paths_are_dotted_values_typed_and_the_order_kept() -> None:
    found = settings(
        learning_rate=1,
        corruption={"level": {"grid": [0, 0.5]}, "kind": "masking"},
        hidden=Grid([16, 32.0]),
    )
    assert list(found.items()) == [
        ("learning_rate", 1.0),
        ("corruption.level", Grid([0.0, 0.5])),
        ("corruption.kind", "masking"),
        ("hidden", Grid([16, 32])),
    ]
    assert isinstance(found["learning_rate"], float)
    assert all(type(value) is int for value in found["hidden"].values)


def test_nothing_is_filled_in() -> None:
    assert settings() == {}


def test_structures_may_be_swept() -> None:
    found = settings(optimiser={"choice": ["adam", "momentum"]}, epochs=Integers(1, 9, 2))
    assert found == {"optimiser": Choice(["adam", "momentum"]), "epochs": Integers(1, 9, 2)}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ([500, 250], (500, 250)),
        ((30.0,), (30,)),
        ([], ()),
        ({"grid": [[500, 250], [300]]}, Grid([[500, 250], [300]])),
        (Choice([(500, 250), (300,)]), Choice([[500, 250], [300]])),
    ],
)
def test_widths_are_lists_of_whole_numbers(written: object, found: object) -> None:
    [(path, value)] = settings("deep_autoencoder", layers=written).items()
    assert (path, value) == ("layers", found)
    tried = value.values if isinstance(value, Grid | Choice) else [value]
    assert all(type(width) is int for widths in tried for width in widths)


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        (500, "layers", "each from 1 to 65536, but got 500. Write a list, such as [500, 250]."),
        ([500, 0], "layers", "each from 1 to 65536, but got 0"),
        ([500, 2.5], "layers", "a list of whole numbers"),
        (["500"], "layers", "It is in quotes, which makes it text: write 500."),
        ([[500], [300]], "layers", "To try several values, write {grid: [...]}."),
        ({"grid": [500, 250]}, "layers.grid[0]", "Write a list, such as [500, 250]."),
        ({"grid": [[500], [0]]}, "layers.grid[1]", "each from 1 to 65536, but got 0"),
        ({"integers": [1, 9], "samples": 2}, "layers", "Write grid or choice."),
    ],
)
def test_wrong_widths(written: object, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        settings("deep_autoencoder", layers=written)
    assert caught.value.where == where
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({"hiden": 3}, "hiden", "Did you mean 'hidden'?"),
        ({"nmae": 3}, "nmae", "Did you mean 'name'?"),
        ({"zzz": 3}, "zzz", "The keys are name, model, "),
        ({"corruption": {"levl": 3}}, "corruption.levl", "Did you mean 'level'?"),
        ({"corruption": {"hidden": 3}}, "corruption.hidden", "one level further out"),
        ({"corruption": {"zzz": 3}}, "corruption.zzz", "The keys are kind, level, emphasis."),
        ({"level": 3}, "level", "Did you mean corruption.level? Indent it under its group."),
        ({"corruption": 0.3}, "corruption", "a mapping with the keys kind, level"),
        ({"corruption": [0.3]}, "corruption", "Write corruption: {kind: …}."),
        ({"corruption.level": 0.3}, "corruption.level", "Write corruption: {level: …}."),
        ({"corruption": {3: 1}}, "corruption", "every key must be text, but got 3"),
        ({"hidden": {"a": 1}}, "hidden", "exactly one of the domains"),
        ({"hidden": 0}, "hidden", "from 1 to 65536, but got 0"),
        ({"hidden": True}, "hidden", "write 1 if that is meant"),
        ({"hidden": [16, 32]}, "hidden", "write {grid: [...]}"),
        ({"hidden": 10**400}, "hidden", "must be a whole number"),
        ({"hidden": None}, "hidden", "must be a whole number"),
        ({"hidden": object}, "hidden", "must be a whole number"),
        ({"learning_rate": "1e-3"}, "learning_rate", "write 1.0e-3"),
        ({"learning_rate": float("nan")}, "learning_rate", "Only finite numbers"),
        ({"corruption": {"kind": "gausian"}}, "corruption.kind", "Did you mean gaussian?"),
        ({"corruption": {"kind": 3}}, "corruption.kind", "must be one of gaussian"),
        ({"hidden": Grid([1, 0])}, "hidden.grid[1]", "from 1"),
        ({"hidden": Grid([1, [2, 3]])}, "hidden.grid[1]", "a whole number from 1 to 65536"),
        ({"momentum": Uniform(0, 1, 3)}, "momentum.uniform[1]", "below 1, but got 1.0"),
        ({"hidden": Uniform(1, 9, 3)}, "hidden", "Write grid, choice or integers."),
        ({"momentum": Integers(0, 1, 3)}, "momentum", "uniform or log_uniform."),
        ({"corruption": {"kind": Uniform(0, 1, 3)}}, "corruption.kind", "Write grid or choice."),
        ({"learning_rate": Grid(["1e-3"])}, "learning_rate.grid[0]", "write 1.0e-3"),
        ({"momentum": Choice([0.0, "x"])}, "momentum.choice[1]", "must be a number"),
    ],
)
def test_wrong_settings(written: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        settings(**written)
    assert caught.value.where == where
    assert said in str(caught.value)
