"""What the outside means: a function a name, data where possible. Importing the package fills the tables."""

from kerlint.evaluate.known import (
    applications,
    arrays,
    builtins,
    constants,
    datasets,
    feeds,
    frames,
    inspection,
    keras_layers,
    keras_models,
    layer_reads,
    library,
    merging,
    model_methods,
    objects,
    ops,
    settings,
    sklearn,
    tensors,
)

__all__ = [
    "applications", "arrays", "builtins", "constants", "datasets", "feeds", "frames", "inspection",
    "keras_layers", "keras_models", "layer_reads", "library", "merging", "model_methods", "objects", "ops", "settings",
    "sklearn", "tensors",
]  # fmt: skip
