"""What is sealed of models when a run is over: what escaped and trains, the losses, what is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from kerlint.evaluate.known.settings import Metric
from kerlint.evaluate.models import frozen_in, inside
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import External, Instance, ModelValue, Open, Value
from kerlint.graph.count import known, params, parts
from kerlint.graph.graph import Compile, Graph, Node, Trace, Unresolved
from kerlint.graph.layer import Silent, Unknown
from kerlint.graph.objective import objectives
from kerlint.layers.nested import trains
from kerlint.layers.policies import no_weights


def by_call(run: Run) -> frozenset[object]:
    """The layers that call() of a class derived from one of Keras's makes, each time it runs."""
    found = set()
    for layer in (*run.made_by, *run.customs):
        bases = ((f, f.owner.external()) for f in reversed(run.within.get(layer, ())) if f.owner)
        names = (f.name.rpartition(".")[2] for f, base in bases if base and base.name.startswith("keras."))
        if next((name for name in names if name in ("call", "build")), "") == "call":
            found.add(layer)
    return frozenset(found)


def _uncounted(run: Run, node: Node) -> Iterable[Unresolved]:
    """What call() makes with weights, or finds elsewhere: Keras does not count them, or refuses it."""
    if node.layer in run.anew and node.layer.spec.weights is not no_weights and known(partial(params, node)) != 0:
        how = "is made by call()" if node.layer in by_call(run) else "is no attribute of the object that calls it"
        why = f"{node.layer.name} {how}: Keras counts its weights not at all, or in some versions only"
        yield Unresolved(node.applied_at, run.lines.get(node, 0), why)


def seal(run: Run, trace: Trace) -> None:
    """Fills in what is known when the run is over: what escaped, what trains, what is doubtful."""
    for node in trace.nodes:
        node.__dict__.pop("specs", None)  # asked for before it was known what trains
    for layer in run.customs:
        inner = layer.config["graph"]
        object.__setattr__(inner, "frozen", frozen_in(run, None, inner))
        lost = (u for n in inner.counted for u in (*_uncounted(run, n), *_of_training(run, n, 0)))
        object.__setattr__(inner, "unresolved", tuple(lost))
    for model in run.models:
        for graph in model.graphs:
            object.__setattr__(graph, "frozen", frozen_in(run, model, graph))
            object.__setattr__(graph, "unresolved", tuple(unresolved_of(run, model, graph)))
            object.__setattr__(graph, "compile", _compiled(run, model, graph))
            object.__setattr__(graph, "trace", trace)


def _compiled(run: Run, model: ModelValue, graph: Graph) -> Compile | None:
    """What compile() was given, told apart by output: by the keys of a dictionary, else by the last layers.

    What the program only predicts with (a generator) has no objectives, nor what it trains as a part of another model.
    """
    if model.compile is None or model.trains is False or (model.trains is None and _is_part(run, model, graph)):
        return model.compile
    keys = list(model.structure) if isinstance(model.structure, dict) else []
    last = [t.node.layer.name if t.node is not None else t.name for t in graph.outputs]
    names = keys if len(keys) == len(last) else last
    return replace(model.compile, objectives=objectives(graph.outputs, names, model.compile))


def _is_part(run: Run, model: ModelValue, graph: Graph) -> bool:
    """Whether it is trained as part of another model, if at all: where that is only compiled, unless it is frozen."""
    own = {layer for layer in graph.layers if layer.spec.weights is not no_weights}
    told = (m for m in run.models if m is not model and (m.compile or m.trains is not None))
    others, free = [(m.trains, inside(run, m)) for m in told], run.frozen.keys().isdisjoint((model, *own))
    whole = any(trains is not None and own and own <= held.keys() for trains, held in others)
    return whole or any(trains is not False and (trains or free) and model in held for trains, held in others)


def unresolved_of(run: Run, model: ModelValue, graph: Graph) -> list[Unresolved]:
    """Why the model is not complete: each reason once."""
    found: dict[tuple[int, str], Unresolved] = {}
    escaped = [run.escaped[model]] if model in run.escaped else []
    told = (_of_outputs(graph), _moody(run, model, graph), _refused(run, model, graph), _measured(run, model, graph))
    own = (*model.doubts, *(Unresolved(model.made_at, model.line, why) for each in told for why in each))
    for one in (*own, *_of_nodes(run, model, graph), *run.spoiled, *escaped):
        found.setdefault((one.line, one.reason), one)
    return sorted(found.values(), key=lambda u: u.line)


def _of_outputs(graph: Graph) -> Iterable[str]:
    """Outputs that come out of nothing that is known: of a backbone that is not, of its layers."""
    for tensor in graph.outputs:
        if tensor.node is None and tensor not in graph.inputs:
            why = f": {tensor.shape.why}" if isinstance(tensor.shape, Unknown) else ""
            yield f"where an output comes from is not known{why}"


