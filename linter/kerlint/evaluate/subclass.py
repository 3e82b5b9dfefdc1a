"""Models of the program's own classes: call() is evaluated on inputs of the shapes that arrive."""

from __future__ import annotations

from dataclasses import replace

from kerlint.evaluate import decide
from kerlint.evaluate.apply import by_key, tensors_of
from kerlint.evaluate.calls import call_method, default_values, needed
from kerlint.evaluate.derived import parameters
from kerlint.evaluate.models import between, of_call, unheld
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.values import MISSING, Call, Function, Instance, ModelValue, Value
from kerlint.graph.dim import BATCH
from kerlint.graph.graph import Graph, Tensor, Unresolved
from kerlint.graph.layer import Unknown
from kerlint.layers.policies import no_weights


def build_subclass(run: Run, model: ModelValue, tensors: list[Tensor], structure: Value = None) -> None:
    """Builds a model from what its call() does."""
    instance = model.instance
    if instance is None or instance.cls.lookup("call") is MISSING:
        _doubt(model, "the model has no call() that is known")
        return
    places = [_place(t, f"{model.keras_name}_input{i}") for i, t in enumerate(tensors)]
    given: Value = places if len(places) > 1 else places[0]
    if isinstance(structure, dict) and len(structure) == len(places):
        given = dict(zip(by_key(structure), places, strict=True))
    c = Call((), {}, instance.cls.node, instance.cls.frame, via=True)
    named = dict.fromkeys(needed(instance), False)
    try:
        found = call_method(run, instance, "call", (given,), c, **named)
    except Raised as raised:
        _doubt(model, f"call() raises: {raised}")
        return
    outputs = tensors_of(run, found) if found is not None else None
    if not outputs:
        _doubt(model, "what call() gives is not known")
        return
    model.inputs, model.outputs, model.structure = places, outputs, by_key(found)
    graph = of_call(run, instance, places, outputs)
    run.anew.update(unheld(run, instance, graph))
    note_mood(run, instance, graph, replace(c, args=(given,), kwargs=named))


def note_mood(run: Run, instance: Instance, graph: Graph, c: Call) -> None:
    """Whether call() with these arguments uses other layers with weights when it runs for training, or not."""
    method = instance.cls.lookup("call")
    if "training" not in parameters(instance, "call")[len(c.args) :] or not isinstance(method, Function):
        return
    usual = c.kwargs.get("training", default_values(method).get("training"))
    try:
        with run.aside():
            other = {**c.kwargs, "training": decide.known_truth(run, usual) is not True}
            found = call_method(run, instance, "call", c.args, c, **other)
    except Raised:
        return
    nodes = graph.nodes, between(graph.inputs, tensors_of(run, found) or ())
    one, another = ({n.layer for n in some if n.layer.spec.weights is not no_weights} for some in nodes)
    if one != another:
        run.moody.add(instance.custom or instance.model)


def _place(tensor: Tensor, name: str) -> Tensor:
    shape = tensor.shape if isinstance(tensor.shape, Unknown) else (BATCH, *tensor.shape[1:])
    return Tensor(shape, tensor.dtype, tensor.masked, name=name)


def _doubt(model: ModelValue, reason: str) -> None:
    model.doubts.append(Unresolved(model.made_at, model.line, reason))
