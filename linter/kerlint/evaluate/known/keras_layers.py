"""Layers: making one, applying one, and what the program reads of one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import argument, node_of, opaque, result, tensors_of
from kerlint.evaluate.calls import callable_as, guarded
from kerlint.evaluate.decide import compare, truth
from kerlint.evaluate.escape import READERS, escape, forget, handed, tensors_in, touches
from kerlint.evaluate.evidence import may_name
from kerlint.evaluate.known.tensors import apply_lambda, mapped, weightless
from kerlint.evaluate.models import origins
from kerlint.evaluate.names import Source
from kerlint.evaluate.natives import call_native
from kerlint.evaluate.registry import FUNCTIONS, named
from kerlint.evaluate.spelling import note_call, note_removed
from kerlint.evaluate.state import NODES, Exhausted, Raised, Run
from kerlint.evaluate.values import MISSING, Array, Call, External, Function, Instance, Open, Partial, Rest, Value
from kerlint.evaluate.values import Bound as Method
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import PLAIN, REQUIRED, Config, Layer, LayerSpec, Refused, Silent, Unknown
from kerlint.layers.activation import NAMED
from kerlint.layers.bind import Bound, bind, places
from kerlint.layers.former import FORMER, INITIALIZERS
from kerlint.layers.old import OLD, SIZED_ONE_BY_ONE
from kerlint.layers.operations import UNMODELLED
from kerlint.layers.table import ACTIVATIONS, find

TENSORFLOW = re.compile(r"tensorflow\.(?:math\.|nn\.|linalg\.)?(?!is_tensor)\w+$")  # they convert what they are given
UNBOUND = ("builtins.list.", "builtins.dict.", "builtins.set.", "builtins.str.")  # list.append(items, 3)
TAKES_MASK = "takes_mask"  # in the configuration of a Lambda: what its class reads off its function
MAPPING = ("map_fn", "map", "vectorized_map")  # functions of a function and a tensor
PADDINGS = ("same", "valid", "causal")  # of a window
BOTH = ("activation", "activity_regularizer", "name")  # arguments that a convolution of Keras 1 has as well
INPUT_ARGUMENTS = frozenset(["input_shape", "input_dim", "batch_input_shape", "input_length", "batch_size"])


@callable_as(External)
def call_external(run: Run, target: External, c: Call) -> Value:
    """A call of something of another package."""
    known = FUNCTIONS.get(target.name)
    c.written = target.name
    if run.stored:
        forget(run, target.name, c)
    if known is not None and TENSORFLOW.match(target.name) and run.certain >= 3 and c.args:
        begins = [one.node for tensor in tensors_in(c.args[0]) for one in origins(tensor)]  # inside of a layer, another
        why = "a function of TensorFlow takes no Keras tensor, one of keras.ops does"
        if any(node is not None and node.layer.kind == "InputLayer" for node in begins):
            return _refused(run, c, target.name, why)
    if known is not None:
        return guarded(run, partial(known, run), c)
    if target.name.startswith("keras.layers."):
        spec = find(FORMER.get(target.short, target.short))
        if spec is not None:
            return make_layer(run, spec, c)
        note_removed(run, c, target.short)
    if target.name.startswith(UNBOUND) and c.args and isinstance(c.args[0], (list, dict, set, str)):
        return call_native(run, c.args[0], target.short, Call(c.args[1:], c.kwargs, c.node, c.frame, via=True))
    given = [value for value in (*c.args, *c.kwargs.values()) if value.__class__ not in PLAIN]
    for data in given:
        if isinstance(data, Array):
            data.values = None  # np.random.shuffle(array)
    tensors = any(map(touches, given))
    if tensors:
        found = _on_tensors(run, target, c)
        if found is not None:
            return found
    hand = handed if target.name.partition(".")[0] in READERS else escape
    hand(run, c, f"call of an unknown function '{target.name}'")
    if target.short in opens.PURE and c.args and not tensors:
        return opens.function_of(run, target.name, *c.args, *c.kwargs.values())
    return run.lost(f"{target.name}()", c.node, c.frame, f"the result of '{target.name}' is not known")


def _refused(run: Run, c: Call, name: str, why: str, lacks: bool = False) -> Value:
    run.fails(ValueError(why))
    run.fact("refused", c.span, (), message=why, layer=name, lacks=lacks)
    return Open(f"refused {name}", c.frame.source.text(c.node), f"Keras refuses this: {why} (line {c.line})")


def _on_tensors(run: Run, target: External, c: Call) -> Value:
    """A function of Keras or TensorFlow on tensors that is not in the tables."""
    if not target.name.startswith(("keras.", "tensorflow.")):
        return None
    found = [t for a in (*c.args, *c.kwargs.values()) for t in (tensors_of(run, a) or []) if touches(a)]
    symbolic = [t for t in found if isinstance(t, Tensor)]
    if not symbolic or target.short in ("plot_model", "model_to_dot"):
        return None
    values = (*c.args, *c.kwargs.values())
    functions = [value for value in values if isinstance(value, Function)]
    known = len(symbolic) == len(functions) == 1 and not isinstance(symbolic[0].shape, Unknown)
    part = [Tensor(t.shape[1:], t.dtype) for t in symbolic if known and target.short in MAPPING and t.shape]
    parts = tuple(part) or (Rest("*args", "*args", "what it is called with is not known"),)
    given = [weightless(run, function, replace(c, args=parts, kwargs={}, via=True)) for function in functions]
    calls = any(isinstance(value, (Method, Partial, Instance)) for value in values) or MISSING in given
    if part and not calls and (each := mapped(run, symbolic[0], given[0], c)) is not None:
        return each
    spec = None if calls or ".layers." in target.name or ".contrib." in target.name else UNMODELLED
    return opaque(run, symbolic, c.span, c.line, f"call of '{target.name}', which is not modelled", spec).output


# --- making ------------------------------------------------------------------------------------------------


def make_layer(run: Run, spec: LayerSpec, c: Call) -> Value:
    """``Dense(8, activation="relu")``."""
    try:
        bound = bound_call(run, spec, c)
        _demand_names(bound, c)
    except Refused as refused:
        if refused.since <= run.certain and run.generic and run.decisions.made:
            raise Raised(str(refused), "ValueError") from None  # a padding, say: no caller gives what Keras refuses
        if refused.since <= run.certain:
            return _refused(run, c, spec.name, str(refused), _lacks(spec, c))
        try:  # if the program runs, it does so with a Keras before that
            bound = bound_call(run, spec, c, refused.since - 1)
        except (Refused, Silent):
            why = f"{refused}, but only since Keras {refused.since} (line {c.line})"
            return Open(f"unknown {spec.name}", c.frame.source.text(c.node), why)
    except Silent as silent:
        return Open(f"unknown {spec.name}", c.frame.source.text(c.node), f"{silent.reason} (line {c.line})")
    return finish_layer(run, spec, bound, c)


def _lacks(spec: LayerSpec, c: Call) -> bool:
    """Whether something is None that has to be given, or comes in by * or **: who calls the program may give it."""
    given = {**dict(zip(spec.signature, c.args, strict=False)), **c.kwargs}
    given |= {today: given[name] for name in given.keys() & OLD.keys() for today in OLD[name]}
    needed = ["shape", *(name for name, default in spec.signature.items() if default is REQUIRED)]
    return not c.plain or any(given.get(name, 0) is None for name in needed)


def _demand_names(bound: Bound, c: Call) -> None:
    """Refused for what is misspelt: no Keras has such a name, and nothing here can have given it to something."""
    for name, where in bound.origin.items():
        value = c.args[where] if isinstance(where, int) and where < len(c.args) else c.kwargs.get(str(where))
        known = NAMED if name in ACTIVATIONS else INITIALIZERS if name.endswith("_initializer") else None
        if known and isinstance(value, str) and value not in known and value.replace("_", "").isalpha():
            from difflib import get_close_matches

            near = get_close_matches(value.lower(), known, 1)
            if near and not may_name(c.frame.source.document):
                raise Refused(f"there is no {name} {value!r} (did you mean {near[0]!r}?)")


def bound_call(run: Run, spec: LayerSpec, c: Call, generation: int | None = None) -> Bound:
    """The arguments of a constructor call, bound for a generation of Keras: the run's own. Raises Refused, Silent."""
    names = list(spec.signature)
    rest = next((i for i, a in enumerate(c.args) if isinstance(a, Rest)), None)
    given = c.args if rest is None else c.args[:rest]
    args = [_given(run, spec, names[i] if i < len(names) else "", a) for i, a in enumerate(given)]
    kwargs = {k: v if v.__class__ in PLAIN else _given(run, spec, k, v) for k, v in c.kwargs.items() if k != "**"}
    if isinstance(kwargs.get("name"), Unknown):
        kwargs["name"] = None  # a name that is not known changes nothing that is counted
    source = c.kwargs.get("**") if rest is None else c.args[rest]
    if source is not None:
        why = source.why if isinstance(source, Open) else "unknown keyword arguments"
        kwargs = {name: Unknown(name, why) for name in names[len(args) :]} | kwargs
    if _two_readings(run, spec, args, kwargs):
        why = f"sizes one by one are the kernel in old Keras, kernel and strides in Keras 3 (line {c.line})"
        kwargs |= {name: Unknown(", ".join(map(str, args[1:])), why) for name in ("kernel_size", "strides")}
        del args[1:]
    floatx = run.policy if isinstance(run.policy, str) else run.floatx
    generation = generation or (run.evidence if run.keras is None else run.keras)
    if generation == 2 and run.standalone and "reset_after" in spec.signature:
        kwargs = {"reset_after": Unknown("its default", "False up to Keras 2.3, True since")} | kwargs
    return bind(spec, args, kwargs, data_format=run.data_format, floatx=floatx, generation=generation)


