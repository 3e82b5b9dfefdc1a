"""From a rewrite to the question that is put to Keras: both graphs with numbers for every dimension."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from kerlint.graph.answer import Rewrite
from kerlint.graph.count import at, known, macs
from kerlint.graph.dim import BATCH, Dim, Symbol, symbols
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Layer, Refused, Silent, Unknown
from kerlint.graph.weight import plain
from kerlint.layers.nested import indexing
from kerlint.prove.arguments import concrete, described, dimensions
from kerlint.prove.proof import FORMAT, LEVELS, Request, Unprovable
from kerlint.prove.sizes import EXAMPLES, LARGE, SIZES, reach, sizes_of, smaller, steps_of, values_for
from kerlint.prove.whole import Whole

ENTRIES = 8e7  # of all weights and inputs: beyond it a proof takes a minute for copying alone
MACS = 2e10  # of one pass: a minute for all passes on two cores in float64
SHORT = 2  # draws of the unknown dimensions, beside one that no window covers


def request_of(rewrite: Rewrite, equivalence: str, *, scaled: bool = False) -> Request:
    """The question. Raises Unprovable where it cannot be put; ``equivalence`` is one of LEVELS.

    ``scaled``: with other numbers for large sizes, everywhere the same. Both graphs are derived anew from their
    inputs, so that it is the same pattern, but another rewrite: only that it holds says anything.
    """
    if equivalence not in LEVELS:
        raise Unprovable(f"{equivalence} claims nothing that could be compared")
    _expressible(rewrite)
    unknown = tuple(dict.fromkeys(_symbols(rewrite)))
    try:
        sizes = smaller(rewrite) if scaled else {}
        draws = _draws(rewrite, unknown, sizes)
    except Silent as silent:
        raise Unprovable(silent.reason) from silent
    kept = [masked for draw in draws for masked in _masked(draw)]
    sides = {"old": [n.layer for n in rewrite.old], "new": [n.layer for n in rewrite.new_nodes]}
    generation = {side: 2 if any(map(_old_only, layers)) else 3 for side, layers in sides.items()}
    asked: dict[str, Any] = {"format": FORMAT, "equivalence": equivalence, "generation": generation, "draws": kept}
    asked |= {"whole": True} if isinstance(rewrite, Whole) else {}
    return Request(asked | ({"sizes": {str(n): small for n, small in sizes.items()}} if scaled else {}))


def too_large(request: Request) -> str | None:
    """Why no machine should try; None if one may."""
    for draw in request.data["draws"]:
        if draw["entries"] > ENTRIES:
            return f"too large to be run: {draw['entries'] / 1e6:,.0f} million weights and inputs"
        if max(draw["old"]["macs"], draw["new"]["macs"]) > MACS:
            return f"too large to be run: more than {MACS / 1e9:.0f} billion multiplications a pass"
    return None


def _old_only(layer: Layer) -> bool:
    """Whether the layer, or one inside of it, exists in Keras 2 only."""
    inner = (layer.config.raw(name) for name in layer.config)
    return layer.spec.generations == (2,) or any(isinstance(v, Layer) and _old_only(v) for v in inner)


def _expressible(rewrite: Rewrite) -> None:
    inner = {t for node in rewrite.old for t in node.outputs}
    for node in rewrite.new_nodes:
        if any(t in inner for t in node.inputs):
            raise Unprovable(f"{node.kind} of the replacement reads a tensor inside of what it replaces")
    for node in (*rewrite.old, *rewrite.new_nodes):
        if node.refused:
            raise Unprovable(f"{node.refused.who} refuses {node.kind}: {node.refused}")
        for name, value in node.options.items():
            if not (value is None or isinstance(value, (bool, int, float, str))):
                raise Unprovable(f"{node.kind} is called with {name}=")


def _symbols(rewrite: Rewrite) -> Iterator[Symbol]:
    """Every symbol of the region except the batch, in order of appearance."""
    found: list[Symbol] = []
    nodes = (*rewrite.old, *rewrite.new_nodes)
    for tensor in (*rewrite.inputs, *(t for n in nodes for t in n.outputs)):
        if isinstance(tensor.shape, Unknown):
            raise Unprovable(f"a shape is not known: {tensor.shape.why}")
        found.extend(s for dim in tensor.shape for s in symbols(dim))
    for node in nodes:
        found.extend(s for dim in dimensions(node.layer) for s in symbols(dim))
        found.extend(s for w in (node.mapped or {}).values() for dim in w.shape for s in symbols(dim))
    (batch,) = symbols(BATCH)
    yield from (s for s in found if s != batch)


def _draws(rewrite: Rewrite, unknown: Sequence[Symbol], small: Mapping[int, int]) -> list[dict[str, Any]]:
    """Both graphs for sizes of what is unknown: longer than twice any window, short, and what a window just covers.

    Raises Unprovable where too few of them build.
    """
    covered, sizes = reach(rewrite), sizes_of(rewrite)
    names = ", ".join(s.name for s in unknown) or "all of them known"
    steps = steps_of(rewrite)
    far = max(2 * covered, EXAMPLES)  # no size is the batch's
    several = (n * -(-(far + 1) // n) for n in sizes if n > SIZES[0])  # of what layers take only multiples of
    longer = sorted({*range(far + 1, far + 5), *several, *(size for size in sizes if size > far)})
    found: list[tuple[dict[Symbol, int], dict[str, Any]]] = []
    for taken, most in ((longer, 1), (sizes, SHORT), ([covered], 1 if covered > 1 else 0)):
        fresh = (v for v in values_for(unknown, taken, steps) if v not in [values for values, _ in found])
        new = ((v, draw) for v in fresh if (draw := _draw(rewrite, v, small)))
        found += itertools.islice(new, most)
        if not found:
            raise Unprovable(f"no sizes found for which both graphs can be built ({names})")
    if unknown and len(found) <= SHORT:
        raise Unprovable(f"of the sizes drawn for {names} only {len(found)} can be built")
    return [draw for _, draw in found]


@dataclass(frozen=True)
class _Drawn:
    """The region with numbers: what each tensor and each layer became."""

    values: Mapping[Symbol, int]
    tensors: dict[Tensor, Tensor]
    layers: dict[Layer, Layer]
    sizes: dict[int, int]  # what large numbers become

    def number(self, dim: Dim) -> int:
        """The number, or what it is scaled down to: as what it is the largest multiple of."""
        exact = at(dim, self.values)
        of = max((size for size in self.sizes if exact % size == 0), default=0) if exact > LARGE else 0
        return exact // of * self.sizes[of] if of else exact

    def note(self, large: Sequence[Dim], small: Sequence[Dim]) -> None:
        """Sizes that follow from those scaled down already."""
        for before, after in zip(large, small, strict=False):
            exact = at(before, self.values)
            if self.sizes and exact > LARGE and isinstance(after, int):
                self.sizes.setdefault(exact, after)

    def derive(self, node: Node) -> Node | None:
        """The node on concrete shapes; None where Keras refuses these sizes, or gives other shapes."""
        layer = self.layers.setdefault(node.layer, concrete(node.layer, self.number))
        if _uneven(layer) and not _uneven(node.layer):
            return None
        again = Node(layer, tuple(self.tensors[t] for t in node.inputs), options=node.options)
        for symbolic, drawn in zip(node.outputs, again.outputs, strict=True):
            if again.refused or isinstance(drawn.shape, Unknown):
                return None
            self.note(tuple(symbolic.shape), drawn.shape)
            shape = tuple(self.number(d) for d in symbolic.shape)
            follows = tuple(drawn.shape) == shape or self.sizes  # scaled: what is small may follow from what was large
            if not follows or min(at(d, self.values) for d in drawn.shape) < 1:
                return None
            self.tensors[symbolic] = drawn
        return again


def _uneven(layer: Layer) -> bool:
    """Whether a convolution of each channel goes on by other steps along each axis: TensorFlow does not run that."""
    strides = layer.config.peek("strides") if "depth_multiplier" in layer.config else None
    return isinstance(strides, tuple) and all(type(n) is int for n in strides) and len(set(strides)) > 1


def _draw(rewrite: Rewrite, values: Mapping[Symbol, int], sizes: Mapping[int, int]) -> dict[str, Any] | None:
    """Both graphs for these sizes; None where they do not build."""
    drawn = _Drawn(values, {}, {}, dict(sizes))
    for tensor in rewrite.inputs:
        shape = tuple(drawn.number(d) for d in tensor.shape)
        if min(shape, default=1) < 1:
            return None
        drawn.tensors[tensor] = Tensor(shape, tensor.dtype, tensor.masked)
    try:
        sides = {"old": rewrite.old, "new": rewrite.new_nodes}
        pairs = {side: [(n, drawn.derive(n)) for n in nodes] for side, nodes in sides.items()}
        if any(again is None for nodes in pairs.values() for _, again in nodes):
            return None
        graphs = {side: _graph(drawn, rewrite, [(n, a) for n, a in nodes if a]) for side, nodes in pairs.items()}
    except (Refused, KeyError):  # KeyError: what depends on a node that could not be derived
        return None
    graphs["old"]["result"] = _wiring(rewrite, rewrite.old)[rewrite.target]
    graphs["new"]["result"] = _wiring(rewrite, rewrite.new_nodes)[rewrite.new]
    inputs = [_input(rewrite, t, drawn) for t in rewrite.inputs]
    entries = sum(prod(row["shape"]) for row in inputs) + max(graph.pop("entries") for graph in graphs.values())
    return {"inputs": inputs, "entries": entries, **graphs}


def _wiring(rewrite: Rewrite, nodes: Sequence[Node]) -> dict[Tensor, list[Any]]:
    """How each tensor is named: ["input", i] or ["node", i, which output]."""
    names: dict[Tensor, list[Any]] = {t: ["input", i] for i, t in enumerate(rewrite.inputs)}
    return names | {t: ["node", i, t.index] for i, node in enumerate(nodes) for t in node.outputs}


def _graph(drawn: _Drawn, rewrite: Rewrite, pairs: Sequence[tuple[Node, Node]]) -> dict[str, Any]:
    names = _wiring(rewrite, [node for node, _ in pairs])
    order = {layer: i for i, layer in enumerate(dict.fromkeys(node.layer for node, _ in pairs))}
    first = {node.layer: (node, again) for node, again in reversed(pairs)}
    layers = [_layer(drawn, rewrite, *first[layer]) for layer in order]
    rows = [
        {"layer": order[node.layer], "inputs": [names[t] for t in node.inputs], "many": node.layer.spec.many,
         "options": dict(node.options)} for node, _ in pairs
    ]  # fmt: skip
    counted = (known(partial(macs, again)) for _, again in pairs)
    entries = sum(prod(weight["shape"]) for layer in layers for weight in layer["weights"])
    total = EXAMPLES * sum(n for n in counted if isinstance(n, int))
    return {"layers": layers, "nodes": rows, "macs": total, "entries": entries}


def _layer(drawn: _Drawn, rewrite: Rewrite, node: Node, again: Node) -> dict[str, Any]:
    """Class, configuration and weights, with the expressions they are made of; which old layer it is, if one."""
    specs = again.specs
    for name, large in node.specs.items() if drawn.sizes else ():
        drawn.note(large.shape, specs[name].shape)
    order = {layer: i for i, layer in enumerate(dict.fromkeys(n.layer for n in rewrite.old))}
    mapped = node.weights if node.mapped is None else node.mapped
    made = {name: plain(mapped[name], drawn.number, lambda of: order[of.layer]) for name in specs}
    shapes = {name: [at(dim, drawn.values) for dim in spec.shape] for name, spec in specs.items()}
    weights = [{"name": name, "shape": shapes[name], "of": made[name]} for name in specs]
    stays = node.mapped is not None and node.layer in order
    return {**described(again.layer), "weights": weights} | ({"kept": order[node.layer]} if stays else {})


def _input(rewrite: Rewrite, tensor: Tensor, drawn: _Drawn) -> dict[str, Any]:
    """Shape, dtype and mask of an input; ``below`` bounds what is used as an index."""
    (batch,) = symbols(BATCH)
    free = symbols(tensor.shape[0]) == (batch,) if len(tensor.shape) else False
    shape = [drawn.number(d) for d in tensor.shape]
    row = {"shape": shape, "free": free, "dtype": tensor.dtype, "masked": tensor.masked}
    readers = indexing((*rewrite.old, *rewrite.new_nodes), tensor)
    below = [drawn.layers.get(node.layer, node.layer).config[argument] for node, argument in readers]
    return row | ({"below": min(below)} if below else {})


def _masked(draw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The draw with and without masks of inputs that perhaps carry one, where there are such."""
    for masked in (False, True) if any(row["masked"] is None for row in draw["inputs"]) else (False,):
        rows = [row | {"masked": masked if row["masked"] is None else row["masked"]} for row in draw["inputs"]]
        yield draw | {"inputs": rows}
