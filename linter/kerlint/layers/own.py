"""A layer of somebody else's own class, known by its weights only: what comes in goes out in the same shape."""

from __future__ import annotations

from kerlint.graph.layer import Config, Incoming, WeightSpec
from kerlint.layers.policies import Weights, no_macs
from kerlint.layers.table import row


def _weights(config: Config, _shapes: Incoming) -> Weights:
    return {name: WeightSpec(tuple(shape)) for name, shape in config["shapes"]}


OWN = row(
    "Own", "shapes", class_="Layer", output=lambda _c, shapes: tuple(shapes[0]), weights=_weights, macs=no_macs,
    many=True, into={},
)  # fmt: skip
