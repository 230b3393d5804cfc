"""Boltzmann machines: energies, Gibbs sampling, and one file per variant."""
