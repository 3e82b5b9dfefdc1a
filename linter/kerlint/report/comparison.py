"""A model evaluated from source beside the one that really came out: every difference, in words."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kerlint.graph import count
from kerlint.graph.count import at
from kerlint.graph.dim import Dim, Symbol, symbols
from kerlint.graph.graph import Graph, Model, Node
from kerlint.graph.layer import Config, Layer, Silent, Unknown
from kerlint.layers.operations import OPERATIONS
from kerlint.report.names import plain_shape
from kerlint.report.summary import in_order

Plain = Mapping[str, Any]
NO_LAYERS = frozenset({"InputLayer", "TFOpLambda", "SlicingOpLambda"})  # an input; Keras 2's operations

COUNTS = ("params", "trainable")  # what trains is settled only when the program has come to its end
NO_ARGUMENTS = {"name", "class", "dtype", "trainable", "seed", "axis"}  # told otherwise, or in several ways
# Keras's two names of one function.
SAME = {
    "swish": "silu", "hard_swish": "hard_silu", "uniform": "random_uniform", "normal": "random_normal", "one": "ones",
    "zero": "zeros",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One layer on either side: a size that is not known is None, on the source's side perhaps a formula."""

    name: str
    kind: str
    shape: Any
    params: Any
    trainable: Any
    config: Config | None = None  # of a layer of Keras that is known with its arguments


@dataclass
class Sizes:
    """What symbols of the source turned out to be: the first formula with no other (``64*n + 64``) decides."""

    values: dict[Symbol, int] = field(default_factory=dict)

    def agrees(self, dim: Any, real: Any) -> bool:
        """Whether a size of the source is the real one; what is free is None in Keras."""
        if isinstance(dim, int):
            return isinstance(real, int) and dim == real
        if isinstance(dim, Unknown):
            return False
        free = [s for s in symbols(dim) if s.free]
        if free or real is None:
            return bool(free) and real is None
        self._learn(dim, real)
        try:
            return bool(at(dim, self.values) == real)
        except KeyError:
            return False

    def _learn(self, dim: Dim, real: int) -> None:
        unknown = [s for s in symbols(dim) if s not in self.values]
        if len(unknown) == 1:
            first, second, third = (at(dim, {**self.values, unknown[0]: n}) for n in (1, 2, 3))
            step, beyond = second - first, real - first
            if step and third - second == step and beyond % step == 0 and beyond // step >= 0:
                self.values[unknown[0]] = 1 + beyond // step

    def shape(self, shape: Any, real: Sequence[int | None] | None) -> bool:
        """Whether two shapes agree, axis by axis."""
        if isinstance(shape, Unknown) or real is None:
            return isinstance(shape, Unknown) and real is None
        return len(shape) == len(real) and all(self.agrees(a, b) for a, b in zip(shape, real, strict=True))


def differences(model: Model, data: Plain, row: Plain, made: Graph, sizes: Sizes) -> list[str]:
    """What the source says of a model that the real one (its ``row``, its graph ``made``) is not; unbuilt: nothing."""
    if row["untraced"] and not row["built"]:
        return []
    graph = model.graph
    found = []
    for what, tensors in () if row["untraced"] else (("input", graph.inputs), ("output", graph.outputs)):
        real = [data["tensors"][i]["shape"] for i in row[f"{what}s"]]
        if len(real) != len(tensors):
            found.append(f"{len(tensors)} {what}s in the source, {len(real)} in the run")
            continue
        for number, (tensor, shape) in enumerate(zip(tensors, real, strict=True)):
            if not sizes.shape(tensor.shape, shape):
                found.append(f"{what} {number}: {_shown(tensor.shape)} in the source, {_tuple(shape)} in the run")
    ours, theirs = list(_static(model)), list(_real(data, row, {x.name: x.config for x in made.layers}))
    if row["kind"] == "Subclass":  # Keras lists its layers as its attributes, the source as call() uses them
        ours = _as_listed(ours, theirs, sizes)
    settled = COUNTS[:1] if data["raised"] else COUNTS
    found += _layers(ours, theirs, sizes, settled)
    totals = count.model(graph)
    if not isinstance(totals, Unknown):
        for what in settled:
            ours, real = getattr(totals, what), row["totals"][what]
            if ours is not None and not sizes.agrees(ours, real):
                found.append(f"{what} of the model: {ours} in the source, {real} in the run")
    return found


