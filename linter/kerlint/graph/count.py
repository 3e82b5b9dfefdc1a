"""Parameters and multiply-accumulates: of a node, of a region, of a model. Integers or formulas, which have values."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from kerlint.graph.dim import BATCH, Dim, Symbol, product, symbols
from kerlint.graph.graph import Graph, Node, sized
from kerlint.graph.layer import Layer, Refused, Silent, Unknown, WeightSpec

MODELS = ("Nested",)  # what is a model as a layer


@dataclass(frozen=True)
class Counts:
    """``params`` of which ``trainable`` train; ``macs`` for one example. None where that is not known."""

    params: Dim
    trainable: Dim | None
    macs: Dim | None


def params(node: Node) -> Dim:
    """All parameters of the node's layer. Raises Silent if a shape is not known."""
    return sum(product(w.shape) for w in _weights(node).values())


def trainable(node: Node, frozen: frozenset[Layer] = frozenset()) -> Dim:
    """The parameters that train. Raises Silent if a shape is not known, or whether the layer trains."""
    if node.layer in frozen or node.layer.config.get("trainable", True) is False:
        return 0
    return sum(product(w.shape) for w in _weights(node).values() if w.trainable)


def macs(node: Node) -> Dim:
    """Multiply-accumulates of one application, for one example. Raises Silent if a shape is not known."""
    if node.form == "held":
        return 0
    try:
        return node.layer.spec.macs(node.layer.config, node.incoming(), tuple(node.output.shape))
    except Refused as error:
        raise Silent(str(error)) from error


def _weights(node: Node) -> Mapping[str, WeightSpec]:
    try:
        found = node.specs
    except Refused as error:
        raise Silent(str(error)) from error
    for weight in found.values():
        sized(weight.shape)
    return found


def of(nodes: Iterable[Node], frozen: frozenset[Layer] = frozenset()) -> Counts:
    """Counts of several nodes: a layer that is applied twice has its parameters once, its MACs twice."""
    nodes = tuple(nodes)
    return Counts(all_params(nodes), known(lambda: sum(trainable(n, frozen) for n in _first(nodes))), all_macs(nodes))


def all_params(nodes: Iterable[Node]) -> Dim:
    """The parameters of several nodes. Raises Silent if a shape is not known."""
    return sum(map(params, _first(nodes)))


def _first(nodes: Iterable[Node]) -> Iterable[Node]:
    """Where each layer is applied first: it counts once."""
    return {node.layer: node for node in reversed(tuple(nodes))}.values()


def all_macs(nodes: Iterable[Node]) -> Dim | None:
    """The multiply-accumulates of several nodes, or None: also where they are not those of one example."""
    total = known(lambda: sum(macs(n) for n in nodes))
    return None if total is None or symbols(BATCH)[0] in symbols(total) else total


def known(counted: Callable[[], Dim]) -> Dim | None:
    """What is counted, or None if it is not known."""
    try:
        return counted()
    except Silent:
        return None


def model(graph: Graph) -> Counts | Unknown:
    """Counts of a whole model, or why they are not known."""
    try:
        found = replace(of(*_apart(graph)), macs=all_macs(graph.counted))
        return replace(found, trainable=None) if graph.unresolved else found
    except Silent as silent:
        return Unknown("params", silent.reason)


def total(graph: Graph) -> Dim:
    """The parameters of a whole model. Raises Silent, with the reason alone, if they are not known."""
    return all_params(_apart(graph)[0])


def _apart(graph: Graph) -> tuple[tuple[Node, ...], frozenset[Layer]]:
    """The nodes whose layers a model counts, and what does not train. Raises Silent where that is not known."""
    if graph.lost is not None:
        raise Silent(graph.lost.reason)
    if _shared(graph, ()) is None:
        return graph.counted, graph.frozen
    if (shared := _shared(graph, MODELS)) is not None:
        raise Silent(f"{shared.name} is in several models or layers that are in this one")
    all_params(graph.counted)
    apart = parts(graph, *MODELS)
    nodes = tuple(n for part in apart for n in part.counted if n.kind not in MODELS)
    return nodes, frozenset().union(*(part.frozen for part in apart))


def parts(graph: Graph, *kinds: str) -> list[Graph]:
    """The model, and all graphs of layers (of these kinds) in it, each once."""
    found = [graph]
    for part in found:
        for layer in part.layers:
            inner = layer.config.peek("graph")
            if isinstance(inner, Graph) and inner not in found and (layer.kind in kinds or not kinds):
                found.append(inner)
    return found


def _shared(graph: Graph, through: Container[str]) -> Layer | None:
    """A layer with weights that several parts of a model hold: Keras counts it once, the parts count it each.

    Parts of the kinds ``through`` are taken apart. What is shared within one part, that part counts once.
    """
    places: dict[Layer, object] = {}
    stack: list[tuple[Layer, object, Node | None]] = [(node.layer, graph, node) for node in graph.counted]
    while stack:
        layer, place, node = stack.pop()
        if layer in places:
            if places[layer] is not place and (node is None or known(partial(params, node)) != 0):
                return layer
            continue
        places[layer] = place
        inner = layer.config.peek("graph")
        if isinstance(inner, Graph):
            within = place if layer.kind in through or place is not graph else layer
            stack += [(n.layer, within if layer.kind in MODELS else inner, n) for n in inner.counted]
        else:
            stack += [(part, object(), None) for part in layer.wrapped]
    return None


def parameters(graph: Graph) -> Dim:
    """All parameters of a whole model. Raises Silent if they are not known."""
    try:
        return total(graph)
    except Silent as silent:
        raise Silent(f"perhaps: {silent.reason}") from None


def at(dim: Dim, values: Mapping[Symbol, int]) -> int:
    """The number that the dimension is for these values of its symbols. Raises KeyError if one is missing."""
    if isinstance(dim, int):
        return dim
    total = 0
    for monomial, coefficient in dim.terms:
        term = coefficient
        for atom, power in monomial:
            value = values[atom] if isinstance(atom, Symbol) else at(atom.top, values) // at(atom.bottom, values)
            term *= value**power
        total += term
    return total
