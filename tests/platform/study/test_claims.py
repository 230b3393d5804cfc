"""Claims as they are written: what is read, what is refused, and where."""

from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study import Study
from layerwise.platform.study.claims import Claim, Side, read_claims

STAGES = [
    {
        "name": "codes",
        "model": "denoising_autoencoder",
        "corruption": {"level": {"grid": [0.0, 0.2]}},
    },
    {"name": "linear", "model": "linear_autoencoder", "after": []},
]


def study(*claims: dict[str, Any], **more: Any) -> Study:
    return Study(study="claims", data="digits", stages=STAGES, claims=claims, **more)


def test_a_claim_names_both_sides_and_a_measure() -> None:
    [claim] = study({"stage": "codes", "beats": "pca", "by": "test/reconstruction_error"}).claims
    assert claim == Claim(Side("codes"), Side(name="pca"), "test/reconstruction_error")


def test_the_last_stage_is_meant_where_none_is_said() -> None:
    [claim] = study({"beats": "codes", "by": "test/probe_accuracy"}).claims
    assert (claim.first, claim.second) == (Side("linear"), Side("codes"))


def test_settings_are_named_by_the_values_that_are_searched() -> None:
    [claim] = study(
        {
            "stage": "codes",
            "at": {"corruption.level": 0.2},
            "beats": {"stage": "codes", "at": {"corruption.level": 0.0}},
            "by": "test/probe_accuracy",
            "factor": 1.1,
            "margin": 0.5,
        }
    ).claims
    assert claim.first.at == {"corruption.level": 0.2}
    assert (claim.factor, claim.margin, claim.within) == (1.1, 0.5, None)


def test_a_study_with_claims_reads_back() -> None:
    written = study(
        {"stage": "linear", "matches": "pca", "within": 0.02, "by": "test/reconstruction_error"},
        {"stage": "codes", "at": {"corruption.level": 0.2}, "beats": "codes", "by": "test/loss"},
        {"stage": "codes", "beats": "raw", "by": "codes/nmi", "factor": 1.15},
        use={"codes": {"neighbours": 3}},
        expected="Nothing in particular.",
    )
    again = Study.of(written.mapping())
    assert again.claims == written.claims
    assert again.use == written.use
    assert again.mapping() == written.mapping()


def test_a_study_without_claims_says_nothing_of_them() -> None:
    assert not {"claims", "use", "expected"} & study().mapping().keys()


@pytest.mark.parametrize(
    ("claim", "where", "said"),
    [
        ({"beats": "pca", "matches": "pca", "by": "test/loss"}, "claims[0]", "exactly one of"),
        ({"by": "test/loss"}, "claims[0]", "exactly one of beats and matches"),
        ({"beats": "pca"}, "claims[0]", "needs the key 'by'"),
        ({"beats": "pca", "by": "test/los"}, "claims[0].by", "a metric that stages record"),
        ({"beats": "pca", "by": "codes/nmi"}, "claims[0].by", "The study says no `use`"),
        ({"beats": "pca", "by": "nmi"}, "claims[0].by", "a metric such as test/…"),
        ({"beats": "pac", "by": "test/loss"}, "claims[0].beats", "Did you mean pca?"),
        ({"beats": "code", "by": "test/loss"}, "claims[0].beats", "Did you mean codes?"),
        ({"stage": "cods", "beats": "pca", "by": "test/loss"}, "claims[0].stage", "codes?"),
        (
            {"stage": "codes", "at": {"corruption.lvl": 1}, "beats": "pca", "by": "test/loss"},
            "claims[0].at",
            "Did you mean corruption.level?",
        ),
        ({"beats": "pca", "by": "test/effective_rank"}, "claims[0].by", "more or less is better"),
        ({"beats": "pca", "by": "test/loss", "within": 0.1}, "claims[0]", "goes with matches"),
        ({"matches": "pca", "by": "test/loss", "within": 3}, "claims[0].within", "a share"),
        ({"beats": "pca", "by": "test/loss", "factor": "1e-3"}, "claims[0].factor", "1.0e-3"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(
    claim: dict[str, Any], where: str, said: str
) -> None:
    with pytest.raises(StudyError) as caught:
        study(claim)
    text = str(caught.value)
    assert where in text
    assert said in text


def test_a_use_sees_the_best_setting_only() -> None:
    claim = {
        "stage": "codes",
        "at": {"corruption.level": 0.2},
        "beats": "raw",
        "by": "codes/nmi",
    }
    with pytest.raises(StudyError, match="looks at the best setting only"):
        study(claim, use="codes")


def test_claims_are_a_list() -> None:
    with pytest.raises(StudyError, match="must be a list of claims"):
        read_claims({"beats": "pca"})
