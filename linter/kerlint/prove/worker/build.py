"""Graphs out of plain data: functional models of whichever Keras the request asks for."""

from __future__ import annotations

import functools
import importlib
import itertools
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...host.inside.framework import NoKeras, NoOperation, framework_of, nest, of_tensors, words
from .operations import operation

Data = Mapping[str, Any]
Array = Any  # numpy.ndarray

# These take their inputs one by one, other layers with several inputs a list of them.
SEPARATE = frozenset({"MultiHeadAttention", "GroupedQueryAttention"})
OBJECTS = ("initializers", "regularizers", "constraints", "layers")
# A rate above 0 in one of these makes a training step random.
RATES = ("rate", "stddev", "dropout", "recurrent_dropout", "dropout_rate")
RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
STEPS = 24  # of a recurrent layer, from which on tracing its loop pays


class Refuted(Exception):
    """The graphs differ, or Keras has another opinion of a layer than the request; says where, and by how much."""


class Unrunnable(Exception):
    """Keras or TensorFlow refuses a graph; says in which words."""


def keras_of(generation: int) -> Any:
    """The module: ``keras`` for 3, ``tf_keras`` (or a ``keras`` that is still 2) for 2. Raises NoKeras."""
    for name in ("keras",) if generation == 3 else ("tf_keras", "keras"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if generation == 3 or module.__version__.startswith("2."):
            return module
    wanted = "Keras" if generation == 3 else "tf_keras (this layer exists in Keras 2 only)"
    raise NoKeras(f"no {wanted} in the interpreter that proves")


class Side:
    """One of the two graphs as a Keras model, with its layers in the request's order.

    ``fresh``: it starts as it is written; else initialisers are dropped, since every weight is set anyway.
    """

    def __init__(
        self,
        graph: Data,
        inputs: Sequence[Data],
        generation: int,
        dtype: str,
        *,
        first: bool = False,
        fresh: bool = False,
    ) -> None:
        self.keras = keras_of(generation)
        self.generation, self.framework, self.dtype = generation, framework_of(self.keras), dtype
        self.data, self.fresh = graph, fresh
        self.made: list[Any] = []  # what each node gave
        self.seeds = iter(graph.get("seeds") or itertools.count())  # of layers that draw numbers: each has its own
        getattr(self.keras, "config", self.keras.backend).set_floatx(dtype)  # constants made inside of layers follow it
        self.layers = [self._layer(row, str(i)) for i, row in enumerate(graph["layers"])]
        self.model = self._wire(inputs)
        self.weights = dict(self._named())  # by the number of the layer and the request's name
        self.held: dict[tuple[int, str], Array] = {}  # what was assigned last, by identity
        steps = max((row["shape"][1] for row in inputs if len(row["shape"]) > 2), default=1)
        # Only Keras 3 can rewind its random generators inside of a trace; float32 is run once.
        traceable = self.framework == "tensorflow" and generation == 3 and dtype == "float64"
        self.loops = traceable and steps > STEPS and any(row["class"] in RECURRENT for row in all_of(graph["layers"]))
        self.xla = first and self.framework == "tensorflow" and generation == 3  # TensorFlow's own has no NCHW on CPUs
        self.shape: tuple[int, ...] = ()  # of the output, once it has run
        self.goes_on = False  # with the next batch, from where the one before ended
        self.traced: dict[tuple[bool, ...], Any] = {}  # by (training, with losses, without gradients)
        moved = {id(variable) for layer in self.layers for variable in layer.trainable_weights}
        self.trained = {key: variable for key, variable in self.weights.items() if id(variable) in moved}
        ours = set(map(id, self.weights.values()))
        self.states = [(v, np.array(v)) for v in self._variables() if id(v) not in ours]  # that are no weights
        self.variables = [*self.weights.values(), *(v for v, _ in self.states)]
        self.moving = [v for v in self.variables if not v.trainable]
        self.stateful = sorted(row["class"] for row in all_of(graph["layers"]) if row["config"].get("stateful"))

    def _layer(self, row: Data, place: str) -> Any:
        """The layer, its dtype overridden."""
        if row.get("operation"):
            return operation(self.keras, row["class"], row["config"], self.dtype, f"layer_{place}")
        exported = vars(self.keras.layers)  # some classes only under another name
        cls = exported.get(row["class"]) or {getattr(c, "__name__", ""): c for c in exported.values()}.get(row["class"])
        if cls is None:
            raise Unrunnable(f"{self.keras.__name__} {self.keras.__version__} has no layer {row['class']}")
        seeded = {} if self.fresh or not rates_of(row) else {"seed": zlib.crc32(b"%d" % next(self.seeds)) % 2**31}
        given = row["config"] | (row["start"] if self.fresh else {})
        arguments = {k: self._value(v, f"{place}_{k}") for k, v in given.items()}
        made = functools.partial(cls, **arguments, dtype=self.dtype, name=f"layer_{place}")
        try:
            return made(**seeded)
        except TypeError:  # it takes no seed
            return made()

    def _value(self, value: Any, place: str) -> Any:
        if isinstance(value, list):
            return tuple(self._value(v, place) for v in value)
        if not isinstance(value, dict):
            return value
        if "layer" in value:
            return self._layer(value["layer"], place)
        if "dict" in value:
            return {k: self._value(v, place) for k, v in value["dict"]}
        rooms = [getattr(self.keras, name) for name in OBJECTS]
        cls = next((getattr(room, value["object"]) for room in rooms if hasattr(room, value["object"])), None)
        if cls is None:
            raise Unrunnable(f"{self.keras.__name__} {self.keras.__version__} has no {value['object']}")
        return cls(**{k: self._value(v, place) for k, v in value["config"].items()})

    def _wire(self, inputs: Sequence[Data]) -> Any:
        start, end = _ends(self.keras)
        entries, tensors = [], []
        for row in inputs:
            batch = None if row["free"] else row["shape"][0]
            kind = row["dtype"] if row["dtype"].startswith(("int", "uint", "bool")) else self.dtype
            entry = self.keras.Input(shape=tuple(row["shape"][1:]), batch_size=batch, dtype=kind)
            entries.append(entry)
            if row["masked"]:
                mask = self.keras.Input(shape=tuple(row["shape"][1:-1]), batch_size=batch, dtype="bool")
                entries.append(mask)
            tensors.append(start(dtype=kind)([entry, mask] if row["masked"] else [entry]))
        for row in self.data["nodes"]:
            self.made.append(self._apply(row, tensors))
        result = _find(self.data["result"], tensors, self.made)
        return self.keras.Model(entries, end(dtype=self.dtype)(result))

    def _apply(self, row: Data, tensors: Sequence[Any]) -> Any:
        given = [_find(ref, tensors, self.made) for ref in row["inputs"]]
        layer, axes = self.layers[row["layer"]], self.data.get("axes", {}).get(row["layer"], ())
        if axes and len(given[0].shape) == len(axes) + 1:  # what it draws lies along other axes
            there, back = map(self.keras.layers.Permute, (axes, [1 + int(place) for place in np.argsort(axes)]))
            return back(layer(there(given[0])))
        if type(layer).__name__ in SEPARATE:
            return layer(*given, **row["options"])
        return layer(given if row["many"] else given[0], **row["options"])

    def _named(self) -> Iterator[tuple[tuple[int, str], Any]]:
        """The layers' variables by the request's names. Raises Refuted where they are not those."""
        for number, (row, layer) in enumerate(zip(self.data["layers"], self.layers, strict=True)):
            found, wanted = [list(v.shape) for v in layer.weights], [w["shape"] for w in row["weights"]]
            if found != wanted:
                raise Refuted(f"{row['class']} has weights of {found} in Keras, {wanted} in kerlint's layer table")
            yield from (((number, w["name"]), v) for w, v in zip(row["weights"], layer.weights, strict=True))

    def assign(self, values: Mapping[tuple[int, str], Array]) -> None:
        """Sets weights by (layer, name); what is there already stays (weights may be large)."""
        for key, array in values.items():
            if self.held.get(key) is not array:
                self.weights[key].assign(array.astype(self.dtype, copy=False))
                self.held[key] = array

    def _variables(self) -> list[Any]:
        """All of Keras 3's: a model does not list where its recurrent layers go on."""
        if self.generation == 2:
            return []
        carrying = [layer for layer in self.model._flatten_layers() if hasattr(layer, "cell") and layer.stateful]
        return [*self.model.variables, *nest(self.keras).flatten([layer.states for layer in carrying])]


def all_of(rows: Sequence[Data]) -> Iterator[Data]:
    """The layers, each followed by those inside of it: as they are made."""
    for row in rows:
        yield row
        for value in row["config"].values():
            parts = value if isinstance(value, list) else [value]
            yield from all_of([part["layer"] for part in parts if isinstance(part, dict) and "layer" in part])


def rates_of(row: Data) -> dict[str, float]:
    """The rates by which a layer draws numbers in training; empty for one that draws none."""
    config = row["config"]
    always = {"always": 1.0} if row["class"].startswith("Random") else {}
    return always | {r: config[r] for r in RATES if isinstance(config.get(r), (int, float)) and config[r]}


def _find(ref: Sequence[Any], tensors: Sequence[Any], made: Sequence[Any]) -> Any:
    if ref[0] == "input":
        return tensors[ref[1]]
    outputs = made[ref[1]]
    return outputs[ref[2]] if isinstance(outputs, (list, tuple)) else outputs


def gist(error: Exception) -> str:
    """Why something cannot be run."""
    if isinstance(error, MemoryError):
        return "out of memory"
    return str(error) if isinstance(error, (NoKeras, NoOperation, Refuted, Unrunnable)) else words(error)


def _ends(keras: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Two layers around a graph: one gives a tensor its mask, one brings the mask out as data."""
    copy, full, cast = (of_tensors(keras, name) for name in ("copy", "full", "cast"))

    class Start(keras.layers.Layer):  # type: ignore[misc]
        """Its input, with the second one as the mask."""

        supports_masking = True

        def call(self, inputs: Any) -> Any:
            return copy(inputs[0])

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return inputs[1] if len(inputs) > 1 else None

    class End(keras.layers.Layer):  # type: ignore[misc]
        """Its input and its mask; -1 is no mask."""

        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs, full((1,), -1.0) if mask is None else cast(mask, "float32")

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    return Start, End
