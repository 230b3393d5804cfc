"""Studies that ship with the platform: one YAML file, one question."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def shipped_studies() -> dict[str, Path]:
    """The studies that come with layerwise: name → file, those of papers last."""
    folder = Path(str(resources.files(__name__)))
    files = [*sorted(folder.glob("*.yaml")), *sorted(folder.glob("papers/*.yaml"))]
    return {file.stem: file for file in files}
