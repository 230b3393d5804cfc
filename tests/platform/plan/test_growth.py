from __future__ import annotations

from pretended import SOURCE, by_rate, of, stage, study, train

from layerwise.platform.plan import plan
from layerwise.platform.plan.growth import Growth
from layerwise.platform.plan.stage_trials import StageTrials


def test_a_stage_is_complete_when_all_above_it_is_decided() -> None:
    made = study(stage("first", 3, keep={"best": 1}), stage("second", 2), stage("third"))
    before = plan(made, SOURCE)
    assert [planned.complete for planned in before.stages] == [True, False, False]
    assert [len(planned.trials) for planned in before.stages] == [6, 0, 0]
    assert [planned.expected for planned in before.stages] == [6, 4, 4]
    after, _ = train(made)
    assert all(planned.complete for planned in after.stages)
    assert [planned.expected for planned in after.stages] == [6, 4, 4]


def test_what_is_expected_is_never_less_than_what_comes() -> None:
    keeps = ({"best": 2}, {"fraction": 0.4}, {"best": 1, "value": "descendants"}, None)
    for keep in keeps:
        made = study(
            stage("first", 4, keep=keep),
            stage("second", 2, keep={"best": 1}),
            stage("third", 3),
        )
        grown, _ = train(made)
        assert grown.decided
        for before, after in zip(plan(made, SOURCE).stages, grown.stages, strict=True):
            assert after.expected == len(after.trials) <= before.expected


def test_a_pass_says_whether_everything_has_ended() -> None:
    made = study(stage("first", 2), stage("second"))
    stages = {
        one.name: StageTrials(made, one, depth, SOURCE) for depth, one in enumerate(made.stages)
    }
    grown = plan(made, SOURCE)
    results = {trial.key: by_rate(trial) for trial in grown.trials()}
    assert Growth(made, stages, results, {}).settled
    last = of(grown, "second")[-1]
    assert not Growth(made, stages, {k: v for k, v in results.items() if k != last.key}, {}).settled
    # A trial whose parent diverged cannot end, and is not waited for.
    lost = {k: v for k, v in results.items() if k != last.key} | {last.parents[0]: {}}
    assert Growth(made, stages, lost, {}).settled
    assert Growth(made, stages, lost, {}).choose() == {}
