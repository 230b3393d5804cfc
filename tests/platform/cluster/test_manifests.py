"""The autoscaler's and KubeRay's files are ones that Ray and this project would take."""

from __future__ import annotations

import json
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from layerwise.platform import cli
from layerwise.platform import cluster as package

FOLDER = Path(next(iter(package.__path__)))


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def test_the_autoscalers_file_keeps_rays_schema() -> None:
    [configuration] = documents("autoscaler.yaml")
    # Found, not imported: Ray reads its environment once, when a process first imports it.
    found = find_spec("ray")
    assert found is not None
    assert found.origin is not None
    schema = json.loads((Path(found.origin).parent / "autoscaler" / "ray-schema.json").read_text())
    jsonschema.validate(configuration, schema)
    assert configuration["head_node_type"] in configuration["available_node_types"]
    assert "RAY_AUTH_MODE=token" in " ".join(configuration["docker"]["run_options"])


def test_the_kuberay_job_runs_a_command_that_exists_and_goes_on() -> None:
    job, claim = documents("rayjob.yaml")
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    spec, cluster = job["spec"], job["spec"]["rayClusterSpec"]
    words = shlex.split(spec["entrypoint"])
    assert words[0] == "layerwise"
    parsed = cli._parser("run").parse_args(words[1:])
    assert (parsed.command, parsed.address, parsed.home) == ("run", "auto", "/storage/layerwise")
    assert spec["backoffLimit"] > 0
    assert cluster["authOptions"] == {"mode": "token"}
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    for group in groups:
        pod = group["template"]["spec"]
        [container] = pod["containers"]
        mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert parsed.home.startswith(mounted["storage"])
        assert parsed.study.startswith(mounted["study"])
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        claimed = volumes["storage"]["persistentVolumeClaim"]["claimName"]
        assert claimed == claim["metadata"]["name"]


def test_the_page_speaks_of_every_file_beside_it() -> None:
    page = (FOLDER / "README.md").read_text()
    for path in FOLDER.glob("*.yaml"):
        assert f"]({path.name})" in page
    assert "layerwise.platform.cluster.loopback" in page
