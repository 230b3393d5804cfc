"""Charts as files: real images of the size asked for, or an error that says what to install."""

from __future__ import annotations

import importlib.util
import re
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards import export, report
from layerwise.dashboards.chart import Chart
from layerwise.dashboards.frames import Frames


def charts(frames: Frames, *names: str) -> list[Chart]:
    return [chart for chart in report.of_study(frames).charts if chart.name in names]


@pytest.fixture
def _able() -> None:
    """Skips where there is no kaleido or no browser."""
    if importlib.util.find_spec("kaleido") is None:
        pytest.skip("kaleido is not installed")
    try:
        export.check()
    except export.ExportError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_able")
def test_images_have_their_size_and_are_not_blank(crossing: Frames, tmp_path: Path) -> None:
    pyplot = pytest.importorskip("matplotlib.image")
    wanted = charts(crossing, "ranking-0-chart", "effects-0-0")
    made = export.write_images(wanted, tmp_path / "new")
    assert [path.name for path in made] == ["ranking-0-chart.png", "effects-0-0.png"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(
        path.name for path in made
    )
    for chart, path in zip(wanted, made, strict=True):
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        # The header has width and height behind its own length and name.
        assert struct.unpack(">II", content[16:24]) == (
            export.WIDTH * export.SHARPNESS,
            chart.drawing.height * export.SHARPNESS,
        )
        pixels = pyplot.imread(path)
        colours = {tuple(pixel) for row in pixels[::7] for pixel in (row[::7] * 255).astype(int)}
        assert len(colours) > 10
        # On paper, not transparent.
        assert {colour[3] for colour in colours if len(colour) == 4} <= {255}


@pytest.mark.usefixtures("_able")
def test_vectors_are_text_and_fetch_nothing(crossing: Frames, tmp_path: Path) -> None:
    wanted = charts(crossing, "ranking-0-chart")
    (svg,) = export.write_images(wanted, tmp_path, "svg")
    text = svg.read_text("utf-8")
    assert text.startswith("<svg")
    assert "rank of the setting" in text
    assert f'width="{export.WIDTH}" height="{wanted[0].drawing.height}"' in text
    links = re.findall(r"(?:href|src)=[\"']([^\"']*)", text)
    assert not [link for link in links if not link.startswith(("#", "data:"))]


@pytest.mark.usefixtures("_able")
def test_the_page_that_draws_is_the_packages_own() -> None:
    generator = pytest.importorskip("kaleido").PageGenerator(mathjax=False)
    sources = re.findall(r'src="([^"]*)"', generator.generate_index())
    assert len(sources) == 2
    assert all(source.startswith("file:///") for source in sources)


@pytest.mark.usefixtures("_able")
def test_the_browser_itself_reaches_nobody(
    crossing: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, object] = {}

    def opened(**settings: object) -> None:
        seen.update(settings)
        raise RuntimeError("that is enough")

    monkeypatch.setattr(pytest.importorskip("kaleido"), "Kaleido", opened)
    with pytest.raises(export.ExportError, match="must draw the charts, but got 'that is enough'"):
        export.write_images(charts(crossing, "ranking-0-chart"), tmp_path)
    assert seen["mathjax"] is False
    assert "plotlyjs" not in seen
    proxy = urlsplit(str(seen["proxy_server"]))
    assert proxy.hostname == "127.0.0.1"
    with socket.socket() as nobody:
        assert nobody.connect_ex(("127.0.0.1", proxy.port or 0))


@pytest.mark.usefixtures("_able")
def test_a_browser_that_does_not_start_is_said(
    crossing: Frames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    with pytest.raises(export.ExportError, match="must be installed to write images, but got"):
        export.write_images(charts(crossing, "ranking-0-chart"), tmp_path / "images")
    assert not (tmp_path / "images").exists()


def test_without_kaleido_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(export.ExportError) as caught:
        export.write_images([], tmp_path)
    assert str(caught.value) == (
        "kaleido: must be installed to write images. pip install 'layerwise[images]'"
    )


def test_another_format_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(export.ExportError, match="must be one of png, svg, pdf, but got 'gif'"):
        export.write_images([], tmp_path, "gif")


@given(st.text(max_size=200))
def test_a_file_stays_in_its_folder(name: str) -> None:
    found = export.filename(name)
    assert found
    assert not found.startswith(".")
    assert "/" not in found
    assert len(found) <= 80


def test_the_reports_own_names_are_kept(crossing: Frames) -> None:
    names = [chart.name for chart in report.of_study(crossing).charts]
    assert [export.filename(name) for name in names] == names
