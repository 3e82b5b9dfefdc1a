"""Layers applied to tensors: what a call's tensors are, the nodes it makes, and how many axes the layers demand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.registry import named, words
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Array, Demanded, External, Instance, ModelValue, Open, Rest, Value, short_key, small
from kerlint.graph.dim import BATCH, Poly, same, symbol
from kerlint.graph.graph import Node, Tensor, Trace, Unresolved
from kerlint.graph.layer import Config, Layer, LayerSpec, Object, Refused, Silent, Unknown
from kerlint.graph.weight import Shape
from kerlint.layers.operations import OPERATIONS, class_of
from kerlint.layers.table import ACTIVATIONS, STEPPED


@dataclass(slots=True, frozen=True)
class Asked:
    """An unknown value that was given as a shape: its key at that place, its text, how many axes it leaves out."""

    key: str
    text: str
    before: int = 1


def tensor_of(run: Run, value: Value) -> Tensor | None:
    """The value as a tensor: something unknown becomes a tensor of unknown shape, the same each time."""
    if isinstance(value, Tensor):
        return value
    if (known := opens.opened(value)) is not None:
        key = run.key(known)
        if key not in run.tensors:
            shown = run.pinned.get(f"{key}.shape")  # what the layers behind it demand
            asked = Unknown(known.text, known.why, Asked(f"{key}.shape", f"{known.text}.shape", 0))
            shape = asked if shown is None else (BATCH, *(entry.size() for entry in shown[1:]))
            run.tensors[key] = Tensor(shape, "unknown", None, name=known.text)
        return run.tensors[key]
    if isinstance(value, Array):
        dims: Any = tuple(map(opens.dim_of, value.shape))
        shape = Unknown(value.text, "a size is not known") if None in dims else dims
        return Tensor(shape, value.dtype, name="constant")
    return None


def by_key(value: Value) -> Value:
    """A dictionary in the order in which Keras takes it apart; anything else as it is."""
    named = isinstance(value, dict) and all(isinstance(key, str) for key in value)
    return dict(sorted(value.items())) if named else value


def tensors_of(run: Run, value: Value) -> list[Tensor] | None:
    """All tensors in a (nested) list, tuple or dictionary; None if something in it is no tensor."""
    if not isinstance(value, (list, tuple, dict)):
        one = tensor_of(run, value)
        return None if one is None else [one]
    if not small(value):
        return None
    found: list[Tensor] = []
    for part in by_key(value).values() if isinstance(value, dict) else value:
        inner = tensors_of(run, part) if part is not None else []
        if inner is None:
            return None
        found += inner
    return found


def node_of(
    run: Run, layer: Layer, inputs: list[Tensor], span: Any, line: int, form: str = "call", **options: object
) -> Node:
    """Applies a layer; what Keras refuses is recorded."""
    if layer.config.others.get("layer") in run.nested and inputs and layer.kind == "TimeDistributed":
        _build_inside(run, layer, inputs[0])
    try:
        node = Node(layer, tuple(inputs), span, form, options)
    except (Silent, TypeError, ValueError, IndexError, KeyError, AttributeError, ZeroDivisionError) as error:
        return opaque(run, inputs, span, line, f"{layer.kind} on this input is not understood: {error}")
    refused = node.refused is not None and node.refused.since <= run.certain
    if refused:
        run.fails(ValueError(str(node.refused)))
    if layer.spec.parts and all(earlier.layer is not layer for earlier in run.nodes):
        for part in layer.spec.parts:
            run.layer_name(part)
    run.add_node(node, line)
    first = run.first.setdefault(layer, node)
    if first is not node and _another(first, node):
        run.opaque[node] = Unresolved(span, line, f"{layer.name} was built for an input of another shape")
    held = {name: part for name, part in layer.config.others.items() if isinstance(part, Layer)}
    run.applied.update((layer, *held.values()))
    if any(name in ACTIVATIONS and weighs(part, node) for name, part in held.items()):
        run.opaque[node] = Unresolved(span, line, f"the weights of the activation of {layer.name} are not counted")
    if refused:
        run.fact("refused", span, (node,), message=str(node.refused), layer=layer.kind)
    return node


def _build_inside(run: Run, layer: Layer, x: Tensor) -> None:
    """A Sequential without an input, inside of TimeDistributed, is built on the first steps that arrive."""
    model, shape = run.nested[layer.config.raw("layer")], x.shape  # type: ignore[index]
    if not model.built and not isinstance(shape, Unknown) and len(shape) > 2:
        from kerlint.evaluate.known.sequential import built

        built(run, model, [Tensor((shape[0], *shape[2:]), x.dtype, name="step")])
        values = {name: layer.config.raw(name) for name in layer.config} | {"layer": run.as_layer(run, model)}
        object.__setattr__(layer, "config", Config(values))


def _another(first: Node, again: Node) -> bool:
    """Whether a layer would need weights of other shapes than those it has."""
    if [t.shape for t in first.inputs] == [t.shape for t in again.inputs]:
        return False
    try:
        built, asked = (n.layer.spec.weights(n.layer.config, n.incoming()) for n in (first, again))
    except (Silent, Refused):
        return False
    return any(same(*sizes) is False for n in built for sizes in zip(built[n].shape, asked[n].shape, strict=True))


def weighs(activation: Layer, node: Node) -> bool:
    """Whether a layer that stands as an activation has weights of its own, or may have."""
    try:
        return bool(activation.spec.weights(activation.config, tuple(node.output.shape)))
    except (Silent, Refused):
        return True


def operation(run: Run, name: str, inputs: list[Tensor], span: Any, line: int, **config: Any) -> Tensor:
    """A node of an operation without weights. There is at least one tensor."""
    spec = OPERATIONS[name]
    defaults = {k: v for k, v in spec.signature.items() if isinstance(v, (int, str, tuple, type(None)))}
    values = {"name": None, "dtype": None, "trainable": True, **defaults, **config}
    if "function" in config:
        values["class"] = class_of(name, config["function"])
    layer = Layer(spec, Config(values), run.layer_name(class_of(name, config.get("function")) or name), span)
    return node_of(run, layer, inputs, span, line).output


def opaque(run: Run, inputs: list[Tensor], span: Any, line: int, why: str, spec: LayerSpec | None = None) -> Node:
    """Something is done to tensors that kerlint does not follow: the shape is unknown from here on."""
    reason = why if "(line" in why else f"{why} (line {line})"
    row = OPERATIONS["opaque"] if spec is None else spec
    config = Config({"why": reason, "function": None, "name": None, "trainable": True})
    layer = Layer(row, config, run.layer_name("opaque"), span)
    node = Node(layer, tuple(inputs), span)
    run.add_node(node, line)
    run.opaque[node] = Unresolved(span, line, why)
    return node


def result(node: Node, form: Value = None) -> Value:
    """What the call of a layer gives: a tensor, or several in the ``form`` in which its call() gave them."""
    if isinstance(form, (dict, list, tuple)) and len(form) == len(node.outputs):
        named = dict(zip(form, node.outputs, strict=True)) if isinstance(form, dict) else None
        return named or (node.outputs if isinstance(form, tuple) else list(node.outputs))
    return node.outputs[0] if len(node.outputs) == 1 else list(node.outputs)


def mask_of(tensor: Tensor) -> Value:
    """What Keras gives as the mask of an input to a call() that has an argument of this name."""
    if tensor.masked and not isinstance(tensor.shape, Unknown) and tensor.rank == 3:
        return Tensor(tensor.shape[:2], "bool", name="mask")
    return None if tensor.masked is False else Open(f"{tensor.name}.mask", "mask", "whether the input is masked")


# --- arguments of layers -----------------------------------------------------------------------------------

# Arguments that are sizes: something unknown there is a symbol.
SIZES = frozenset(named("apply.sizes"))
ACTIVATION_HOMES = words("keras.activations. tensorflow. keras.backend. keras.ops.")


def _is_size(name: str, nested: bool) -> bool:
    return name in SIZES and (nested or not name.endswith(("shape", "dims")))


def argument(run: Run, name: str, value: Value, nested: bool = False) -> Any:
    """A value as the layer table takes it: unknown ones as Unknown, sizes as symbols."""
    if value is None or isinstance(value, (bool, int, float, str, Layer, Poly, bytes)):
        return value
    if isinstance(value, (tuple, list)):
        if not nested and not small(value):
            return Unknown(name, "a large container")
        if any(isinstance(v, Rest) for v in value):
            return Unknown(name, next(v.why for v in value if isinstance(v, Rest)))
        return tuple(argument(run, name, v, nested=True) for v in value)
    if isinstance(value, Open):
        if value.integral or _is_size(name, nested):
            return value.size()
        base, more = value.longer or (value, 0)
        asked = Asked(run.key(base), base.text, 1 + more) if name in ("shape", "input_shape") and not nested else None
        return Unknown(value.text, value.why, value.size() if name in STEPPED else asked)
    if isinstance(value, External):
        return _external(run, name, value, nested)
    model = value.model if isinstance(value, Instance) else value
    if isinstance(model, ModelValue):
        return run.as_layer(run, model)
    if isinstance(value, (range, set, frozenset)):
        return argument(run, name, [*value], nested) if len(value) < 64 else Unknown(name, "a long range")
    if isinstance(value, (Tensor, dict)):
        return Unknown(name, f"{name} is not a plain value")
    own = isinstance(value, Instance)
    kind = f"object of {value.cls.name}, which is not followed there" if own else type(value).__name__.lower()
    told = f"{name} is given {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    return value if isinstance(value, Object) else Unknown(name, told)


def _external(run: Run, name: str, value: External, nested: bool) -> Any:
    if "activation" in name and value.name.startswith(ACTIVATION_HOMES):
        return value.short
    if name.endswith(("initializer", "regularizer", "constraint")) and value.name.startswith("keras."):
        return value.short if value.name.count(".") < 2 else Object(value.short)
    if name == "dtype" and value.name.startswith(("tensorflow.", "numpy.", "builtins.")):
        return {"float": "float32", "int": "int32"}.get(value.short, value.short)
    if not value.name.startswith("keras.") and _is_size(name, nested):
        return Open(short_key(value.name), value.name, "").size()
    return Unknown(value.name, f"{value.name} is not evaluated")


# --- what layers demand: an input of unknown shape has the only number of axes that Keras does not refuse ------

RANKS = 6  # axes that an input may have; behind each layer, one more
DEPTH = 4  # layers behind an input that are asked
CUT = re.compile(r"(.+)\[(\d+)::\]")  # the key of ``x.shape[1:]``


def demanded(run: Run, every: bool = False) -> dict[str, Value]:
    """The shapes that must have one number of entries, by their keys: another, and the program would end there.

    They are read off the layer table: what a model's input reaches refuses every other number of axes. ``every``: what
    any tensor reaches that is given from outside.
    """
    given = [*(tensor for model in run.models for tensor in model.inputs), *(run.tensors.values() if every else ())]
    sources = {tensor: s for tensor in given if (s := _source(tensor)) is not None}
    if not sources:
        return {}
    trace = Trace(tuple(run.nodes))
    found: dict[str, Value] = {}
    for tensor, source in sources.items():
        ranks = _possible(trace, tensor, DEPTH)
        if len(ranks) == 1 and min(ranks) >= source.before:
            found[source.key] = _entries(source.key, source.text, min(ranks) - source.before)
    return found


def input_shape(run: Run, model: ModelValue) -> Shape | None:
    """The shape of a model's input, if its layers take one number of axes: its sizes are those of the model."""
    ranks = _possible(Trace(tuple(run.nodes)), model.inputs[0], DEPTH)
    name = model.name or model.keras_name
    sizes = (symbol(f"{name}.input_shape[{i}]", (model.keras_name, i)) for i in range(1, min(ranks, default=1)))
    return (BATCH, *sizes) if len(ranks) == 1 else None


