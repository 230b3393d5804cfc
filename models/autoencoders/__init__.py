"""Autoencoders: one file per variant, all built on :class:`.autoencoder.Autoencoder`."""
