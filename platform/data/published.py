"""Where data sets that are too large to come along are published, and what their files are.

Sizes and SHA-256 sums are those of the files as published: MNIST in the form that Keras hands on
(keras.datasets.mnist), Fashion-MNIST as Zalando Research hands it on
(github.com/zalandoresearch/fashion-mnist, by the MD5 sums stated there).
"""

from __future__ import annotations

from .download import Remote

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
_ZALANDO = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion"

PUBLISHED: dict[str, tuple[Remote, ...]] = {
    "mnist": (
        Remote(
            f"{_KERAS}/mnist.npz",
            "mnist.npz",
            11_490_434,
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        ),
    ),
    "fashion_mnist": tuple(
        Remote(f"{_ZALANDO}/{file}", f"fashion_mnist/{file}", size, sha256)
        for file, size, sha256 in (
            (
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            (
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            (
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            (
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        )
    ),
}
