"""The manifold a network has learned: its field, its tangents, and ways along it."""
