"""KER2: what cannot be meant."""
