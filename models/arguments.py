"""What a network was made with, in scikit-learn's habit: stored as given, checked when used."""

from __future__ import annotations

from typing import Any, Self

import torch

from . import registry
from .errors import HyperparameterError
from .network import Network

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class Arguments:
    """The arguments of an estimator.

    Args:
        model: a registered name.
        visible: width of the input; read from the data when left out.
        seed: of the first weights, the order of the samples and all noise.
        dtype: "float32" or "float64".
        hyperparameters: as the registry declares them; parts as mappings, for example
            ``corruption={"kind": "masking", "level": 0.3}``, or as scikit-learn writes them,
            ``corruption__level=0.3``.
    """

    def __init__(
        self,
        model: str = "autoencoder",
        visible: int | None = None,
        seed: int = 0,
        dtype: str = "float32",
        **hyperparameters: Any,
    ) -> None:
        self.model = model
        self.visible = visible
        self.seed = seed
        self.dtype = dtype
        self._hyperparameters = hyperparameters

    @property
    def variant(self) -> type[Network]:
        """The registered class.

        Raises:
            UnknownModelError: no such name; the message suggests the nearest one.
        """
        return registry.lookup(self.model)

    @property
    def settings(self) -> dict[str, Any]:
        """Every hyperparameter by dotted path.

        Raises:
            HyperparameterError: an unknown one, or a value out of its range.
        """
        settings = registry.resolve(self.variant, self._given())
        self.variant.check(settings)
        return settings

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments this estimator was made with, and every hyperparameter's value."""
        given = self._given()
        try:
            defaults = {path: h.default for path, h in self.variant.hyperparameters.items()}
        except LookupError:
            defaults = {}
        values = {path.replace(".", "__"): value for path, value in (defaults | given).items()}
        return self._own_arguments() | values

    def set_params(self, **parameters: Any) -> Self:
        """Change arguments; the rest stays as it was, and the network is untrained afterwards."""
        if parameters:
            own = {n: parameters.pop(n, value) for n, value in self._own_arguments().items()}
            given = {**self._given(), **registry.flatten(parameters)}
            vars(self).update(vars(type(self)(**own, **registry.nest(given))))
        return self

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect of this network; only scikit-learn asks."""
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[self.dtype]),
            input_tags=InputTags(),
        )

    def __repr__(self) -> str:
        given = "".join(
            f", {name}={value!r}" for name, value in registry.nest(self._given()).items()
        )
        return f"create({self.model!r}, visible={self.visible}, seed={self.seed}{given})"

    def _given(self) -> dict[str, Any]:
        """The hyperparameters that were given, by dotted path."""
        return registry.flatten(self._hyperparameters)

    def _own_arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("model", "visible", "seed", "dtype")}

    def _precision(self) -> str:
        if self.dtype not in DTYPES:
            raise HyperparameterError("dtype", "must be float32 or float64", self.dtype)
        return self.dtype
