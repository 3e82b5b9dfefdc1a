"""Layers: making one, applying one, and what the program reads of one."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import argument, node_of, opaque, raw, result, tensor_of, tensors_of
from kerlint.evaluate.calls import callable_as
from kerlint.evaluate.escape import HARMLESS, escape, touches
from kerlint.evaluate.registry import FUNCTIONS, Known, attribute, function
from kerlint.evaluate.state import NODES, Exhausted
from kerlint.evaluate.values import Call, External, Open, Rest, Value
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Layer, LayerSpec, Refused, Silent, Unknown
from kerlint.layers.bind import Bound, bind
from kerlint.layers.table import TABLE, find

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run

INPUT_ARGUMENTS = ("input_shape", "input_dim", "batch_input_shape", "input_length", "batch_size")
# Functions of the layers' modules that make a layer and apply it at once.
MERGING = {
    "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "average": "Average", "maximum": "Maximum",
    "minimum": "Minimum", "concatenate": "Concatenate", "dot": "Dot",
}  # fmt: skip
MERGE_MODES = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate", "dot": "Dot"}


@callable_as(External)
def call_external(run: Run, target: External, c: Call) -> Value:
    """A call of something of another package."""
    known = FUNCTIONS.get(target.name)
    c.written = target.name
    if known is not None:
        return guarded(run, known, c)
    if target.name.startswith("keras.layers."):
        spec = find(target.short)
        if spec is not None:
            return make_layer(run, spec, target.short, c)
    tensors = any(touches(a) for a in (*c.args, *c.kwargs.values()))
    text = c.frame.source.text(c.node)
    if tensors:
        found = _on_tensors(run, target, c)
        if found is not None:
            return found
    if target.name.partition(".")[0] not in HARMLESS:
        escape(run, c, f"call of an unknown function '{target.name}'")
    if target.short in opens.PURE and c.args and not tensors:
        return opens.function_of(run, target.name, *c.args, *c.kwargs.values())
    return run.fresh(f"{target.name}()", text, f"the result of '{target.name}' is not known (line {c.line})")


def guarded(run: Run, known: Known, c: Call) -> Value:
    """What a known function gives; unknown where it is called as it cannot be."""
    try:
        return known(run, c)
    except (IndexError, TypeError, KeyError, ValueError, AttributeError, Silent) as error:
        reason = f"'{c.written}' is called as it is not understood: {error} (line {c.line})"
        escape(run, c, reason)
        return run.fresh(f"{c.written}()", c.frame.source.text(c.node), reason)


def _on_tensors(run: Run, target: External, c: Call) -> Value:
    """A function of Keras or TensorFlow on tensors that is not in the tables."""
    if not target.name.startswith(("keras.", "tensorflow.")):
        return None
    found = [t for a in (*c.args, *c.kwargs.values()) for t in (tensors_of(run, a) or []) if touches(a)]
    symbolic = [t for t in found if isinstance(t, Tensor)]
    if not symbolic or target.short in ("plot_model", "model_to_dot"):
        return None
    return opaque(run, symbolic, c.span, c.line, f"call of '{target.name}', which is not modelled").output


# --- making ------------------------------------------------------------------------------------------------


def make_layer(run: Run, spec: LayerSpec, written_as: str, c: Call) -> Value:
    """``Dense(8, activation="relu")``."""
    try:
        bound = bound_call(run, spec, c)
    except Refused as refused:
        run.fact("refused", c.span, (), message=str(refused), layer=spec.name)
        return Open(f"refused {spec.name}", c.frame.source.text(c.node), f"Keras refuses {refused} (line {c.line})")
    except Silent as silent:
        return Open(f"unknown {spec.name}", c.frame.source.text(c.node), f"{silent.reason} (line {c.line})")
    return finish_layer(run, spec, bound, c)


def bound_call(run: Run, spec: LayerSpec, c: Call) -> Bound:
    """The arguments of a constructor call, bound. Raises Refused, Silent."""
    names = list(spec.signature)
    rest = next((i for i, a in enumerate(c.args) if isinstance(a, Rest)), None)
    given = c.args if rest is None else c.args[:rest]
    args = [argument(run, names[i] if i < len(names) else "", a) for i, a in enumerate(given)]
    kwargs = {k: argument(run, k, v) for k, v in c.kwargs.items() if k != "**"}
    if isinstance(kwargs.get("name"), Unknown):
        kwargs["name"] = None  # a name that is not known changes nothing that is counted
    if "**" in c.kwargs or rest is not None:
        source = c.kwargs.get("**") if rest is None else c.args[rest]
        why = source.why if isinstance(source, Open) else "unknown keyword arguments"
        for name in names[len(args) :]:
            kwargs.setdefault(name, Unknown(name, why))
    floatx = run.policy if isinstance(run.policy, str) else run.floatx
    return bind(spec, args, kwargs, data_format=run.data_format, floatx=floatx, generation=run.generation(spec.name))


def finish_layer(run: Run, spec: LayerSpec, bound: Bound, c: Call) -> Layer:
    """The layer of a bound call, with its spans and what had to be translated."""
    name = raw(bound.config, "name")
    keywords = {k.arg: k for k in getattr(c.node, "keywords", ()) if k.arg is not None} if direct(c) else {}
    positions = _positions(c)
    source = c.frame.source
    written: dict[str, Any] = {}
    literal: set[str] = set()
    for canonical, where in bound.origin.items():
        node = keywords[where].value if isinstance(where, str) and where in keywords else None
        if isinstance(where, int) and where < len(positions):
            node = positions[where]
        if node is not None:
            written[canonical] = source.span(node)
            if is_literal(node):
                literal.add(canonical)
    made = Layer(spec, bound.config, name if isinstance(name, str) else run.layer_name(spec.name), c.span, written, c.kwargs.get("name") is not None, frozenset(literal))
    run.layers.append(made)
    if len(run.layers) > NODES:
        raise Exhausted(f"more than {NODES} layers are made")
    run.made[made] = run.marks
    run.keywords[made] = {a: (source.span(k), k) for a, k in keywords.items() if a in INPUT_ARGUMENTS}
    run.lines[made] = c.line
    if any(_unsure(made.config.raw(argument)) for argument in bound.origin):
        run.unsure.add(made)
    if spec.name == "Lambda":
        arguments = c.get(3, "arguments")
        run.lambdas[made] = (c.get(0, "function"), arguments if isinstance(arguments, dict) else {}, c)
    for old, new in bound.renamed:
        if old in keywords:
            span = source.span(keywords[old])
            run.fact("old-argument", type(span)(span.path, span.cell, span.start, span.start + len(old)), old=old, new=new, layer=made)
    if 3 not in spec.generations:
        run.fact("removed-layer", c.span, layer=made, name=spec.name)
    return made


def is_literal(node: ast.expr) -> bool:
    """Whether the value stands there, for everyone to see: a number, a string, a tuple of such."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(is_literal(part) for part in node.elts)
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _unsure(value: Any) -> bool:
    """Whether something about the value is not known: also in a tuple, or in a layer inside."""
    if isinstance(value, tuple):
        return any(isinstance(v, Unknown) for v in value)
    return isinstance(value, (Unknown, Layer))


