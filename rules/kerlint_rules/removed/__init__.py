"""KER4: what left Keras."""
