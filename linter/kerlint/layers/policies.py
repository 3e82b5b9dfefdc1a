"""What most rows share: weights, MACs, masks and dtypes as small policies that a row names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kerlint.graph.dim import Dim, product
from kerlint.graph.layer import Config, Incoming, Mask, Object, Silent, WeightSpec
from kerlint.graph.layer import kept as kept  # noqa: PLC0414 (a policy as others are)
from kerlint.graph.layer import no_weights as no_weights  # noqa: PLC0414 (a policy as others are)
from kerlint.graph.weight import Shape

Weights = Mapping[str, WeightSpec]


def kept_by(derive: Callable[[Config, Incoming], object]) -> Callable[[Config, Incoming], Shape]:
    """The output has the shape of the input, refused where ``derive`` (the weights, often) refuses it."""

    def output(config: Config, x: Incoming) -> Shape:
        derive(config, x)
        return tuple(x)

    return output


def bias(config: Config, size: Dim) -> Weights:
    """The bias of ``size`` entries, if the layer uses one."""
    return {"bias": WeightSpec((size,))} if config["use_bias"] else {}


def matrices(weights: Weights) -> Dim:
    """The entries of all weights of at least two axes: kernels, not biases, scales or statistics."""
    return sum(product(weight.shape) for weight in weights.values() if len(weight.shape) >= 2)


def no_macs(_config: Config, _incoming: Incoming, _output: Shape) -> Dim:
    """None: MACs count matrix products, convolutions and recurrences only.

    Elementwise work, normalisation, pooling, padding and the look-up of an embedding count 0.
    """
    return 0


# --- masks: whether the output carries a mask, given whether each input does -------------------------------


def dropped(_config: Config, _masks: tuple[Mask, ...]) -> Mask:
    """The layer does not support masks (Keras's default): the output has none."""
    return False


def pass_through(_config: Config, masks: tuple[Mask, ...]) -> Mask:
    """The input's mask goes on (``supports_masking`` and nothing else)."""
    return masks[0] if masks else False


def kept_if_sequences(config: Config, masks: tuple[Mask, ...]) -> Mask:
    """The mask of the steps survives only where the steps do."""
    return pass_through(config, masks) if config["return_sequences"] else False


def any_mask(_config: Config, masks: tuple[Mask, ...]) -> Mask:
    """Concatenate: a mask if any input has one."""
    return True if True in masks else None if None in masks else False


def all_masks(_config: Config, masks: tuple[Mask, ...]) -> Mask:
    """Add and its like: a mask only if every input has one (Keras 2 makes one of any)."""
    return False if False in masks else None if None in masks else bool(masks)


# --- dtypes ------------------------------------------------------------------------------------------------

COMPUTE = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


def compute_dtype(config: Config, _dtypes: tuple[str, ...] = ()) -> str:
    """What the layer computes in: its dtype argument, the compute dtype of a mixed policy. Else Silent."""
    policy = config["dtype"]
    if isinstance(policy, Object):
        policy = next((value for _, value in policy.config if isinstance(value, str)), policy)
    if not isinstance(policy, str):
        raise Silent(f"perhaps: the dtype policy {policy!r} is not known")
    return COMPUTE.get(policy, policy)


def autocast(config: Config, dtypes: tuple[str, ...]) -> str:
    """Keras casts floating inputs to the compute dtype and leaves integers alone: so does the output."""
    casts = not dtypes or any("float" in dtype or dtype == "unknown" for dtype in dtypes)
    return compute_dtype(config) if casts else dtypes[0]
