"""What a command changes of a study: paths that lead somewhere, values as a file writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.changes import Changes
from layerwise.platform.study.reading import parse_study

TEXT = """
study: changed
data: digits
seeds: [0, 1]
stages:
  - {name: first.layer, model: denoising_autoencoder, hidden: 8, epochs: 30}
  - {name: second, model: autoencoder, hidden: 4}
"""


def changed(*written: str, scale: float = 1.0) -> dict[str, object]:
    return parse_study(TEXT, Path("here.yaml"), Changes.of(written, scale)).mapping()


def test_values_are_read_as_a_file_would_be() -> None:
    found = changed("seeds=[0, 1, 2]", "stages.second.hidden=16", "stages.0.epochs=5")
    assert found["seeds"] == [0, 1, 2]
    first, second = found["stages"]  # type: ignore[misc]
    assert (first["epochs"], second["hidden"]) == (5, 16)


def test_a_name_with_points_and_a_key_that_is_not_there_yet() -> None:
    found = changed("stages.first.layer.corruption.level=0.4", "data.validation=0.2")
    assert found["stages"][0]["corruption"] == {"level": 0.4}  # type: ignore[index]
    assert found["data"]["name"] == "digits"  # type: ignore[index]
    assert found["data"]["validation"] == 0.2  # type: ignore[index]


def test_the_scale_multiplies_epochs_written_or_not() -> None:
    full = changed()["stages"]
    tenth = changed(scale=0.1)["stages"]
    assert tenth[0]["epochs"] == 3  # type: ignore[index]
    assert "epochs" not in full[1]  # type: ignore[index]
    assert tenth[1]["epochs"] == 2  # type: ignore[index]
    assert changed(scale=1e-3)["stages"][0]["epochs"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("epochs", "must be PATH=VALUE"),
        ("=3", "must be PATH=VALUE"),
        ("stages.secnd.hidden=3", "Did you mean second?"),
        ("seeds.first=3", "must name a stage of the study"),
        ("study.name.more=[1", "must be valid YAML"),
        ("stages.second.hiden=3", "Did you mean 'hidden'?"),
        ("stages.second.epochs=1e1", "write 1.0e+1"),
    ],
)
def test_a_change_that_leads_nowhere_is_refused(written: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        changed(written)
    assert said in str(caught.value)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), 1e9])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(StudyError, match="--scale"):
        Changes.of([], scale)
