"""A study on a real cluster: submitted, attached to, left, stopped, a node lost, and the same bits.

One story in one file, because a cluster takes seconds to start and a job seconds to begin.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from commanding import SCRIPT, environment
from without_ray import finish

from layerwise.platform.cluster.loopback import LoopbackCluster, Node
from layerwise.platform.data import load
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.plan import Source
from layerwise.platform.plan.ledger import LedgerForReading
from layerwise.platform.plan.schedule import Schedule
from layerwise.platform.plan.tree import plan
from layerwise.platform.store import Store
from layerwise.platform.study import Study

pytestmark = pytest.mark.slow

PATIENCE = 240.0
STUDY = """
study: on-a-cluster
question: Does a cluster give the same numbers?
data: digits
seeds: [0, 1]
stages:
  - {name: first, model: denoising_autoencoder, hidden: {grid: [12, 16, 20]}, epochs: 1200}
  - {name: second, model: autoencoder, hidden: 4, epochs: 60}
"""


@dataclass
class Ended:
    """A command that has ended."""

    code: int
    output: str
    error: str


@dataclass
class Client:
    """``layerwise`` as somebody with the cluster's token calls it."""

    cluster: LoopbackCluster
    folder: Path

    @property
    def study(self) -> Path:
        return self.folder / "study.yaml"

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        listing = str(self.folder / "listing")
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, listing, *words, "--address", self.cluster.address],
            cwd=self.folder,
            env=environment(**{**self.cluster.environment, **variables}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Started behind a script, tests inherit that interrupts are ignored; a person's
            # terminal does not.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    def call(self, *words: str, **variables: str) -> Ended:
        process = self.start(*words, **variables)
        output, error = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, output, error)

    def status(self) -> list[dict[str, str]]:
        """What ``layerwise status`` says, the newest job first."""
        found: list[dict[str, str]] = json.loads(self.call("status", "--json").output)
        return found

    def jobs(self) -> dict[str, str]:
        """The status of every job, as Ray says it."""
        found = self._get("jobs/")
        return {one["submission_id"]: one["status"] for one in found if one["submission_id"]}

    def training(self, *states: str) -> set[str]:
        """The addresses of the nodes that train a cohort now, or of those that ever did."""
        nodes = {one["node_id"]: one["node_ip"] for one in self._state("nodes")}
        return {
            nodes[one["node_id"]]
            for one in self._state("actors?detail=1")
            if one["class_name"].endswith("Trainable") and one["state"] in (states or ("ALIVE",))
            if one["node_id"] in nodes
        }

    def _state(self, what: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self._get(f"v0/{what}")["data"]["result"]["result"]
        return found

    def _get(self, what: str) -> Any:
        request = urllib.request.Request(
            f"{self.cluster.address}/api/{what}",
            headers={"Authorization": f"Bearer {self.cluster.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def client(loopback: LoopbackCluster, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A client with a study and a storage that all nodes share, as they share the machine."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "study.yaml").write_text(STUDY)
    return Client(loopback, folder)


def test_a_study_survives_its_followers_a_stop_and_a_lost_node(client: Client) -> None:
    words = ("submit", client.study.name, "--storage", str(client.storage))
    follower = client.start(*words)
    until(lambda: len(client.jobs()) == 1)
    [job] = client.jobs()
    assert job.startswith("on-a-cluster-")

    # Submitted twice: attached, not duplicated.
    again = client.call(*words, "--detach")
    assert again.code == 0, again.error
    assert f"{job} is at work already" in again.output
    elsewhere = client.call(*words[:-1], str(client.folder / "elsewhere"), "--detach")
    assert elsewhere.code == 2
    assert f"is at work with the storage {client.storage}" in elsewhere.error
    assert list(client.jobs()) == [job]

    # Left by its follower: it goes on. Ended when told.
    until(lambda: bool(client.training()))
    follower.send_signal(signal.SIGINT)
    output, error = follower.communicate(timeout=PATIENCE)
    assert follower.returncode == 130, error
    assert "no longer followed; the job goes on" in output
    assert f"layerwise logs {job} --address {client.cluster.address} --follow" in output
    assert not error
    assert client.jobs() == {job: "RUNNING"}
    stopped = client.call("stop", "on-a-cluster")
    assert stopped.code == 0, stopped.error
    assert f"{job} was stopped" in stopped.output
    until(lambda: not client.training())

    # Submitted once more: a further attempt, which loses a node in the middle.
    attempt = client.start(*words)
    lost = client.cluster.nodes[-1]
    until(lambda: lost.address in client.training())
    lost.kill()
    output, error = attempt.communicate(timeout=PATIENCE)
    assert attempt.returncode == 0, output + error
    assert f"{job}-2 was submitted" in output
    everywhere = {node.address for node in client.cluster.nodes}
    assert client.training("ALIVE", "DEAD") == everywhere
    assert [(found["job"], found["status"]) for found in client.status()] == [
        (f"{job}-2", "SUCCEEDED"),
        (job, "STOPPED"),
    ]
    said = client.call("logs", "on-a-cluster").output
    trained, taken = re.findall(r"(\d+) trials trained, (\d+) taken from the store", said)[0]
    assert int(trained) + int(taken) == 12
    assert "failed" not in said


def test_the_weights_are_those_of_an_undisturbed_run(client: Client) -> None:
    study = Study.of(yaml.safe_load(STUDY))
    data = load(study.data)
    there, here = Store(client.storage / "store"), Store(client.folder / "undisturbed")
    # The same cohorts, as the disturbed run wrote them down.
    ledger = client.storage / "plans" / f"{plan(study, Source.of(data)).key[:32]}.jsonl"
    assert ledger.is_file()
    tree = Schedule(study, Source.of(data), {}, {}, len, LedgerForReading(ledger))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        while (cohort := tree.next()) is not None:
            finish(cohort, data, here)
            tree.finish(cohort, {t.key: last_metrics(here.manifest(t.key)) for t in cohort.trials})
    finally:
        torch.set_num_threads(threads)
    keys = there.keys()
    assert len(keys) == 12
    assert keys == here.keys()
    for key in keys:
        theirs, ours = there.read(key), here.read(key)
        assert theirs.manifest["cohort"] == ours.manifest["cohort"]
        assert theirs.manifest["history"] == ours.manifest["history"]
        assert theirs.weights.keys() == ours.weights.keys()
        for name, weights in theirs.weights.items():
            np.testing.assert_array_equal(weights, ours.weights[name], strict=True)


# Ray reads a process's token once: a test that calls the cluster from here would leave its token to
# every Ray that a later test starts.
_FOUND = """
import sys
from layerwise.platform.cluster.jobs import Jobs, TakenError
from layerwise.platform.errors import ClusterError

address, storage = sys.argv[1:]
jobs = Jobs(address)
newest = jobs.all()[0]
assert newest.over
assert newest.storage == storage
assert jobs.find(newest.id) == jobs.find("on-a-cluster") == newest
try:
    jobs.find("on-a-clusted")
except ClusterError as error:
    assert "no such job or study" in str(error) and newest.id in str(error)
else:
    raise AssertionError("found what is not there")
try:
    jobs.submit(newest.id, "true", {}, {})
except TakenError:
    print("not made twice")
"""


def test_a_job_is_found_by_name_and_not_made_twice(client: Client) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", _FOUND, client.cluster.address, str(client.storage)],
        env=environment(**client.cluster.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.stdout == "not made twice\n", asked.stderr


def test_a_wrong_token_is_refused_in_one_line(client: Client) -> None:
    for words in (("status",), ("submit", client.study.name)):
        refused = client.call(*words, RAY_AUTH_TOKEN="0" * 64)
        assert refused.code == 2
        [line] = refused.error.splitlines()
        assert "must be called with its own token" in line
        assert "Set RAY_AUTH_TOKEN" in line


@pytest.fixture
def apart(client: Client) -> Node:
    """A node that has another folder where the others have the storage."""
    storage = str(client.storage)
    inside = f'mount -t tmpfs -o size=1m apart "{storage}" && exec "$@"'
    shell = ("unshare", "--mount", "sh", "-c", inside, "sh")
    tried = subprocess.run([*shell, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("a node with mounts of its own needs root")
    node = client.cluster.add_worker(shell)
    client.cluster.wait()
    return node


def test_the_preflight_names_the_node_that_lacks_the_storage(client: Client, apart: Node) -> None:
    before = {path for path in client.storage.rglob("*") if path.parent.name != "logs"}
    client.study.write_text(STUDY.replace("epochs: 60", "epochs: 61"))
    listing = str(client.folder / "listing")
    command = [sys.executable, "-c", SCRIPT, listing, "--home", str(client.storage)]
    # A driver that joins, rather than a job: nothing is shipped, the nodes have it all the same.
    refused = subprocess.run(
        [*command, "run", client.study.name, "--address", client.cluster.gcs],
        cwd=client.folder,
        env=environment(**client.cluster.environment, MLFLOW_TRACKING_URI="http://127.0.0.1:9"),
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert refused.returncode == 2, refused.stdout + refused.stderr
    first, *lines = refused.stderr.splitlines()
    up = sum(not node.killed for node in client.cluster.nodes)
    assert first == f"layerwise: preflight: {up} of {up} nodes cannot take part; nothing trained"
    [unmounted] = [line.strip() for line in lines if "must see the storage" in line]
    assert unmounted.startswith(f"node {apart.address}: must see the storage {client.storage}")
    assert "another folder of the same name" in unmounted
    assert "Mount the shared folder there" in unmounted
    assert sum("must reach MLflow, but got 'http://127.0.0.1:9" in line for line in lines) == up
    after = {path for path in client.storage.rglob("*") if path.parent.name != "logs"}
    assert after == before
