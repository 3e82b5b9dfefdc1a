"""Copies: of models, by cloning, from where they were saved or of a configuration; of layers; of values."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.apply import node_of
from kerlint.evaluate.derived import HELD, Custom, fields_of
from kerlint.evaluate.known.builtins import unknown
from kerlint.evaluate.known.keras_layers import INPUT_ARGUMENTS, call_external, make_layer
from kerlint.evaluate.known.keras_models import new_model
from kerlint.evaluate.models import as_layer, between, inside
from kerlint.evaluate.mutation import grow, unknown_keys
from kerlint.evaluate.registry import ATTRIBUTES, function, method, words
from kerlint.evaluate.state import Run, TooLarge
from kerlint.evaluate.values import MISSING, Call, Class, External, Instance, ModelValue, Open, Rest, Value, small
from kerlint.graph.dim import Poly
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import PLAIN, Config, Layer
from kerlint.layers.table import find

DEEP = 40  # containers within each other that are copied
HOMES = ("keras.layers.", "keras.models.")


@function(*(f"keras.models.{name}" for name in words("load_model clone_model model_from_json model_from_yaml")))
@function("keras.models.model_from_config")
def _load(run: Run, c: Call) -> Value:
    if c.kwargs.get("custom_objects") or run.customs or any(model.instance for model in run.models):
        run.fact("relies-on-structure", c.span, what="load_model")  # of a class of its own a file has not the code
    source, made = c.any(0, "model", "filepath", "json_string", "config"), None
    source = source.get("config") if isinstance(source, dict) else source
    plain = len(c.args) == 1 - len(c.kwargs.keys() & {"model", "filepath"})
    if c.name == "clone_model" and plain and c.kwargs.keys() <= {"model"} and isinstance(source, ModelValue):
        made = copied(run, source, c)
    elif c.name != "model_from_yaml" and isinstance(source, (str, Open)):
        saved = _as_it_was(run, source) if _only_new(c) else None
        made = None if saved is None else copied(run, saved, c)
        if made is not None and saved is not None and c.name == "load_model" and c.kwargs.get("compile") is not False:
            made.compile, made.trains = saved.compile, saved.trains
    return made or run.lost("load_model()", c.node, c.frame, "a model from a file is not known")


def state_of(run: Run, model: ModelValue) -> list[Any]:
    """The model, and what a copy of it hangs on."""
    configs = [layer.config for layer in inside(run, model) if isinstance(layer, Layer)]
    return [model, model.outputs, [*model.items], dict(run.frozen), configs]


def _as_it_was(run: Run, key: Value) -> ModelValue | None:
    """The model that was saved there, or is written there, if nothing was changed since."""
    saved = run.stored.get(opens.key_of(run, key))
    return saved[0] if saved is not None and saved == state_of(run, saved[0]) else None


# --- configurations ----------------------------------------------------------------------------------------


@method(ModelValue, "get_config", "to_json")
def _written(run: Run, model: ModelValue, c: Call) -> Value:
    """What a model is made of, as a dictionary or text: not followed, but until it is changed a model can be made."""
    found = run.lost(c.name, c.node, c.frame, f"what {c.name}() of a model gives")
    run.stored[run.key(found)] = state_of(run, model)
    return found


@method(Layer, "get_config")
def _arguments(run: Run, layer: Layer, c: Call) -> Value:
    """A layer's arguments by name, and more that hang on the version. Of what is no plain value, a dictionary."""
    run.held[layer] = None
    run.twins.add(layer)  # what is made of it has its name
    found: dict[Value, Value] = {"name": layer.name, "trainable": ATTRIBUTES[Layer, "trainable"](run, layer)}
    if find(layer.kind) is not layer.spec or layer.kind == "Lambda":
        return run.fresh("layer", f"{layer.name}....", "what a layer holds is not known")
    early = set() if (run.keras or run.evidence) < 3 else INPUT_ARGUMENTS - layer.spec.signature.keys()
    for name in [name for name in layer.config if name not in found and name not in early]:
        raw = layer.config.raw(name)
        found[name] = raw
        if name == "dtype" or not {*map(type, raw if isinstance(raw, tuple) else (raw,))} <= {*PLAIN, Poly}:
            found[name] = run.fresh(name, name, f"what get_config() gives for {name} is not known (line {c.line})")
            run.stored[run.key(found[name])] = raw
    grow(run, found, f"what get_config() gives besides (line {c.line})")
    return found


