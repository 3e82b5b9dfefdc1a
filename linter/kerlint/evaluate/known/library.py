"""The standard library, as far as builders of models use it."""