def _given(run: Run, spec: LayerSpec, name: str, value: Value) -> Any:
    """As the layer table takes it. What an unknown caller gives as padding is one of few words: each has a run."""
    if run.generic and name == "padding" and isinstance(value, Open) and "strides" in spec.signature:
        said = next(w for w in PADDINGS if w == PADDINGS[-1] or truth(run, compare(run, ast.Eq, value, w)))
        return run.pinned.setdefault(run.key(value), said)
    return argument(run, name, value)


def _two_readings(run: Run, spec: LayerSpec, args: list[Any], kwargs: dict[str, Any]) -> bool:
    """Whether ``Convolution2D(32, 3, 3)`` stands where its Keras is not known: old code and new read it differently."""
    sizes = SIZED_ONE_BY_ONE.get(spec.name, 1)
    if run.keras == 3 or run.evidence == 1 or not run.standalone or sizes == 1 or len(args) < sizes + 1:
        return False
    told = [k for k in kwargs if k not in BOTH and (k in OLD or k in spec.signature)]
    told += [a for a in args[sizes:] if a in PADDINGS]
    return not told and all(type(a) is int for a in args[: sizes + 1])


def finish_layer(run: Run, spec: LayerSpec, bound: Bound, c: Call) -> Layer:
    """The layer of a bound call, with its spans and what had to be translated."""
    given = bound.config.peek("name")
    name = given if isinstance(given, str) else run.layer_name(spec.name)
    direct = hasattr(c.node, "keywords") and not c.via  # the syntax is the constructor's: no partial, no wrapper
    keywords = {k.arg: k for k in c.node.keywords if k.arg is not None} if direct else {}
    where = partial(_where, bound, c.frame.source, keywords, getattr(c.node, "args", ()) if direct else ())
    config = _with_mask(bound.config, c) if spec.name == "Lambda" else bound.config
    made = Layer(spec, config, name, c.span, where, c.kwargs.get("name") is not None)
    run.made_by[made], run.within[made] = c, tuple(run.calls)
    if len(run.made_by) > NODES:
        raise Exhausted(f"more than {NODES} layers are made")
    run.marked[made] = run.marks
    if not INPUT_ARGUMENTS.isdisjoint(keywords):
        run.keywords[made] = {a: c.frame.source.span(k) for a, k in keywords.items() if a in INPUT_ARGUMENTS}
    run.lines[made] = c.line
    asked = [value for argument, value in config.others.items() if argument in bound.origin]
    if any(isinstance(v, (Unknown, Layer)) for one in asked for v in (one if isinstance(one, tuple) else (one,))):
        run.unsure.add(made)
    note_call(run, made, bound, c, keywords)
    return made


