"""The layer table: what each class of layers means. Importing the package fills it; no Keras is imported."""

from kerlint.layers import (
    activation,
    attention,
    cells,
    convolution,
    core,
    declined,
    einsum,
    encoding,
    images,
    lookup,
    merging,
    nested,
    normalization,
    operations,
    own,
    pooling,
    preprocessing,
    recurrent,
    regularization,
    removed,
    reshaping,
    signals,
    wrappers,
)

__all__ = [
    "activation", "attention", "cells", "convolution", "core", "declined", "einsum", "encoding", "images", "lookup",
    "merging", "nested", "normalization", "operations", "own", "pooling", "preprocessing", "recurrent",
    "regularization", "removed", "reshaping", "signals", "wrappers",
]  # fmt: skip
