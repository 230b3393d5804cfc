"""The commands of ``layerwise``, one file each; they import what they need when they are called."""
