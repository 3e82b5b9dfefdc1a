"""What a run says: its models, its facts, its trace."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache

from kerlint.evaluate.apply import input_shape
from kerlint.evaluate.known.sequential import any_length, built, doubt, lost
from kerlint.evaluate.models import by_hand, graph_of
from kerlint.evaluate.roots import Root
from kerlint.evaluate.sealed import by_call, seal
from kerlint.evaluate.spelling import removed
from kerlint.evaluate.state import Exhausted, Run, Stopped, TooLarge
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import Call, Class, Function, ModelValue
from kerlint.graph import count
from kerlint.graph.facts import Context, Fact
from kerlint.graph.graph import Graph, Model, Node, Tensor, Trace, Unresolved
from kerlint.graph.layer import Layer, Silent, Unknown
from kerlint.graph.rebuild import topological
from kerlint.layers.operations import OPERATIONS
from kerlint.layers.policies import no_weights


def context_of(run: Run, root: Root) -> Context:
    """Closes the run."""
    for model in run.models if run.raised else ():  # such a one may wait for a layer that the program never came to
        if model.kind == "Sequential" and model.compile is None and any(i.form == "add" for i in model.items):
            doubt(model, None, "the program raises before it is compiled")
    made = (m for m in run.models if m.counted and (m.items or m.outputs or m.doubts or m.instance))
    taken = [(model, _final(run, model)) for model in made]
    outputs = tuple(dict.fromkeys(t for graph in (*(g for _, g in taken), *run.inner) for t in graph.outputs))
    nodes = (*run.nodes, *(node for graph in run.inner for node in graph.counted))
    escaped = frozenset([*run.escaped, *run.returned])
    run.anew.update(by_call(run))
    more = (run.data_format, by_hand(run), frozenset(run.anew))
    trace = Trace(nodes, outputs, escaped, frozenset(run.held), *more, first=frozenset(run.rounds))
    seal(run, trace)
    models = () if root.generic else tuple(_model(model, graph) for model, graph in taken)
    facts = (*run.facts, *removed(run, run.nodes), *(() if root.generic else _outside_models(run, taken)))
    texts, idle, answers = run.decisions.texts, run.decisions.idle, run.decisions.made
    assumed = (texts[k] if answer else f"not: {texts[k]}" for k, answer in answers.items() if k not in idle)
    chosen = any(yes and isinstance(q[1], str) for said in run.decisions.said.values() for q, yes in said.values())
    classes = tuple(c.name for c in root.owner.order if isinstance(c, Class)) if root.owner else ()
    method = id(root.function.node) if root.function else None
    raised = run.raised and bool(run.decisions.made)
    return Context(
        root.name, models, facts, trace, tuple(assumed), root.generic,
        classes=classes, method=method, called=run.called, raised=raised, chosen=chosen,
    )  # fmt: skip


def _final(run: Run, model: ModelValue) -> Graph:
    """The model's graph at the end of the run; to build it there may take more steps than are left."""
    late = not model.built
    try:
        if late and model.kind == "Sequential" and model.items:
            built(run, model, [Tensor(Unknown("the input", "no input shape is given"), "float32", None)])
        shape = input_shape(run, model) if lost(model) and (model.fed or not late) else any_length(run, model)
        if shape is not None:
            built(run, model, [Tensor(shape, "float32", None)])
        elif late and not model.doubts:
            doubt(model, None, "no input shape is given: the model is built when it is first called")
    except (Exhausted, RecursionError, Stopped, TooLarge) as spent:
        doubt(model, None, reason_of(spent))
    return graph_of(run, model)


def reason_of(end: Exception) -> str:
    """Why evaluation ended there."""
    return "the code is nested too deeply" if isinstance(end, RecursionError) else str(end)


def _model(model: ModelValue, graph: Graph) -> Model:
    """The model as it is reported; one whose counts or outputs are not known is not complete."""
    lost = None if graph.unresolved else _lost(graph, model.kind)
    if lost is not None:
        object.__setattr__(graph, "unresolved", (Unresolved(model.made_at, model.line, lost),))
    name, variables = model.name or model.keras_name, tuple(dict.fromkeys(model.variables))
    return Model(name, model.entry, model.kind, graph, model.made_at, model.line, variables)


def _on_constants(graph: Graph) -> Layer | None:
    """A layer with weights that no input reaches. In a functional model its output is a value like any other."""
    reached: set[Node] = set()
    for node in graph.nodes:
        if not node.inputs or any(t in graph.inputs or t.node in reached or t.name != "constant" for t in node.inputs):
            reached.add(node)
    return next((n.layer for n in graph.nodes if n not in reached and n.weights), None)


def _lost(graph: Graph, kind: str) -> str | None:
    try:
        count.total(graph)
    except Silent as silent:
        return f"its parameters are not known: {silent.reason}"
    if kind != "Subclass" and (apart := _on_constants(graph)) is not None:
        return f"{apart.name} is called on a constant: Keras keeps what it gives, and may not count the layer"
    unknown = next((t.shape for t in graph.outputs if isinstance(t.shape, Unknown)), None)
    return None if unknown is None else f"the shape of {unknown.expression} is not known: {unknown.why}"