def _source(tensor: Tensor) -> Asked | None:
    """The unknown value that the program gave as the tensor's shape, without the batch."""
    shape: object = tensor.shape
    if isinstance(shape, Unknown) and tensor.node is not None:
        shape = tensor.node.layer.config.peek("shape") if tensor.node.layer.kind == "InputLayer" else None
    return shape.source if isinstance(shape, Unknown) and isinstance(shape.source, Asked) else None


def _possible(trace: Trace, tensor: Tensor, depth: int) -> frozenset[int]:
    """The numbers of axes that none of the layers behind the tensor refuses."""
    ranks = frozenset(range(1, RANKS + 1 + DEPTH - depth))
    for node in trace.consumers(tensor) if depth else ():
        if all(t is tensor or _source(t) == _source(tensor) is not None for t in node.inputs) and ranks:
            behind = _possible(trace, node.output, depth - 1)
            ranks = frozenset(r for r in ranks if axes_after(node.layer, r, len(node.inputs)) in {None, *behind})
    return ranks


def axes_after(layer: Layer, rank: int, inputs: int = 1) -> int | None:
    """How many axes the layer makes of so many: 0 where Keras refuses them, None where that is not known."""
    shape = (BATCH, *(symbol(f"s{axis}", ("rank", axis)) for axis in range(1, rank)))
    try:
        found = layer.spec.output(layer.config, (shape,) * inputs if layer.spec.many else shape)
        return len(found) if layer.spec.outputs(layer.config) == 1 and len(found) <= rank + 1 else None
    except Refused:
        return 0
    except Exception:  # what is not understood demands nothing
        return None


def _entries(key: str, text: str, count: int) -> Demanded:
    """The entries of a shape. Those of ``x.shape[1:]`` are entries of ``x.shape``."""
    cut, first = CUT.fullmatch(key), 0
    if cut is not None:
        key, first, text = cut[1], int(cut[2]), text.rpartition("[")[0]
    why = f"an entry of {text}"
    places = range(first, first + count)
    return Demanded(Open(short_key(f"{key}[{i}]"), f"{text}[{i}]", why, integral=True, optional=True) for i in places)