def direct(c: Call) -> bool:
    """Whether the call's syntax is that of the constructor itself (no partial, no wrapper)."""
    return hasattr(c.node, "keywords") and not c.via


def _positions(c: Call) -> list[Any]:
    import ast

    found: list[Any] = []
    for node in getattr(c.node, "args", ()) if direct(c) else ():
        if isinstance(node, ast.Starred):
            break
        found.append(node)
    return found


# --- applying ----------------------------------------------------------------------------------------------

OPTIONS = ("training", "mask", "initial_state")
TENSOR_KEYWORDS = ("inputs", "x", "query", "value", "key", "sequence", "input", "input_tensor")


@callable_as(Layer)
def apply_layer(run: Run, layer: Layer, c: Call) -> Value:
    """``layer(x)``, ``layer([a, b])``, ``layer(x, initial_state=[h, c])``."""
    if layer.kind == "Lambda":
        from kerlint.evaluate.known.tensors import apply_lambda

        return apply_lambda(run, layer, c)
    given = [c.args[0]] if c.args and not layer.spec.many else list(c.args)
    if not layer.spec.many and len(c.args) > 1 and touches(c.args[1]) and layer.kind in RECURRENT:
        c.kwargs.setdefault("initial_state", c.args[1])
    given += [c.kwargs[k] for k in TENSOR_KEYWORDS if k in c.kwargs]
    options = {k: _option(v) for k, v in c.kwargs.items() if k in OPTIONS and v is not None}
    inputs = tensors_of(run, given)
    if inputs is None or not inputs:
        return opaque(run, inputs or [], c.span, c.line, f"{layer.kind} is applied to something that is no tensor").output
    ignored_arguments(run, layer, inputs)
    if "initial_state" in c.kwargs:
        inputs += tensors_of(run, c.kwargs["initial_state"]) or []
    return result(node_of(run, layer, inputs, c.span, c.line, options=options))


RECURRENT = frozenset(["LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM2D", "CuDNNLSTM", "CuDNNGRU"])


def _option(value: Value) -> object:
    if isinstance(value, (bool, int, str, Tensor)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(v, Tensor) for v in value):
        return tuple(value)
    return Unknown(opens.text_of(value), "an argument of the call")


def ignored_arguments(run: Run, layer: Layer, given: Sequence[Tensor]) -> None:
    """Records input shapes that Keras does not look at, because the layer is given a tensor."""
    for name, (span, _node) in run.keywords.pop(layer, {}).items():
        if name in ("batch_size",) or name in layer.spec.signature:
            continue
        value = raw(layer, name)
        run.fact("ignored-argument", span, argument=name, value=value, layer=layer, given=given[0])


