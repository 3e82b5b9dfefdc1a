"""Models of the program's own classes: call() is evaluated on inputs of the shapes that arrive."""

from __future__ import annotations

from kerlint.evaluate.apply import by_key, tensors_of
from kerlint.evaluate.calls import call_method, needed
from kerlint.evaluate.models import of_call, unheld
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.values import MISSING, Call, ModelValue, Value
from kerlint.graph.dim import BATCH
from kerlint.graph.graph import Tensor, Unresolved
from kerlint.graph.layer import Unknown


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
    try:
        found = call_method(run, instance, "call", (given,), c, **dict.fromkeys(needed(instance), False))
    except Raised as raised:
        _doubt(model, f"call() raises: {raised}")
        return
    outputs = tensors_of(run, found) if found is not None else None
    if not outputs:
        _doubt(model, "what call() gives is not known")
        return
    model.inputs, model.outputs, model.structure = places, outputs, by_key(found)
    run.anew.update(unheld(run, instance, of_call(run, instance, places, outputs)))


def _place(tensor: Tensor, name: str) -> Tensor:
    shape = tensor.shape if isinstance(tensor.shape, Unknown) else (BATCH, *tensor.shape[1:])
    return Tensor(shape, tensor.dtype, tensor.masked, name=name)


def _doubt(model: ModelValue, reason: str) -> None:
    model.doubts.append(Unresolved(model.made_at, model.line, reason))
