"""What the table declines or does not vary, as data: printed in the documentation, read by the tests."""

from __future__ import annotations

# Public classes that are no layers to apply, or whose work is done by code outside of Keras: why.
DECLINED: dict[str, str] = {
    "Layer": "the base class: what a layer of the program's own does is the evaluator's matter",
    "Wrapper": "the base class of wrappers: Keras itself cannot build one",
    "InputSpec": "a description of inputs, no layer",
    "JaxLayer": "what a JAX function gives is not known",
    "FlaxLayer": "what a Flax module gives is not known",
    "TorchModuleWrapper": "what a Torch module gives is not known",
    "TFSMLayer": "what a SavedModel on disk gives is not known",
    "MaxNumBoundingBoxes": "bounding boxes come in a dictionary, which is not modelled",
    "AbstractRNNCell": "Keras 2's base class of cells",
    "DenseFeatures": "Keras 2's feature columns are not modelled",
    "Merge": "Keras 1's layer around whole models: its branches are not followed",
}

# Where Keras makes another shape or dtype of data than its symbolic call announces: the row says what is announced.
ANNOUNCED: dict[str, str] = {
    "CategoryEncoding": "codes of rank 3 and more",
    "EinsumDense": "an output_shape of more sizes than the equation has",
    "Hashing": "codes: one_hot of rank 2, any of rank 3 and more",
    "IntegerLookup": "codes of rank 3 and more; their dtype",
    "MelSpectrogram": "one frame more where the wave ends on a step",
    "StringLookup": "codes of rank 3 and more; their dtype",
    "TextVectorization": "codes of a column of texts; numbers of texts that are not split",
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

# Arguments without influence on shapes, weights, masks and dtypes, whatever their value: two values to try.
NEUTRAL: dict[str, tuple[object, object]] = {
    "activation": (None, "relu"),
    "recurrent_activation": ("sigmoid", "hard_sigmoid"),
    "activity_regularizer": (None, "l2"),
    "alpha": (1.0, 0.5),
    "antialias": (False, True),
    "arguments": (None, None),
    "bins": (256, 16),
    "chain_depth": (3, 1),
    "clip_limit": (4.0, 1.0),
    "crop_to_aspect_ratio": (False, True),
    "dropout": (0.0, 0.2),
    "encoding": ("utf-8", "ascii"),
    "epsilon": (0.001, 0.1),
    "fill_mode": ("constant", "nearest"),
    "fill_value": (0, 1),
    "flash_attention": (None, False),
    "go_backwards": (False, True),
    "interpolation": ("nearest", "bilinear"),
    "invert": (False, True),
    "l1": (0.0, 0.1),
    "l2": (0.0, 0.1),
    "mag_exp": (2.0, 1.0),
    "mask_value": (0, 1),
    "max_freq": (None, 4000.0),
    "max_value": (None, 6.0),
    "min_freq": (20.0, 40.0),
    "min_power": (1e-10, 1e-5),
    "mode": ("horizontal", "vertical"),
    "momentum": (0.99, 0.5),
    "negative_slope": (0.0, 0.1),
    "ngrams": (None, 2),
    "noise_shape": (None, (None, 1, 1)),
    "num_chains": (3, 1),
    "num_ops": (2, 1),
    "offset": (0.0, 1.0),
    "oov_method": ("floormod", "farmhash"),
    "oov_token": (-1, -2),
    "optional": (False, True),
    "pad_to_aspect_ratio": (False, True),
    "periodic": (False, True),
    "power_iterations": (1, 3),
    "power_to_db": (True, False),
    "ragged": (None, False),
    "rate": (0.1, 0.5),
    "recurrent_dropout": (0.0, 0.2),
    "ref_power": (1.0, 2.0),
    "renorm_clipping": (None, None),
    "renorm_momentum": (0.99, 0.5),
    "salt": (None, 3),
    "sampling_rate": (16000, 8000),
    "scale": (1.0, 0.5),
    "scaling": ("density", None),
    "score_mode": ("dot", "concat"),
    "seed": (None, 3),
    "sliding_window": (None, 2),
    "sparse": (False, True),
    "standardize": ("lower", None),
    "stddev": (0.1, 0.5),
    "synchronized": (False, True),
    "theta": (1.0, 0.5),
    "threshold": (0.0, 0.5),
    "tile_grid_size": ((8, 8), (2, 3)),
    "top_db": (80.0, 40.0),
    "unit_forget_bias": (True, False),
    "unroll": (False, True),
    "use_cudnn": ("auto", False),
    "value_range": ((0, 255), (0, 1)),
    "window": ("hann", "hamming"),
    "zero_output_for_mask": (False, True),
}
NEUTRAL_KINDS: dict[str, tuple[object, object]] = {
    "_initializer": ("zeros", "ones"),
    "_regularizer": (None, "l2"),
    "_constraint": (None, "non_neg"),
}


def tried(argument: str) -> tuple[object, object] | None:
    """Two values of an argument that never changes shapes, weights, masks or dtypes; None for any other.

    A value may be refused all the same: by the row as by Keras.
    """
    kind = next((values for end, values in NEUTRAL_KINDS.items() if argument.endswith(end)), None)
    return NEUTRAL.get(argument, kind)
