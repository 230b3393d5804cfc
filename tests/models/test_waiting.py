"""A step of training asks for no number, which on a GPU would have to be waited for."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from made_cohorts import CASES, ROWS, Case, cohort, settings
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from layerwise.models import waiting
from layerwise.models.training import Samples, Training

# What needs a number, or the size of what it gives, before it can go on.
WAITING = {
    "aten._local_scalar_dense.default",
    "aten.equal.default",
    "aten.masked_select.default",
    "aten.nonzero.default",
    "aten._unique2.default",
    "aten.repeat_interleave.Tensor",
}
TAKING = {Tensor.tolist, Tensor.numpy, Tensor.cpu}
INDEXING = {"aten.index.Tensor", "aten.index_put.default", "aten.index_put_.default"}
# Documents are drawn word by word, and only they say how long the longest one is.
ASKS = ("replicated_softmax",)
CLASSES = Case("fine_tune", {"objective": "classification", "classes": 3})
every_case = pytest.mark.parametrize("case", [*CASES, CLASSES], ids=str)


class Waits(TorchDispatchMode):
    """Notes the lines of ours at which the host would wait for a GPU."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._takes = Takes(self)

    def __enter__(self) -> Waits:
        self._takes.__enter__()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._takes.__exit__(*error)

    def note(self, name: str) -> None:
        """This happens now."""
        frames = [f for f in traceback.extract_stack() if f.filename != __file__]
        ours = [f for f in frames if "/models/" in f.filename]
        self.found.add(f"{name} {ours[-1] if ours else ''}")

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        name = str(func)
        masks = name in INDEXING and any(
            index is not None and index.dtype == torch.bool for index in args[1]
        )
        if name in WAITING or masks:
            self.note(name)
        return func(*args, **(kwargs or {}))


class Takes(TorchFunctionMode):
    """Notes what takes numbers out of tensors without an operation of torch's."""

    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self._waits = waits

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in TAKING:
            self._waits.note(func.__name__)
        return func(*args, **(kwargs or {}))


@pytest.fixture
def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No device's numbers count as there at once."""
    with monkeypatch.context() as patched:
        patched.setattr(waiting, "AT_ONCE", frozenset())
        yield


def training(case: Case, device: torch.device | None = None) -> Training:
    """Four trials of two seeds and three sources, before their first step."""
    rng = np.random.default_rng(11)
    trials = [settings(case, rng) for _ in range(4)]
    network = cohort(case, trials, [0, 1, 0, 1], device=device)
    samples = case.samples([0, 1, 2, 0], device=device)
    label_N = torch.arange(ROWS, device=device) % 3 if network.supervised else None
    made = Training(network, Samples(samples.x_PNV, samples.source, label_N), None, 3)
    network.meet(made.train.all())
    return made


def steps(made: Training) -> dict[str, Tensor]:
    """Some steps of every epoch, as :class:`Training` takes them."""
    network, optimiser = made.network, made._optimiser
    for epoch in (1, 2, 3):
        order = network.draws(epoch).permutation("order", ROWS)
        for step, rows in enumerate(order.split(network.batch_size, 1)):
            draws = network.draws(epoch, step)
            gradients, _ = made._gradients(rows, draws)
            optimiser.step(network.parameters, gradients, epoch / 4)
            network.constrain(draws)
    return network.parameters


@every_case
def test_no_step_asks_for_a_number(case: Case, as_on_a_gpu: None) -> None:
    made = training(case)
    with Waits() as waits:
        steps(made)
    if case.model in ASKS:
        assert len(waits.found) == 1, waits.found
    else:
        assert not waits.found


@every_case
def test_what_is_skipped_on_a_cpu_changes_nothing(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_shortcuts = steps(training(case))
    monkeypatch.setattr(waiting, "AT_ONCE", frozenset())
    for name, value in steps(training(case)).items():
        torch.testing.assert_close(value, with_shortcuts[name], rtol=1e-12, atol=1e-13)


def test_the_watch_sees_what_waits() -> None:
    x = torch.arange(3.0)
    for asked in (
        lambda: bool(x.any()),
        lambda: x.tolist(),
        lambda: x[x > 1],
        lambda: x.max().item(),
    ):
        with Waits() as waits:
            asked()
        assert waits.found, asked


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@every_case
def test_a_gpu_is_never_waited_for(case: Case) -> None:
    if case.model in ASKS:
        pytest.skip("documents are drawn word by word")
    made = training(case, torch.device("cuda"))
    # The first steps may make handles and pinned memory, once.
    steps(made)
    torch.cuda.set_sync_debug_mode("error")
    try:
        steps(made)
    finally:
        torch.cuda.set_sync_debug_mode("default")
