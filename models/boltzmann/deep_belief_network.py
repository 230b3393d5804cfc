"""Deep belief network: an undirected machine on top of directed sigmoid layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from .. import registry
from ..autoencoders.autoencoder import Autoencoder
from ..autoencoders.deep_autoencoder import DeepAutoencoder
from ..draws import Draws
from ..network import Network, require_probabilities
from .block_gibbs import means, sweeps
from .bounds import DirectedLayer, belief_network_bound, exact_belief_network_bound
from .contrast import Contrast, contrast
from .greedy import GreedyMachine, Step
from .layered import Layer, Layers, Link
from .machine import Machine
from .up_down import generative_lesson, recognition_lesson, sleep, wake

# Hidden states of all directed layers that a bound sums over exactly; more are sampled.
_STATES = 2**12


@registry.register(
    "deep_belief_network",
    equation="p(v, h) = p(h_{L−1}, h_L) Π_{l<L} p(h_{l−1} | h_l),  p(h_{l−1} | h_l) = "
    "σ(b_{l−1} + h_lW_lᵀ)",
    paper="Hinton, Osindero & Teh 2006, Neural Computation 18:1527",
)
class DeepBeliefNetwork(GreedyMachine):
    """p(v, h_1 … h_L) = p(v | h_1) … p(h_{L−2} | h_{L−1}) p(h_{L−1}, h_L), the last factor an RBM.

    Recognition goes up by Q(h_l | h_{l−1}) = σ(c_l + h_{l−1}R_l). While layer l is pretrained R_l
    is W_l; afterwards the up-down algorithm (:mod:`.up_down`) changes them apart.

    For layer l < L: ``l.weight`` is W_l, ``l.hidden_bias`` b_l, ``l.recognition_weight`` R_l and
    ``l.recognition_bias`` c_l. The RBM on top has ``L.weight`` and ``L.hidden_bias``, and
    b_{L−1} as its visible bias.
    """

    joint = True

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Random weights, the same up as down; biases at 0."""
        top, up, down = len(self.layers) + 1, {}, {}
        zeros = torch.zeros(self.trials, self.visible, dtype=self.dtype, device=self.device)
        down["visible_bias"] = zeros
        for depth, (visible, hidden) in enumerate(pairwise(self._sizes()), 1):
            name, lowest = f"{depth}.weight", depth == 1
            weight = self.first_weight(name, visible, hidden, draws, sees_input=lowest)
            down[name] = weight
            down[f"{depth}.hidden_bias"] = zeros.new_zeros(self.trials, hidden)
            if depth < top:
                up[f"{depth}.recognition_weight"] = weight.clone()
                up[f"{depth}.recognition_bias"] = zeros.new_zeros(self.trials, hidden)
        return up | down

    def meet(self, x_TNV: Tensor) -> None:
        """Start the visible biases at the log-odds of the data (Hinton 2012, section 8.1).

        Raises:
            InputError: inputs of another width, or outside [0, 1].
        """
        super().meet(x_TNV)
        require_probabilities(self.name, x_TNV)
        if not self.began:
            odds = x_TNV.mean(1).clamp(0.01, 0.99).logit()
            self.parameters["visible_bias"] = odds.expand(self.trials, -1).clone()

    def begin_from(self, layers: Sequence[Network]) -> None:
        """Take trained RBMs as layers: each weight goes up and down, the last RBM is the top.

        Raises:
            InputError: others than Bernoulli RBMs, or of other widths.
        """
        self.accept(layers, ["none"] * len(layers))
        taken = {"visible_bias": layers[0].parameters["visible_bias"]}
        for depth, (layer, above) in enumerate(pairwise(layers), 1):
            own = layer.parameters
            taken[f"{depth}.weight"] = taken[f"{depth}.recognition_weight"] = own["weight"]
            taken[f"{depth}.recognition_bias"] = own["hidden_bias"]
            taken[f"{depth}.hidden_bias"] = above.parameters["visible_bias"]
        taken[f"{len(layers)}.weight"] = layers[-1].parameters["weight"]
        taken[f"{len(layers)}.hidden_bias"] = layers[-1].parameters["hidden_bias"]
        for name, parameter in self.parameters.items():
            parameter.copy_(taken[name])

    def unrolled(self) -> Autoencoder:
        """The deep autoencoder that goes up by recognition and down by generation.

        (Hinton & Salakhutdinov 2006, Science 313:504.)
        """
        units = dict.fromkeys(("activation", "layer_activation", "output_activation"), "sigmoid")
        settings = registry.resolve(
            DeepAutoencoder, {"hidden": self.hidden, "layers": self.layers, **units}
        )
        made = DeepAutoencoder(
            self.visible, [settings] * self.trials, self.seeds, self.dtype, self.device
        )
        for depth in range(1, len(self.layers) + 2):
            up = "recognition_" if depth <= len(self.layers) else ""
            for name, value in {
                "weight": self.parameters[f"{depth}.{up}weight"],
                "hidden_bias": self.parameters[f"{depth}.{up or 'hidden_'}bias"],
                "decoder_weight": self.parameters[f"{depth}.weight"].mT,
                "decoder_bias": self.parameters[_bias_below(depth)],
            }.items():
                made.parameters[f"{depth}.{name}"].copy_(value)
        return made

    def pretrain(self, layer: int, x_TBV: Tensor, draws: Draws) -> Step:
        """Contrastive divergence of one layer, whose weight goes up as it goes down."""
        codes = self._ascend(x_TBV, layer)
        found = self._contrast(layer, codes[-2], codes[-1], draws)
        gradients = found.gradients
        if layer <= len(self.layers):
            gradients[f"{layer}.recognition_weight"] = gradients[f"{layer}.weight"]
            # The layer above has no weights yet: its machine is one of biases, which learn the
            # mean code, and from which it then starts.
            bias = self.parameters[f"{layer}.hidden_bias"]
            gradients[f"{layer}.hidden_bias"] = torch.sigmoid(bias) - codes[-1].mean(1)
        return Step(gradients, found.loss_T, self._descend(codes[-1], layer))

    def join(self, x_TBV: Tensor, draws: Draws) -> Step:
        """A step of the up-down algorithm."""
        directed, top = self.directed(), len(self.layers) + 1
        states = wake(directed, x_TBV, draws)
        rbm = self.rbm(top)
        code_TBH = means(rbm, self.parameters, {0: states[-1]}, rbm.at(1))[1]
        gradients, loss_T, chain = self._contrast(top, states[-1], code_TBH, draws)
        dreams = sleep(directed, chain[0], draws)
        for depth, layer in enumerate(directed, 1):
            down = generative_lesson(layer, states[depth - 1], states[depth])
            up = recognition_lesson(layer, dreams[depth - 1], dreams[depth])
            gradients[f"{depth}.weight"] = down.weight_TVH
            gradients[_bias_below(depth)] = down.bias_TU
            gradients[f"{depth}.recognition_weight"] = up.weight_TVH
            gradients[f"{depth}.recognition_bias"] = up.bias_TU
            loss_T = loss_T + down.loss_T + up.loss_T
        return Step(gradients, loss_T, self.reconstruct(x_TBV))

    def encode(self, x_TBV: Tensor) -> Tensor:
        """Means of the topmost layer by recognition, (T, B, H)."""
        return self._ascend(x_TBV, len(self.layers) + 1)[-1]

    def decode(self, code_TBH: Tensor) -> Tensor:
        """Means of the input by generation, (T, B, V)."""
        return self._descend(code_TBH, len(self.layers) + 1)

    def directed(self) -> list[DirectedLayer]:
        """The directed layers, the lowest first."""
        p = self.parameters
        return [
            DirectedLayer(
                p[f"{depth}.weight"],
                p[_bias_below(depth)],
                p[f"{depth}.recognition_weight"],
                p[f"{depth}.recognition_bias"],
            )
            for depth in range(1, len(self.layers) + 1)
        ]

    def rbm(self, depth: int) -> Layers:
        """The RBM that a layer, from 1, was or is pretrained as."""
        visible, hidden = self._sizes()[depth - 1 : depth + 1]
        bias = "recognition_bias" if depth <= len(self.layers) else "hidden_bias"
        sides = Layer(visible, 0, _bias_below(depth)), Layer(hidden, 1, f"{depth}.{bias}")
        return Layers(sides, (Link(0, 1, f"{depth}.weight"),))

    def gibbs(self, h_TNU: Tensor, steps: int, draws: Draws) -> Tensor:
        """States of layer L − 1 after some full Gibbs steps of the RBM on top, same shape."""
        rbm = self.rbm(len(self.layers) + 1)
        return sweeps(rbm, self.parameters, {0: h_TNU}, steps, draws, "gibbs")[1][0]

    @torch.no_grad()
    def sample(self, count: int, steps: int, draws: Draws) -> Tensor:
        """p(v | h_1), (T, count, V): Gibbs steps on top from random states, then downwards."""
        width = self.layers[-1]
        start = draws.uniform("sample/start", count, width).round().expand(self.trials, -1, -1)
        lowest, *others = self.directed()
        states = sleep(others, self.gibbs(start, steps, draws), draws)
        return torch.sigmoid(lowest.generated(states[0]))

    def machine(self) -> Machine:
        """The RBM on top."""
        return self.rbm(len(self.layers) + 1).machine(self.parameters)

    def machine_states(self, v_TBV: Tensor) -> Tensor:
        """Means of layer L − 1 by recognition, (T, B, units)."""
        return self._ascend(v_TBV, len(self.layers))[-1]

    def log_unnormalised(self, v_TBV: Tensor, samples: int = 100) -> Tensor:
        """E_Q[log p*(v, h) − log Q(h | v)], (T, B), in nats.

        Summed over all states of the directed layers where they are few, else the mean over
        states drawn from Q, which is unbiased.

        Args:
            v_TBV: inputs (1 or T, B, V).
            samples: states drawn for each input.
        """
        directed, top = self.directed(), self.machine().log_unnormalised
        if 2 ** sum(self.layers) <= _STATES:
            return exact_belief_network_bound(v_TBV, directed, top)
        return belief_network_bound(v_TBV, directed, top, self.draws(), samples)

    def _sizes(self) -> tuple[int, ...]:
        return (self.visible, *self.layers, self.hidden)

    def _ascend(self, x_TBV: Tensor, height: int) -> list[Tensor]:
        """The input, and the means of so many layers by recognition."""
        codes = [x_TBV]
        for layer in self.directed()[:height]:
            codes.append(torch.sigmoid(layer.recognised(codes[-1])))
        if height > len(self.layers):
            rbm = self.rbm(height)
            codes.append(means(rbm, self.parameters, {0: codes[-1]}, rbm.at(1))[1])
        return codes

    def _descend(self, code: Tensor, depth: int) -> Tensor:
        """Means of the input by generation from those of a layer, from 1."""
        for layer in range(depth, 0, -1):
            rbm = self.rbm(layer)
            code = means(rbm, self.parameters, {1: code}, rbm.at(0))[0]
        return code

    def _contrast(self, depth: int, below: Tensor, above: Tensor, draws: Draws) -> Contrast:
        return contrast(
            self.rbm(depth), self.parameters, {0: below, 1: above}, draws, f"contrast/{depth}",
            steps=self.gibbs_steps,
        )  # fmt: skip


def _bias_below(depth: int) -> str:
    """The name of the generative bias of the layer below this one."""
    return f"{depth - 1}.hidden_bias" if depth > 1 else "visible_bias"
