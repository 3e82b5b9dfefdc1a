"""What the outside means: a function a name, data where possible. Importing the package fills the tables."""

from kerlint.evaluate.known import (
    arrays,
    builtins,
    datasets,
    keras_layers,
    keras_models,
    library,
    objects,
    ops,
    tensors,
)

__all__ = ["arrays", "builtins", "datasets", "keras_layers", "keras_models", "library", "objects", "ops", "tensors"]