def _outside_models(run: Run, taken: list[tuple[ModelValue, Graph]]) -> Iterator[Fact]:
    """Layers that are in no model: only where everything about the run is known."""
    if not taken or run.raised or run.spoiled or run.opaque or any(graph.unresolved for _, graph in taken):
        return
    nodes = [node for model in run.models for graph in model.graphs for node in graph.nodes]
    inside: set[object] = {thing for node in nodes for thing in (node, node.layer)}
    escaped = {*run.escaped, *run.held, *run.returned, *run.skipped}
    inside.update(topological(t for t in escaped if isinstance(t, Tensor)))
    together = {n.applied_at for n in run.nodes if n in inside}  # of one call's results, or of other rounds of a loop
    above = _models_above(run, taken)
    for node in run.nodes:
        if node in inside or node.layer in inside or node.layer in run.nested:
            continue
        if node.applied_at in together and (node.kind in OPERATIONS or node.layer.spec.weights is no_weights):
            continue
        # Off a model that was made there too: a chain that never becomes one is no slip.
        beside = (_same_place(run, node, taken[number][0]) for number in above.get(node, ()))
        if node.layer not in escaped and escaped.isdisjoint(node.outputs) and any(beside):
            yield Fact("in-no-model", node.applied_at, (node,), {"layer": node.layer})
            inside.add(node.layer)
    yield from _forgotten(run, taken)


def _models_above(run: Run, taken: list[tuple[ModelValue, Graph]]) -> dict[Node | None, set[int]]:
    """By node, the numbers of the models that it hangs off."""
    own: dict[object, set[int]] = {}
    for number, (_, graph) in enumerate(taken):
        for thing in (*graph.inputs, *graph.nodes):
            own.setdefault(thing, set()).add(number)
    met: dict[Node | None, set[int]] = {}
    for node in topological(t for n in run.nodes for t in n.outputs):
        above = (found for t in node.reads for found in (own.get(t), own.get(t.node), met.get(t.node)) if found)
        met[node] = set().union(*above)
    return met


def _same_place(run: Run, node: Node, model: ModelValue) -> bool:
    """Whether the model is made in the function around the node or a caller of it; or in the same cell."""
    around, made = run.within[node], run.within.get(model, ())
    if not around:
        return not made and model.made_at is not None and bool(model.made_at.cell == node.applied_at.cell)
    return around[: len(made)] == made


def _forgotten(run: Run, taken: list[tuple[ModelValue, Graph]]) -> Iterator[Fact]:
    """A layer that nothing applies, an input that no layer takes: its name is not read, an input's for models alone."""
    outputs = [tensor for _, graph in taken for tensor in graph.outputs]
    used = {n.layer for n in run.nodes if n.inputs}
    used |= {t.node.layer for t in (*outputs, *(t for n in run.nodes for t in n.reads)) if t.node}
    scope = cache(lambda home: _Scope([home.node] if isinstance(home, Function) else run.trees.get(id(home), [])))
    for layer, c in run.made_by.items():
        around, cell = run.within[layer], layer.made_at.cell
        models = [m for m, _ in taken if (run.within.get(m, ()), around or m.made_at.cell) == (around, around or cell)]
        if models and layer not in used:
            whole = scope(c.frame.function or c.frame.module)
            if _is_forgotten(whole, c, models if layer.kind == "InputLayer" else []):
                yield Fact("in-no-model", layer.made_at, (), {"layer": layer})


class _Scope:
    """What a function or module does with values and names: walked once, however many layers it makes."""

    def __init__(self, body: Iterable[ast.AST]) -> None:
        parts = below(body)
        self.shared = {name for p in parts if isinstance(p, (ast.Global, ast.Nonlocal)) for name in p.names}
        self.targets = {id(p.value): p.targets[0] for p in parts if isinstance(p, ast.Assign) and len(p.targets) == 1}
        self.alone = {id(p.value) for p in parts if isinstance(p, ast.Expr)}  # values that are statements
        self.read: dict[str, list[ast.Name]] = {}
        for part in (p for p in parts if isinstance(p, ast.Name) and not isinstance(p.ctx, ast.Store)):
            self.read.setdefault(part.id, []).append(part)


def _is_forgotten(scope: _Scope, c: Call, models: list[ModelValue]) -> bool:
    """Whether the call's value is a name that nothing reads, but to construct one of these models; or no name.

    What has the name in a class, or in a module that can be imported, others may read.
    """
    name = scope.targets.get(id(c.node))
    if not isinstance(name, ast.Name):
        return id(c.node) in scope.alone
    if c.frame.is_class or name.id in scope.shared:
        return False
    read = scope.read.get(name.id, [])
    if not read and c.frame.function is None and c.frame.source.cell is None:
        return False
    spans = [(c.frame.source.span(part), [m.made_at for m in models]) for part in read]
    return all(any(m.cell == s.cell and m.start <= s.start and s.end <= m.end for m in made) for s, made in spans)
