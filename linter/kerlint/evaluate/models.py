"""Graphs of models: nodes in Keras's own order, a model as a layer, and what trains."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kerlint.evaluate.apply import argument
from kerlint.evaluate.derived import Custom
from kerlint.evaluate.mutation import Defaulting, grow
from kerlint.evaluate.registry import words
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Call, External, Instance, ModelValue, Open, Rest, Value, small
from kerlint.graph.graph import Graph, Node, Tensor
from kerlint.graph.layer import Config, Layer, LayerSpec, Unknown
from kerlint.layers.nested import NESTED
from kerlint.layers.operations import OPERATIONS
from kerlint.layers.policies import no_weights
from kerlint.layers.table import TABLE

TRAINING = words("fit fit_generator train_on_batch")
PREDICTING = words("predict predict_on_batch predict_generator predict_classes predict_proba")


def between(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> tuple[Node, ...]:
    """The nodes between tensors, as ``keras/src/ops/function.py map_graph`` orders layers: by depth."""
    finished, indices = _visit(inputs, outputs)
    depths: dict[Node, int] = dict.fromkeys(finished, 0)
    of_layer: dict[Layer, int] = {}
    stop = set(inputs)
    for node in reversed(finished):
        depth = max(depths[node], of_layer.get(node.layer, 0))
        depths[node] = of_layer[node.layer] = depth
        for tensor in _parents(node, stop):
            if tensor.node in depths:
                depths[tensor.node] = max(depths[tensor.node], depth + 1)
    order = {node: position for position, node in enumerate(finished)}
    return tuple(sorted(finished, key=lambda n: (-depths[n], indices[n.layer], order[n])))


def _parents(node: Node, stop: set[Tensor]) -> tuple[Tensor, ...]:
    return node.reads if stop.isdisjoint(node.outputs) else ()


def _visit(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> tuple[list[Node], dict[Layer, int]]:
    """Nodes, inputs first, and layers in the order in which a walk from the outputs meets them."""
    stop = set(inputs)
    finished: dict[Node, None] = {}
    indices: dict[Layer, int] = {}
    stack = [(node, False) for node in _makers(outputs, stop)]
    while stack:
        node, ready = stack.pop()
        if ready:
            finished[node] = None
        elif node not in finished:
            indices.setdefault(node.layer, len(indices))
            stack.append((node, True))
            stack += [(inner, False) for inner in _makers(_parents(node, stop), stop) if inner not in finished]
    return list(finished), indices


def _makers(tensors: Sequence[Tensor], stop: set[Tensor]) -> Iterator[Node]:
    """The nodes that tensors come from, the last one first; none behind the ends of the model."""
    for tensor in reversed(tensors):
        if tensor.node is not None and (tensor not in stop or tensor.node.layer.kind == "InputLayer"):
            yield tensor.node


def origins(tensor: Tensor) -> list[Tensor]:
    """The inputs that a tensor comes from, from left to right."""
    met: dict[Tensor, None] = {}
    stack = [tensor]
    while stack:
        one = stack.pop()
        stack += reversed(one.node.inputs) if one.node is not None and one not in met else ()
        met[one] = None
    return [one for one in met if one.node is None or not one.node.inputs]


def graph_of(run: Run, model: ModelValue) -> Graph:
    """The model as it is now. What is only known at the end of the run is filled in by :func:`seal`."""
    graph = of_call(run, model.instance, model.inputs, model.outputs)
    model.graphs.append(graph)
    return graph


def of_call(run: Run, instance: Instance | None, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> Graph:
    """The graph between tensors; beside it, where the layers were built that Keras tracks: attributes of the object,
    and what is in lists of these. A model among them that is not applied has a node of its own there.
    """
    nodes = between(inputs, outputs)
    found: set[object] = {node.layer for node in nodes}
    beside: list[Node] = []
    own = instance is not None and (instance.model is None or instance.model.kind != "Sequential")
    for value in _attributes(instance.names.values()) if instance and own else ():
        owner = (value.custom or value.model) if isinstance(value, Instance) else value
        layer = owner.as_layer if isinstance(owner, (Custom, ModelValue)) else owner
        model = owner if isinstance(owner, ModelValue) and owner.built and owner.instance is not instance else None
        if model is not None and layer not in found:
            own_layers = found.issuperset(graph_of(run, model).layers)
            beside += [] if own_layers else [Node(as_layer(run, model), tuple(model.inputs), model.made_at, "held")]
        elif isinstance(layer, Layer) and layer not in found and layer.spec.weights is not no_weights:
            beside += [run.first[layer]] if layer in run.first else []
        found |= {layer} if layer is not None else set()
    return Graph(nodes, tuple(inputs), tuple(outputs), beside=tuple(beside))


def keeping(run: Run, value: Any, wraps: bool = True) -> Any:
    """What an attribute is: Keras 3 keeps lists and dictionaries of its own (``wraps``), and tracks what they get."""
    if isinstance(value, (set, Defaulting)) and max(run.keras or 0, run.certain) < 3:
        grow(run, value, f"whether Keras looks into a {type(value).__name__.lower()}, hangs on its version")
    if (run.keras or run.evidence) < 3 or type(value) not in (list, tuple, dict) or not small(value):
        return value
    given, parts = value, value.values() if isinstance(value, dict) else value
    made = [keeping(run, part, wraps) for part in parts]
    if wraps:
        value = dict(zip(value, made, strict=True)) if isinstance(value, dict) else type(value)(made)
        run.tracked[id(given)] = (given, value)
    run.tracked[id(value)] = (value, wraps)
    return value


def put(run: Run, container: Any, *values: Any, by_index: bool = False) -> None:
    """A container gets these. Keras 3 does not see what a list gets by index, nor what a list in its lists gets."""
    _, wraps = run.tracked.get(id(container), (None, None))
    if wraps is True and not (by_index and isinstance(container, list)):
        keeping(run, [*values], wraps=False)
    elif isinstance(wraps, bool):
        run.late += _attributes(values)
    elif wraps is not None and run.keras is None and [*_attributes(values)]:
        grow(run, wraps, "what a list gets when it is an attribute, too, hangs on the version of Keras")


def unheld(run: Run, instance: Instance, graph: Graph) -> Iterator[Layer]:
    """The layers that call() applies, and its object does not hold where Keras looks for them: not counted."""
    base = () if instance.custom is None else (instance.custom.base,)
    held = inside(run, [*instance.names.values(), *base]).keys() - inside(run, run.late)
    applied = (node.layer for node in graph.nodes if node not in run.opaque)
    return (layer for layer in applied if run.nested.get(layer, layer) not in held)


def as_layer(run: Run, model: ModelValue) -> Layer:
    """The model as a layer of another one: the same layer each time, until the model changes."""
    if model.as_layer is None:
        kind = model.instance.cls.name if model.instance else model.kind
        model.as_layer = holding(NESTED, graph_of(run, model), kind, model.keras_name, model)
        run.nested[model.as_layer] = model
    return model.as_layer


def holding(spec: LayerSpec, graph: Graph, kind: str, name: str, made: ModelValue | Custom) -> Layer:
    """A layer that a graph is inside of: a model, or a layer of the program."""
    values = {"graph": graph, "class": kind, "name": name, "dtype": None, "trainable": True}
    return Layer(spec, Config(values), name, made.made_at, named=made.named)


def layers_of(run: Run, model: ModelValue) -> list[Layer | ModelValue | Instance]:
    """``model.layers``: what the program may read."""
    found: dict[Any, None] = {}
    if model.kind == "Subclass" and model.instance is not None:
        return list(dict.fromkeys(_attributes(model.instance.names.values())))
    if model.kind == "Sequential":
        for item in model.items:
            own = item.layer.custom.as_layer if isinstance(item.layer, Instance) and item.layer.custom else None
            entry = item.layer if own is None else own
            if isinstance(entry, (Layer, ModelValue, Instance)) and getattr(entry, "kind", "") != "InputLayer":
                found[entry] = None
        return list(found)
    for node in of_call(run, model.instance, model.inputs, model.outputs).counted:
        layer = run.nested.get(node.layer, node.layer)
        if run.keras == 2 or node in run.opaque or OPERATIONS.get(node.kind) is not node.layer.spec:
            found[layer] = None  # Keras 2 made layers of operations; what is not understood may be one
    if all(tensor.node is not None for tensor in model.inputs):
        return list(found)
    if len(model.inputs) == 1:  # the input comes from outside, and has a layer there
        return [Layer(TABLE["InputLayer"], Config({}), "input"), *found]
    lost = Rest("*", "...", "where its inputs stand among the layers is not known")
    return [lost, *found, lost]


def _attributes(values: Iterable[Any]) -> Iterator[Any]:
    """What Keras lists of attributes, in their order, also what is in lists; what is not known may be one."""
    for value in values:
        if isinstance(value, (list, tuple, dict)) and small(value):
            yield from _attributes(value.values() if isinstance(value, dict) else value)
        elif isinstance(value, (Layer, ModelValue, Rest)) or (isinstance(value, Instance) and value.custom is not None):
            yield value
        elif isinstance(value, Instance) and value.model is not None:
            yield value.model
        elif isinstance(value, Open):
            yield Rest(value.key, value.text, value.why)


class LayerList(list[Any]):
    """``model.layers``: whoever picks from it, or counts it, relies on the structure."""


def counted(run: Run, c: Call, value: Any) -> None:
    """``len(model.layers)``, ``enumerate(model.layers)``."""
    if isinstance(value, LayerList):
        said = c.frame.source.text(c.node.args[0]) if isinstance(c.node, ast.Call) and c.node.args else "model.layers"
        run.fact("relies-on-structure", c.span, what=f"{c.name}({said})")


def set_trainable(run: Run, target: Layer | ModelValue | Instance, value: Any) -> None:
    """``target.trainable = value``: of a model, of everything in it."""
    value = bool(value) if value is None or isinstance(value, int) else value
    again = value is True and isinstance(target, ModelValue) and run.frozen.get(target, True) is True
    if again and run.keras != 2 and any(run.frozen.get(thing) is False for thing in inside(run, target)):
        value = run.fresh("trainable", "trainable", "Keras 2 tells all that is in a model to train, Keras 3 does not")
    for thing in inside(run, target):
        run.frozen[thing] = value
        run.frozen.update(dict.fromkeys(thing.wrapped if isinstance(thing, Layer) else (), value))


def unsettle(run: Run, name: str, line: int, *holding: Any) -> None:
    """This is set on something unknown: perhaps on a layer that was picked at an unknown place, a weight of these."""
    for thing in [inner for picked in (*run.perhaps, *holding) for inner in inside(run, picked)]:
        lost = run.fresh(name, name, f"perhaps it is set in line {line}")
        if name == "trainable":
            run.frozen[thing] = lost
        elif isinstance(thing, Layer) and name != "name":
            alter_layer(run, thing, name, lost, line)


def inside(run: Run, target: Any) -> dict[Any, None]:
    """A layer; or a model or layer of the program, and everything in it; or all that is in a list of these."""
    found: dict[Any, None] = {}
    stack: list[Any] = [target]
    while stack:
        thing = stack.pop()
        thing = run.customs.get(thing, thing) if isinstance(thing, Layer) else thing
        if isinstance(thing, (list, tuple, dict, set)):
            stack += thing.values() if isinstance(thing, dict) else thing
        elif isinstance(thing, Instance) and thing.custom is not None and thing.custom not in found:
            found |= dict.fromkeys((thing.custom, thing.custom.as_layer or thing.custom))
            stack += [*thing.names.values(), thing.custom.base]
        elif isinstance(thing, Instance) and thing.model is not None and thing.model not in found:
            stack += [*thing.names.values(), thing.model]
        elif isinstance(thing, (Layer, ModelValue)) and thing not in found:
            found[thing] = None
            stack += layers_of(run, thing) if isinstance(thing, ModelValue) else ()
    return found


def by_hand(run: Run) -> frozenset[object]:
    """The layers whose weights the program sets itself, in no model that it trains."""
    given = [thing for thing, by_hand in run.given.items() if by_hand and isinstance(thing, (Layer, ModelValue))]
    learning = [m for m in run.models if m.trains or (m.compile and m.trains is None) or run.given.get(m) is False]
    learns = {inner for model in (learning if given else ()) for inner in inside(run, model)}
    return frozenset(inner for thing in given for inner in inside(run, thing) if inner not in learns)


def frozen_in(run: Run, model: ModelValue | None, graph: Graph) -> frozenset[Layer]:
    """The layers of the graph that do not train."""
    still = {thing for thing, trains in run.frozen.items() if trains is False}
    return frozenset(layer for layer in graph.layers if not still.isdisjoint((model, layer, run.nested.get(layer))))


# --- attributes of a layer that are set after it was made -------------------------------------------------------

# Arguments that a layer keeps under their names and first looks at where it is built.
PLAINLY = words("units filters use_bias kernel_size strides dilation_rate groups pool_size axis momentum epsilon rate")


def used(model: ModelValue, method: str) -> None:
    """The program calls a method of the model, Keras's or its own: it trains it, or only predicts so far."""
    if method in TRAINING:
        model.trains = True
    elif method in PREDICTING and model.trains is None:
        model.trains = False


