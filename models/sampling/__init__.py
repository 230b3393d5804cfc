"""Samples from what a network has learned: Markov chains of autoencoders and Boltzmann machines."""
