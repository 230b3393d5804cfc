"""What a node finds out about itself, here about this machine."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from layerwise.platform.cluster import node_probe, wheel
from layerwise.platform.cluster.node_probe import CHALLENGE, probe


@pytest.fixture
def meeting(tmp_path: Path) -> Path:
    """A folder in which the driver has left its challenge."""
    (tmp_path / CHALLENGE).write_text("a challenge")
    return tmp_path


def asked(meeting: Path, **other: Any) -> dict[str, str]:
    arguments: dict[str, Any] = {
        "trainable": "layerwise.platform.plan.trial",
        "packaged": {wheel.__name__: wheel.digest()},
        "versions": {"numpy": version("numpy")},
        "meeting": str(meeting),
        "challenge": "a challenge",
        "node": "n1",
        "tracking_uri": f"sqlite:///{meeting}/mlflow.db",
    }
    return probe(**arguments | other)


def test_a_sound_node_answers_the_driver(meeting: Path) -> None:
    assert asked(meeting) == {}
    assert (meeting / "n1").read_text() == "a challenge n1"


def test_it_imports_nothing_that_a_node_may_lack() -> None:
    tree = ast.parse(Path(node_probe.__file__).read_text())
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"packaged": {wheel.__name__: "0" * 12}}, "another layerwise is installed"),
        ({"packaged": {"layerwise.gone": "0" * 12}}, "No module named 'layerwise.gone'"),
        ({"versions": {"numpy": "1.0"}}, "is installed, the driver's is 1.0"),
        ({"versions": {"not-a-distribution": "1.0"}}, "not-a-distribution is not installed"),
        ({"trainable": "layerwise.platform.gone"}, "No module named 'layerwise.platform.gone'"),
    ],
)
def test_another_installation_is_said(meeting: Path, other: dict[str, Any], said: str) -> None:
    found = asked(meeting, **other)
    assert list(found) == ["import"]
    assert said in found["import"]


def test_a_folder_that_only_has_the_same_name_is_found_out(meeting: Path) -> None:
    (meeting / CHALLENGE).unlink()
    assert "another folder of the same name" in asked(meeting)["read"]
    (meeting / CHALLENGE).write_text("of last week")
    assert asked(meeting) == {"read": "something else than the driver wrote"}


def test_a_folder_that_cannot_be_written_to_is_said(meeting: Path) -> None:
    (meeting / "n1").mkdir()
    assert asked(meeting) == {"write": "Is a directory"}


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/health": 200, "/closed/health": 401}.get(self.path, 503))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answering) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def test_mlflow_must_answer_whatever_it_says(meeting: Path, server: str) -> None:
    assert asked(meeting, tracking_uri=f"{server}/") == {}
    assert asked(meeting, tracking_uri=f"{server}/closed") == {}
    assert asked(meeting, tracking_uri=f"{server}/down") == {"record": f"{server}/down answers 503"}
    nobody = asked(meeting, tracking_uri="http://127.0.0.1:9")
    assert nobody == {"record": "http://127.0.0.1:9: Connection refused"}
    assert asked(meeting, tracking_uri="postgresql://127.0.0.1:9/mlflow") == {
        "record": "Connection refused"
    }