def _static(model: Model) -> Iterator[Line]:
    operations = set(map(id, OPERATIONS.values()))
    for layer in in_order(model):
        if layer.kind not in NO_LAYERS and id(layer.spec) not in operations:
            node = next(n for n in model.graph.counted if n.layer is layer)
            yield Line(layer.name, layer.title, node.output.shape, *_counts(node, model.graph.frozen), layer.config)


def _counts(node: Node, frozen: frozenset[Layer]) -> tuple[Any, Any]:
    try:
        return count.params(node), count.trainable(node, frozen)
    except Silent as silent:
        return Unknown("params", silent.reason), Unknown("params", silent.reason)


def _real(data: Plain, row: Plain, configs: Mapping[str, Config]) -> Iterator[Line]:
    for number in row["layers"]:
        layer = data["layers"][number]
        if layer["class"] in NO_LAYERS or layer["operation"]:
            continue
        outputs = next((n["outputs"] for n in row["nodes"] if n["layer"] == number), None)
        if outputs is None and row["nodes"] and not layer["weights"]:
            continue  # an attribute of a subclassed model that its call() does not use
        shape = data["tensors"][outputs[0]]["shape"] if outputs else None
        params = sum(math.prod(w[1]) for w in layer["weights"])
        trainable = sum(math.prod(w[1]) for w in layer["weights"] if w[2])
        kind = layer["kind"] if layer["home"] == "keras" else None  # a class of the program has its own name
        yield Line(layer["name"], kind or layer["class"], shape, params, trainable, configs.get(layer["name"]))


def _layers(ours: list[Line], real: list[Line], sizes: Sizes, counts: Sequence[str]) -> list[str]:
    """Layers paired by their classes, in Keras's order; those without a partner are missing."""
    found = []
    matcher = difflib.SequenceMatcher(None, [x.kind for x in ours], [x.kind for x in real], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            found += [said for x, y in zip(ours[a:b], real[c:d], strict=True) for said in _pair(x, y, sizes, counts)]
        else:
            found += [f"{x.name} ({x.kind}) is only in the source" for x in ours[a:b]]
            found += [f"{y.name} ({y.kind}) is only in the run" for y in real[c:d]]
    return found


def _as_listed(ours: list[Line], real: list[Line], sizes: Sizes) -> list[Line]:
    """Our layers in the order of the real ones that they equal, or whose class they have."""
    left, found = [*ours], []
    for line in real:
        same = [one for one in left if one.kind == line.kind]
        equal = (one for one in same if not [*_pair(one, line, Sizes({**sizes.values}))])
        if (one := next(equal, same[0] if same else None)) is not None:
            found.append(one)
            left.remove(one)
    return found + left


def _pair(ours: Line, real: Line, sizes: Sizes, counts: Sequence[str] = COUNTS) -> Iterator[str]:
    who = f"{real.name} ({real.kind})"
    if real.shape is not None and not sizes.shape(ours.shape, real.shape):
        yield f"{who}: shape {_shown(ours.shape)} in the source, {_tuple(real.shape)} in the run"
    for what in counts:
        if not sizes.agrees(getattr(ours, what), getattr(real, what)):
            said = "unknown" if isinstance(getattr(ours, what), Unknown) else getattr(ours, what)
            yield f"{who}: {what} {said} in the source, {getattr(real, what)} in the run"
    for name in sorted((ours.config or {}).keys() & (real.config or {}).keys() - NO_ARGUMENTS):
        said, found = (side.config.peek(name) for side in (ours, real) if side.config is not None)
        plain = type(said) is type(found) and _plain(said) and _plain(found)
        near = plain and isinstance(said, float) and math.isclose(said, found, rel_tol=1e-6)
        if plain and not near and _named(said) != _named(found):
            yield f"{who}: {name}={said!r} in the source, {found!r} in the run"


def _named(value: Any) -> Any:
    """Keras finds a thing by the name of its class, too: ``GlorotUniform``, ``glorot_uniform``."""
    return SAME.get(value, value).replace("_", "").lower() if isinstance(value, str) else value


def _plain(value: Any) -> bool:
    """Whether it is known, and no object or size of which there are several forms."""
    return all(map(_plain, value)) if isinstance(value, tuple) else isinstance(value, (int, float, str, type(None)))


def _shown(shape: Any) -> str:
    return "unknown" if isinstance(shape, Unknown) else _tuple(plain_shape(shape))


def _tuple(shape: Any) -> str:
    return "unknown" if shape is None else f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
