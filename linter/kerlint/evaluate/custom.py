"""Layers of the program's own classes: what build() and call() do becomes a graph inside one layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from kerlint.evaluate import decide, opens
from kerlint.evaluate.apply import argument, by_key, mask_of, node_of, opaque, result, tensors_of
from kerlint.evaluate.calls import call_method, needed
from kerlint.evaluate.derived import Custom, parameters
from kerlint.evaluate.known.arrays import shape_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.known.keras_layers import apply_layer, make_layer
from kerlint.evaluate.known.sequential import note_mood
from kerlint.evaluate.known.tensors import shape_tuple
from kerlint.evaluate.models import holding, of_call, unheld
from kerlint.evaluate.registry import ATTRIBUTES, METHODS, function, method
from kerlint.evaluate.state import Raised, Run
from kerlint.evaluate.values import MISSING, Array, Call, Instance, Open, Value
from kerlint.graph.dim import same
from kerlint.graph.graph import Graph, Node, Tensor, Unresolved
from kerlint.graph.layer import Config, Incoming, Layer, Silent, Unknown, WeightSpec
from kerlint.layers.nested import NESTED
from kerlint.layers.operations import OPERATIONS
from kerlint.layers.policies import Weights, no_weights
from kerlint.layers.shapes import is_free, unsettled
from kerlint.layers.table import find

Given = tuple[bool, Mapping[Any, Value]]  # whether the first argument is a list; the others, by place or name
ALONE: Given = (False, MappingProxyType({}))
FIXED = (bool, int, float, str)  # what an argument beside the tensors may be


@method(Instance, "__call__")
def apply_custom(run: Run, instance: Instance, c: Call) -> Value:
    """``layer(x)``, ``layer(x, context, mask=m)`` of a class of the program."""
    named = {k: v for k, v in c.kwargs.items() if v is not None and (k != "training" or v is True)}
    name = next((k for k in (*parameters(instance, "call")[:1], "inputs", "x") if k in named), "")
    value = c.args[0] if c.args else named.pop(name, None)
    inputs = tensors_of(run, value)
    if not inputs:
        return opaque(run, [], c.span, c.line, f"{instance.cls.name} is applied to something that is no tensor").output
    others = {i: v for i, v in enumerate(c.args[1:], 1) if v is not None} | named
    extra = [v for v in others.values() if isinstance(v, Tensor)]
    plain = all(isinstance(v, (Tensor, *FIXED)) for v in others.values()) and "**" not in others
    unmasked = c.kwargs.get("mask", 0) is None and any(t.masked is not False for t in inputs)  # for Keras 2
    if unmasked or not plain:
        why = f"what {instance.cls.name} does with more than one argument is not followed"
        return opaque(run, [*inputs, *extra], c.span, c.line, why).output
    listed = isinstance(value, (list, tuple))
    node = apply_to(run, instance, [*inputs, *extra], c.span, c.line, (listed, others))
    return result(node, None if node in run.opaque or instance.custom is None else instance.custom.structure)


def _named_shapes(instance: Instance) -> set[str]:
    """The arguments of call() whose shapes build() is given by name; none: it takes that of the first argument."""
    names = [name for name in parameters(instance, "build") if name.endswith("_shape")]
    return {n.removesuffix("_shape") for n in names} if len(names) > 1 else set()


def _names_of(instance: Instance, others: Mapping[Any, Value]) -> dict[str, Value]:
    """The first argument of call() (None) and the tensors behind it, by the names that call() has for them."""
    names = parameters(instance, "call") or ["inputs"]
    behind = {names[k] if isinstance(k, int) and k < len(names) else k: v for k, v in others.items()}
    return {names[0]: None} | {k: v for k, v in behind.items() if isinstance(v, Tensor)}


def _build_on(run: Run, instance: Instance, shapes: Value, others: Mapping[Any, Value], c: Call) -> None:
    """Calls build() with the shape of the first argument; or, as Keras 3 does, with those that it has names for."""
    known = {k: shapes if t is None else shape_tuple(run, t) for k, t in _names_of(instance, others).items()}
    named = {f"{name}_shape": known[name] for name in _named_shapes(instance)}
    call_method(run, instance, "build", () if named else (shapes,), c, **named)


def apply_to(run: Run, instance: Instance, inputs: list[Tensor], span: Any, line: int, given: Given = ALONE) -> Node:
    """Applies a layer of the program to tensors: those of its first argument, then those of the others."""
    custom = instance.custom
    assert custom is not None
    if instance.unknown is not None or (instance.cls.lookup("call") is MISSING and custom.row is None):
        return opaque(run, inputs, span, line, instance.unknown or f"{instance.cls.name} has no call()")
    if not _named_shapes(instance) <= {*_names_of(instance, given[1])}:
        return opaque(run, inputs, span, line, f"what {instance.cls.name}.build() is given is not known")
    masks = [t.masked for t in inputs] if "mask" in parameters(instance, "call") else []
    others = {k: Tensor if isinstance(v, Tensor) else v for k, v in given[1].items() if k != "training"}
    form = (given[0], others, masks)
    if custom.as_layer is None:
        made = _follow(run, instance, custom, inputs, given)
        if isinstance(made, str):
            return opaque(run, inputs, span, line, made)
        custom.as_layer, custom.form = made, form
        run.lines[made], run.customs[made], run.within[made] = line, instance, run.within[custom]
        run.unsure.add(made)  # what it holds may turn out not to be known
        if custom in run.frozen:
            run.frozen[made] = run.frozen[custom]
    elif custom.form != form:
        return opaque(run, inputs, span, line, f"{instance.cls.name} is applied in several ways")
    elif [t.shape for t in inputs] != [place.shape for place in custom.as_layer.config["graph"].inputs]:
        return opaque(run, inputs, span, line, f"{instance.cls.name} is applied to tensors of several shapes")
    return node_of(run, custom.as_layer, inputs, span, line)


def _follow(run: Run, instance: Instance, custom: Custom, inputs: list[Tensor], arguments: Given) -> Layer | str:
    """Evaluates build() and call() on places for the inputs; the layer, or why it cannot be followed."""
    places = [Tensor(t.shape, t.dtype, t.masked and None, name=t.name) for t in inputs]
    (several, others), three = arguments, (run.keras or run.evidence) > 2
    heads, behind, extra, masks = _handed(instance, inputs, places, others)
    masked = {"mask": masks if several else masks[0]} if any(mask is not None for mask in masks) else {}
    given: Value = heads if several else heads[0]
    shapes: Value = [shape_tuple(run, t) for t in heads] if several else shape_tuple(run, heads[0])
    c = Call((), {}, instance.cls.node, instance.cls.frame, via=True)
    nodes, facts, opaques = len(run.nodes), len(run.facts), [*run.opaque]
    try:
        _build_on(run, instance, shapes, others, c)
        if masked and three and instance.cls.lookup("build") is MISSING:  # the call that builds has no mask
            call_method(run, instance, "call", (given, *behind), c, **extra)
        found = call_method(run, instance, "call", (given, *behind), c, **{**extra, **masked})
        found = _call(run, custom, Call((given, *behind), extra, c.node, c.frame)) if found is MISSING else found
        declared = call_method(run, instance, "compute_output_shape", (shapes,), c)
    except Raised:
        return f"{instance.cls.name} raises"
    finally:
        del run.nodes[nodes:], run.facts[facts:]
    outputs = tensors_of(run, found) if found is not None and not isinstance(found, Open) else None
    if not outputs:
        return f"what {instance.cls.name}.call() gives is not known"
    custom.structure, graph = by_key(found), of_call(run, instance, places, outputs)
    run.anew.update(unheld(run, instance, graph))
    note_mood(run, instance, graph, replace(c, args=(given, *behind), kwargs={**extra, **masked}))
    if masked and graph.beside and run.keras is None and run.certain < 3 and three:
        return f"what {instance.cls.name}.call() builds without a mask counts in some versions of Keras"
    base = custom.base
    if isinstance(base, Layer) and base.spec.weights is not no_weights and base not in graph.layers:
        return f"{instance.cls.name}.call() does not call what it is derived from"
    held = [part.custom.as_layer if isinstance(part, Instance) and part.custom else part for part in custom.by_hand]
    if not all(part in graph.layers or getattr(part, "spec", NESTED).weights is no_weights for part in held):
        return f"{instance.cls.name} builds layers that its call() does not use"
    lost = [run.opaque[n].reason for n in graph.nodes if n in run.opaque]
    run.inner += [] if lost else [graph]
    run.opaque = {node: run.opaque[node] for node in opaques if node in run.opaque}
    own = (part for part in graph.layers if part not in held and part.spec.weights is not no_weights)
    loose = three and declared is not MISSING and any(own)  # call() builds them, which Keras 3 does not run here
    return _layer(custom, instance, graph, next(iter(lost), None), _declared(run, declared), loose)


def _handed(instance: Instance, inputs: list[Tensor], places: list[Tensor], others: Mapping[Any, Value]) -> Any:
    """What call() is given: the first argument's tensors, what stands behind it, what has a name, perhaps masks."""
    first = len(places) - sum(isinstance(v, Tensor) for v in others.values())
    heads, beside = places[:first], iter(places[first:])
    extra = {k: next(beside) if isinstance(v, Tensor) else v for k, v in others.items()}
    behind = tuple(extra.pop(i, None) for i in range(1, 1 + max((k for k in others if isinstance(k, int)), default=0)))
    late = [name for name in parameters(instance, "call")[1 + len(behind) :] if name not in extra]
    extra |= dict.fromkeys(needed(instance).intersection(late))
    return heads, behind, extra, [mask_of(tensor) for tensor in inputs[:first]] if "mask" in late else []


