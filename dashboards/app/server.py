"""The dashboard's server: views to pages, what a reader does to addresses, and files to take."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props
from dash.exceptions import PreventUpdate
from flask import Flask, Response, request

from .. import report
from ..errors import RecordError
from . import filters, selection, shell, tabs
from .access import guard
from .address import View, query
from .address import view as view_of
from .map_box import brushed
from .numbers import comma_separated
from .render import REGIONS, Pages
from .repeated import Repeated
from .screen import Screen
from .stages_page import ticked as stages_ticked
from .watch import Watch

LOG = logging.getLogger("layerwise.dashboards")
SEARCH = Output("address", "search", allow_duplicate=True)


def build(watch: Watch, host: str, token: str | None) -> Dash:
    """The application over a watch, for a server that will listen on ``host``."""
    app = Dash(
        __name__,
        title="layerwise",
        update_title="",
        index_string=shell.index(),
        suppress_callback_exceptions=True,
        serve_locally=True,
        add_log_handler=False,
        enable_mcp=False,
    )
    app.layout = shell.layout()
    pages, repeated = Pages(watch), Repeated()
    _show(app, pages, repeated)
    _follow(app)
    _steer(app, watch)
    _versions(app.server, pages, watch)
    _files(app.server, pages, watch)
    guard(app.server, host, token, app.csp_hashes())
    # After the guard, which is asked first.
    repeated.serve(app.server)
    return app


def _show(app: Dash, pages: Pages, repeated: Repeated) -> None:
    """An address to its page."""
    on_page: Any = app.clientside_callback
    on_page(
        ClientsideFunction("layerwise", "screen"),
        Output("screen", "data"),
        Input("clock", "n_intervals"),
        State("screen", "data"),
    )
    on_page(
        ClientsideFunction("layerwise", "unfolded"),
        Output("filter-box", "open"),
        Input("screen", "data"),
        prevent_initial_call=True,
    )
    on_page(
        ClientsideFunction("layerwise", "title"),
        Output("title-shown", "data"),
        Input("titled", "data"),
    )

    @app.callback(
        *(Output(name, "children") for name in REGIONS),
        Output("filter-box", "hidden"),
        Output("page", "data-view"),
        Output("page", "data-version"),
        Output("titled", "data"),
        Output("shown", "data"),
        Input("address", "search"),
        Input("version", "data"),
        Input("screen", "data"),
        State("shown", "data"),
    )
    def show(
        search: str | None,
        version: Any,
        told: Mapping[str, Any] | None,
        shown: dict[str, list[str]] | None,
    ) -> tuple[Any, ...]:
        if told is None or search is None:
            # The page does not know yet what it is.
            raise PreventUpdate
        asked, screen = view_of(search), Screen.of(told)
        made = pages.page(asked, screen)
        if asked.study:
            repeated.mark(made, lambda: pages.page(asked, screen))
        known = shown or {}
        children: list[Any] = []
        for name, region in made.regions.items():
            if known.get(name, [""])[0] != region.shape:
                children.append(region.children)
                continue
            children.append(no_update)
            for part, props in region.changes(known.get(name)):
                set_props(part, props)
        marks = {name: region.mark for name, region in made.regions.items()}
        hidden = not made.regions["filters"].children
        return (*children, hidden, query(asked), str(made.version), made.title, marks)


def _follow(app: Dash) -> None:
    """Once a second: whether the record has grown since the page was drawn."""

    on_page: Any = app.clientside_callback
    on_page(
        ClientsideFunction("layerwise", "version"),
        Output("version", "data"),
        Input("clock", "n_intervals"),
        State("address", "search"),
        State("version", "data"),
    )


def _versions(server: Flask, pages: Pages, watch: Watch) -> None:
    """What every reader asks every second.

    It is none of Dash's callbacks: those take longer, and one that has nothing to say ends without
    a body, after which waitress closes the connection.
    """

    @server.get("/version")
    def version() -> Response:
        shown = view_of(request.query_string.decode())
        if not shown.study:
            found = [0, zlib.crc32(repr(pages.studies()).encode())]
        else:
            found = [watch.version(name) if name else 0 for name in (shown.study, shown.beside)]
        answer = Response(json.dumps(found), mimetype="application/json")
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _steer(app: Dash, watch: Watch) -> None:
    """What a reader does on a page, to the address of the next one."""

    def choice(name: str, change: Any) -> None:
        @app.callback(
            SEARCH,
            Input(name, "value"),
            State("address", "search"),
            prevent_initial_call=True,
        )
        def choose(value: Any, search: str | None) -> Any:
            return _moved(view_of(search), change(view_of(search), value or ""))

    # Nobody chooses no study; a list that is older than the study does.
    choice("study", lambda now, value: now if value in ("", now.study) else View(value))
    choice("beside", lambda now, value: now.with_(beside=value))
    choice("side-by-side", lambda now, value: _stages(watch, now, value))
    # A page's own choice of axes stands in no address.
    choice("map-x", lambda now, value: _axis(watch, now, x=value))
    choice("map-y", lambda now, value: _axis(watch, now, y=value))

    @app.callback(
        SEARCH,
        Input({"type": "ticks", "column": ALL}, "value"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def tick(ticks: list[list[str]], search: str | None) -> Any:
        now = view_of(search)
        asked = ctx.triggered_id
        if not isinstance(asked, dict) or not now.study:
            raise PreventUpdate
        column = str(asked["column"])
        places = [one["id"]["column"] for one in ctx.inputs_list[0]]
        frames = watch.snapshot(now.study).frames
        stage = tabs.stage_of(frames, now.stage)
        if column not in selection.columns(frames, stage):
            raise PreventUpdate
        found = selection.values(frames, stage, column)
        own = ticks[places.index(column)]
        after = filters.ticked(now, column, own, found)
        if after == now and (shown := filters.ticks_of(now, column, found)) != own:
            # Nothing was left ticked, which counts as everything.
            set_props(asked, {"value": shown})
        return _moved(now, after)

    @app.callback(
        SEARCH,
        Input({"type": "low", "column": ALL}, "value"),
        Input({"type": "high", "column": ALL}, "value"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def end(lows: list[float | None], highs: list[float | None], search: str | None) -> Any:
        now = view_of(search)
        asked = ctx.triggered_id
        if not isinstance(asked, dict):
            raise PreventUpdate
        columns = [one["id"]["column"] for one in ctx.inputs_list[0]]
        at = columns.index(asked["column"])
        return _moved(now, filters.ended(now, asked["column"], lows[at], highs[at]))

    @app.callback(
        SEARCH,
        Input("map", "selectedData"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def brush(chosen: Mapping[str, Any] | None, search: str | None) -> Any:
        now = view_of(search)
        ranges = (chosen or {}).get("range")
        if not ranges or not {"x", "y"} <= set(ranges):
            raise PreventUpdate
        frames = watch.snapshot(now.study).frames
        stage = tabs.stage_of(frames, now.stage)
        return _moved(now, brushed(frames, stage, now, ranges))

    @app.callback(
        SEARCH,
        Input("map", "clickData"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def open_trial(clicked: Mapping[str, Any] | None, search: str | None) -> Any:
        now = view_of(search)
        points = (clicked or {}).get("points") or []
        settings = [str(one["customdata"]) for one in points if one.get("customdata")]
        if not settings:
            raise PreventUpdate
        frames = watch.snapshot(now.study).frames
        key = selection.first_trial(frames, tabs.stage_of(frames, now.stage), settings[0])
        return _moved(now, now.with_(run=key)) if key else no_update


def _stages(watch: Watch, now: View, names: Sequence[str]) -> View:
    return stages_ticked(watch.snapshot(now.study).frames, now, names) if now.study else now


def _axis(watch: Watch, now: View, **axes: str) -> View:
    frames = watch.snapshot(now.study).frames
    stage = tabs.stage_of(frames, now.stage)
    x, y = tabs.map_axes(frames, stage, now.x, now.y)
    if axes.get("x", x) == x and axes.get("y", y) == y:
        return now
    return now.with_(x=axes.get("x", x), y=axes.get("y", y))


def _moved(before: View, after: View) -> Any:
    """The address of the view after, nothing where it is the one before."""
    return no_update if after == before else query(after)


def _files(server: Flask, pages: Pages, watch: Watch) -> None:
    """What can be taken: a chart's numbers, and the whole study as one file."""

    @server.get("/numbers/<name>.csv")
    def numbers(name: str) -> Response:
        shown = view_of(request.query_string.decode())
        try:
            table = pages.numbers(shown, name)
        except RecordError as error:
            return Response(f"{error}\n", 404, mimetype="text/plain")
        if table is None:
            return Response("This view has no such chart.\n", 404, mimetype="text/plain")
        return _download(comma_separated(table), f"{shown.study}-{name}.csv", "text/csv")

    @server.get("/report.html")
    def whole() -> Response:
        shown = view_of(request.query_string.decode())
        try:
            frames = watch.whole(shown.study).frames
        except RecordError as error:
            return Response(f"{error}\n", 404, mimetype="text/plain")
        return _download(report.render(frames), f"{shown.study}.html", "text/html")


def _download(text: str, name: str, kind: str) -> Response:
    """A file to save, never a page of this server: it is an attachment."""
    answer = Response(text, mimetype=kind)
    plain = "".join(
        one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain[-100:]}"'
    return answer
