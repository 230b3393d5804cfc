"""A real cluster on loopback: a head and two workers, each with one CPU, guarded by a token."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from layerwise.platform.cluster.loopback import LoopbackCluster

# The head must notice a killed node within seconds; Ray's default is half a minute.
_WATCHFUL = {
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "5",
}


@pytest.fixture(scope="session")
def loopback() -> Iterator[LoopbackCluster]:
    """The cluster, ended with all its processes after the last test that uses it."""
    if find_spec("aiohttp_cors") is None:
        pytest.skip('Ray\'s Jobs are not installed: pip install "layerwise[cluster]"')
    with LoopbackCluster(workers=2, cpus=1, further=_WATCHFUL) as cluster:
        yield cluster