def _declared(run: Run, value: Value) -> Any:
    """The one shape that compute_output_shape() gives, also as a list of one; None if it is not that."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], (tuple, list)):
        value = value[0]
    if not isinstance(value, (tuple, list)) or any(isinstance(d, (tuple, list)) for d in value):
        return None
    return argument(run, "shape", value)


def _layer(custom: Custom, instance: Instance, graph: Graph, lost: str | None, declared: Any, loose: bool) -> Layer:
    """One layer whose weights are its own and those of the layers inside, unless these are not built (``loose``)."""
    own = dict(custom.weights)

    def weights(config: Config, shapes: Incoming) -> Weights:
        found: dict[str, WeightSpec] = {}
        for name, (shape, trains) in own.items():
            if any(isinstance(d, Unknown) for d in shape):
                raise Silent(next(d.why for d in shape if isinstance(d, Unknown)))
            if trains is None:
                raise Silent(f"whether {name} trains is not known")
            found[name] = WeightSpec(tuple(shape), trains)
        if loose and NESTED.weights(config, shapes):
            raise Silent(f"{instance.cls.name} has compute_output_shape(): what it holds is built with data only")
        return {**found, **NESTED.weights(config, shapes)}

    def output(config: Config, shapes: Incoming) -> Any:
        if lost is None:
            followed = NESTED.output(config, shapes)
            said = declared if all(s == t.shape for s, t in zip(shapes, graph.inputs, strict=False)) else None
            if isinstance(custom.base, Layer):
                spec = custom.base.spec
                said = spec.output(custom.base.config, shapes if spec.many else shapes[0])
            _agree(instance.cls.name, followed, said)
            return followed
        if declared is None or any(isinstance(d, Unknown) for d in declared):
            raise Silent(lost)
        x = shapes[0] if len(shapes[0]) == len(declared) else shapes[0][:1]
        free = {i: d for i, d in enumerate(x) if i == 0 or is_free(d)}  # what None may stand for
        own = (unsettled("compute_output_shape()", custom.name, shapes, i) for i in range(len(declared)))
        return tuple(free.get(i, f) if d is None else d for i, (d, f) in enumerate(zip(declared, own, strict=True)))

    name = instance.cls.name
    taken = find(name) is not None or name in OPERATIONS or name == NESTED.name
    kind = f"{name} of the program" if taken else name  # never one of Keras's own, whatever it is called
    spec = replace(NESTED, name=kind, weights=weights, output=output)
    return holding(spec, graph, name, custom.name, custom)


def _agree(name: str, followed: Any, said: Any) -> None:
    """Silent where call() gives another shape than the class says: Keras 3 takes that, others what call() gives."""
    if isinstance(said, tuple) and not any(isinstance(d, (tuple, Unknown)) for d in (*said, *followed)):
        pairs = zip(followed, said, strict=False)
        if len(followed) != len(said) or any(b is not None and same(a, b) is False for a, b in pairs):
            raise Silent(f"call() of {name} gives another shape than compute_output_shape()")


# --- what a layer of the program inherits ------------------------------------------------------------------


@method(Custom, "__init__")
def _init(run: Run, custom: Custom, c: Call) -> None:
    if "trainable" in c.kwargs or (c.args and custom.row is None):
        trains = c.get(0, "trainable") if custom.row is None else c.kwargs["trainable"]
        whether = isinstance(trains, (bool, int, Open)) or trains is None  # else what Keras refuses since 2.4
        run.frozen[custom] = trains if whether else run.fresh("trainable", "trainable", "it is given no bool")
    if isinstance(c.kwargs.get("name"), str):
        custom.name, custom.named = c.kwargs["name"], True
    if custom.row is not None:
        with run.aside():
            custom.base = make_layer(run, custom.row, Call(c.args, c.kwargs, c.node, c.frame, via=True))
    declared = c.any(99, "input_shape", "batch_input_shape")
    if isinstance(declared, (tuple, list)):
        custom.declared = (*((None,) if "input_shape" in c.kwargs else ()), *declared)


@method(Custom, "call")
def _call(run: Run, custom: Custom, c: Call) -> Value:
    """What the Keras layer that it is derived from does."""
    if isinstance(custom.base, Layer):
        return apply_layer(run, custom.base, c)
    return run.fresh("call", "call()", opens.text_of(custom.base) + " is not known")


for _name in ("build", "add_loss", "add_update", "add_metric", "set_weights"):
    METHODS[Custom, _name] = lambda _run, _custom, _c: None


@method(Custom, "add_weight", "add_variable")
def _add_weight(run: Run, custom: Custom, c: Call) -> Value:
    named = isinstance(c.get(0, ""), str) or (len(c.args) > 1 and isinstance(c.args[1], (tuple, list)))
    name, *others = c.args if c.args and named else (c.kwargs.get("name"), *c.args)
    shape = c.kwargs.get("shape", others[0] if others else ())
    trains = decide.known_truth(run, c.kwargs.get("trainable", True))
    key = name if isinstance(name, str) and name not in custom.weights else f"weight_{len(custom.weights)}"
    if isinstance(shape, (int, Open)):
        shape = (shape,) if isinstance(shape, int) or shape.integral else (Unknown(shape.text, shape.why),)
    dims = argument(run, "shape", shape)
    if not isinstance(dims, tuple):
        dims = (Unknown(opens.text_of(shape), "the shape of a weight is not known"),)
    dims = tuple(Unknown("None", "the size of a weight is None") if d is None else d for d in dims)
    custom.weights[key] = (dims, trains)
    lost = next((d for d in dims if isinstance(d, Unknown)), None)
    return Tensor(dims if lost is None else lost, "float32", False, name=key)


@function("keras.backend.variable", "tensorflow.Variable", "keras.Variable")
def _variable(run: Run, c: Call) -> Value:
    """A layer's variable: since Keras 2.3 it counts as a weight, before that it does not."""
    owner, value = c.frame.receiver, c.any(0, "initial_value", "value", "initializer")
    why = f"whether a variable counts depends on the version of Keras (line {c.line})"
    if isinstance(owner, Instance) and owner.model is not None:
        owner.model.doubts.append(Unresolved(c.span, c.line, why))
    if isinstance(owner, Instance) and owner.custom is not None:
        owner.custom.weights[f"variable_{len(owner.custom.weights)}"] = ((Unknown("variable", why),), True)
    shape = shape_of(run, value)
    return unknown(run, c) if shape is None else Array(shape, "float32")


ATTRIBUTES[Custom, "name"] = lambda _run, custom: custom.name
ATTRIBUTES[Custom, "trainable"] = lambda run, custom: run.frozen.get(custom, True)
ATTRIBUTES[Custom, "dtype"] = ATTRIBUTES[Custom, "compute_dtype"] = lambda run, _custom: run.floatx