def _with_mask(config: Config, c: Call) -> Config:
    """A Lambda whose function has a parameter ``mask`` is given the mask, though the layer drops it."""
    function = c.get(0, "function")
    takes: object = False
    if isinstance(function, Function):
        spec = function.node.args
        takes = "mask" in (a.arg for a in (*spec.posonlyargs, *spec.args))
    elif not isinstance(function, External):
        takes = Unknown("function", "what the function of a Lambda takes is not known")
    return Config({**{name: config.raw(name) for name in config}, TAKES_MASK: takes}) if takes is not False else config


def _where(
    bound: Bound, source: Source, keywords: Mapping[str, ast.keyword], positions: Iterable[ast.expr]
) -> dict[str, tuple[Any, str]]:
    """Where each argument stands that is written at the call."""
    plain = takewhile(lambda node: not isinstance(node, ast.Starred), positions)
    written: dict[int | str, ast.expr] = {**dict(enumerate(plain)), **{name: k.value for name, k in keywords.items()}}
    nodes = {name: written[where] for name, where in bound.origin.items() if where in written}
    return places(nodes, source.span, source.text)


# --- applying ----------------------------------------------------------------------------------------------

OPTIONS = frozenset(named("keras_layers.options"))
TENSOR_KEYWORDS = ("inputs", "x", "query", "value", "key", "sequence", "input", "input_tensor")


