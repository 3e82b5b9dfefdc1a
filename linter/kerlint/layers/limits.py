"""What the table declines or does not vary, as data: printed in the documentation, read by the tests."""

from __future__ import annotations

# "Class.argument" (or "*.argument") -> why the row declines it, or why it has one value in the tests.
LIMITS: dict[str, str] = {
    "*.lora_rank": "low-rank adaptation changes the weights: they are unknown",
    "*.lora_alpha": "scales a low-rank adaptation, which is declined",
    "*.quantization_config": "quantisation changes the weights: they are unknown",
    "*.gptq_unpacked_column_size": "quantisation changes the weights: they are unknown",
    "*.stateful": "refused without a fixed batch size; states are not counted among the weights",
    "*.noise_shape": "which entries are dropped together does not change the shapes",
    "*.time_major": "Keras 2's time-major data: the output is unknown",
    "*.weights": "initial values do not change the shapes",
    "Bidirectional.layer": "any layer that returns sequences; checked with LSTM, GRU and SimpleRNN",
    "InputLayer.input_tensor": "an input that wraps a tensor has that tensor's shape: not followed",
    "Lambda.function": "Python inside a Lambda is the evaluator's matter; here the output is output_shape",
    "Lambda.mask": "a mask made by a function is perhaps there",
    "MultiHeadAttention.attention_axes": "changes which positions meet, not the shapes; MACs follow it",
    "MultiHeadAttention.return_attention_scores": "an option of the call: one output is derived",
    "Normalization.mean": "given statistics are no weights; their own shape is not checked",
    "Normalization.variance": "given statistics are no weights; their own shape is not checked",
    "RNN.cell": "Keras's own cells, stacked ones without return_state; an input of rank 3",
    "StackedRNNCells.cells": "Keras's own cells",
    "TimeDistributed.layer": "the inner layer's refusals hold; Keras notices some only when data flows",
    "ZeroPadding2D.padding": "a negative integer is refused; Keras notices only when data flows",
    "ZeroPadding3D.padding": "a negative integer is refused; Keras notices only when data flows",
}

# Arguments without influence on shapes, weights, masks and dtypes, whatever their value.
NEUTRAL: tuple[str, ...] = (
    "activation", "recurrent_activation", "alpha", "antialias", "arguments", "crop_to_aspect_ratio",
    "dropout",
    "epsilon", "factor", "fill_mode", "fill_value", "flash_attention", "go_backwards", "height_factor",
    "interpolation", "invert", "l1", "l2", "mask_value", "max_value", "mode", "momentum", "negative_slope",
    "offset",
    "optional", "pad_to_aspect_ratio", "ragged", "rate", "recurrent_dropout", "renorm_clipping",
    "renorm_momentum",
    "scale_factor", "seed", "sliding_window", "sparse", "stddev", "synchronized", "theta", "threshold",
    "unit_forget_bias", "unroll", "use_cudnn", "value_range", "width_factor",
)  # fmt: skip
NEUTRAL_KINDS: tuple[str, ...] = ("_initializer", "_regularizer", "_constraint")


def neutral(argument: str) -> bool:
    """Whether an argument never changes shapes, weights, masks or dtypes (it may be refused all the same)."""
    return argument in NEUTRAL or argument.endswith(NEUTRAL_KINDS)
