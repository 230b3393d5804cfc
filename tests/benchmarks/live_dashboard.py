"""The live dashboard under load: how soon it paints, how soon it filters, and whom it slows down.

    python tests/benchmarks/live_dashboard.py [--only paint filter load] [--runs 1000]
        [--steps 1000] [--paints 5] [--filters 30] [--rounds 3] [--readers 20] [--home DIR]

It knows the public command ``layerwise dashboard --port N`` and HTTP, nothing of what is inside.
The record is that of ``large_record.py``. Browsers are headless Chromium.

paint
    Seconds from the beginning of the navigation until the first chart has data and is drawn, and
    until the learning curves are, which need the histories; as the page's own clock tells: of a
    server that was just started and nothing was kept of an earlier reading (cold), just started but
    with what was kept (kept), and in a fresh browser profile of one that has served the page before
    (warm). A just-started server is given no rest: the browser is there before it listens.
filter
    Milliseconds from a new address (another ``where=``) to the page that answers it, two frames
    drawn: conditions that nobody has asked for, then the same ones again.
load
    A study of 60 trials on digits, six cohorts that are recorded one after another, is run with
    and without readers in turn, each time with seeds of its own; without, the server is stopped,
    and afterwards reads what it has missed before the next turn. A reader repeats what the browser
    sent, once a second: the question whether anything has changed, and, where the answer is
    another one than before, the request for the page. Both are taken from a browser that looks at
    a first, unmeasured round. The readers' milliseconds, and the study's seconds with readers
    against those without.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
from large_record import LEVELS, METRICS, write

PARTS = ("paint", "filter", "load")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,900",
)  # fmt: skip
LAYERWISE = Path(sys.executable).with_name("layerwise")
PATIENCE = 300.0
CATCHING_UP = 8.0
# Runs before anything of the page: the page's own clock, read when the first chart is there.
PAINTED = """
(() => {
  const drawn = box => box.querySelector('.main-svg') && (box.data || []).some(
    trace => ['x', 'y', 'z', 'values', 'dimensions'].some(name => (trace[name] || []).length
      || (trace[name] && trace[name].bdata)));
  const some = where => [...document.querySelectorAll(where + ' .js-plotly-plot')].some(drawn);
  const timer = setInterval(() => {
    if (!window.paintedAt && some('body')) window.paintedAt = performance.now();
    if (some('section.curves')) {
      window.curvesAt = performance.now();
      clearInterval(timer);
    }
  }, 5);
})();
"""
# Goes to an address as a link within the page does, and waits for the page that answers it.
FILTERED = """
const [address, done] = arguments;
const plain = text => JSON.stringify([...new URLSearchParams(text)].sort());
const wanted = plain(address), begun = performance.now();
history.pushState({}, '', address);
window.dispatchEvent(new PopStateEvent('popstate'));
const timer = setInterval(() => {
  const page = document.querySelector('[data-view]');
  if (page && plain(page.dataset.view) === wanted) {
    clearInterval(timer);
    const drawn = () => done(performance.now() - begun);
    requestAnimationFrame(() => requestAnimationFrame(drawn));
  } else if (performance.now() - begun > 60000) {
    clearInterval(timer);
    done(null);
  }
}, 2);
"""
STUDY = """\
study: load
question: What does it cost to be watched?
data: {{name: digits, validation: 0.15, test: 0.15}}
seeds: {seeds}
stages:
  - name: codes
    model: autoencoder
    hidden: {{grid: [8, 12, 16, 24, 32, 48]}}
    output_activation: sigmoid
    corruption: {{kind: gaussian, level: {{grid: [0.0, 0.1, 0.2, 0.3, 0.4]}}}}
    learning_rate: 0.02
    epochs: {epochs}
objective: {{minimize: validation/reconstruction_error}}
resources: {{cpus: 1, gpus: 0}}
"""


def main() -> None:
    """Make the record, and measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--paints", type=int, default=5)
    parser.add_argument("--filters", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=200, help="of a trial under load")
    parser.add_argument("--home", type=Path, help="of an earlier call, whose record is used again")
    chosen = parser.parse_args()
    print(json.dumps({"load": os.getloadavg()[0], **_packages()}))
    with contextlib.ExitStack() as stack:
        home = chosen.home
        if home is None:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="layerwise-")))
        if not (home / "mlflow.db").exists():
            home.mkdir(parents=True, exist_ok=True)
            begun = time.perf_counter()
            write(f"sqlite:///{home}/mlflow.db", home, chosen.runs, chosen.steps, METRICS)
            print(f"the record is written, in {time.perf_counter() - begun:.0f} s")
        if "paint" in chosen.only:
            paint(home, chosen.paints)
        if "filter" in chosen.only:
            filters(home, chosen.filters)
        if "load" in chosen.only:
            load(home, chosen.rounds, chosen.readers, chosen.epochs)


