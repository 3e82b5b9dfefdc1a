"""The layer table: what each class of layers means. Importing the package fills it; no Keras is imported."""

from kerlint.layers import (
    activation,
    attention,
    convolution,
    core,
    einsum,
    merging,
    nested,
    normalization,
    operations,
    pooling,
    preprocessing,
    recurrent,
    regularization,
    removed,
    reshaping,
    wrappers,
)

__all__ = [
    "activation", "attention", "convolution", "core", "einsum", "merging", "nested", "normalization",
    "operations", "pooling",
    "preprocessing", "recurrent", "regularization", "removed", "reshaping", "wrappers",
]  # fmt: skip
