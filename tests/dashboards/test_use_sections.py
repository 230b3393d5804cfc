"""A section for what was recorded, nothing for what was not."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from made_uses import HOSTILE, with_uses

from layerwise.dashboards import report
from layerwise.dashboards.app.tabs import tab
from layerwise.dashboards.document import sections
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.use_sections import uses

NAMES = ["anomaly-roc", "anomaly-scores", "retrieval", "spectrograms", "colour"]


def test_every_use_that_was_recorded_has_its_charts(crossing: Frames) -> None:
    frames = with_uses(crossing)
    made = uses(frames)
    assert [chart.name for chart in made.charts] == NAMES
    for chart in made.charts:
        assert chart.sentence
        assert len(chart.table)
        assert chart.drawing.traces
        assert chart.narrow is not None
    assert [len(chart.players) for chart in made.charts] == [0, 0, 0, 6, 0]
    kinds = [section.kind for section in sections(frames)]
    assert kinds[0] == "uses"
    assert "uses" in [section.name for section in tab("uses").sections(frames, "codes")]
    some = with_uses(crossing, anomaly=[], sound=[], colour=[None])
    assert [chart.name for chart in uses(some).charts] == ["retrieval"]


def test_nothing_recorded_is_nothing_said(crossing: Frames, one_seed: Frames) -> None:
    for frames in (crossing, one_seed):
        made = uses(frames)
        assert not made.charts
        assert not made.note
    assert "uses" not in [section.kind for section in sections(one_seed)]


def test_sounds_are_heard_in_the_report(crossing: Frames) -> None:
    [own, _] = with_uses(crossing).study["inside"]["sound"]
    html = report.render(with_uses(crossing, sound=[{**own, "name": HOSTILE}]))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert "media-src data:;" in policy.group(1)
    found: list[dict[str, str | None]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert "onerror" not in dict(attrs)
            if tag == "audio":
                found.append(dict(attrs))

    Reader().feed(html)
    assert len(found) == 3
    for audio in found:
        assert str(audio["src"]).startswith("data:audio/wav;base64,UklGR")
        assert "controls" in audio
        assert str(audio["aria-label"]).startswith("<img src=x")
    assert "<img src=x" not in html.replace("\\u003c", "")