def make_and_apply(run: Run, kind: str, value: Value, c: Call, kwargs: dict[str, Value]) -> Value:
    """``add([a, b])``: a layer that is made and applied by one call."""
    made = make_layer(run, TABLE[kind], kind, Call((), kwargs, c.node, c.frame, plain=c.plain))
    if not isinstance(made, Layer):
        return made
    return apply_layer(run, made, Call((value,), {}, c.node, c.frame))


def _merging(name: str, kind: str) -> None:
    @function(f"keras.layers.{name}")
    def known(run: Run, c: Call) -> Value:
        value = c.get(0, "inputs")
        kwargs = {k: v for k, v in c.kwargs.items() if k != "inputs"}
        if kind in ("Concatenate", "Dot") and len(c.args) > 1:
            kwargs["axis" if kind == "Concatenate" else "axes"] = c.args[1]
        return make_and_apply(run, kind, value, c, kwargs)


for _name, _kind in MERGING.items():
    _merging(_name, _kind)


@function("keras.layers.merge", "keras.legacy.layers.merge")
def _merge(run: Run, c: Call) -> Value:
    mode = c.get(1, "mode", "sum")
    kind = MERGE_MODES.get(mode) if isinstance(mode, str) else None
    if kind is None:
        found = tensors_of(run, c.get(0, "inputs")) or []
        return opaque(run, found, c.span, c.line, f"merge with mode {opens.text_of(mode)}").output
    kwargs = {k: v for k, v in c.kwargs.items() if k == "name"}
    if kind == "Concatenate":
        kwargs["axis"] = c.kwargs.get("concat_axis", -1)
    if kind == "Dot":
        kwargs["axes"] = c.kwargs.get("dot_axes", -1)
    return make_and_apply(run, kind, c.get(0, "inputs"), c, kwargs)


@function("keras.activations.relu", "keras.activations.softmax", "keras.activations.sigmoid", "keras.activations.tanh",
          "keras.activations.swish", "keras.activations.elu", "keras.activations.selu", "keras.activations.gelu",
          "keras.activations.hard_sigmoid", "keras.activations.softplus", "keras.activations.linear")  # fmt: skip
def _activation(run: Run, c: Call) -> Value:
    from kerlint.evaluate.apply import operation

    tensor = tensor_of(run, c.get(0, "x"))
    if tensor is None:
        return run.fresh("activation", c.frame.source.text(c.node), "an activation of no tensor")
    return operation(run, "elementwise", [tensor], c.span, c.line, function="activation")


@function("keras.activations.get")
def _get_activation(run: Run, c: Call) -> Value:
    value = c.get(0, "identifier")
    if value is None or isinstance(value, str):
        return External(f"keras.activations.{value or 'linear'}")
    return value


@function("keras.layers.deserialize", "keras.layers.serialize", "keras.utils.get_source_inputs", "keras.ops.operation_utils.get_source_inputs")
def _source(run: Run, c: Call) -> Value:
    """get_source_inputs: the inputs that a tensor comes from."""
    from kerlint.evaluate.models import between

    tensor = c.get(0, "tensor")
    if c.name != "get_source_inputs" or not isinstance(tensor, Tensor):
        return run.fresh(c.name, c.frame.source.text(c.node), f"{c.name}() is not evaluated (line {c.line})")
    return [n.output for n in between([], [tensor]) if n.layer.kind == "InputLayer"] or [tensor]


# --- reading -----------------------------------------------------------------------------------------------


@attribute(Layer, "output")
def _output(run: Run, layer: Layer) -> Value:
    run.held[layer] = None
    for node in reversed(run.nodes):
        if node.layer is layer:
            return result(node)
    return Open(f"{layer.name}.output", f"{layer.name}.output", f"{layer.name} has not been applied")


@attribute(Layer, "input")
def _input(run: Run, layer: Layer) -> Value:
    run.held[layer] = None
    for node in reversed(run.nodes):
        if node.layer is layer:
            return node.inputs[0] if len(node.inputs) == 1 else list(node.inputs)
    return Open(f"{layer.name}.input", f"{layer.name}.input", f"{layer.name} has not been applied")


@attribute(Layer, "output_shape")
def _output_shape(run: Run, layer: Layer) -> Value:
    from kerlint.evaluate.attributes import attribute_of

    found = _output(run, layer)
    return attribute_of(run, found, "shape", None, None) if isinstance(found, Tensor) else found  # type: ignore[arg-type]


@attribute(Layer, "name")
def _layer_name(run: Run, layer: Layer) -> Value:
    return layer.name


@attribute(Layer, "trainable")
def _trainable(run: Run, layer: Layer) -> Value:
    run.held[layer] = None
    return run.frozen.get(layer, raw(layer, "trainable") is not False)


@attribute(Layer, "get_config", "get_weights", "set_weights", "weights", "kernel", "bias", "count_params")
def _structure(run: Run, layer: Layer) -> Value:
    run.held[layer] = None
    return run.fresh("layer", f"{layer.name}....", "what a layer holds is not known")

