"""The charts of a report as image files, for papers and slides: drawn by kaleido in one browser.

Kaleido and a Chrome or Chromium are an extra (``pip install 'layerwise[images]'``). Plotly's script
is that of the installed package, and MathJax is not used. A browser also asks its makers for
updates and for the time, whatever its page does: it is given a proxy that does not exist, so that
nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ExportError
from .palette import LIGHT

if TYPE_CHECKING:
    from .chart import Chart

FORMATS = ("png", "svg", "pdf")
WIDTH = 1100
"""Pixels of a chart as wide as the report's page."""
SHARPNESS = 2
"""Pixels of a PNG for each pixel of the page."""
TABS = 2
"""Of the one browser: one loads the page anew while the other draws."""
EXTRA = "pip install 'layerwise[images]'"
_NOWHERE = "http://127.0.0.1:9"
"""Port 9 is "discard": nobody listens there."""


def check() -> None:
    """Raise ``ExportError`` where kaleido or a browser is missing; takes no browser."""
    if importlib.util.find_spec("kaleido") is None:
        raise ExportError("kaleido", "must be installed to write images", remedy=EXTRA)
    _browser()


def write_images(charts: Sequence[Chart], folder: Path, kind: str = "png") -> list[Path]:
    """Write each chart to ``folder`` as ``<its name>.<kind>``; returns the files, in order.

    ``kind``: "png" (``SHARPNESS`` pixels for each of the page's), "svg" or "pdf". A file is there
    whole or not at all. Raises ``ExportError`` where kaleido or a browser is missing or fails, and
    ``OSError`` where the folder cannot be written.
    """
    if kind not in FORMATS:
        raise ExportError("format", f"must be one of {', '.join(FORMATS)}", kind)
    check()
    folder.mkdir(parents=True, exist_ok=True)
    if not charts:
        return []
    # In a thread of its own: a notebook's has a loop that runs already.
    with ThreadPoolExecutor(1) as pool:
        images = pool.submit(asyncio.run, _drawn(charts, kind)).result()
    return [
        _written(folder / f"{filename(chart.name)}.{kind}", image)
        for chart, image in zip(charts, images, strict=True)
    ]


async def _drawn(charts: Sequence[Chart], kind: str) -> list[bytes]:
    import kaleido

    def options(chart: Chart) -> dict[str, Any]:
        scale = SHARPNESS if kind == "png" else 1
        return {"format": kind, "width": WIDTH, "height": chart.drawing.height, "scale": scale}

    try:
        async with kaleido.Kaleido(
            n=TABS, mathjax=False, path=_browser(), proxy_server=_NOWHERE
        ) as browser:
            drawn = [browser.calc_fig(_figure(chart), opts=options(chart)) for chart in charts]
            return list(await asyncio.gather(*drawn))
    except Exception as error:
        # The browser's, the two packages' and the pipe's own errors share no class.
        said = str(next(iter(error.args), "")).partition("\n")[0] or type(error).__name__
        raise ExportError("the browser", "must draw the charts", said, _TRY) from error


_TRY = "See that Chrome or Chromium starts without a screen, or name another with BROWSER_PATH"


def filename(name: str) -> str:
    """A chart's name as a file's: letters, digits, dots and dashes, and not too long."""
    return re.sub(r"[^\w.-]+", "_", name).lstrip(".")[:80] or "chart"


def _figure(chart: Chart) -> dict[str, Any]:
    """The drawing on paper: transparent images are black on a dark page."""
    spec = chart.drawing.spec()
    return {**spec, "layout": {**spec["layout"], "paper_bgcolor": LIGHT.background}}


def _browser() -> str:
    from choreographer.browsers.chromium import Chromium

    named = os.environ.get("BROWSER_PATH")
    found = named or Chromium.find_browser(skip_local=False)
    if not found or not Path(found).is_file():
        remedy = (
            "Install Chrome or Chromium, or name it with BROWSER_PATH"
            if named is None
            else "Name an executable with BROWSER_PATH, or leave it out"
        )
        raise ExportError("Chrome", "must be installed to write images", named, remedy)
    return str(found)


def _written(target: Path, content: bytes) -> Path:
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.write_bytes(content)
    return beside.replace(target)