@callable_as(Layer)
def apply_layer(run: Run, layer: Layer, c: Call) -> Value:
    """``layer(x)``, ``layer([a, b])``, ``layer(x, initial_state=[h, c])``."""
    if layer.kind == "Lambda":
        return apply_lambda(run, layer, c)
    given = [c.args[0]] if c.args and not layer.spec.many else list(c.args[:3])
    if layer.kind == "MultiHeadAttention" and len(c.args) > 3:  # which of the masks depends on the version
        c.kwargs.setdefault("attention_mask", c.args[3])
    if not layer.spec.many and len(c.args) > 1 and touches(c.args[1]) and layer.kind in RECURRENT:
        c.kwargs.setdefault("initial_state", c.args[1])
    given += [c.kwargs[k] for k in TENSOR_KEYWORDS if k in c.kwargs] if c.kwargs else ()
    options = {k: _option(v) for k, v in c.kwargs.items() if k in OPTIONS and v is not None}
    inputs = tensors_of(run, given[0] if len(given) == 1 else given)
    if not inputs:
        return opaque(run, [], c.span, c.line, f"{layer.kind} is applied to something that is no tensor").output
    ignored_arguments(run, layer, inputs)
    if "initial_state" in c.kwargs:
        inputs += tensors_of(run, c.kwargs["initial_state"]) or []
    return result(node_of(run, layer, inputs, c.span, c.line, "call", **options))


RECURRENT = frozenset(["LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM2D", "CuDNNLSTM", "CuDNNGRU"])


def _option(value: Value) -> object:
    if isinstance(value, (bool, int, str, Tensor)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(v, Tensor) for v in value):
        return tuple(value)
    return Unknown(opens.text_of(value), "an argument of the call")


def ignored_arguments(run: Run, layer: Layer, given: Sequence[Tensor]) -> None:
    """Records input shapes that Keras does not look at, because the layer is given a tensor."""
    taught = ("batch_size", "input_length") if run.evidence < 2 else ("batch_size",)  # what Keras 1 asks to be told
    for name, span in run.keywords.pop(layer, {}).items():
        if name not in taught and name not in layer.spec.signature:
            value = layer.config.peek(name)
            run.fact("ignored-argument", span, argument=name, value=value, layer=layer, given=given[0])


def used_arguments(run: Run, layer: Layer, _given: Sequence[Tensor] = ()) -> None:
    """Records input shapes that a first layer needs: what the same words say elsewhere is not in vain."""
    told = [f.span for f in run.facts if f.kind == "ignored-argument" and f.data["layer"] is layer]  # in another model
    for span in (*told, *run.keywords.pop(layer, {}).values()):
        run.fact("used-argument", span)