def _packages() -> dict[str, str]:
    return {name: version(name) for name in ("dash", "mlflow", "pandas", "plotly")}


def paint(home: Path, times: int) -> None:
    """From the navigation to the first chart."""
    cold: list[tuple[float, float]] = []
    kept: list[tuple[float, float]] = []
    warm: list[tuple[float, float]] = []
    for number in range(times):
        cache = home / f"cache-{os.getpid()}-{number}"
        for found in (cold, kept):
            with chromium() as browser, dashboard(home, cache) as (address, _):
                page = f"{address}?study=large"
                found.append((painted(browser, page), drawn(browser, "curvesAt", page)))
        shutil.rmtree(cache, ignore_errors=True)
    with dashboard(home, home / "cache") as (address, _):
        page = f"{address}?study=large"
        for number in range(times + 1):
            with chromium() as browser:
                seconds = painted(browser, page), drawn(browser, "curvesAt", page)
                warm += [seconds] if number else []
    for what, found in (("cold server", cold), ("kept", kept), ("warm server", warm)):
        said(f"first paint, {what}", [first for first, _ in found], "s")
        said(f"learning curves, {what}", [curves for _, curves in found], "s")


def painted(browser: Any, address: str) -> float:
    """Seconds to the first chart of a page."""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": PAINTED})
    browser.get(address)
    return drawn(browser, "paintedAt", address)


def drawn(browser: Any, what: str, address: str) -> float:
    """Seconds until what ``PAINTED`` has noted under a name."""
    deadline = time.monotonic() + PATIENCE
    while (milliseconds := browser.execute_script(f"return window.{what}")) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no chart at {address}")
        time.sleep(0.05)
    return float(milliseconds) / 1000


def filters(home: Path, times: int) -> None:
    """From another condition to its page."""
    rng = np.random.default_rng(0)
    ends = {tuple(sorted(rng.uniform(0.0, max(LEVELS), 2).round(3).tolist())) for _ in range(times)}
    conditions = [f"corruption.level:{low}..{high + 0.1}" for low, high in sorted(ends)]
    with dashboard(home, home / "cache") as (address, _), chromium() as browser:
        painted(browser, f"{address}?study=large")
        for what in ("new", "seen before"):
            found = []
            for condition in rng.permutation(conditions).tolist():
                search = "?" + urlencode([("study", "large"), ("where", condition)])
                milliseconds = browser.execute_async_script(FILTERED, search)
                if milliseconds is None:
                    raise TimeoutError(f"no page for {search}")
                found.append(float(milliseconds))
                time.sleep(0.2)
            said(f"filter change, {what}", found, "ms")


def load(home: Path, rounds: int, readers: int, epochs: int) -> None:
    """A study with and without readers, in turn."""
    with dashboard(home, home / "cache") as (address, server):
        asked = captured(home, address, epochs)
        print(f"a reader sends {len(asked.poll.body)} bytes each second, to {asked.poll.path}")
        alone, watched = [], []
        milliseconds: list[float] = []
        pages: list[float] = []
        for number in range(rounds):
            turns = [False, True] if number % 2 == 0 else [True, False]
            for is_watched in turns:
                if not is_watched:
                    server.send_signal(signal.SIGSTOP)
                    alone.append(studied(home, 10 + 2 * number, epochs))
                    server.send_signal(signal.SIGCONT)
                    catching_up = Reader(address, asked)
                    catching_up.start(delay=0.0)
                    time.sleep(CATCHING_UP)
                    catching_up.stop()
                    continue
                crowd = [Reader(address, asked) for _ in range(readers)]
                for place, reader in enumerate(crowd):
                    reader.start(delay=place / readers)
                watched.append(studied(home, 11 + 2 * number, epochs))
                for reader in crowd:
                    reader.stop()
                    milliseconds += reader.milliseconds
                    pages += reader.pages
                if failed := sum((reader.failed for reader in crowd), Counter[str]()):
                    print(f"not answered: {dict(failed)}")
    said(f"{readers} readers, has anything changed", milliseconds, "ms")
    said(f"{readers} readers, the page after a change", pages, "ms")
    said("the study alone", alone, "s")
    said("the study with readers", watched, "s")
    ratio = statistics.median(watched) / statistics.median(alone)
    print(f"{'the study with readers / alone':44s} {ratio:8.3f}   (ratio of medians)")


