"""What a run says: its models, its facts, its trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerlint.evaluate.models import graph_of, seal
from kerlint.evaluate.values import ModelValue
from kerlint.graph.facts import Context, Fact
from kerlint.graph.graph import Graph, Model, Node, Tensor, Trace, topological
from kerlint.graph.layer import Layer, Unknown

if TYPE_CHECKING:
    from kerlint.evaluate.roots import Root
    from kerlint.evaluate.state import Run


def context_of(run: Run, root: Root) -> Context:
    """Closes the run."""
    taken = [(model, _final(run, model)) for model in run.models if _has_layers(model)]
    outputs = tuple(dict.fromkeys(t for _, graph in taken for t in graph.outputs))
    trace = Trace(tuple(run.nodes), outputs, frozenset([*run.escaped, *run.returned]), frozenset(run.held))
    seal(run, trace)
    models = () if root.generic else tuple(_model(model, graph) for model, graph in taken)
    facts = tuple(run.facts) if root.generic else (*run.facts, *_outside_models(run, models, trace))
    return Context(root.name, models, facts, trace, _assumptions(run), root.generic)


def _has_layers(model: ModelValue) -> bool:
    return bool(model.items or model.outputs or model.doubts or model.instance)


def _final(run: Run, model: ModelValue) -> Graph:
    """The model's graph at the end of the run."""
    from kerlint.evaluate.known.sequential import built, doubt_late

    if not model.built:
        doubt_late(model)
        if model.kind == "Sequential" and model.items:
            built(run, model, [Tensor(Unknown("the input", "no input shape is given"), "float32", None)])
    return graph_of(run, model)


def _model(model: ModelValue, graph: Graph) -> Model:
    return Model(model.name or model.keras_name, model.entry, model.kind, graph, model.made_at, model.line)


def _assumptions(run: Run) -> tuple[str, ...]:
    texts = run.decisions.texts
    return tuple(
        f"{texts[k]}" if answer else f"not: {texts[k]}"
        for k, answer in run.decisions.made.items()
        if k not in run.decisions.idle
    )


def _outside_models(run: Run, models: tuple[Model, ...], trace: Trace) -> list[Fact]:
    """Layers that are in no model: only where everything about the run is known."""
    if not models or run.spoiled or any(m.graph.unresolved for m in models) or run.opaque:
        return []
    inside: set[object] = {n for m in models for n in m.graph.nodes} | {
        n.layer for m in models for n in m.graph.nodes
    }
    inside |= _inner(run)
    escaped = {*run.escaped, *run.held, *run.returned}
    inside.update(topological(t for t in escaped if isinstance(t, Tensor)))
    found: list[Fact] = []
    wrapped = {v for layer in run.layers for v in layer.config._values.values() if isinstance(v, Layer)}
    for node in run.nodes:
        if (
            node not in inside
            and not _excused(node, escaped)
            and node.layer not in inside
            and run.nested.get(node.layer) is None
        ):
            found.append(Fact("in-no-model", node.applied_at, (node,), {"layer": node.layer}))
            inside.add(node.layer)
    applied = {n.layer for n in run.nodes}
    for layer in run.layers:
        if layer not in applied and layer not in inside and layer not in wrapped and layer not in escaped:
            if not _in_some_model(run, layer):
                found.append(Fact("in-no-model", layer.made_at, (), {"layer": layer}))
    return found


def _inner(run: Run) -> set[object]:
    """Everything in models that are layers of others."""
    return {
        thing for model in run.models for graph in model.graphs for n in graph.nodes for thing in (n, n.layer)
    }


def _excused(node: Node, escaped: set[object]) -> bool:
    return node.layer in escaped or any(t in escaped for t in node.outputs)


def _in_some_model(run: Run, layer: Layer) -> bool:
    return any(item.layer is layer for model in run.models for item in model.items)
