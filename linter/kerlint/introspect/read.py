"""From what the worker described to graphs: Keras's own objects as nodes of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from kerlint.graph.dim import Dim
from kerlint.graph.facts import Context
from kerlint.graph.graph import Compile, Graph, Model, Node, Tensor, Trace, Unresolved
from kerlint.graph.layer import Config, Incoming, Layer, LayerSpec, Mask, Refused, Silent, Unknown, WeightSpec
from kerlint.graph.objective import Pair, objectives
from kerlint.graph.rebuild import topological
from kerlint.graph.weight import show_shape
from kerlint.introspect.client import Outcome
from kerlint.introspect.places import Places
from kerlint.introspect.values import configured
from kerlint.layers.bind import places
from kerlint.layers.nested import NESTED
from kerlint.layers.operations import BINARY, OPERATIONS
from kerlint.layers.shapes import declared
from kerlint.layers.table import find

Plain = Mapping[str, Any]
OURS = {n.replace("_", ""): n for n in (*BINARY, "matmul", "equal")} | {"truedivide": "divide"}  # by Keras's class
OPTIONS = ("training", "mask", "initial_state")  # of a call, that a node keeps


class Reader:
    """One outcome, read for one document: spans of other files are told apart, not resolved."""

    def __init__(self, outcome: Outcome, places: Places) -> None:
        self.data, self.places = outcome.data, places
        self.target = outcome.target
        self.generation = 2 if str(outcome.data["keras"]).startswith("2.") else 3
        self.layers: dict[int, Layer] = {}
        self.tensors: dict[int, Tensor] = {}
        self.nodes: dict[tuple[Any, ...], Node] = {}
        self.kept: dict[Node, None] = {}  # the nodes of the models
        self.mismatches: list[str] = []  # where the layer table says something else than Keras

    @property
    def numbers(self) -> dict[Layer, int]:
        """The number that the worker gave each layer."""
        return {layer: number for number, layer in self.layers.items()}

    def context(self) -> Context:
        """The run: its models, then the models inside of them, and every node they have."""
        models = tuple(self._model(row, self._graph(row)) for row in self.data["models"])
        inner = [(number, layer.config["graph"]) for number, layer in self.layers.items() if layer.spec is NESTED]
        models += tuple(self._model(self.data["layers"][number]["model"], graph) for number, graph in inner)
        outputs = tuple(dict.fromkeys(t for m in models for t in m.graph.outputs))
        trace = Trace(tuple(self.kept), outputs)
        for model in models:
            object.__setattr__(model.graph, "trace", trace)
        return Context(f"introspect {self.target.written}", models, (), trace, real=True)

    def _model(self, row: Plain, graph: Graph) -> Model:
        call = self.places.call(row["site"])
        line = self.places.line(row["site"])
        entry, span = "function" if self.target.expression else "variable", call.span if call else None
        return Model(self._named(row), entry, row["kind"], graph, span, line)

    def _named(self, row: Plain) -> str:
        """The builder, or of several models each as a target of its own."""
        written, variable = self.data["expression"], row.get("variable") or ""
        called = None if variable else re.fullmatch(r"([A-Za-z_][\w.]*)\(.*\)", written, re.S)
        return called[1] if called else f"{written}{variable}" or str(row["name"])

    def _graph(self, row: Plain) -> Graph:
        """The graph of a model; a subclassed one may not have been followed."""
        call, line = self.places.call(row["site"]), self.places.line(row["site"])
        lost: tuple[Unresolved, ...] = ()
        if row["untraced"]:
            why = f"{row['class']} is not followed: {row['untraced']}"
            lost = (Unresolved(call.span if call else None, line, why),)
        listed = row["kind"] == "Sequential"
        made = [n for node in row["nodes"] if (n := self._node(node, listed)) is not None]
        inputs, outputs = (tuple(self._tensor(i) for i in row[key]) for key in ("inputs", "outputs"))
        alive = {*topological(outputs), *(t.node for t in inputs)}  # not: what only computes masks
        nodes = tuple(node for node in made if node in alive)
        self.kept.update(dict.fromkeys(nodes))
        frozen = frozenset(self.layers[i] for i, layer in enumerate(self.data["layers"])
                           if i in self.layers and not layer["trainable"])  # fmt: skip
        return Graph(nodes, inputs, outputs, lost, self._compile(row["compile"], outputs), frozen)

    def _compile(self, row: Plain | None, outputs: tuple[Tensor, ...]) -> Compile | None:
        """What the model is compiled with; what it is trained for counts only where the program trains it."""
        if row is None or (call := self.places.call(row["site"])) is None:
            return None
        read = partial(_plain, other=lambda value: Unknown("compile", f"{value.get('unknown')} is not plain"))
        found = [read(row[k]) if k in row else Unknown(k, "it is not recorded") for k in ("loss", "metrics")]
        made = Compile(found[0], found[1], call.span)
        names = [t.node.layer.name if t.node is not None else t.name for t in outputs]
        return replace(made, objectives=objectives(outputs, names, made)) if row["trained"] else made

    # --- nodes ---------------------------------------------------------------------------------------------

    def _node(self, row: Plain, listed: bool) -> Node | None:
        """The application of a layer, with the outputs that Keras gave it; ``listed``: by a Sequential."""
        key = (row["layer"], *row["outputs"])
        if key in self.nodes:
            return self.nodes[key]
        described = self.data["layers"][row["layer"]]
        call = self.places.call(described["site"])
        written = call is None or call.node is None or call.name in ("Input", "InputLayer")  # by the user
        if described["class"] == "InputLayer" and not written:
            return None  # declared by the first layer
        real = tuple(self._shape(i, row["layer"]) for i in row["outputs"])
        inputs = tuple(self._tensor(i) for i in row["inputs"])
        if row["layer"] not in self.layers:
            self.layers[row["layer"]] = self._new_layer(described, row["layer"], row)
        layer = self.layers[row["layer"]]
        node = self._applied(layer, inputs, row, listed)
        if not self._agrees(node, real, described):
            if layer.spec is find(described["class"]) and not isinstance(node.output.shape, Unknown):
                said = f"{show_shape(node.output.shape)} instead of {show_shape(real[0])}"
                self.mismatches.append(f"{layer.name} ({layer.kind}): {node.refused or said}")
            layer = self.layers[row["layer"]] = self._realised(described, row["layer"], row)
            node = self._applied(layer, inputs, row, listed)
        self.tensors.update(zip(row["outputs"], node.outputs, strict=True))
        self.nodes[key] = node
        return node

    def _applied(self, layer: Layer, inputs: tuple[Tensor, ...], row: Plain, listed: bool) -> Node:
        made = self.places.call(self.data["layers"][row["layer"]]["site"])
        applied = self.places.call(row["site"])
        form, span = "call", applied.span if applied else None
        if made is not None and (listed or layer.kind == "InputLayer"):
            form, span = ("add", made.around) if made.around else ("element", made.span)
        options = {k: _plain(v, self._given) for k, v in row["options"].items() if k in OPTIONS}
        return Node(layer, inputs, span, form, options)

    def _given(self, value: Plain) -> Tensor | Unknown:
        return self._tensor(value["tensor"]) if "tensor" in value else Unknown("option", "it is not plain")

    def _agrees(self, node: Node, real: tuple[Any, ...], described: Plain) -> bool:
        """Whether the table derives what Keras derived: shapes and the shapes of weights."""
        if node.refused or len(node.outputs) != len(real):
            return False
        try:  # to read a shape that is not known is Silent
            if any(_sizes(t.shape) != _sizes(shape) for t, shape in zip(node.outputs, real, strict=True)):
                return False
            derived = [_sizes(w.shape) for w in node.specs.values()]
        except (Silent, Refused):
            return False
        weights = [w[1] for w in described["weights"]]
        return derived == weights or not weights

    # --- tensors -------------------------------------------------------------------------------------------

    def _tensor(self, number: int) -> Tensor:
        if number not in self.tensors:  # an entrance, or the output of something that is not in the model
            row = self.data["tensors"][number]
            self.tensors[number] = Tensor(self._shape(number, "input"), row["dtype"], False, name=row["name"])
        return self.tensors[number]

    def _shape(self, number: int, origin: object) -> Any:
        dims = self.data["tensors"][number]["shape"]
        unknown = Unknown("shape", "Keras does not know it either")
        return unknown if dims is None else declared(dims, ("introspect", origin, number))

    # --- layers --------------------------------------------------------------------------------------------

    def _new_layer(self, described: Plain, number: int, row: Plain) -> Layer:
        if "model" in described:
            graph = self._graph(described["model"])
            own = described["model"]["kind"] if described["home"] == "keras" else described["class"]
            values = {"graph": graph, "class": own}
            return self._made(NESTED, Config({**values, **_base(described)}), described)
        if described["operation"]:
            return self._operation(described, number, row)
        spec = find(described["class"]) if described["home"] == "keras" else None
        config = configured(spec, described["config"], self.generation) if spec and described["config"] else None
        if spec is None or config is None:
            return self._realised(described, number, row)
        return self._made(spec, config, described)

    def _made(self, spec: LayerSpec, config: Config, described: Plain) -> Layer:
        call = self.places.call(described["site"])
        written = call.written(spec) if call else {}
        home, cell = (call.home, call.span.cell) if call else (None, None)
        where = partial(places, written, partial(home.span, cell=cell), partial(home.text, cell=cell)) if home else dict
        return Layer(spec, config, described["name"], call.span if call else None, where, "name" in written)

    def _operation(self, described: Plain, number: int, row: Plain) -> Layer:
        """An operation on tensors that is one of ours, or just its shapes."""
        name = OURS.get(described["class"].lower())
        arguments = row["arguments"]
        if described["class"] == "GetItem" and len(arguments) > 1:
            config = Config({"index": _plain(arguments[1], lambda _v: Unknown("index", "tensor")), **_base(described)})
            return self._made(OPERATIONS["getitem"], config, described)
        constant = next((a for a in arguments if isinstance(a, (int, float))), None)
        if name is not None and len(row["inputs"]) + (constant is not None) == 2 == len(arguments):
            plain = {"constant": constant, "reflected": arguments[0] is constant and constant is not None}
            return self._made(OPERATIONS[name], Config({**plain, **_base(described)}), described)
        return self._realised(described, number, row)

    def _realised(self, described: Plain, number: int, row: Plain) -> Layer:
        """A layer that the table does not know: Keras's own shapes and weights stand for it."""
        real = tuple(self._shape(i, number) for i in row["outputs"])
        weights = {f"{i}.{w[0]}": WeightSpec(tuple(w[1]), w[2]) for i, w in enumerate(described["weights"])}

        def output(_config: Config, _incoming: Incoming) -> Any:
            lost = next((s for s in real if isinstance(s, Unknown)), None)
            if lost is not None:
                raise Silent(lost.why)
            return real if len(real) > 1 else real[0]

        def macs(_config: Config, _incoming: Incoming, _output: Any) -> Dim:
            if described["operation"] or not weights:
                return 0
            raise Silent(f"perhaps: what {described['class']} computes is not known")

        def mask(_config: Config, masks: tuple[Mask, ...]) -> Mask:
            return None if any(m is not False for m in masks) else False

        spec = replace(
            OPERATIONS["opaque"], signature={}, output=output, weights=lambda _c, _i: weights, macs=macs, mask=mask,
            dtype=lambda _c, given: given[0] if given else "float32", outputs=lambda _c: len(real),
        )  # fmt: skip
        return self._made(spec, Config({"class": described["class"], **_base(described)}), described)


def _base(described: Plain) -> dict[str, object]:
    return {"name": described["name"], "dtype": None, "trainable": True, "activity_regularizer": None}


def _sizes(shape: Any) -> list[int | None]:
    return [d if isinstance(d, int) else None for d in shape]


def _plain(value: Any, other: Callable[[Plain], object]) -> Any:
    """A value as the worker describes it; what is not plain is what ``other`` makes of its description."""
    if isinstance(value, list):
        return tuple(_plain(part, other) for part in value)
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return tuple(Pair(k, _plain(v, other)) for k, v in value["dict"])
    return slice(*value["slice"]) if "slice" in value else ... if "ellipsis" in value else other(value)


def documents(outcome: Outcome) -> Iterator[str]:
    """The files in which layers of the models are made, each once."""
    sites = [row["site"] for row in (*outcome.data["models"], *outcome.data["layers"]) if row.get("site")]
    yield from dict.fromkeys(str(site[0]) for site in sites)
