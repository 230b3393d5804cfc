"""Deep Boltzmann machine: undirected layers, each of which sees the one below and the one above."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .. import registry
from ..autoencoders.autoencoder import Autoencoder
from ..autoencoders.deep_autoencoder import DeepAutoencoder
from ..network import Network
from ..trial_axis import interleaved
from .layered import Layers, chain_of_layers
from .layered_machine import LayeredMachine


@registry.register(
    "deep_boltzmann_machine",
    equation="E(v, h) = −vᵀW_1h_1 − h_1ᵀW_2h_2 − … − Σ_l b_lᵀh_l,  p(h_1 | v, h_2) = "
    "σ(b_1 + vW_1 + h_2W_2ᵀ)",
    paper="Salakhutdinov & Hinton 2009, AISTATS, Deep Boltzmann machines",
)
class DeepBoltzmannMachine(LayeredMachine):
    """E(v, h) = −Σ_l h_{l−1}ᵀ W_l h_l − Σ_l b_lᵀ h_l with h_0 = v over binary units.

    μ_l = σ(b_l + μ_{l−1}W_l + μ_{l+1}W_{l+1}ᵀ) is the mean-field posterior; the code is the topmost
    layer's. Alone it pretrains its layers with the doubling rule; ``begin_from`` composes it of
    Bernoulli RBMs whose stages doubled ``up`` (the first), ``both`` and ``down`` (the last).

    Not to be confused with a deep belief network, where only the top two layers are undirected and
    the recognition of a layer does not see the layer above.
    """

    joint = True

    def shape(self) -> Layers:
        """One layer upon another."""
        return chain_of_layers((self.visible, *self.layers, self.hidden))

    def begin_from(self, layers: Sequence[Network]) -> None:
        """Compose the machine of trained RBMs (Salakhutdinov & Hinton 2009, section 3.1).

        The weights are taken as they are: what an RBM doubled stood for the input from the missing
        side. A layer's bias is the mean of its biases in the RBMs below and above, which makes the
        geometric mean of the two RBMs' distributions of it the composed one.

        Raises:
            InputError: others than Bernoulli RBMs, of other widths, or doubled otherwise.
        """
        between = ["both"] * (len(layers) - 2)
        self.accept(layers, ["up", *between, "down"][: len(layers)])
        given = [layer.parameters for layer in layers]
        composed = {"visible_bias": given[0]["visible_bias"].clone()}
        for depth, own in enumerate(given, 1):
            composed[f"{depth}.weight"] = own["weight"].clone()
        for depth, (below, above) in enumerate(pairwise(given), 1):
            mean = (below["hidden_bias"] + above["visible_bias"]) / 2
            composed[f"{depth}.hidden_bias"] = mean
        composed[f"{len(given)}.hidden_bias"] = given[-1]["hidden_bias"].clone()
        composed["1.weight"] = interleaved(composed["1.weight"])
        self.parameters = {name: composed[name] for name in self.parameters}

    def unrolled(self) -> Autoencoder:
        """The deep autoencoder that goes up and down by one pass each, missing input doubled.

        On the way up a layer's input from below stands for that from above too, on the way down
        the one from above for that from below (Salakhutdinov & Hinton 2009, section 3.1). The
        paper's own network for classification reads the mean-field code beside the data instead.
        """
        units = dict.fromkeys(("activation", "layer_activation", "output_activation"), "sigmoid")
        settings = registry.resolve(
            DeepAutoencoder, {"hidden": self.hidden, "layers": self.layers, **units}
        )
        made = DeepAutoencoder(
            self.visible, [settings] * self.trials, self.seeds, self.dtype, self.device
        )
        own = self.parameters
        height = self.structure.height
        for depth in range(1, height + 1):
            weight = own[f"{depth}.weight"]
            for name, value in {
                "weight": weight if depth == height else 2 * weight,
                "hidden_bias": own[f"{depth}.hidden_bias"],
                "decoder_weight": weight.mT if depth == 1 else 2 * weight.mT,
                "decoder_bias": own["visible_bias" if depth == 1 else f"{depth - 1}.hidden_bias"],
            }.items():
                made.parameters[f"{depth}.{name}"].copy_(value)
        return made
