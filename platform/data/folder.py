"""A folder of a person's own: what it holds says how it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ..errors import DataError
from . import files, image_folder, preflight, sound_folder, tagged_images, text_folder
from .image import SUFFIXES as IMAGES
from .image import Image
from .sound import Sound
from .source import ImageTerms, Samples, SoundTerms

_KINDS = {"images": IMAGES, "sounds": sound_folder.SUFFIXES, "texts": text_folder.SUFFIXES}
_RIGHT = (
    "Bring one kind: images, images with tags.csv (file,tags), WAV files, or texts, whose "
    "sub-folders are labels; or .parquet parts of one table"
)


def read(path: Path, image: ImageTerms | None = None, sound: SoundTerms | None = None) -> Samples:
    """The checked samples of a folder of images, tagged images, WAV files or texts.

    image, sound: what becomes of images and of sounds; the defaults when left out. Raises
    DataError, which says what was found, when the folder is missing, empty or mixed, when a setting
    does not concern it, or when a file in it cannot be read.
    """
    kind, reader = _kind(
        path,
        None if image is None else Image(image.size, image.colour),
        None if sound is None else Sound(sound.rate, sound.window, sound.hop, sound.frames),
    )
    for name, setting, concerns in (("image", image, "images"), ("sound", sound, "sounds")):
        if setting is not None and kind != concerns:
            rule = f"concerns folders of {concerns}"
            raise DataError(f"data.{name}", rule, f"a folder of {kind}: {path}", "Leave it out")
    samples = reader()
    preflight.check(str(path), samples.x, samples.labels)
    return samples


def _kind(
    path: Path, image: Image | None, sound: Sound | None
) -> tuple[str, Callable[[], Samples]]:
    found = files.listed(path)
    suffixes = Counter(file.suffix.lower() or "no suffix" for file in found)
    kinds = [kind for kind, own in _KINDS.items() if any(suffixes[suffix] for suffix in own)]
    # A table of numbers is named by its own path, and every other .csv is one.
    tagged = path / tagged_images.TABLE in found
    rule = "must be a folder of images, sounds, texts, or of the parts of a table"
    if tagged and set(kinds) <= {"images"}:
        return "images", lambda: tagged_images.read(path, image)
    if len(kinds) != 1 or tagged:
        counts = ", ".join(f"{count} {suffix}" for suffix, count in sorted(suffixes.items()))
        raise DataError(str(path), rule, counts or "an empty folder", _RIGHT)
    readers: dict[str, Callable[[], Samples]] = {
        "images": lambda: image_folder.read(path, image),
        "sounds": lambda: sound_folder.read(path, sound),
        "texts": lambda: text_folder.read(path),
    }
    return kinds[0], readers[kinds[0]]
