"""Where a worker's tensors live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from layerwise.platform.execution.device import assigned, claim, use_threads


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """As many of torch's threads as before."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_a_worker_without_a_gpu_trains_on_the_cpu() -> None:
    """Whatever the node has: what Ray did not assign belongs to others."""
    for share in (0.0, 0.5, 1.0):
        assert assigned([], share) == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="for a machine without a CUDA device")
def test_a_gpu_that_torch_does_not_see_is_not_used() -> None:
    assert assigned([0], 1.0) == torch.device("cpu")


def test_there_is_no_share_of_a_cpu_to_claim() -> None:
    assert claim(torch.device("cpu"), 0.5) == torch.device("cpu")


@pytest.mark.parametrize(("cpus", "expected"), [(0.5, 1), (1.0, 1), (2.0, 2)])
def test_a_thread_for_every_whole_cpu(cpus: float, expected: int) -> None:
    use_threads(cpus)
    assert torch.get_num_threads() == expected


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_worker_with_half_a_gpu_has_half_its_memory() -> None:
    device = assigned([0], 0.5)
    assert device == torch.device("cuda", 0)
    whole = torch.cuda.get_device_properties(device).total_memory
    try:
        with pytest.raises(torch.OutOfMemoryError):
            torch.empty(int(0.6 * whole), dtype=torch.uint8, device=device)
        assert assigned([0], 1.0) == device
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, device)
