"""``layerwise dashboard``: the live dashboard of the record, on loopback unless told otherwise."""

from __future__ import annotations

import argparse
import os
from urllib.parse import quote

from ...studies import shipped_studies
from ..errors import HomeError, StudyError
from ..home import Home
from ..study.reading import find_study, read_study
from .ui import port

TOKEN = "LAYERWISE_DASHBOARD_TOKEN"
_EVERYWHERE = ("0.0.0.0", "::")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", nargs="?", help="the study to open (default: the list of them)")
    parser.add_argument("--port", type=port, default=8050, help="where it listens (default: 8050)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help=f"the address it listens on (default: 127.0.0.1); beyond loopback {TOKEN} must be set",
    )


def main(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    home = Home.from_environment(arguments.home)
    token = _token(arguments.host)
    home.check_record()
    study = _named(arguments.study) if arguments.study else ""
    page = f"?study={quote(study)}" if study else ""
    from ...dashboards.app.serving import serve
    from ...dashboards.unreadable import check_admitted
    from ..tracking.reaching import import_mlflow

    # With few tries at a server that has gone, which else hold up the poller for minutes.
    import_mlflow()
    check_admitted(home.tracking_uri)

    def ready(host: str, number: int) -> None:
        shown = "127.0.0.1" if host in _EVERYWHERE else host
        name = f"[{shown}]" if ":" in shown else shown
        print(f"http://{name}:{number}/{page}", flush=True)
        if token is not None:
            print(f"The first visit needs the token: …/?token=${TOKEN}", flush=True)

    try:
        serve(home.tracking_uri, arguments.host, arguments.port, token, ready, study)
    except OSError as error:
        where = f"{arguments.host} port {arguments.port}"
        remedy = "Choose another port with --port."
        raise HomeError(where, "must be free to listen on", error.strerror, remedy) from error
    return 0


def _token(host: str) -> str | None:
    """The token that readers must bring; none on loopback where none is set."""
    from ...dashboards.app.access import SHORTEST_TOKEN, is_loopback

    token = os.environ.get(TOKEN) or None
    if token is None and not is_loopback(host):
        rule = "must be loopback, unless readers have to bring a token"
        raise StudyError("--host", rule, host, f"Set {TOKEN} to a secret that they know.")
    if token is not None and len(token) < SHORTEST_TOKEN:
        rule = f"must have {SHORTEST_TOKEN} characters at least"
        remedy = "Make one: python -c 'import secrets; print(secrets.token_urlsafe())'"
        raise StudyError(TOKEN, rule, f"{len(token)} characters", remedy)
    return token


def _named(study: str) -> str:
    """The name in the record of what was typed: a YAML file, a shipped study, or that name."""
    if study.endswith((".yaml", ".yml")) or study in shipped_studies():
        return read_study(find_study(study)).name
    return study
