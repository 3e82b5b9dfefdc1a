"""What Keras 1 and 2 called things: arguments, values, and what today's Keras no longer reads. Data only."""

from __future__ import annotations

# Old argument -> today's; the first that the class has wins.
OLD: dict[str, tuple[str, ...]] = {
    "output_dim": ("units",), "nb_filter": ("filters",), "filter_length": ("kernel_size",),
    "nb_row": ("kernel_size",), "nb_col": ("kernel_size",), "kernel_dim1": ("kernel_size",),
    "kernel_dim2": ("kernel_size",), "kernel_dim3": ("kernel_size",), "pool_length": ("pool_size",),
    "stride": ("strides",), "subsample": ("strides",), "subsample_length": ("strides",), "border_mode": ("padding",),
    "atrous_rate": ("dilation_rate",), "dim_ordering": ("data_format",), "bias": ("use_bias",),
    "init": ("kernel_initializer", "depthwise_initializer", "embeddings_initializer", "alpha_initializer"),
    "inner_init": ("recurrent_initializer",), "inner_activation": ("recurrent_activation",),
    "forget_bias_init": ("unit_forget_bias",), "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_regularizer": ("recurrent_regularizer",), "b_regularizer": ("bias_regularizer",),
    "W_constraint": ("kernel_constraint", "embeddings_constraint"), "U_constraint": ("recurrent_constraint",),
    "b_constraint": ("bias_constraint",), "dropout_W": ("dropout",), "dropout_U": ("recurrent_dropout",),
    "p": ("rate",), "sigma": ("stddev",), "alpha": ("negative_slope",), "length": ("size",),
    "beta_init": ("beta_initializer",), "gamma_init": ("gamma_initializer",), "concat_axis": ("axis",),
    "cells": ("cell",),
}  # fmt: skip

# The same for one class only.
OF_CLASS: dict[str, dict[str, str]] = {
    "InputLayer": {"input_shape": "shape", "batch_input_shape": "batch_shape"},
    "Reshape": {"dims": "target_shape"},
}

# Sizes that Keras 1 gave axis by axis; their order makes the tuple.
PER_AXIS: tuple[str, ...] = ("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3")

# Classes that took the kernel's sizes one by one (on how many axes), and what followed, by today's names.
SIZED_ONE_BY_ONE: dict[str, int] = {
    "Conv2D": 2, "Conv2DTranspose": 2, "SeparableConv2D": 2, "LocallyConnected2D": 2, "Conv3D": 3,
}  # fmt: skip
BEHIND_KERNEL: tuple[str, ...] = ("kernel_initializer", "activation", "weights", "padding", "strides")

# Old values of today's arguments.
VALUES: dict[str, dict[object, object]] = {
    "data_format": {"th": "channels_first", "tf": "channels_last", "default": None},
    "unit_forget_bias": {"one": True, "zero": False},
}

# Arguments that every layer takes (some only before Keras 3), beside its own.
BASE: tuple[str, ...] = (
    "name", "dtype", "trainable", "activity_regularizer", "autocast", "input_shape", "input_dim",
    "batch_input_shape", "batch_shape", "batch_size", "input_length", "weights", "dynamic",
)  # fmt: skip

# Taken once, and without influence on the shapes and weights of what is built.
IGNORED: tuple[str, ...] = (
    "consume_less", "implementation", "mode", "input_dtype", "fused", "virtual_batch_size", "robust_masking",
    "softmax_robust_masking", "experimental_autocast", "sparse", "time_major", "renorm", "renorm_clipping",
    "renorm_momentum", "type_spec", "ragged", "enable_caching_device", "force_generator", "return_runtime",
)  # fmt: skip

# Arguments that Keras 3 refuses and that did nothing with these values (None: with any): as if they were not there.
IDLE: dict[str, tuple[object, ...] | None] = {
    "consume_less": None,
    "fused": None,
    "dynamic": (False,),
    "mode": (0,),
    "time_major": (False,),
    "dropout": (0,),
    "decay": (0,),
    "epsilon": (None,),  # of an optimizer
}

# Taken by Keras 2, mostly through the base class, without influence on shapes; Keras 3 refuses them.
_KERNEL: tuple[str, ...] = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
INHERITED: dict[str, tuple[str, ...]] = {
    **{f"{kind}{r}D": _KERNEL for kind in ("SeparableConv", "DepthwiseConv") for r in (1, 2)},
    **{f"SpatialDropout{r}D": ("noise_shape",) for r in (1, 2, 3)},
    **dict.fromkeys(("Attention", "AdditiveAttention"), ("causal",)),
    "Embedding": ("dropout",),
}

# Taken, in one version or the other, and not modelled: what it does to the layer is not known. Layers that change
# images add what their base class takes.
BEYOND: dict[str, tuple[str, ...]] = {
    **{f"{kind}{r}D": ("groups",) for kind in ("SeparableConv", "DepthwiseConv") for r in (1, 2)},
    **{f"Conv{r}DTranspose": ("groups",) for r in (1, 2, 3)},
    **{f"Conv{r}D": ("lora_rank", "lora_alpha") for r in (1, 2, 3)},
    **{f"ConvLSTM{r}D": ("unroll", "zero_output_for_mask") for r in (1, 2, 3)},
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), ("zero_output_for_mask",)),
    "AdditiveAttention": ("seed", "score_mode"),
    "ReversibleEmbedding": ("lora_rank", "lora_alpha", "quantization_config"),
    "IntegerLookup": ("has_input_vocabulary", "vocabulary_size"),
    "StringLookup": ("has_input_vocabulary", "vocabulary_size", "oov_method"),
    "TextVectorization": ("has_input_vocabulary", "vocabulary_size"),
}

# Classes that Keras 2 has as well, with other outputs or weights: their rows say what Keras 3 does.
ONLY_3: tuple[str, ...] = (
    "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization",
)  # fmt: skip

# Classes that take any keyword and look at none of them.
SWALLOWING: tuple[str, ...] = ("HashedCrossing", "InputLayer")

# Arguments of what is no layer: Model, its methods, optimizers, constraints.
BESIDE_LAYERS: dict[str, str] = {
    "input": "inputs", "output": "outputs", "lr": "learning_rate", "m": "max_value", "nb_epoch": "epochs",
    "generator": "x",
}  # fmt: skip

# Defaults of Keras 1.
_HARD: dict[str, object] = {"recurrent_activation": "hard_sigmoid"}
BEFORE_2 = {"LSTM": _HARD, "ConvLSTM2D": _HARD, "GRU": {**_HARD, "reset_after": False}}

# Defaults that arguments had before Keras 3 made them obligatory.
BEFORE_3: dict[str, dict[str, object]] = {f"AveragePooling{r}D": {"pool_size": 2} for r in (1, 2, 3)}
