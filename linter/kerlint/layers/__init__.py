"""The layer table: what each class of layers means. Importing the package fills it; no Keras is imported."""

from kerlint.layers import (
    activation,
    convolution,
    core,
    merging,
    nested,
    normalization,
    operations,
    pooling,
    recurrent,
    regularization,
    reshaping,
    wrappers,
)

__all__ = [
    "activation", "convolution", "core", "merging", "nested", "normalization", "operations", "pooling",
    "recurrent", "regularization", "reshaping", "wrappers",
]  # fmt: skip
