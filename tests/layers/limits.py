"""What the table declines or does not vary, as data: printed in the documentation, read by the tests."""

from __future__ import annotations

from kerlint.layers.removed import FOREIGN

# Public classes that are no layers to apply, or whose work is done by code outside of Keras: why.
DECLINED: dict[str, str] = {
    "Layer": "the base class: what a layer of the program's own does is the evaluator's matter",
    "Wrapper": "the base class of wrappers: Keras itself cannot build one",
    "InputSpec": "a description of inputs, no layer",
    **FOREIGN,
    "MaxNumBoundingBoxes": "bounding boxes come in a dictionary, which is not modelled",
    "AbstractRNNCell": "Keras 2's base class of cells",
    "DenseFeatures": "Keras 2's feature columns are not modelled",
}

# "Class.argument" (or "*.argument") -> why the row declines it, or why it has one value in the tests.
LIMITS: dict[str, str] = {
    "*.lora_rank": "low-rank adaptation changes the weights: they are unknown",
    "*.lora_alpha": "scales a low-rank adaptation, which is declined",
    "*.quantization_config": "quantisation changes the weights: they are unknown",
    "*.gptq_unpacked_column_size": "quantisation changes the weights: they are unknown",
    "*.stateful": "refused without a fixed batch size; states are not counted among the weights",
    "*.time_major": "Keras 2's time-major data: the output is unknown",
    "*.weights": "initial values do not change the shapes",
    "AdaptiveAveragePooling2D.output_size": "an image without a batch: Keras announces another shape than it makes",
    "AdaptiveMaxPooling2D.output_size": "an image without a batch: Keras announces another shape than it makes",
    "Bidirectional.backward_layer": "compared in a few pairs; it must agree with layer",
    "Bidirectional.layer": "any layer that returns sequences; compared with LSTM, GRU and SimpleRNN",
    "Discretization.num_bins": "how many bins adapt() finds is not known: codes are unknown",
    "InputLayer.input_tensor": "an input that wraps a tensor has that tensor's shape: not followed",
    "IntegerLookup.vocabulary": "without one, or with a file, the length of a code is unknown (adapt())",
    "Lambda.function": "Python inside a Lambda is the evaluator's matter; here the output is output_shape",
    "Lambda.output_shape": "a tuple of sizes is taken as written; a function is not called",
    "Lambda.mask": "a mask made by a function is perhaps there",
    "MultiHeadAttention.attention_axes": "changes which positions meet, not the shapes; MACs follow it",
    "MultiHeadAttention.return_attention_scores": "an option of the call: one output is derived",
    "Normalization.mean": "given statistics are no weights; their own shape is not checked",
    "Normalization.variance": "given statistics are no weights; their own shape is not checked",
    "Pipeline.layers": "any layers; compared with a few chains",
    "RNN.cell": "Keras's own cells; the states of stacked LSTM cells come in lists: unknown",
    "ReversibleEmbedding.mask_zero": "the mask is made when data flows: it is perhaps there",
    "SpectralNormalization.layer": "any layer with a kernel or embeddings; compared with nine kinds",
    "STFTSpectrogram.window": "a named window needs scipy, in Keras too; compared without one",
    "StackedRNNCells.cells": "Keras's own cells",
    "StringLookup.vocabulary": "without one, or with a file, the length of a code is unknown (adapt())",
    "TextVectorization.vocabulary": "without one, or with a file, the length of a code is unknown (adapt())",
    "TimeDistributed.layer": "the inner layer's refusals hold; Keras notices some only when data flows",
    "ZeroPadding2D.padding": "a negative integer is refused; Keras notices only when data flows",
    "ZeroPadding3D.padding": "a negative integer is refused; Keras notices only when data flows",
}