def _moody(run: Run, model: ModelValue, graph: Graph) -> Iterable[str]:
    """What a model builds that is fitted or asked: it, or a layer in it, builds other layers for training."""
    if model in run.promised and not model.fed:
        yield "Keras 3 builds nothing in build() of a class that has none"
    layers = [node.layer for part in parts(graph) for node in part.counted] if model.fed and run.moody else []
    held = [run.nested.get(layer) or getattr(run.customs.get(layer), "custom", None) for layer in layers]
    if layers and not run.moody.isdisjoint((model, *held)):
        yield "which layers are built hangs on whether call() runs for training first"


def _measured(run: Run, model: ModelValue, graph: Graph) -> Iterable[str]:
    """What hangs on the version, if the model holds metrics, or one that it is made of."""
    layers = [layer for part in parts(graph) for layer in part.layers] if max(run.keras or 0, run.certain) < 3 else []
    for one in (model, *map(run.nested.get, layers)) if layers else ():
        own = one.instance.names.values() if one and one.instance and one.kind != "Sequential" else ()
        if any(_is_metric(v) for value in own for v in (value if isinstance(value, (list, tuple)) else [value])):
            yield "the weights of metrics that a model holds count in Keras 2, and not in Keras 3"


def _is_metric(value: Value) -> bool:
    base = value.cls.external() if isinstance(value, Instance) else value
    name = base.key if isinstance(base, Open) else base.name if isinstance(base, External) else ""
    return isinstance(value, Metric) or str(name).startswith("keras.metrics.")


def _refused(run: Run, model: ModelValue, graph: Graph) -> Iterable[str]:
    """What Keras refuses of a whole model: two layers of one name, an input that is not given."""
    names = Counter(n.name for n in graph.layers if n.named or run.nested.get(n, n) in run.twins)
    begins = [n for n in graph.nodes if n.kind == "InputLayer" and not n.inputs and model.kind == "Functional"]
    found = [f"two layers called {name!r}" for name, times in names.items() if times > 1 and model.kind != "Subclass"]
    found += [f"outputs that come from another {n.layer.name}" for n in begins if n.output not in graph.inputs]
    return [f"Keras refuses {what}" for what in found]


def _of_nodes(run: Run, model: ModelValue, graph: Graph) -> Iterable[Unresolved]:
    for node in graph.counted:
        if node in run.opaque:
            yield run.opaque[node]
        loops = run.marked.get(node, ())
        carrying = [loop for loop in loops if loop.carries] or loops[len(model.marks) :]
        yield from (loop.place for loop in carrying[-1:])
        inner = run.nested.get(node.layer)
        if inner is not None and inner.as_layer is not node.layer:
            yield Unresolved(node.applied_at, run.lines.get(node, 0), f"{inner.keras_name} changes after it is applied")
        if run.escaped:
            things = (node.layer, *(() if node in graph.beside else node.outputs))
            yield from (run.escaped[thing] for thing in things if thing in run.escaped)
        yield from _uncounted(run, node) if model.kind == "Subclass" else ()
        yield from _of_training(run, node, model.line)
        yield from _unknown(run, model, node)


def _of_training(run: Run, node: Node, line: int) -> Iterable[Unresolved]:
    """Whether a layer with weights trains, or one that it holds, if that is not known."""
    inner = node.layer.config.others.get("graph")
    held = [n for part in parts(inner) for n in part.counted] if isinstance(inner, Graph) else []
    for why in dict.fromkeys(_training(run, n) for n in (node, *held)):
        if why is not None:
            yield Unresolved(node.applied_at, run.lines.get(node, line), why, node.layer)


def _training(run: Run, node: Node) -> str | None:
    if node.layer.spec.weights is no_weights:
        return None
    written = node.layer.config.peek("trainable", True)
    value = run.frozen.get(node.layer, written)
    lost = isinstance(value, (Open, Unknown)) or (written is False and value is not False)
    if lost or any(run.frozen.get(part, value) is not value for part in node.layer.wrapped):
        return f"whether {node.layer.name} trains is not known"
    inner = node.layer.config.others.get("graph")
    frozen = run.frozen.get(run.nested.get(node.layer, node.layer)) is False and run.keras != 2
    if frozen and isinstance(inner, Graph) and any(trains(part, frozen_in(run, None, inner)) for part in inner.layers):
        return f"whether what {node.layer.name} holds trains depends on the version of Keras"
    return None


def _unknown(run: Run, model: ModelValue, node: Node) -> Iterable[Unresolved]:
    """An unknown shape or count, where it begins."""
    line = run.lines.get(node, model.line)
    if node in run.opaque or node.refused:
        return
    for tensor in node.inputs:
        if isinstance(tensor.shape, Unknown) and tensor.node is None:
            reason = f"the shape of {tensor.shape.expression} is not known: {tensor.shape.why}"
            yield Unresolved(node.applied_at, line, reason)
            return
    if any(isinstance(t.shape, Unknown) for t in node.inputs):
        return
    shape = node.output.shape
    if isinstance(shape, Unknown):
        yield Unresolved(node.applied_at, line, f"the output of {node.layer.kind}: {shape.why}")
    elif node.layer in run.unsure:
        try:
            _ = node.specs
        except Silent as silent:
            yield Unresolved(node.applied_at, line, f"the weights of {node.layer.kind}: {silent.reason}")
        except Exception:  # a refusal is a finding, not something unresolved
            return