def studied(home: Path, number: int, epochs: int) -> float:
    """Seconds of a whole ``layerwise run`` of trials that nobody has trained yet."""
    seeds = [2 * number, 2 * number + 1]
    written = home / f"load-{number}.yaml"
    written.write_text(STUDY.format(seeds=seeds, epochs=epochs), encoding="utf-8")
    begun = time.perf_counter()
    ended = subprocess.run(
        [LAYERWISE, "--home", str(home), "run", str(written), "--json", "--no-report"],
        env=_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    if ended.returncode:
        raise RuntimeError(f"the study ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return seconds


@dataclass(frozen=True)
class Sent:
    """A request of the browser: where to, and what."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    name: str
    """What Dash is to update, else the path."""


@dataclass(frozen=True)
class Asked:
    """What a reader sends: each second, and for the page where something has changed."""

    poll: Sent
    page: Sent | None


def captured(home: Path, address: str, epochs: int) -> Asked:
    """What a browser sends that watches a study: the most frequent request, and the page's."""
    # The first trials make the study known; then it grows under the browser's eyes.
    studied(home, 1, 2)
    with ThreadPoolExecutor(1) as pool, chromium() as browser:
        painted(browser, f"{address}?study=load")
        running = pool.submit(studied, home, 2, epochs)
        sent: list[Sent] = []
        while not running.done():
            time.sleep(1)
            sent += list(_sent(browser))
        time.sleep(3)
        sent += list(_sent(browser))
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in browser.get_cookies())
        running.result()
    frequent = Counter(one.name for one in sent).most_common(1)
    if not frequent:
        raise RuntimeError("the page asked for nothing while it was open")
    polls = [one for one in sent if one.name == frequent[0][0]]
    pages = [one for one in sent if "data-view" in one.name]
    for one in (*polls[-1:], *pages[-1:]):
        one.headers.update({"Cookie": cookies} if cookies else {})
    return Asked(polls[-1], pages[-1] if pages else None)


def _sent(browser: Any) -> Iterator[Sent]:
    """What the page has requested since the last call, as the browser's own log tells."""
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] != "Network.requestWillBeSent":
            continue
        if message["params"].get("type") not in ("XHR", "Fetch"):
            continue
        request = message["params"]["request"]
        parts = urlsplit(request["url"])
        body = request.get("postData", "")
        name = parts.path
        with contextlib.suppress(ValueError, KeyError, TypeError):
            name = str(json.loads(body)["output"])
        headers = {k: v for k, v in request["headers"].items() if not k.startswith(":")}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        yield Sent(request["method"], path, headers, body, name)


@dataclass
class Reader:
    """Somebody who looks: asks once a second, from a thread of its own."""

    address: str
    asked: Asked
    milliseconds: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def start(self, delay: float) -> None:
        """Begin after so many seconds."""
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(delay,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, after the answer to what was sent last."""
        self._ending.set()
        self._thread.join(timeout=60)

    def _look(self, delay: float) -> None:
        parts = urlsplit(self.address)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        seen: bytes | None = None
        due = time.monotonic() + delay
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            answer = self._send(connection, self.asked.poll, self.milliseconds)
            # An empty answer says that nothing is new.
            if answer and answer != seen and self.asked.page is not None:
                if seen is not None:
                    self._send(connection, self.asked.page, self.pages)
                seen = answer
            due = max(due + 1.0, time.monotonic())
        connection.close()

    def _send(self, connection: HTTPConnection, sent: Sent, times: list[float]) -> bytes | None:
        begun = time.perf_counter()
        try:
            connection.request(sent.method, sent.path, sent.body, sent.headers)
            response = connection.getresponse()
            answer = response.read()
        except OSError as error:
            self.failed[type(error).__name__] += 1
            connection.close()
            return None
        times.append(1000 * (time.perf_counter() - begun))
        if response.status >= 400:
            self.failed[str(response.status)] += 1
            return None
        return answer


@contextlib.contextmanager
def dashboard(home: Path, cache: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A dashboard over a home, from the moment at which it listens: its address and process."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (home / "dashboard.log").open("w") as log:
        process = subprocess.Popen(
            [LAYERWISE, "--home", str(home), "dashboard", "--port", str(port)],
            env=_environment() | {"LAYERWISE_CACHE": str(cache)}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((home / "dashboard.log").read_text()[-2000:])
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}/", process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment() -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    return kept | {"DO_NOT_TRACK": "true"}


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Headless Chromium with a profile of its own, which notes what pages request."""
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        sys.exit("needs selenium: pip install selenium")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if not found or not driver:
        sys.exit("needs chromium and chromedriver on the PATH")
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = found
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        browser = webdriver.Chrome(options=options, service=Service(driver))
        browser.set_script_timeout(120)
        try:
            yield browser
        finally:
            browser.quit()


def said(what: str, found: Sequence[float], unit: str) -> None:
    """A line of a result."""
    if not found:
        print(f"{what:44s}     none")
        return
    half, most = np.percentile(found, [50, 95])
    each = ", ".join(f"{one:.2f}" for one in found) if len(found) <= 10 else f"{len(found)} times"
    print(f"{what:44s} {half:8.2f} {unit}, p95 {most:.2f}   ({each})", flush=True)


if __name__ == "__main__":
    main()
