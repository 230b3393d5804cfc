"""The page around every view: its HTML, its style in both themes, and its parts, still empty."""

from __future__ import annotations

from importlib import resources

from dash import dcc, html
from dash.development.base_component import Component

from ..palette import DARK, LIGHT, variables
from .render import SLOTS

POLL_MS = 1000

INDEX = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" href="data:,">
<style>STYLE</style>
{%css%}
</head>
<body>
{%app_entry%}
<noscript>This dashboard draws its charts with JavaScript. Without it, open the static report:
layerwise report STUDY</noscript>
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>"""


def index() -> str:
    """The HTML that Dash fills with its scripts."""
    style = resources.files("layerwise.dashboards").joinpath("report.css").read_text("utf-8")
    return INDEX.replace("STYLE", themes() + style)


def themes() -> str:
    """The palette as CSS variables: as the system has it, unless the reader has chosen."""
    light, dark = variables(LIGHT), variables(DARK)
    return (
        f":root{{{light}}}"
        f"@media (prefers-color-scheme: dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}"
    )


def layout() -> Component:
    """The parts that views fill. Nothing is drawn before the screen is known."""
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Interval(id="clock", interval=POLL_MS),
            dcc.Store(id="version"),
            dcc.Store(id="screen"),
            dcc.Store(id="shown"),
            dcc.Store(id="titled"),
            dcc.Store(id="title-shown"),
            html.A("Skip to the results", href="#main", className="skip"),
            html.Div(id="bar", className="bar", role="banner"),
            html.Div(id="navigation"),
            html.Div(
                [
                    html.Details(
                        [html.Summary("Filters"), html.Div(id="filters")],
                        id="filter-box",
                        className="filters",
                        open=True,
                    ),
                    html.Main(
                        [
                            html.Div(id="lead"),
                            html.Div([html.Div(id=name) for name in SLOTS], id="page"),
                        ],
                        id="main",
                        tabIndex=-1,
                    ),
                ],
                className="columns",
            ),
        ]
    )
