"""A trained layer unrolled: its way up and its way down get weights of their own.

RBM (W, c, b)   →   h = s(xW + c),  x̂ = o(hW′ + b),  W′ = Wᵀ at first

so that fine-tuning may change them apart (Hinton & Salakhutdinov 2006, Science 313:504, figure 1).
Every variant that can be unrolled says how in its own :meth:`~.network.Network.unrolled`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from . import registry
from .autoencoders.autoencoder import Autoencoder
from .errors import InputError
from .network import Network
from .trial_axis import interleaved


def untied(
    layer: Network, passes: Mapping[str, Tensor], activation: str, output_activation: str
) -> Autoencoder:
    """The autoencoder of one layer that goes up and down as ``layer`` does.

    Args:
        layer: where the sizes and seeds are from.
        passes: ``weight`` (T, V, H), ``hidden_bias`` (T, H), ``decoder_weight`` (T, H, V) and
            ``decoder_bias`` (T, V) as ``layer`` computes with them, all factors multiplied in: a
            Gaussian machine's 1/σ², or the 2 of a layer trained for a deep Boltzmann machine
            (Salakhutdinov & Hinton 2009, section 3.1).
        activation, output_activation: those of its code and of its reconstruction.
    """
    settings = registry.resolve(
        Autoencoder,
        {
            "hidden": layer.hidden,
            "activation": activation,
            "output_activation": output_activation,
        },
    )
    made = Autoencoder(
        layer.visible, [settings] * layer.trials, layer.seeds, layer.dtype, layer.device
    )
    copies = {name: passes[name].detach().clone().contiguous() for name in made.parameters}
    made.parameters = copies | {"weight": interleaved(copies["weight"])}
    return made


def require_stack(network: Network, layers: Sequence[Network]) -> None:
    """Check that a network can take the place of a stack.

    Raises:
        InputError: no layer, one whose input is not as wide as the code below it, another code or
            input than the network's, or not its number of trials.
    """
    if not layers:
        raise InputError(network.name, "begins from at least one layer")
    width = network.visible
    for depth, layer in enumerate(layers, 1):
        if layer.visible != width:
            rule = f"needs a layer {depth} with {width} visible units"
            raise InputError(network.name, rule, layer.visible)
        if layer.trials != network.trials:
            rule = f"needs a layer {depth} of {network.trials} trials"
            raise InputError(network.name, rule, layer.trials)
        width = layer.hidden
    if width != network.hidden:
        raise InputError(network.name, f"needs a stack with a code of {network.hidden}", width)
