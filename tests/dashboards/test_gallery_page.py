"""The gallery as a page: every study with its answer, links that lead somewhere, names as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from made_claims import claim, with_claims
from made_uses import HOSTILE

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.report import of_gallery


def test_a_study_has_its_question_answer_facts_claims_and_report(
    crossing: Frames, two_stages: Frames, tmp_path: Path
) -> None:
    frames = with_claims(crossing, claim("holds"))
    name = str(frames.study["study"])
    made = of_gallery([frames, two_stages], {name: "its%20report.html"})
    page = made.write(tmp_path).read_text("utf-8")
    assert "2 studies" in page
    assert str(frames.study["question"]) in page
    assert "The claim holds." in page
    assert 'href="its%20report.html"' in page
    assert page.count("The whole report") == 1
    assert page.count('class="facts"') == 2
    for section in made.made:
        assert f'id="{section.name}"' in page
        assert f'href="#{section.name}"' in page
    for chart in made.charts:
        assert f'id="{chart.name}"' in page


def test_names_are_text(crossing: Frames) -> None:
    study = {**crossing.study, "study": HOSTILE, "question": HOSTILE}
    page = of_gallery([replace(crossing, study=study, memory={})], {HOSTILE: HOSTILE}).text()
    assert "<img src=x" not in page