@method(Custom, "get_config")
def _get_config(run: Run, custom: Custom, c: Call) -> Value:
    """``super().get_config()``; a class without one of its own has what it was called with, in some versions."""
    if getattr(c.frame.receiver, "custom", None) is not custom:
        return unknown(run, c)
    found = {"name": custom.name, "trainable": run.frozen.get(custom, True), "dtype": run.fresh("dtype", "dtype", "")}
    run.stored[run.key(found["dtype"])], custom.named = run.floatx, True  # what is made of it has its name
    return found


@method(External, "from_config")
def _made_anew(run: Run, kind: External, c: Call) -> Value:
    """``Model.from_config(model.get_config())``, ``Dense.from_config(layer.get_config())``: one of its own."""
    config, spec = c.get(0, "config"), find(kind.short)
    if not kind.name.startswith(HOMES):
        return call_external(run, External(f"{kind.name}.from_config"), c)
    if isinstance(config, dict) and spec is not None:
        given = {"**" if isinstance(k, Rest) else k: _as_given(run, v, c) for k, v in config.items()}
        known = all(isinstance(k, str) for k in given)
        return make_layer(run, spec, Call((), given, c.node, c.frame, via=True)) if known else unknown(run, c)
    saved = _as_it_was(run, config) if isinstance(config, Open) and spec is None and _only_new(c) else None
    if saved is None or (saved.kind == "Sequential") is not (kind.short == "Sequential"):
        return unknown(run, c)
    return copied(run, saved, c) or unknown(run, c)


@method(Class, "from_config")
def _object_anew(run: Run, cls: Class, c: Call) -> Value:
    """What a class of the program inherits from Keras: the configuration is what it is called with."""
    config, base = c.get(0, "config"), cls.external()
    if base is None or not base.name.startswith(HOMES):
        return unknown(run, c)
    named = {"**": config}
    if isinstance(config, dict):
        named = {k: _as_given(run, v, c) for k, v in config.items() if isinstance(k, str)}
        named |= {"**": unknown(run, c)} if unknown_keys(config) else {}
    return run.apply(run, cls, Call((), named, c.node, c.frame, via=True))


def _as_given(run: Run, value: Value, c: Call) -> Value:
    """An entry of a configuration as the constructor takes it: layers are others; an object, if it was not changed."""
    raw = run.stored.get(run.key(value), value) if type(value) is Open else value
    parts = raw if isinstance(raw, tuple) else (raw,)
    made = [_again(run, part, c) if isinstance(part, Layer) else part for part in parts]
    if isinstance(raw, list) or any(new is None and old is not None for new, old in zip(made, parts, strict=True)):
        return value
    return tuple(made) if isinstance(raw, tuple) else made[0]


def _only_new(c: Call) -> bool:
    """Whether the classes that the program names stand in the place of none of Keras's."""
    given = c.get(1, "custom_objects")
    return given is None or (isinstance(given, dict) and all(isinstance(k, str) and find(k) is None for k in given))


def copied(run: Run, model: ModelValue, c: Call) -> ModelValue | None:
    """A new model with layers of its own; None where it is not known, or what classes of the program make of it."""
    nodes, names = between(model.inputs, model.outputs), run.layer_names.copy()
    lost = any(n in run.opaque or n.reads != n.inputs for n in nodes) or model.kind == "Subclass" or model.instance
    still = [run.frozen.get(thing) is False for thing in inside(run, model) if thing is not model]
    if lost or model.doubts or not (model.built or model.items) or (model in run.frozen and len({*still}) > 1):
        return None
    held = {item: item.layer.as_layer if isinstance(item.layer, ModelValue) else item.layer for item in model.items}
    if not all(isinstance(part, (Layer, Tensor)) for part in held.values()):
        return None
    every = [*(n.layer for n in nodes), *(part for part in held.values() if isinstance(part, Layer))]
    layers = {layer: _again(run, layer, c) for layer in dict.fromkeys(every)}
    own = {old: new for old, new in layers.items() if new is not None}
    if len(own) < len(layers):
        return None
    made = new_model(run, model.kind, c)
    places = {t: Tensor(t.shape, t.dtype, t.masked, name=t.name) for t in model.inputs if t.node is None}
    for n in nodes:
        given = [places.get(t, t) for t in n.inputs]
        again = node_of(run, own[n.layer], given, n.applied_at, c.line, n.form, **n.options)
        places.update(zip(n.outputs, again.outputs, strict=True))
    run.twins |= {model, made}
    cloned = c.name == "clone_model" and model is c.get(0, "model")
    if (run.keras or run.evidence) > 2 and (model.kind == "Sequential") is cloned and model in run.frozen:
        run.frozen[made] = run.frozen[model]  # of what is in it, every copy has what its original has
    run.layer_names, made.keras_name, made.named = names, model.keras_name, True
    made.inputs, made.outputs = ([places[t] for t in side] for side in (model.inputs, model.outputs))
    made.structure, made.input_structure = model.structure, model.input_structure
    for item, layer in held.items():
        if isinstance(layer, Layer):
            node = None if item.node is None else places.get(item.node.output, item.node.output).node
            made.items.append(replace(item, layer=run.nested.get(own[layer], own[layer]), node=node))
    return made


