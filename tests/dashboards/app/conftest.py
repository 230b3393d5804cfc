"""A watch over the store that the other tests of the dashboards read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.frames import Frames


@pytest.fixture(scope="module")
def watch(tracking_uri: str, crossing: Frames) -> Iterator[Watch]:
    """Looks at the store as the dashboard does; the study "crossing" is there."""
    made = Watch(tracking_uri)
    yield made
    made.close()
