"""Layers around layers: TimeDistributed, Bidirectional, SpectralNormalization, Pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerlint.graph.dim import Dim
from kerlint.graph.layer import Config, Incoming, Layer, Refused, Silent, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, pass_through
from kerlint.layers.shapes import rank_at_least
from kerlint.layers.table import among, never, positive, row


def wrapped(config: Config, argument: str = "layer") -> Layer:
    """The layer inside. Silent if it is not a layer that the program makes."""
    layer = config[argument]
    if not isinstance(layer, Layer):
        raise Silent(f"perhaps: the {argument} inside is not known")
    return layer


NO_LAYER = (int, float, str, tuple, type(None))
is_layer = never("a layer is needed, not {layer!r}", lambda c: isinstance(c["layer"], NO_LAYER))


def incoming(layer: Layer, shape: Shape) -> Incoming:
    """What the inner layer's functions take."""
    return (shape,) if layer.spec.many else shape


def prefixed(prefix: str, layer: Layer, shape: Shape) -> dict[str, WeightSpec]:
    """The inner layer's weights under ``prefix``; they train if the inner layer does."""
    trains = layer.config.get("trainable", True) is not False
    found: Mapping[str, WeightSpec] = layer.spec.weights(layer.config, incoming(layer, shape))
    return {f"{prefix}.{name}": WeightSpec(w.shape, w.trainable and trains) for name, w in found.items()}


def inner_macs(layer: Layer, shape: Shape) -> Dim:
    """The MACs of one application of the inner layer."""
    inside = incoming(layer, shape)
    output = layer.spec.output(layer.config, inside)
    first = output[0] if layer.spec.outputs(layer.config) > 1 else output
    return layer.spec.macs(layer.config, inside, first)


# --- TimeDistributed ---------------------------------------------------------------------------------------


def _step(x: Shape) -> Shape:
    rank_at_least(x, 3, "TimeDistributed")
    return (x[0], *x[2:])


def _timed_output(config: Config, x: Incoming) -> Shape:
    layer, step = wrapped(config), _step(x)
    if layer.spec.outputs(layer.config) != 1:
        raise Silent(f"TimeDistributed({layer.title}) with several outputs, or not built, is not modelled")
    inner = layer.spec.output(layer.config, incoming(layer, step))
    return (inner[0], x[1], *inner[1:])


row(
    "TimeDistributed", output=_timed_output, mask=pass_through, checks=(is_layer,),
    weights=lambda c, x: prefixed("layer", wrapped(c), _step(x)),
    macs=lambda c, x, _output: inner_macs(wrapped(c), _step(x)) * x[1],
)  # fmt: skip


# --- Bidirectional -----------------------------------------------------------------------------------------


def _both(config: Config) -> tuple[Layer, Layer]:
    forward = wrapped(config)
    if "return_sequences" not in forward.config:
        raise Refused(f"Bidirectional wraps a recurrent layer, not {forward.kind}")
    return forward, forward if config["backward_layer"] is None else wrapped(config, "backward_layer")


def _two_way(config: Config, x: Incoming) -> Any:
    forward, _ = _both(config)
    found = forward.spec.output(forward.config, incoming(forward, x))
    output, states = (found[0], tuple(found[1:])) if forward.config["return_state"] else (found, ())
    if config["merge_mode"] == "concat":
        output = (*output[:-1], output[-1] * 2)
    outputs = (output, output) if config["merge_mode"] is None else (output,)
    every = (*outputs, *states, *states)
    return every if len(every) > 1 else every[0]


def _count(config: Config) -> int:
    forward, _ = _both(config)
    states = forward.spec.outputs(forward.config) - 1
    return (2 if config["merge_mode"] is None else 1) + 2 * states


row(
    "Bidirectional", output=_two_way, outputs=_count,
    weights=lambda c, x: prefixed("forward_layer", _both(c)[0], x) | prefixed("backward_layer", _both(c)[1], x),
    mask=lambda c, masks: wrapped(c).spec.mask(wrapped(c).config, masks),
    macs=lambda c, x, _output: sum(inner_macs(layer, x) for layer in _both(c)),
    checks=(is_layer, among("merge_mode", "concat", "sum", "mul", "ave", None)),
)  # fmt: skip


# --- SpectralNormalization ---------------------------------------------------------------------------------


def _normalised(config: Config, x: Incoming) -> Any:
    layer = wrapped(config)
    _kernel(layer, x)
    return layer.spec.output(layer.config, incoming(layer, x))


def _kernel(layer: Layer, x: Shape) -> WeightSpec:
    """The weight that is normalised. Refused where the layer has neither ``kernel`` nor ``embeddings``."""
    found = layer.spec.weights(layer.config, incoming(layer, x))
    direct = next((found[name] for name in ("kernel", "embeddings") if name in found), None)
    if direct is None or "return_state" in layer.config:  # a recurrent layer's kernel is its cell's
        raise Refused(f"SpectralNormalization wraps a layer with a kernel or embeddings, not {layer.kind}")
    return direct


def _spectral_weights(config: Config, x: Incoming) -> Weights:
    """Keras lists the layer's first weight, then the wrapper's own vector, then the others."""
    layer = wrapped(config)
    vector = {"vector_u": WeightSpec((1, _kernel(layer, x).shape[-1]), trainable=False)}
    inner = prefixed("layer", layer, x)
    first = next(iter(inner))
    return {first: inner[first]} | vector | {name: w for name, w in inner.items() if name != first}


row(
    "SpectralNormalization", output=_normalised, weights=_spectral_weights,
    macs=lambda c, x, _output: inner_macs(wrapped(c), x), checks=(is_layer, positive("power_iterations")),
)  # fmt: skip


# --- Pipeline ----------------------------------------------------------------------------------------------


def _steps(config: Config) -> tuple[Layer, ...]:
    layers = config["layers"]
    if isinstance(layers, (int, float, str, type(None))) or not layers:
        raise Refused(f"Pipeline is made of layers, not {layers!r}")
    if not isinstance(layers, tuple) or not all(isinstance(layer, Layer) for layer in layers):
        raise Silent("perhaps: a layer of the pipeline is not known")
    return layers


def _passed(config: Config, x: Incoming) -> list[tuple[Layer, Shape]]:
    """Each layer with the shape that it is given, and a last entry for the output."""
    met = []
    for layer in _steps(config):
        met.append((layer, x))
        x = layer.spec.output(layer.config, incoming(layer, x))
        if layer.spec.outputs(layer.config) != 1:
            raise Silent(f"Pipeline with the several outputs of {layer.kind} is not modelled")
    return [*met, (met[-1][0], x)]


def _pipeline_weights(config: Config, x: Incoming) -> Weights:
    found: dict[str, WeightSpec] = {}
    for number, (layer, shape) in enumerate(_passed(config, x)[:-1]):
        found |= prefixed(f"layers.{number}", layer, shape)
    return found


def _through(config: Config, name: str, given: tuple[Any, ...]) -> Any:
    """What the layers make of a dtype or a mask, one after the other."""
    for layer in _steps(config):
        given = (getattr(layer.spec, name)(layer.config, given),)
    return given[0]


row(
    "Pipeline", output=lambda c, x: _passed(c, x)[-1][1], weights=_pipeline_weights,
    macs=lambda c, x, _output: sum(inner_macs(layer, shape) for layer, shape in _passed(c, x)[:-1]),
    mask=lambda c, masks: _through(c, "mask", masks), dtype=lambda c, dtypes: _through(c, "dtype", dtypes),
    generations=(3,),
)  # fmt: skip
