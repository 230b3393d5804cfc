"""As a worker has it by default: one thread of torch's, which is the fastest at these sizes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from layerwise.platform.execution.ray_session import RaySession

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def ray_session() -> Iterator[RaySession]:
    """An embedded Ray of two CPUs that the tests of this process share; starting it takes time."""
    with RaySession(cpus=2, gpus=0) as session:
        session.start()
        session.wait()
        yield session
    if session._thread is not None:
        session._thread.join()
