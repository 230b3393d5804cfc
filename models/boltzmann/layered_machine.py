"""What every deep Boltzmann machine does, whatever its layers and links are."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property

import torch
from torch import Tensor

from ..draws import Draws
from ..hyperparameter import default, part, structural
from ..network import require_probabilities
from .block_gibbs import means, sweeps
from .bounds import bernoulli_entropy
from .contrast import contrast
from .gibbs import sampled
from .greedy import GreedyMachine, Step
from .layered import Layers, States, fall
from .machine import Machine
from .mean_field import MeanField
from .units import Bernoulli


class LayeredMachine(GreedyMachine):
    """E(v, h) = −Σ_links sᵀWs' − Σ_layers bᵀs: undirected, every layer sees both its neighbours.

    Joint training descends ⟨E⟩ under the mean-field posterior of the data minus ⟨E⟩ under
    persistent particles, which approximates the gradient of the lower bound of log p(v)
    (Salakhutdinov & Hinton 2009). Pretraining follows the doubling rule (:mod:`.contrast`).
    """

    # Of 784-500-1000 units on digits the two directions then differ by 4 nats instead of 72: the
    # sum over 1784 units leaves the chains only 500 to find their way in.
    wider_side_summed = True

    mean_field: MeanField = part(MeanField)
    particles: int = structural(
        100, low=1, high=100_000, meaning="persistent chains per trial", unit="chains",
        reference="Tieleman 2008",
    )  # fmt: skip
    gibbs_steps = default(5)
    joint_rate = default(0.03)

    @abstractmethod
    def shape(self) -> Layers:
        """The layers and links of this machine."""

    @cached_property
    def structure(self) -> Layers:
        """:meth:`shape`, made once."""
        return self.shape()

    def initialise(self, draws: Draws) -> dict[str, Tensor]:
        """Random weights; biases at 0."""
        structure, parameters = self.structure, {}
        for link in structure.links:
            lower, upper = structure[link.lower].width, structure[link.upper].width
            parameters[link.weight] = self.first_weight(
                link.weight, lower, upper, draws, sees_input=structure[link.lower].depth == 0
            )
        for layer in structure.layers:
            parameters[layer.bias] = torch.zeros(
                self.trials, layer.width, dtype=self.dtype, device=self.device
            )
        return parameters

    def meet(self, x_TNV: Tensor) -> None:
        """Start the visible biases at the data's means, and the particles at the data.

        Raises:
            InputError: inputs of another width, or of binary units outside [0, 1].
        """
        super().meet(x_TNV)
        structure = self.structure
        for i, seen in self.clamp(x_TNV).items():
            mean = seen.mean(1)
            if isinstance(structure[i].units, Bernoulli):
                require_probabilities(self.name, seen)
                mean = mean.clamp(0.01, 0.99).logit()
            if not self.began:
                self.parameters[structure[i].bias] = mean.expand(self.trials, -1).clone()
        rows = torch.arange(self.particles, device=x_TNV.device) % x_TNV.shape[1]
        self._start_particles(x_TNV[:, rows], self.draws())

    def clamp(self, x_TBV: Tensor) -> dict[int, Tensor]:
        """An input (1 or T, B, V) as the states of the layers that see it."""
        return self.structure.parted(x_TBV, self.structure.at(0))

    def ascend(self, clamped: States, height: int | None = None) -> dict[int, Tensor]:
        """Means of hidden layers by one pass upwards; input missing from above is doubled.

        Args:
            clamped: the visible layers.
            height: the depth of the last layers wanted; left out, the topmost.
        """
        structure, parameters = self.structure, self.parameters | self._upward()
        states = dict(clamped)
        for depth in range(1, (height or structure.height) + 1):
            times = 1 if depth == structure.height else 2
            below = {i: states[i] for i in structure.at(depth - 1)}
            for i in structure.at(depth):
                a = structure.inputs(parameters, i, below, times=times)
                states[i] = torch.sigmoid(a)
        return {i: state for i, state in states.items() if i not in clamped}

    def posterior(self, clamped: States) -> dict[int, Tensor]:
        """The mean-field means of all hidden layers given the input."""
        start = self.ascend(clamped)
        return self.mean_field.settle(self.structure, self.parameters, clamped, start)

    def pretrain(self, layer: int, x_TBV: Tensor, draws: Draws) -> Step:
        """Contrastive divergence of one layer under the doubling rule."""
        structure = self.structure
        if layer > 1:
            self._keep_upward(layer - 1)
        states = self.clamp(x_TBV)
        states |= self.ascend(states, layer)
        positive = {i: states[i] for i in (*structure.at(layer - 1), *structure.at(layer))}
        found = contrast(
            structure, self.parameters, positive, draws, f"pretrain/{layer}",
            steps=self.gibbs_steps,
            up=1 if layer == structure.height else 2,
            down=1 if layer == 1 else 2,
        )  # fmt: skip
        above = {i: states[i] for i in structure.at(layer)}
        return Step(found.gradients, found.loss_T, self.descend(above, layer))

    def join(self, x_TBV: Tensor, draws: Draws) -> Step:
        """⟨·⟩ under the particles after ``gibbs_steps`` sweeps, minus ⟨·⟩ under the posterior."""
        structure = self.structure
        self._compose()
        clamped = self.clamp(x_TBV)
        positive = self.posterior(clamped)
        even = self.gibbs(self.state["particles"], draws)
        self.state["particles"] = even
        states = structure.parted(even, structure.side(0))
        odd = means(structure, self.parameters, states, structure.side(1))
        gradients = structure.slope_gap(clamped | positive, states | odd)
        top = structure.at(structure.height)[0]
        return Step(gradients, fall(self.parameters, gradients), self.decode(positive[top]))

    def gibbs(self, even_TNE: Tensor, draws: Draws) -> Tensor:
        """The units of even depth, side by side, ``gibbs_steps`` sweeps of all layers later."""
        structure = self.structure
        even = structure.parted(even_TNE, structure.side(0))
        _, even = sweeps(structure, self.parameters, even, self.gibbs_steps, draws, "gibbs")
        return torch.cat([even[i] for i in structure.side(0)], -1)

    def encode(self, x_TBV: Tensor) -> Tensor:
        """The mean-field means of the topmost layer, (T, B, H)."""
        return self.posterior(self.clamp(x_TBV))[self.structure.at(self.structure.height)[0]]

    def decode(self, code_TBH: Tensor) -> Tensor:
        """Means of the input by one pass downwards from the topmost layer, (T, B, V)."""
        height = self.structure.height
        return self.descend(dict.fromkeys(self.structure.at(height), code_TBH), height)

    def descend(self, above: States, depth: int) -> Tensor:
        """Means of the input from those of one depth, (T, B, V); missing input is doubled."""
        structure = self.structure
        for lower in range(depth - 1, -1, -1):
            above = means(
                structure, self.parameters, above, structure.at(lower), times=2 if lower else 1
            )
        return torch.cat([above[i] for i in structure.at(0)], -1)

    def variational_free_energy(self, v_TBV: Tensor) -> Tensor:
        """⟨E⟩ − H under the mean-field posterior, (T, B), in nats: at least −log Σ_h exp(−E)."""
        clamped = self.clamp(v_TBV)
        hidden = self.posterior(clamped)
        energy = self.structure.energy(self.parameters, clamped | hidden)
        return energy - torch.stack([bernoulli_entropy(mean) for mean in hidden.values()]).sum(0)

    def machine(self) -> Machine:
        """The RBM between the even and the odd layers."""
        return self.structure.machine(self.parameters)

    def machine_states(self, v_TBV: Tensor) -> Tensor:
        """The input and the mean-field means of the other even layers, (T, B, units)."""
        clamped = self.clamp(v_TBV)
        states = clamped | self.posterior(clamped)
        even = [states[i].expand(self.trials, -1, -1) for i in self.structure.side(0)]
        return torch.cat(even, -1)

    def log_unnormalised(self, v_TBV: Tensor) -> Tensor:
        """−⟨E⟩ + H ≤ log Σ_h exp(−E), (T, B), in nats."""
        return -self.variational_free_energy(v_TBV)

    def score_samples(self, x_TBV: Tensor) -> Tensor:
        """The lower bound of log p(v) up to the partition function, (T, B)."""
        return -self.variational_free_energy(x_TBV)

    def independent(self, count: int, draws: Draws, purpose: str) -> dict[int, Tensor]:
        """States of the even layers without links, for chains to start from, (T, count, units)."""
        return {
            i: self.structure[i].units.sample(
                self.parameters[self.structure[i].bias][:, None].expand(-1, count, -1),
                draws, f"{purpose}/{i}",
            )
            for i in self.structure.side(0)
        }  # fmt: skip

    @torch.no_grad()
    def sample(self, count: int, steps: int, draws: Draws) -> Tensor:
        """E[v | h] after that many sweeps (at least 1), (T, count, V)."""
        structure = self.structure
        start = self.independent(count, draws, "sample/start")
        odd, _ = sweeps(structure, self.parameters, start, steps, draws, "sample")
        visible = means(structure, self.parameters, odd, structure.at(0))
        return torch.cat([visible[i] for i in structure.at(0)], -1)

    def _start_particles(self, x_TPV: Tensor, draws: Draws) -> None:
        """Particles at these inputs, taken as probabilities where their units are binary.

        Deeper layers are drawn from their means by one pass upwards.
        """
        structure = self.structure
        states = self.clamp(x_TPV)
        states |= self.ascend(states)
        even = [
            sampled(states[i], draws, f"particles/{i}")
            if isinstance(structure[i].units, Bernoulli)
            else states[i]
            for i in structure.side(0)
        ]
        self.state["particles"] = torch.cat([s.expand(self.trials, -1, -1) for s in even], -1)

    def _upward(self) -> dict[str, Tensor]:
        """The biases that layers had when they were trained on what is below them."""
        biases = [layer.bias for layer in self.structure.layers if layer.depth]
        return {
            bias: self.state[f"upward.{bias}"] for bias in biases if f"upward.{bias}" in self.state
        }

    def _keep_upward(self, depth: int) -> None:
        """Hold the biases of this depth for the way up; learning goes on with those for down."""
        for i in self.structure.at(depth):
            bias = self.structure[i].bias
            self.state.setdefault(f"upward.{bias}", self.parameters[bias].clone())

    def _compose(self) -> None:
        """Give each layer the mean of its biases as upper and as lower layer of its machines.

        The composed prior of that layer is then the geometric mean of both machines' priors.
        """
        for bias in self._upward():
            self.parameters[bias].lerp_(self.state.pop(f"upward.{bias}"), 0.5)
