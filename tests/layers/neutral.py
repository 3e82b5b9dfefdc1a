"""What the conformance tests have to know of Keras: where it announces one thing and makes another, and arguments
that change nothing the table speaks of, with two values of each to try."""

from __future__ import annotations

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
