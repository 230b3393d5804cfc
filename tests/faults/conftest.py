"""Every fault once in the suite; ``pytest tests/faults --fault-rounds 20`` repeats each of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disturbed import Disturbed

ROUNDS = "--fault-rounds"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(ROUNDS, type=int, default=1, help="how often to inject every fault")


def pytest_configure(config: pytest.Config) -> None:
    said = "only_with_rounds: the suite injects this fault, or a harder one, elsewhere"
    config.addinivalue_line("markers", said)


def _rounds(config: pytest.Config) -> int:
    # Without tests/faults on the command line, this file comes too late to declare an option.
    return int(config.getoption(ROUNDS, default=1))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fault_round" in metafunc.fixturenames and (rounds := _rounds(metafunc.config)) > 1:
        metafunc.parametrize("fault_round", range(1, rounds + 1))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _rounds(config) == 1:
        for item in items:
            if item.get_closest_marker("only_with_rounds") is not None:
                item.add_marker(pytest.mark.skip(f"injected by another test; here with {ROUNDS}"))
    else:
        # Rounds first: where time runs out, every fault has had as many.
        items.sort(key=_round_of)


def _round_of(item: pytest.Item) -> int:
    call = getattr(item, "callspec", None)
    return 0 if call is None else int(call.params.get("fault_round", 0))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if _rounds(config) == 1:
        return
    tried: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            if report.when == "call" and "tests/faults/" in report.nodeid:
                name = report.nodeid.partition("::")[2].rpartition("[")[0]
                tried[name] += 1
                passed[name] += outcome == "passed"
    terminalreporter.section("faults: rounds passed")
    for name, number in sorted(tried.items()):
        terminalreporter.write_line(f"{passed[name]:3d}/{number:<3d}  {name}")


@pytest.fixture(autouse=True)
def fault_round(request: pytest.FixtureRequest) -> int:
    """Which round this is, from 1."""
    return int(getattr(request, "param", 1))


@pytest.fixture
def moment() -> Callable[[float, float], float]:
    """A random moment between two, printed, so that a failure says when it struck."""

    def draw(low: float, high: float) -> float:
        drawn = random.uniform(low, high)
        print(f"the fault strikes after {drawn:.3f} s of {low:.1f} to {high:.1f}")
        return drawn

    return draw


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    """The study, run without any fault."""
    with Disturbed(tmp_path_factory.mktemp("undisturbed")) as made:
        made.run()
        yield made


@pytest.fixture
def disturbed(tmp_path: Path, undisturbed: Disturbed) -> Iterator[Disturbed]:
    """A fresh home for the study, with the undisturbed run's step times."""
    with Disturbed(tmp_path, undisturbed) as made:
        yield made
