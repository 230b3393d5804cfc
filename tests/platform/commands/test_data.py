"""The data sets in a terminal."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from layerwise.platform.cli import main
from layerwise.platform.data import names
from layerwise.platform.data.download import Remote
from layerwise.platform.data.published import PUBLISHED


def test_every_data_set_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    output = capsys.readouterr().out
    assert all(name in output for name in names())


def test_one_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "digits"]) == 0
    output = capsys.readouterr().out
    assert "1797" in output
    assert "mnist" not in output


def test_a_folder_that_bears_a_known_name_is_pointed_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["data", "digits"]) == 0
    assert "layerwise data ./digits" in capsys.readouterr().out


def test_json_lists_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "--json"]) == 0
    assert [found["name"] for found in json.loads(capsys.readouterr().out)] == list(names())


def test_json_describes_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "wine", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["samples"], found["here"]) == (178, True)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "plants.csv"
    rows = [f"{i},{i % 7},{'ab'[i % 2]}" for i in range(40)]
    path.write_text("\n".join(["height,leaves,kind", *rows]) + "\n")
    return path


def test_a_person_s_own_table_is_looked_at(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(table), "--label", "kind"]) == 0
    output = capsys.readouterr().out
    assert "40: 28 train, 6 validation, 6 test" in output
    assert "2: height, leaves" in output
    assert "2 classes: a (20), b (20)" in output
    assert f"data: {{path: {table}, label: kind}}" in output
    assert main(["data", str(table), "--label", "kind", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert found["name"] == "plants"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "line 2, column 3 (kind): must be a finite number, but got 'a'. If kind holds the"),
        (["--label", "kinds"], "Did you mean kind?"),
    ],
)
def test_its_first_problem_is_named(
    table: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", str(table), *words]) == 2
    output = capsys.readouterr()
    assert said in output.err
    assert not output.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wines"], "Did you mean wine?"),
        (["nowhere/t.csv"], "must exist"),
        (["t.xlsx/"], "must end with"),
        (["fetch"], "Write layerwise data fetch with mnist or fashion_mnist"),
        (["fetch", "mnits"], "Did you mean mnist?"),
        (["fetch", "mnist"], "LAYERWISE_DATA is not set'. Name one: --to DIR"),
        (["fetsh", "mnist"], "Did you mean fetch mnist?"),
        (["wine", "digits"], "Ask one at a time"),
    ],
)
def test_mistakes_are_met_with_what_is_right(
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    assert main(["data", *words]) == 2
    assert said in capsys.readouterr().err


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, without a word on standard error."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose one file is published as MNIST."""
    folder = tmp_path / "served"
    folder.mkdir()
    content = b"of the archive" * 10_000
    (folder / "mnist.npz").write_bytes(content)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        url = f"http://127.0.0.1:{server.server_port}/mnist.npz"
        remote = Remote(url, "mnist.npz", len(content), hashlib.sha256(content).hexdigest())
        monkeypatch.setitem(PUBLISHED, "mnist", (remote,))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder
        server.shutdown()
        thread.join()


def test_what_is_published_is_fetched(
    served: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path / "data"))
    expected = (served / "mnist.npz").read_bytes()
    assert main(["data", "fetch", "mnist"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'data' / 'mnist.npz'}\n"
    assert (tmp_path / "data" / "mnist.npz").read_bytes() == expected
    assert main(["data", "fetch", "mnist", "--to", str(tmp_path / "other")]) == 0
    assert (tmp_path / "other" / "mnist.npz").read_bytes() == expected
    assert f"LAYERWISE_DATA={tmp_path / 'other'}" in capsys.readouterr().out
    (served / "mnist.npz").write_bytes(expected[:-1] + b"?")
    assert main(["data", "fetch", "mnist", "--to", str(tmp_path / "third")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "must be the published file" in error
