"""The values that are tried of each class's arguments: of those that change something, two or more.

What Keras refuses is among them. Values of the other arguments: ``neutral.py``; inputs: ``domains.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerlint.graph.layer import LayerSpec
from kerlint.layers.encoding import MODES
from kerlint.layers.lookup import LOOKUP_MODES
from kerlint.layers.signals import OPTIONS
from kerlint.layers.table import TABLE

Domain = Mapping[str, Sequence[Any]]

ON_OFF, OFF_ON = (True, False), (False, True)
FORMATS = {"data_format": ("channels_last", "channels_first")}
RATES = {"rate": (0, 0.5, 1, 50, -0.1)}
SCALES = {"center": ON_OFF, "scale": ON_OFF}
RETURNS = {"return_sequences": OFF_ON, "return_state": OFF_ON}
RECURRENT = {"units": (1, 3, 0), "use_bias": ON_OFF, **RETURNS}
WINDOWS = {"kernel_size": (1, 2, 3), "strides": (1, 2, 3), "padding": ("valid", "same"), **FORMATS}
GRID: Domain = {"filters": (2, 6), **WINDOWS, "dilation_rate": (1, 2)}
DEPTHS = {"depth_multiplier": (1, 2), "use_bias": ON_OFF}
SIZED = {**FORMATS, "height": (4, 2, -1, 2.5), "width": (3, 1, -1)}

VALUES: dict[str, Domain] = {
    # activation.py
    "Activation": {"activation": ("relu", "softmax", None)},
    "ReLU": {"max_value": (None, 6.0, -1.0), "negative_slope": (0.0, -0.1), "threshold": (0.0, -1.0)},
    "LeakyReLU": {"negative_slope": (0.3, 0.0, None)},
    "ELU": {"alpha": (1.0, 0.5)},
    "ThresholdedReLU": {"theta": (1.0, 0.5)},
    "Softmax": {"axis": (-1, 1)},
    "PReLU": {"shared_axes": (None, (1,), (1, 2))},
    # core.py
    "InputLayer": {
        "shape": ((4,), (None, 3), (5, 4, 3), None), "batch_size": (None, 2), "batch_shape": (None, (2, None)),
    },
    "Dense": {"units": (1, 3, 0, -1), "use_bias": ON_OFF},
    "Embedding": {"input_dim": (1, 7, 0), "output_dim": (1, 3, -1), "mask_zero": OFF_ON},
    "ReversibleEmbedding": {
        "input_dim": (1, 7, 0), "output_dim": (1, 3, -1), "tie_weights": ON_OFF, "mask_zero": OFF_ON,
        "reverse_dtype": (None, "float16"), "logit_soft_cap": (None, 2.0),
    },
    "Masking": {"mask_value": (0.0, -1.0)},
    # attention.py
    "MultiHeadAttention": {
        "num_heads": (1, 2), "key_dim": (1, 3), "value_dim": (None, 2), "use_bias": ON_OFF, "output_shape": (None, 5),
        "use_gate": OFF_ON,
    },
    "GroupedQueryAttention": {
        "head_dim": (3, 1, 0), "num_query_heads": (4, 2), "num_key_value_heads": (2, 1, 3), "use_bias": ON_OFF,
        "use_gate": OFF_ON, "sliding_window": (None, 2, 0),
    },
    "Attention": {"use_scale": OFF_ON, "score_mode": ("dot", "concat", "other")},
    "AdditiveAttention": {"use_scale": OFF_ON},
    # recurrent.py, removed.py
    "LSTM": {**RECURRENT, "unit_forget_bias": ON_OFF},
    "GRU": {**RECURRENT, "reset_after": ON_OFF},
    "SimpleRNN": RECURRENT,
    **{name: {"units": (1, 3), **RETURNS} for name in ("CuDNNLSTM", "CuDNNGRU")},
    # encoding.py, lookup.py
    "CategoryEncoding": {
        "num_tokens": (1, 5, 0, None, 2.5), "output_mode": (*MODES, "binary"), "sparse": OFF_ON,
    },
    "Discretization": {
        "bin_boundaries": (None, (0.0, 1.0, 2.0), (0.5,)), "num_bins": (None, 4, -1),
        "output_mode": (*MODES, "tf_idf"), "sparse": OFF_ON,
    },
    "Hashing": {
        "num_bins": (3, 1, 0, None), "output_mode": (*MODES, "binary"), "sparse": OFF_ON,
        "salt": (None, 3, (1, 2), (1, 2, 3), "a"),
    },
    "HashedCrossing": {"num_bins": (3, 1), "output_mode": ("int", "one_hot", "multi_hot"), "sparse": OFF_ON},
    "IntegerLookup": {
        "vocabulary": (None, (3, 4, 7), (-1, 4)), "output_mode": (*LOOKUP_MODES, "binary", "text"),
        "num_oov_indices": (1, 0, 2), "mask_token": (None, 3, 0), "max_tokens": (None, 4, 1),
        "pad_to_max_tokens": OFF_ON,
    },
    "StringLookup": {
        "vocabulary": (None, ("a", "b", "c"), ("[UNK]", "b"), ("", "[UNK]", "a")),
        "output_mode": (*LOOKUP_MODES, "binary", "text"), "num_oov_indices": (1, 0, 2),
        "mask_token": (None, "", "a"), "max_tokens": (None, 4, 10), "pad_to_max_tokens": OFF_ON,
    },
    "TextVectorization": {
        "vocabulary": (None, ("a", "b", "c")), "output_mode": (*LOOKUP_MODES, "text"),
        "output_sequence_length": (None, 6), "split": ("whitespace", None), "max_tokens": (None, 10, 4),
        "pad_to_max_tokens": OFF_ON, "ragged": OFF_ON,
    },
    # merging.py
    "Concatenate": {"axis": (-1, 1, 2, 3)},
    "Dot": {"axes": (1, 2, -1, (1, 2), (2, 1), 0), "normalize": OFF_ON},
    # normalization.py
    "BatchNormalization": {"axis": (-1, 1, 2, 5), "renorm": OFF_ON, **SCALES},
    "LayerNormalization": {"axis": (-1, 1, (1, 2), 5), **SCALES},
    "GroupNormalization": {"groups": (1, 2, 3, -1), "axis": (-1, 1), **SCALES},
    **{name: {"axis": (-1, 1, (1, 2), 5)} for name in ("RMSNormalization", "UnitNormalization")},
    "Rescaling": {"scale": (0.5, 2), "offset": (0.0, 1.0)},
    "Normalization": {"axis": (-1, None, 1), "invert": OFF_ON},
    **dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), SIZED),
    # activation.py: dropout, noise
    **dict.fromkeys(("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D"), RATES),
    **{f"SpatialDropout{rank}D": {**RATES, **FORMATS} for rank in (2, 3)},
    "GaussianNoise": {"stddev": (0, 0.5, 1, 2, -0.1)},
    "ActivityRegularization": {"l1": (0.0, 0.1), "l2": (0.0, 0.1)},
    # reshaping.py
    "Flatten": FORMATS,
    "Reshape": {"target_shape": ((-1,), (12,), (3, -1), (2, 3, 2), (4, 3), (5, -1), (-1, 2, -1), (-2, 3))},
    "Permute": {"dims": ((1,), (2, 1), (1, 2), (3, 1, 2), (0, 1), (1, 3))},
    "RepeatVector": {"n": (1, 3)},
    # signals.py
    "MelSpectrogram": {
        "fft_length": (2048, 64), "sequence_stride": (512, 16, 7), "sequence_length": (None, 32, 100),
        "num_mel_bins": (128, 5),
    },
    "STFTSpectrogram": {
        "mode": (*OPTIONS["mode"], "db"), "frame_length": (32, 20), "frame_step": (None, 7, 33),
        "fft_length": (None, 64, 16), "padding": ("valid", "same", "causal"), "expand_dims": OFF_ON, **FORMATS,
    },
}  # fmt: skip

for rank in (1, 2, 3):
    formats: Domain = FORMATS if rank > 1 else {}
    ends = (0, 1, 2, (1, 2, 0)[:rank], ((0, 1), (1, 1), (2, 0))[:rank])
    VALUES |= {
        f"Conv{rank}D": {
            **GRID, "padding": ("valid", "same", "causal")[: 3 if rank == 1 else 2], "groups": (1, 2, 3),
            "use_bias": ON_OFF,
        },
        f"Conv{rank}DTranspose": {**GRID, "output_padding": (None, 0, 1), "use_bias": ON_OFF},
        f"ConvLSTM{rank}D": {**GRID, "kernel_size": (1, 2), "strides": (1, 2), "use_bias": ON_OFF, **RETURNS},
        f"Cropping{rank}D": {"cropping": ends, **formats},
        f"ZeroPadding{rank}D": {"padding": ends, **FORMATS},
        f"UpSampling{rank}D": {"size": (1, 2, 3, (1, 2, 3)[:rank]), **formats},
    }  # fmt: skip
    for kind in ("Max", "Average"):
        adapted = (1, 2, (2, 3, 1)[:rank], (2,) * (rank + 1), -1, 2.5, None)
        pooled = {"pool_size": (1, 2, 3), "strides": (None, 1, 2, 3), "padding": ("valid", "same"), **FORMATS}
        VALUES[f"{kind}Pooling{rank}D"] = pooled
        VALUES[f"Global{kind}Pooling{rank}D"] = {**FORMATS, "keepdims": OFF_ON}
        VALUES[f"Adaptive{kind}Pooling{rank}D"] = {"output_size": adapted, **FORMATS}
for rank in (1, 2):
    VALUES |= {
        f"DepthwiseConv{rank}D": {k: v for k, v in GRID.items() if k != "filters"} | DEPTHS,
        f"SeparableConv{rank}D": {**GRID, **DEPTHS},
        f"LocallyConnected{rank}D": {
            "filters": (2, 6), **WINDOWS, "strides": (1, 2), "use_bias": ON_OFF, "implementation": (1, 2, 3),
        },
    }  # fmt: skip

# --- images.py: good values, pairs, and what lies outside of most intervals --------------------------------

FACTORS = (0.5, -0.5, (0.1, 0.4), (0.5, 7.0), (0.1, 0.2, 0.3), 9, None)
SOME = (None, 0.3, (0.1, 0.4), 9)
PICTURED: Domain = {
    "fill_mode": ("reflect", "other"),
    "interpolation": ("bilinear", "cubic"),
    "value_range": ((0, 255), (0, 1, 2), 3),
    **FORMATS,
}
# Keras looks at no value_range of these (of RandomElasticTransform's, not at its length).
ANY_RANGE = (
    "RandomElasticTransform", "RandomContrast", "RandomHue", "RandomColorJitter", "RandomInvert",
    "ContrastLimitedAdaptiveHistogramEqualization", "RandomGaussianBlur", "RandomErasing",
)  # fmt: skip
OF_IMAGES: dict[str, Domain] = {
    **{name: {} for name in ("RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomShear")},
    "RandomPerspective": {"scale": (1.0, 0.5, 2.0, -1.0, None)},
    "RandomElasticTransform": {"scale": (1.0, (0.1, 0.5), 2.0, None), "value_range": ((0, 255), 3)},
    **{name: {} for name in ("RandomContrast", "RandomBrightness", "RandomColorDegeneration", "RandomSaturation")},
    **{name: {} for name in ("RandomSharpness", "RandomHue", "RandomGrayscale", "RandomInvert", "Solarization")},
    "RandomPosterization": {"factor": (4, 1, 9, (2, 4), 0.5, (9, 10), None)},
    "RandomColorJitter": {f"{n}_factor": SOME for n in ("brightness", "contrast", "saturation", "hue")},
    **{name: {} for name in ("AutoContrast", "Equalization", "ContrastLimitedAdaptiveHistogramEqualization")},
    "RandomGaussianBlur": {"kernel_size": (3, (3, 5), 2, (2, 3), None), "sigma": (1.0, (0.1, 0.5), 2.0)},
    "RandomErasing": {"scale": ((0.02, 0.33), 0.5, 2.0, None)},
    **{name: {} for name in ("CutMix", "MixUp", "RandAugment")},
    "AugMix": {"all_ops": ON_OFF},
}


def _of_image(name: str, own: Domain) -> Domain:
    """What images are changed by, in the order of the signature, then factors, then what is the class's own."""
    named = TABLE[name].signature
    tried = {a: PICTURED[a] for a in named if a in PICTURED and not (a == "value_range" and name in ANY_RANGE)}
    return {**tried, **{a: FACTORS for a in named if a.endswith("factor")}, **own}


VALUES |= {name: _of_image(name, own) for name, own in OF_IMAGES.items()}
VALUES |= {name: {"factor": (0.2, (0.1, 0.3))} for name in ("RandomHeight", "RandomWidth")}
VALUES["MaxNumBoundingBoxes"] = {"max_number": (3, 5, None)}


def values_of(spec: LayerSpec) -> Domain:
    """The values to try of a class, also of one that a test has changed; empty where it takes other layers."""
    return VALUES.get(spec.name, {})
