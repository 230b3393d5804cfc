"""The static report: one HTML file that needs no network and no server."""

from __future__ import annotations

import base64
import hashlib
import os
from importlib import resources
from pathlib import Path
from typing import Any

from . import page
from .chart import Chart, Section
from .collector import collector_paused
from .document import sections
from .frames import Frames, read
from .palette import DARK, LIGHT, Palette, exchange


def write_report(tracking_uri: str, study: str, out: Path) -> Path:
    """Read the latest execution of ``study`` from MLflow and write its report.

    ``out`` is the file to write, or a folder that gets ``report.html``. Returns the file. Raises
    ``RecordError`` when MLflow holds no such study.
    """
    with collector_paused():
        return write(read(tracking_uri, study), out)


def write(frames: Frames, out: Path) -> Path:
    """Write the report of ``frames`` to the file ``out`` (in a folder: ``report.html``), whole."""
    target = out if out.suffix == ".html" else out / "report.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed, so that a reader never opens half a page.
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.write_text(render(frames), encoding="utf-8")
    return beside.replace(target)


def render(frames: Frames) -> str:
    """The page as text."""
    made = sections(frames)
    folder = resources.files(__package__ or "")
    script = folder.joinpath("report.js").read_text("utf-8")
    style = _variables() + folder.joinpath("report.css").read_text("utf-8")
    plotly = resources.files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8")
    payload = page.embedded(
        {
            "charts": [_chart(c) for s in made for c in s.charts],
            "exchange": exchange(),
            "study": str(frames.study.get("study") or "study"),
        }
    )
    body = "\n".join(page.section(frames, s) for s in made)
    title = page.text(frames.study.get("study") or "study")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_policy(plotly, script)}">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title} · layerwise</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
{page.header(frames, made)}
<main id="main">
{body}
</main>
{page.footer(frames)}
<script type="application/json" id="payload">{payload}</script>
<script>{plotly}</script>
<script>{script}</script>
</body>
</html>
"""


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
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _variables() -> str:
    """The palette's roles as CSS variables, for light and for dark."""

    def roles(palette: Palette) -> str:
        names = ("background", "text", "quiet_text", "axis", "grid", "emphasis", "reference")
        return "".join(f"--{n.replace('_', '-')}:{getattr(palette, n)};" for n in names)

    light = f":root{{{roles(LIGHT)}--first:{LIGHT.categorical[0]};}}"
    dark = f":root{{{roles(DARK)}--first:{DARK.categorical[0]};}}"
    return f"{light}@media screen and (prefers-color-scheme: dark){{{dark}}}"


__all__ = ["Section", "render", "write", "write_report"]
