"""Layers around what others compute: made like any layer, but what they do, or give, is not known."""

from __future__ import annotations

from typing import Any

from kerlint.graph.layer import Config, Incoming, Silent, WeightSpec
from kerlint.layers.policies import Weights, no_macs
from kerlint.layers.table import row

# What is computed by code outside of Keras.
FOREIGN = {
    "JaxLayer": "what a JAX function gives is not known",
    "FlaxLayer": "what a Flax module gives is not known",
    "TorchModuleWrapper": "what a Torch module gives is not known",
    "TFSMLayer": "what a SavedModel on disk gives is not known",
}


def _foreign(name: str, positional: str, **defaults: Any) -> None:
    def gives(*_given: Any) -> Any:
        raise Silent(f"perhaps: {name}: {FOREIGN[name]}")

    row(
        name, positional, output=gives, weights=gives, macs=gives, mask=lambda _c, _m: None,
        dtype=gives, many=True, generations=(3,), **defaults,
    )  # fmt: skip


_foreign("JaxLayer", "call_fn", init_fn=None, params=None, state=None, seed=None, native_serialization_platforms=None)
_foreign("FlaxLayer", "module", method=None, variables=None)
_foreign("TorchModuleWrapper", "module", name_=None, output_shape=None)
_foreign(
    "TFSMLayer", "filepath", call_endpoint="serve", call_training_endpoint=None, trainable=True, name_=None,
    dtype_=None,
)  # fmt: skip


def _weights(config: Config, _shapes: Incoming) -> Weights:
    return {name: WeightSpec(tuple(shape)) for name, shape in config["shapes"]}


OWN = row(
    "Own", "shapes", class_="Layer", output=lambda _c, shapes: tuple(shapes[0]), weights=_weights, macs=no_macs,
    many=True, into={},
)  # fmt: skip
