"""MACs and parameters of published models: the layer table against TensorFlow's profiler and Keras's own count.

    PYTHONPATH=linter:rules:. python bench/macs.py [MobileNetV2 ...]

Each model of ``keras.applications`` is built without weights; every layer's row is asked with the layer's own
configuration on the shapes that it met. The profiler counts nodes of the traced graph. What it counts beside
products (biases, normalisation, pooling, activations) is listed: MACs leave it out.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from tests.layers.profiler import PRODUCTS, operations, products

from kerlint.graph.dim import product
from kerlint.layers.bind import bind
from kerlint.layers.table import find

MODELS = (
    "VGG16", "ResNet50", "ResNet50V2", "InceptionV3", "Xception", "MobileNet", "MobileNetV2", "MobileNetV3Small",
    "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "NASNetMobile",
)  # fmt: skip
PLAIN = (int, float, str, bool, type(None), tuple, list)


def counted(layer: Any) -> tuple[int, int]:
    """MACs and parameters of one layer by its row. Raises KeyError for a class without a row."""
    spec = find(type(layer).__name__)
    if spec is None:
        raise KeyError(type(layer).__name__)
    if spec.name == "InputLayer":
        return 0, 0
    given = {k: v for k, v in layer.get_config().items() if k in spec.signature and isinstance(v, PLAIN)}
    config = bind(spec, (), given).config
    total: Any = 0  # numbers: every size is known
    for node in layer._inbound_nodes:
        shapes = tuple(tuple(d or 1 for d in tensor.shape) for tensor in node.input_tensors)
        incoming: Any = shapes if spec.many else shapes[0]
        total += spec.macs(config, incoming, spec.output(config, incoming))
    return total, sum(int(str(product(weight.shape))) for weight in spec.weights(config, incoming).values())


def compared(name: str) -> str:
    """One line of the table."""
    import keras

    build = getattr(keras.applications, name)
    model = build(weights=None)
    if None in model.input_shape[1:]:
        model = build(weights=None, input_shape=(224, 224, 3))
    rows = [counted(layer) for layer in model.layers]
    macs, params = (sum(numbers) for numbers in zip(*rows, strict=True))
    found = operations(lambda x: model(x, training=False), ((1, *model.input_shape[1:]),))
    others = ", ".join(f"{kind} {found[kind]:,}" for kind in sorted(found) if kind not in PRODUCTS)
    same = "same" if params == model.count_params() else f"KERAS SAYS {model.count_params():,}"
    return f"{name:18}{params:>14,} {same:6}{macs:>17,}{products(found):>17,}{macs - products(found):>10,}   {others}"


def main() -> None:
    """The table."""
    print(f"{'model':18}{'parameters':>14} {'':6}{'MACs':>17}{'profiler / 2':>17}{'off by':>10}   other operations")
    for name in sys.argv[1:] or MODELS:
        print(compared(name), flush=True)


if __name__ == "__main__":
    main()
