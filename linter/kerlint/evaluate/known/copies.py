"""Copies of models: ``clone_model()``, and what is loaded from where the program has saved it."""

from __future__ import annotations

from dataclasses import replace

from kerlint.evaluate import opens
from kerlint.evaluate.apply import node_of
from kerlint.evaluate.known.keras_models import new_model
from kerlint.evaluate.models import as_layer, between
from kerlint.evaluate.registry import function
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, ModelValue, Open, Value
from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Config, Layer


@function("keras.models.load_model", "keras.models.model_from_json", "keras.models.model_from_yaml")
@function("keras.models.clone_model")
def _load(run: Run, c: Call) -> Value:
    run.fact("relies-on-structure", c.span, what="load_model")
    source, made = c.any(0, "model", "filepath"), None
    plain = len(c.args) == 1 - len(c.kwargs.keys() & {"model", "filepath"})
    if c.name == "clone_model" and plain and c.kwargs.keys() <= {"model"} and isinstance(source, ModelValue):
        made = copied(run, source, c)
        if made is not None and source in run.frozen:
            run.frozen[made] = run.frozen[source]
    elif c.name == "load_model" and isinstance(source, (str, Open)):
        saved, outputs, frozen = run.stored.get(opens.key_of(run, source), (None, None, None))
        same = saved is not None and saved.outputs == outputs and run.frozen == frozen  # nothing was changed since
        made = copied(run, saved, c) if same and saved is not None else None
        if made is not None and saved is not None and c.kwargs.get("compile") is not False:
            made.compile, made.trains = saved.compile, saved.trains
    why = f"a model from a file is not known (line {c.line})"
    return made or run.fresh("load_model()", c.frame.source.text(c.node), why)


def copied(run: Run, model: ModelValue, c: Call) -> ModelValue | None:
    """A new model with layers of its own; None where it is not known, or what classes of the program make of it."""
    nodes, names = between(model.inputs, model.outputs), run.layer_names.copy()
    lost = any(n in run.opaque or n.reads != n.inputs for n in nodes)
    if lost or model.kind == "Subclass" or model.instance or not model.built or model.doubts:
        return None
    layers = {layer: _again(run, layer, c) for layer in dict.fromkeys(n.layer for n in nodes)}
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
    run.layer_names, made.keras_name, made.named = names, model.keras_name, True
    made.inputs, made.outputs = ([places[t] for t in side] for side in (model.inputs, model.outputs))
    made.structure, made.input_structure = model.structure, model.input_structure
    for item in model.items:
        layer = item.layer.as_layer if isinstance(item.layer, ModelValue) else item.layer
        if isinstance(layer, Layer):
            held = own.get(layer, layer)
            node = None if item.node is None else places.get(item.node.output, item.node.output).node
            made.items.append(replace(item, layer=run.nested.get(held, held), node=node))
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
