"""Models applied as layers of other models: where a node lies within one, and what a rewrite makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from kerlint.graph.answer import Answer, Rewrite, apply_all
from kerlint.graph.graph import Graph, Model, Node, Trace, on_others
from kerlint.graph.layer import Config, Layer
from kerlint.graph.rebuild import rebuild


def inner_graph(layer: Layer) -> Graph | None:
    """The graph of a model that is applied as a layer, bare or within a wrapper."""
    graph, wrapped = layer.config.peek("graph"), layer.config.peek("layer")
    if isinstance(graph, Graph):
        return graph
    return inner_graph(wrapped) if isinstance(wrapped, Layer) else None


@lru_cache(maxsize=8)  # for every finding of a run
def enclosing(nodes: tuple[Node, ...]) -> dict[Node, list[Node]]:
    """For each node of a model that is applied as a layer, the applications."""
    found: dict[Node, list[Node]] = {}
    for outer in nodes:
        graph = inner_graph(outer.layer)
        for node in graph.nodes if graph is not None else ():
            found.setdefault(node, []).append(outer)
    return found


def owners_of(models: Iterable[Model]) -> dict[Node, Model]:
    """The model that a node is reported with: the largest, the first of equals."""
    owners: dict[Node, Model] = {}
    for model in sorted(models, key=lambda m: -len(m.graph.nodes)):
        for node in model.graph.nodes:
            owners.setdefault(node, model)
    return owners


def circumstances(node: Node, around: dict[Node, list[Node]], answer: Answer | None) -> Iterator[str]:
    """What is different where the node's model is applied as a layer: what holds in the model may not hold there."""
    gone = isinstance(answer, Rewrite) and len(answer.old) == 1 and not answer.new_nodes
    plain = gone and on_others(node, lambda t: replace(t, masked=True)).output.masked is True  # a mask passes it
    outside = dict.fromkeys(around.get(node, ()))
    for outer in (queue := [*outside]):  # grows while it is walked
        if outer.options:
            yield f"its model is applied with {', '.join(outer.options)}="
        masks = {t.masked for t in outer.inputs}
        if masks - {False} and not plain:
            yield f"its model is applied to {'a masked input' if True in masks else 'an input that may be masked'}"
        further = [n for n in around.get(outer, ()) if n not in outside]
        outside.update(dict.fromkeys(further))
        queue += further


def idle_layers(nodes: tuple[Node, ...]) -> frozenset[Layer]:
    """Layers of a model that is applied with ``training=``: they may use what they stored, as if frozen."""
    return frozenset(n.layer for n, outer in enclosing(nodes).items() if any("training" in o.options for o in outer))


def with_rewrites(graph: Graph, rewrites: Sequence[Rewrite]) -> Graph:
    """The graph with the rewrites applied, in it and in the models that it applies as layers."""

    def rewritten(graph: Graph) -> Graph:
        nodes = set(graph.nodes)
        outer = apply_all(graph, [r for r in rewrites if r.old[-1] in nodes])
        changed = {layer: new for layer in outer.layers if (new := renewed(layer)) is not layer}
        frozen = outer.frozen | {new for old, new in changed.items() if old in outer.frozen}
        return replace(rebuild(outer, {}, changed), frozen=frozen) if changed else outer

    @cache  # one layer becomes one layer, however often it is applied
    def renewed(layer: Layer) -> Layer:
        for name in ("graph", "layer"):
            new = old = layer.config.peek(name)
            if isinstance(old, Graph):
                inner = rewritten(old)
                new = old if inner.nodes == old.nodes else inner
            elif isinstance(old, Layer):
                new = renewed(old)
            if new is not old:
                values = {key: layer.config.raw(key) for key in layer.config}
                return replace(layer, config=Config(values | {name: new}))
        return layer

    return rewritten(graph)


def named_twice(answer: Answer | None, trace: Trace) -> Iterator[str]:
    """The names with which wrapped layers would come out of their wrappers, and which other layers have, too."""
    old = {node.layer for node in answer.old} if isinstance(answer, Rewrite) else set()
    held = (x for n in trace.nodes if n.layer not in old for x in (n.layer, n.layer.config.peek("layer")))
    names = {layer.name for layer in held if isinstance(layer, Layer) and layer.named} - {layer.name for layer in old}
    for layer in (node.layer for node in answer.new_nodes) if isinstance(answer, Rewrite) else ():
        if layer.named and layer.name in names:
            yield f"another layer is called {layer.name!r}: in a model, only one may be"