def alter_layer(run: Run, layer: Layer, name: str, value: Value, line: int) -> None:
    """``layer.name = value``: what it is from now on, or that it is not known. Of what is no argument, nothing.

    A layer of the module is one for all runs of its functions, and a loop perhaps never runs: that is not followed.
    """
    if name not in layer.config:
        return
    given, old = argument(run, name, value), layer.config.raw(name)
    if name == "activation":  # called each time; a string is no function; with another one the model was trained
        known = value is None or (isinstance(value, External) and isinstance(given, str))
        given = "linear" if given is None else given
    else:  # a layer that drops nothing has nothing to draw with
        known = name in PLAINLY and type(given) is type(old) and (name != "rate" or old != 0)
    late = layer in run.applied and (name != "activation" or any(model.compile for model in run.models))
    if late or not known or run.marked.get(layer) != run.marks or "return_sequences" in layer.config:
        given = Unknown(name, f"it is set in line {line}")
        run.unsure.add(layer)
    places = {key: place for key, place in layer.where().items() if key != name}
    config = Config({key: given if key == name else layer.config.raw(key) for key in layer.config})
    for part, now in (("config", config), ("where", lambda: places)):
        object.__setattr__(layer, part, now)  # it is the same layer, wherever it was applied
    for asked in ("written", "literal"):
        vars(layer).pop(asked, None)
