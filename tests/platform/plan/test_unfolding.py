"""The tree of a study at its expected size."""

from __future__ import annotations

from collections import Counter

from layerwise.platform.plan import Source
from layerwise.platform.plan.unfolding import remaining, unfold
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)
FOUR = {"grid": [0.01, 0.02, 0.03, 0.04]}


def study(**rest: object) -> Study:
    first = Stage(name="first", model="autoencoder", learning_rate=FOUR, **rest)
    second = Stage(name="second", model="autoencoder", learning_rate={"grid": [0.01, 0.02]})
    return Study(study="c", data="digits", seeds=[0, 1], stages=[first, second])


def counts(written: Study) -> tuple[dict[str, int], dict[str, set[int]]]:
    tree = unfold(written, SOURCE, {})
    waves: dict[str, set[int]] = {}
    for trial in tree.trials:
        waves.setdefault(trial.stage, set()).add(tree.wave[trial.key])
    return dict(Counter(trial.stage for trial in tree.trials)), waves


def test_a_grid_is_known_at_once() -> None:
    assert counts(study()) == ({"first": 8, "second": 16}, {"first": {0}, "second": {0}})


def test_a_promotion_keeps_as_many_as_it_will() -> None:
    found = counts(study(keep={"best": 1, "by": "validation/reconstruction_error"}))
    assert found == ({"first": 8, "second": 4}, {"first": {0}, "second": {1}})


def test_what_is_known_already_decides() -> None:
    kept = study(keep={"best": 1, "by": "validation/reconstruction_error"})
    first = [trial for trial in unfold(kept, SOURCE, {}).trials if trial.stage == "first"]
    for best in (0.01, 0.04):
        known = {
            trial.key: {"validation/reconstruction_error": abs(trial.swept["learning_rate"] - best)}
            for trial in first
        }
        tree = unfold(kept, SOURCE, known)
        parents = {key for trial in tree.trials for key in trial.parents}
        chosen = {trial.swept["learning_rate"] for trial in first if trial.key in parents}
        assert chosen == {best}


def test_a_search_comes_in_rounds() -> None:
    searched = Stage(
        name="only",
        model="autoencoder",
        learning_rate={"log_uniform": [0.001, 0.1]},
        search={"sampler": "tpe", "trials": 14, "at_once": 4},
    )
    written = Study(study="c", data="digits", seeds=[0, 1], stages=[searched])
    tree = unfold(written, SOURCE, {})
    assert Counter(tree.wave[trial.key] for trial in tree.trials) == {0: 8, 1: 8, 2: 8, 3: 4}


def test_halving_drops_all_but_its_share() -> None:
    halved = study(epochs=20, stop={"halving": {"from": 5, "factor": 2}})
    [stage, _] = halved.stages
    assert remaining(stage, 20) == [(5, 1.0), (5, 0.5), (10, 0.25)]
    assert remaining(stage, 4) == [(4, 1.0)]
    assert counts(halved)[0] == {"first": 8, "second": 4}


def test_later_seeds_are_not_counted() -> None:
    stage = Stage(name="only", model="autoencoder", learning_rate=FOUR)
    written = Study(
        study="c", data="digits", stages=[stage], seeds={"until": 0.005, "max": 12, "start": 3}
    )
    assert len(unfold(written, SOURCE, {}).trials) == 12