def _again(run: Run, layer: Layer, c: Call) -> Layer | None:
    if layer in run.nested:
        inner = copied(run, run.nested[layer], c)
        if inner is None:
            return None
        inner.counted, made = False, as_layer(run, inner)
    else:
        held = {k: _again(run, v, c) for k in layer.config if isinstance(v := layer.config.peek(k), Layer)}
        if layer in run.customs or None in held.values():
            return None
        made = replace(layer, config=Config({k: held.get(k, layer.config.peek(k)) for k in layer.config}))
    if layer in run.frozen:
        run.frozen[made] = run.frozen[layer]
    run.twins |= {layer, made}
    return made


# --- of values --------------------------------------------------------------------------------------------


@function("copy.copy", "copy.deepcopy")
def _copy(run: Run, c: Call) -> Value:
    value = c.get(0, "x")
    if not small(value):
        raise TooLarge("a copy of a large container")
    return _copied(run, c, value, 1 if c.name == "copy" else DEEP, {})


def _copied(run: Run, c: Call, value: Value, depth: int, known: dict[int, Value]) -> Value:
    """A copy of containers and plain objects, one of each (by id); a copied layer is another, and not followed."""
    if not depth or id(value) in known:
        return known.get(id(value), value)
    again = partial(_copied, run, c, depth=depth - 1, known=known)
    beyond = isinstance(value, Instance) and (value.model or value.custom or HELD in value.names)
    if isinstance(value, (Layer, ModelValue)) or beyond:
        return run.lost("copy", c.node, c.frame, "a copy that is not followed")
    if isinstance(value, tuple):
        return tuple(map(again, value))
    made = known[id(value)] = copy.copy(value) if isinstance(value, (Instance, dict, list, set)) else value
    if isinstance(made, Instance):
        made.names = {k: again(v) for k, v in value.names.items()}
    elif isinstance(made, (dict, list)):
        for place, part in list(made.items() if isinstance(made, dict) else enumerate(made)):
            made[place] = again(part)
    return made


@function("dataclasses.replace", "attr.evolve", "attrs.evolve")
def _replaced(run: Run, c: Call) -> Value:
    """Another object of the class, made of these entries and its others."""
    value = c.get(0, "obj")
    fields = fields_of(value.cls) if isinstance(value, Instance) else {}
    if not fields or any("InitVar" in kind for kind in fields.values()):
        return unknown(run, c)
    late = [name for name in fields if getattr(value.cls.lookup(name), "late", False)]
    given = {name: value.names.get(name) for name in fields if name not in late} | c.kwargs
    return run.apply(run, value.cls, Call((), given, c.node, c.frame, via=True))


@function("dataclasses.asdict", "dataclasses.astuple")
def _taken_apart(run: Run, c: Call) -> Value:
    """The entries by name or in order, those of dataclasses inside as well; of anything else a copy."""
    if len(c.args) != 1 or c.kwargs:
        return unknown(run, c)

    def plain(value: Value) -> Value:
        if isinstance(value, Instance) and value.cls.lookup("__dataclass__") is not MISSING:
            held = {name: plain(value.names.get(name)) for name in fields_of(value.cls)}
            return held if c.name == "asdict" else tuple(held.values())
        if type(value) in (list, tuple):
            return type(value)(map(plain, value))
        if type(value) is dict:
            return {key: plain(part) for key, part in value.items()}
        return _copied(run, c, value, DEEP, {})

    return plain(c.args[0])
