"""What layers demand: an input of unknown shape has the only number of axes that Keras does not refuse."""

from __future__ import annotations

import re

from kerlint.evaluate.apply import Asked
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Demanded, ModelValue, Open, Value, short_key
from kerlint.graph.dim import BATCH, symbol
from kerlint.graph.graph import Tensor, Trace
from kerlint.graph.layer import Layer, Refused, Unknown
from kerlint.graph.weight import Shape

RANKS = 6  # axes that an input may have; behind each layer, one more
DEPTH = 4  # layers behind an input that are asked
CUT = re.compile(r"(.+)\[(\d+)::\]")  # the key of ``x.shape[1:]``


def demanded(run: Run, every: bool = False) -> dict[str, Value]:
    """The shapes that must have one number of entries, by their keys: another, and the program would end there.

    They are read off the layer table: what a model's input reaches refuses every other number of axes. ``every``: what
    any tensor reaches that is given from outside.
    """
    given = [*(tensor for model in run.models for tensor in model.inputs), *(run.tensors.values() if every else ())]
    sources = {tensor: s for tensor in given if (s := _source(tensor)) is not None}
    if not sources:
        return {}
    trace = Trace(tuple(run.nodes))
    found: dict[str, Value] = {}
    for tensor, source in sources.items():
        ranks = _possible(trace, tensor, DEPTH)
        if len(ranks) == 1 and min(ranks) >= source.before:
            found[source.key] = _entries(source.key, source.text, min(ranks) - source.before)
    return found


def input_shape(run: Run, model: ModelValue) -> Shape | None:
    """The shape of a model's input, if its layers take one number of axes: its sizes are those of the model."""
    ranks = _possible(Trace(tuple(run.nodes)), model.inputs[0], DEPTH)
    name = model.name or model.keras_name
    sizes = (symbol(f"{name}.input_shape[{i}]", (model.keras_name, i)) for i in range(1, min(ranks, default=1)))
    return (BATCH, *sizes) if len(ranks) == 1 else None


def _source(tensor: Tensor) -> Asked | None:
    """The unknown value that the program gave as the tensor's shape, without the batch."""
    shape: object = tensor.shape
    if isinstance(shape, Unknown) and tensor.node is not None:
        shape = tensor.node.layer.config.peek("shape") if tensor.node.layer.kind == "InputLayer" else None
    return shape.source if isinstance(shape, Unknown) and isinstance(shape.source, Asked) else None


def _possible(trace: Trace, tensor: Tensor, depth: int) -> frozenset[int]:
    """The numbers of axes that none of the layers behind the tensor refuses."""
    ranks = frozenset(range(1, RANKS + 1 + DEPTH - depth))
    for node in trace.consumers(tensor) if depth else ():
        if all(t is tensor or _source(t) == _source(tensor) is not None for t in node.inputs) and ranks:
            behind = _possible(trace, node.output, depth - 1)
            ranks = frozenset(r for r in ranks if axes_after(node.layer, r, len(node.inputs)) in {None, *behind})
    return ranks


def axes_after(layer: Layer, rank: int, inputs: int = 1) -> int | None:
    """How many axes the layer makes of so many: 0 where Keras refuses them, None where that is not known."""
    shape = (BATCH, *(symbol(f"s{axis}", ("rank", axis)) for axis in range(1, rank)))
    try:
        found = layer.spec.output(layer.config, (shape,) * inputs if layer.spec.many else shape)
        return len(found) if layer.spec.outputs(layer.config) == 1 and len(found) <= rank + 1 else None
    except Refused:
        return 0
    except Exception:  # what is not understood demands nothing
        return None


def _entries(key: str, text: str, count: int) -> Demanded:
    """The entries of a shape. Those of ``x.shape[1:]`` are entries of ``x.shape``."""
    cut, first = CUT.fullmatch(key), 0
    if cut is not None:
        key, first, text = cut[1], int(cut[2]), text.rpartition("[")[0]
    why = f"an entry of {text}"
    places = range(first, first + count)
    return Demanded(Open(short_key(f"{key}[{i}]"), f"{text}[{i}]", why, integral=True, optional=True) for i in places)
