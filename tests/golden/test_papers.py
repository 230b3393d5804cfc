"""Recorded runs of the papers' studies: still of the studies that ship, and on the papers' side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from record import study_digest

from layerwise.platform.study.reading import read_study

HERE = Path(__file__).parent
STUDIES = {path.stem: path for path in (HERE.parents[1] / "studies" / "papers").glob("*.yaml")}
PAPERS: dict[str, Any] = yaml.safe_load((HERE / "papers.yaml").read_text(encoding="utf-8"))
RECORDS = {name: HERE / f"{name}.json" for name in STUDIES}


def record(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORDS[name].read_text(encoding="utf-8"))
    return found


def figures(name: str) -> list[tuple[float, float]]:
    """The paper's figure and ours, in the order of papers.yaml."""
    found = []
    for figure in PAPERS[name]["figures"]:
        [value] = [
            trial["test"][figure["metric"]]
            for trial in record(name)["trials"]
            if trial["stage"] == figure["stage"] and trial["swept"] == figure["swept"]
        ]
        found.append((figure["paper"], value))
    return found


def test_every_study_of_a_paper_has_the_papers_figures_and_a_record() -> None:
    assert PAPERS.keys() == STUDIES.keys()
    assert all(path.exists() for path in RECORDS.values())


@pytest.mark.parametrize("name", STUDIES)
def test_the_record_is_of_the_study_as_it_ships(name: str) -> None:
    assert record(name)["study_digest"] == study_digest(read_study(STUDIES[name]))
    assert all(paper * ours > 0 for paper, ours in figures(name))


def test_more_gibbs_steps_learn_a_better_likelihood() -> None:
    one, three, many, persistent = (ours for _, ours in figures("rbm_likelihood_2008"))
    assert one < three < many
    assert persistent > three


def test_a_deep_code_leaves_less_than_half_of_the_linear_codes_error() -> None:
    [(_, error)] = figures("deep_autoencoder_2006")
    assert error < 13.87 / 2


@pytest.mark.parametrize(
    "name", ["stacked_denoising_2010", "contractive_2011", "deep_belief_network_2006"]
)
def test_classifiers_come_within_a_point_of_the_paper(name: str) -> None:
    [(paper, share)] = figures(name)
    assert abs(share - paper) < 0.01


def test_two_layers_of_hidden_units_are_worth_more_than_one_where_the_bound_is_reliable() -> None:
    [found] = [
        trial["test"]
        for trial in record("deep_boltzmann_machine_2009")["trials"]
        if trial["stage"] == "together"
    ]
    low, high = found["log_likelihood_bound_low"], found["log_likelihood_bound_high"]
    if found["log_likelihood_bound_reliable"]:
        one, *_ = (ours for _, ours in figures("rbm_likelihood_2008"))
        assert one < found["log_likelihood_bound"] < 0
    else:
        assert high - low > 1
