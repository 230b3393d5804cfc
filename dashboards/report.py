"""The static report: one HTML file that needs no network and no server."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from . import page
from .chart import Chart, Section
from .collector import collector_paused
from .document import sections
from .frames import Frames, read
from .palette import DARK, LIGHT, exchange, variables


def write_report(tracking_uri: str, study: str | Sequence[str], out: Path) -> Path:
    """Read a study (its latest execution), or the runs with the given ids, and write the report.

    ``out`` is the file to write, or a folder that gets ``report.html``. Returns the file. Raises
    ``RecordError`` when MLflow holds no such study or run.
    """
    with collector_paused():
        return of_study(read(tracking_uri, study)).write(out)


def write_comparison(
    tracking_uri: str, left: str | Sequence[str], right: str | Sequence[str], out: Path
) -> Path:
    """Write the page that sets two studies, or two executions by their run ids, side by side.

    ``out`` and errors as in :func:`write_report`.
    """
    with collector_paused():
        return of_two(read(tracking_uri, left), read(tracking_uri, right)).write(out)


def write(frames: Frames, out: Path) -> Path:
    """Write the report of ``frames`` to the file ``out`` (in a folder: ``report.html``), whole."""
    return of_study(frames).write(out)


def render(frames: Frames) -> str:
    """The page as text."""
    return of_study(frames).text()


@dataclass(frozen=True)
class Report:
    """A page of sections: what its tab says, what files saved from it are called, its markup."""

    title: str
    name: str
    header: str
    body: str
    footer: str
    made: list[Section]
    style: str = ""

    @property
    def charts(self) -> list[Chart]:
        """Every chart, in reading order."""
        return [chart for section in self.made for chart in section.charts]

    def write(self, out: Path) -> Path:
        """Write the file ``out`` (in a folder: ``report.html``), whole; returns it."""
        target = out if out.suffix == ".html" else out / "report.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed, so that a reader never opens half a page.
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        beside.write_text(self.text(), encoding="utf-8")
        return beside.replace(target)

    def text(self) -> str:
        """The page: everything it needs is in it."""
        script = _packaged("report.js")
        style = _variables() + _packaged("report.css") + self.style
        plotly = resources.files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8")
        payload = page.embedded(
            {
                "charts": [_chart(chart) for chart in self.charts],
                "exchange": exchange(),
                "study": self.name,
            }
        )
        return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_policy(plotly, script)}">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{page.text(self.title)} · layerwise</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
{self.header}
<main id="main">
{self.body}
</main>
{self.footer}
<script type="application/json" id="payload">{payload}</script>
<script>{plotly}</script>
<script>{script}</script>
</body>
</html>
"""


def of_study(frames: Frames) -> Report:
    """The report of one study."""
    made = sections(frames)
    name = str(frames.study.get("study") or "study")
    body = "\n".join(page.section(frames, section) for section in made)
    return Report(name, name, page.header(frames, made), body, page.footer(frames), made)


def of_two(left: Frames, right: Frames) -> Report:
    """The page that sets two studies, or two executions of one, side by side."""
    # A run that only writes its own report does not wait for these.
    from . import comparison_page, contrast
    from .sides import Pair

    pair = Pair.of(left, right)
    made = contrast.of_pair(pair)
    first, second = (side.label for side in pair.sides)
    return Report(
        title=f"{first} beside {second}",
        name=f"{first}-beside-{second}",
        header=comparison_page.header(pair, made),
        body="\n".join(comparison_page.section(pair, one) for one in made),
        footer=comparison_page.footer(pair),
        made=made,
        style=_packaged("comparison.css"),
    )


def of_gallery(studies: Sequence[Frames], reports: Mapping[str, str]) -> Report:
    """The page with a screenful for each study.

    ``reports``: by a study's name, the address of its own report as seen from the page.
    """
    from . import gallery, gallery_page

    entries = gallery.entries(studies)
    return Report(
        title="Gallery",
        name="gallery",
        header=gallery_page.header(entries),
        body="\n".join(gallery_page.section(entry, reports) for entry in entries),
        footer=gallery_page.footer(),
        made=[entry.section() for entry in entries],
        style=_packaged("gallery.css"),
    )


def _packaged(name: str) -> str:
    return resources.files(__package__ or "").joinpath(name).read_text("utf-8")


def _chart(chart: Chart) -> dict[str, Any]:
    drawn = {"name": chart.name, "wide": chart.drawing.spec()}
    if chart.narrow is not None:
        drawn["narrow"] = chart.narrow.spec()
    return {**drawn, "title": chart.title, "table": page.data(chart.table)}


def _policy(*scripts: str) -> str:
    """Only these scripts run, and nothing is fetched: a name that slipped through stays inert."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; media-src data:; base-uri 'none'; form-action 'none'"
    )


def _variables() -> str:
    """The palette's roles as CSS variables, for light and for dark."""
    dark = f"@media screen and (prefers-color-scheme: dark){{:root{{{variables(DARK)}}}}}"
    return f":root{{{variables(LIGHT)}}}{dark}"


__all__ = [
    "Report",
    "Section",
    "of_gallery",
    "of_study",
    "of_two",
    "render",
    "write",
    "write_comparison",
    "write_report",
]
