"""What left Keras between 1 and 3, and where things live today. Data only."""

from __future__ import annotations

from collections.abc import Iterable

from kerlint.layers.table import ALIASES, TABLE

# Classes that only the name left of: the same layer under today's name.
FORMER: dict[str, str] = {f"AtrousConvolution{rank}D": f"Conv{rank}D" for rank in (1, 2)}

# Names that Keras 3 does not have, though the table knows the class.
NO_ALIAS: frozenset[str] = frozenset(("Deconvolution2D", "Deconvolution3D", "Deconv2D", "Deconv3D", *FORMER))

# Classes and functions that left.
GONE: tuple[str, ...] = (
    "LocallyConnected1D", "LocallyConnected2D", "CuDNNLSTM", "CuDNNGRU", "ThresholdedReLU", "RandomHeight",
    "RandomWidth", "TimeDistributedDense", "MaxoutDense", "Highway", "Merge", "merge", "SReLU", "ParametricSoftplus",
    "Recurrent", "Container",
)  # fmt: skip

# Constraints that Keras 3 has under another name only.
RENAMED = {"maxnorm": "max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"}

# What Keras 2 or 3 takes as an initialiser by name: those of functions, and of their classes.
_NAMES = (
    "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform", "random_normal",
    "random_uniform", "truncated_normal", "variance_scaling", "constant", "identity", "ones", "orthogonal", "zeros",
)  # fmt: skip
INITIALIZERS = frozenset((
    *_NAMES, *(name.title().replace("_", "") for name in _NAMES), "normal", "one", "uniform", "zero", "stft", "STFT",
    "STFTInitializer", "IdentityInitializer", "OrthogonalInitializer", "Initializer",
))  # fmt: skip

# Arguments that Keras 3 refuses, or takes and ignores.
REFUSED: tuple[str, ...] = (
    "weights", "batch_input_shape", "dynamic", "mode", "input_dtype", "dropout", "decay", "samples_per_epoch",
    "nb_val_samples", "val_samples", "workers", "nb_worker", "max_queue_size", "max_q_size", "use_multiprocessing",
    "pickle_safe",
)  # fmt: skip
# Classes that take one of these to this day.
TAKEN: dict[str, frozenset[str]] = {
    "mode": frozenset({"Merge", "Equalization"}),
    "batch_input_shape": frozenset({"InputLayer"}),
    "fused": frozenset(),
}

# --- where things live -------------------------------------------------------------------------------------

# In keras.layers, beside the classes of the table and their aliases.
BESIDE: tuple[str, ...] = (
    "Input", "Layer", "InputSpec", "Wrapper", "add", "average", "concatenate", "dot", "maximum", "minimum",
    "multiply", "subtract", "deserialize", "serialize",
)  # fmt: skip
PRIVATE = frozenset(["GroupedQueryAttention"])  # names of classes that keras.layers has under an alias only
MODELS: tuple[str, ...] = ("Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model")
UTILS: tuple[str, ...] = (
    "CustomObjectScope", "Progbar", "Sequence", "custom_object_scope", "deserialize_keras_object", "get_custom_objects",
    "get_file", "get_source_inputs", "model_to_dot", "normalize", "plot_model", "serialize_keras_object",
    "set_random_seed", "to_categorical",
)  # fmt: skip
BACKEND: tuple[str, ...] = (
    "backend", "clear_session", "epsilon", "floatx", "get_uid", "image_data_format", "is_keras_tensor", "set_epsilon",
    "set_floatx", "set_image_data_format",
)  # fmt: skip
HELD = {"models": MODELS, "utils": UTILS, "backend": BACKEND}
# Modules of keras.utils that are private now.
UTILITIES: frozenset[str] = frozenset(
    {"np_utils", "conv_utils", "data_utils", "vis_utils", "generic_utils", "layer_utils", "io_utils", "training_utils"}
)
# Modules that are the same through all versions.
STABLE: frozenset[str] = frozenset(
    {"activations", "applications", "backend", "callbacks", "constraints", "datasets", "initializers", "losses",
     "metrics", "optimizers", "regularizers"}
)  # fmt: skip


# Where packages kept things before keras.layers held all of them.
OLD_HOMES = frozenset(
    { "advanced_activations", "convolutional", "convolutional_recurrent", "core", "embeddings", "local",
    "merge", "merging", "noise", "normalization", "pooling", "recurrent", "wrappers", "cudnn_recurrent",
    "reshaping", "regularization", "activation", "attention", "rnn", "layer", "input_layer",
    "preprocessing", "recurrent_v2", "convolutional_transpose", }
)  # fmt: skip
ROOTS = {"tensorflow.python.keras": "tensorflow.keras", "tensorflow.keras": "tensorflow.keras", "keras": "keras"}


def moved(module: str, names: Iterable[str]) -> tuple[str, str] | None:
    """For an import that Keras 3 no longer serves: today's package and the module below it as it was written.

    ``keras.layers.core`` gives ``("keras", "layers.core")``; what is still there gives None.
    """
    written = next((root for root in ROOTS if module == root or module.startswith(root + ".")), None)
    if written is None or module.startswith("keras.src"):
        return None
    below = module[len(written) + 1 :]
    first, _, rest = below.partition(".")
    within = (
        (first == "layers" and rest and rest.rpartition(".")[2] in OLD_HOMES)
        or first == "engine"
        or below == "backend.tensorflow_backend"
        or (first == "utils" and rest in UTILITIES)
        or (below == "utils" and not UTILITIES.isdisjoint(names))
    )
    return (ROOTS[written], below) if within or written == "tensorflow.python.keras" else None


def todays_class(written: str, name: str) -> str:
    """What a class that the table calls ``name`` should be called: short names are kept, those of Keras 1 not."""
    return name if "convolution" in written.lower() or written in NO_ALIAS else written


def in_layers(name: str) -> bool:
    """Whether keras.layers of Keras 3 has the name."""
    spec = TABLE.get(ALIASES.get(name, name))
    here = spec is not None and 3 in spec.generations and name not in NO_ALIAS | PRIVATE
    return name in BESIDE or here


def todays_home(module: str, name: str) -> tuple[str, str] | None:
    """Module below keras and name of what ``module`` (below keras: ``layers.core``) once had; None if it is gone."""
    first, _, rest = module.partition(".")
    if first in ("engine", "legacy", "layers"):
        if name in ("Model", "Sequential"):
            return "models", name
        if name == "get_source_inputs":
            return "utils", name
        return ("layers", name) if in_layers(name) else None
    if first == "utils" and not rest and name in UTILITIES:
        return "", "utils"
    if first in HELD and (rest or first != "backend"):
        return (first, name) if name in HELD[first] else None
    if not rest and first in STABLE and not name.startswith("_"):
        return first, name
    if not first:
        return ("", name) if name in {*STABLE, "layers", "models", "utils", "Input", "Model", "Sequential"} else None
    return None
