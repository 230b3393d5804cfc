"""A data set says what it is, and its digest changes with it."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from layerwise.platform.data import DataSet

RNG = np.random.default_rng(0)
TRAIN, VALIDATION, TEST = (RNG.random((n, 4), dtype=np.float32) for n in (6, 3, 2))
DATA = DataSet("mine", TRAIN, VALIDATION, TEST, image_shape=(2, 2))


def test_it_describes_itself_in_json_values() -> None:
    assert DATA.describe() == {
        "name": "mine",
        "digest": DATA.digest,
        "train": 6,
        "validation": 3,
        "test": 2,
        "visible": 4,
        "image_shape": [2, 2],
    }


def test_it_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        DATA.name = "yours"  # type: ignore[misc]  # what the test is about


def test_the_digest_is_of_the_numbers_alone() -> None:
    assert len(DATA.digest) == 64
    labels = {"train": np.zeros(6), "validation": np.zeros(3), "test": np.zeros(2)}
    assert replace(DATA, name="yours", labels=labels, image_shape=None).digest == DATA.digest
    assert replace(DATA, train=np.asfortranarray(TRAIN)).digest == DATA.digest
    assert replace(DATA, train=TRAIN.astype(">f4")).digest == DATA.digest
    assert pickle.loads(pickle.dumps(DATA)).digest == DATA.digest


def test_the_digest_sees_every_change() -> None:
    changed = TRAIN.copy()
    changed[5, 3] = np.nextafter(changed[5, 3], np.float32(2))
    variants = [
        DATA,
        replace(DATA, train=changed),
        replace(DATA, train=TRAIN[::-1]),
        replace(DATA, train=TRAIN.reshape(12, 2)),
        replace(DATA, validation=TEST, test=VALIDATION),
        replace(DATA, train=np.concatenate([TRAIN, VALIDATION[:1]]), validation=VALIDATION[1:]),
    ]
    assert len({data.digest for data in variants}) == len(variants)
