"""Graphs: tensors, applications of layers (nodes), models; who consumes what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kerlint.graph.dim import Poly
from kerlint.graph.layer import Layer, Mask, Refused, Silent, Unknown, WeightSpec
from kerlint.graph.weight import Shape, Weight, old, show_shape

if TYPE_CHECKING:
    from kerlint.graph.answer import Rewrite
    from kerlint.graph.objective import Objective

# While a rule runs, the arguments it asks for: what it never asked for does not silently disappear.
ASKED: ContextVar[set[tuple[Node, str]]] = ContextVar("ASKED")


@dataclass(frozen=True, eq=False)
class Tensor:
    """A symbolic tensor. ``shape`` includes the batch; reading an unknown shape raises Silent."""

    shape: Shape | Unknown
    dtype: str = "float32"
    masked: Mask = False
    node: Node | None = None
    index: int = 0  # which output of the node
    name: str = ""

    @property
    def rank(self) -> int:
        """The number of axes, batch included. Raises Silent if it is not known."""
        return len(self.shape)

    def size(self, axis: int) -> Any:
        """The dimension of an axis. Raises Silent if the shape is not known or has no such axis."""
        if not -self.rank <= axis < self.rank:
            raise Silent(f"a tensor of rank {self.rank}")
        return self.shape[axis]


@dataclass(frozen=True, eq=False)
class Node:
    """One application of a layer. ``mapped`` holds the weight expressions of a replacement, else None."""

    layer: Layer
    inputs: tuple[Tensor, ...]
    applied_at: Any = None  # Span of Dense(8)(x); of the list element; of the whole model.add(Dense(8))
    form: str = "call"  # how it was applied: "call", "element" (of a Sequential's list), "add"; not at all: "held"
    options: Mapping[str, object] = field(default_factory=dict)  # of the call: training, mask, initial_state
    mapped: Mapping[str, Weight] | None = None
    outputs: tuple[Tensor, ...] = field(init=False)
    refused: Refused | None = field(init=False, default=None)  # why Keras cannot build it

    def __post_init__(self) -> None:
        count = 1
        shapes: tuple[Any, ...]
        try:
            count = self.layer.spec.outputs(self.layer.config)
            found = self.layer.spec.output(self.layer.config, self.incoming())
            shapes = tuple(map(sized, found if count > 1 else (found,)))
        except Silent as silent:  # what began further up keeps its own reason
            begun = next((t.shape for t in self.inputs if isinstance(t.shape, Unknown)), None)
            shapes = (Unknown(self.layer.name, silent.reason) if begun is None else begun,) * count
        except Refused as error:
            object.__setattr__(self, "refused", error)
            shapes = (Unknown(self.layer.name, f"{error.who} refuses: {error}"),) * count
        object.__setattr__(self, "outputs", self._tensors(shapes))

    def _tensors(self, shapes: tuple[Any, ...]) -> tuple[Tensor, ...]:
        spec, config = self.layer.spec, self.layer.config
        dtype = "unknown"
        with suppress(Silent, Refused):
            dtype = spec.dtype(config, tuple([t.dtype for t in self.inputs]))
        mask: Mask = None
        with suppress(Silent, Refused):
            mask = spec.mask(config, tuple([t.masked for t in self.inputs]))
        return tuple([Tensor(shape, dtype, False if i else mask, self, i) for i, shape in enumerate(shapes)])

    def incoming(self) -> Any:
        """What the spec's functions take: one shape, or a tuple of shapes. Raises Silent if one is unknown."""
        if self.layer.spec.many:
            return tuple(tuple(t.shape) for t in self.inputs)
        return tuple(self.inputs[0].shape)

    @property
    def kind(self) -> str:
        """The layer's class."""
        return self.layer.kind

    @property
    def input(self) -> Tensor:
        """The only input. Raises Silent for a layer with several."""
        if len(self.inputs) != 1:
            raise Silent(f"{self.kind} has {len(self.inputs)} inputs")
        return self.inputs[0]

    @property
    def reads(self) -> tuple[Tensor, ...]:
        """Every tensor of the call: the inputs, and what is handed in beside them (a mask)."""
        beside: list[Tensor] = []
        exchanged(tuple(self.options.values()), beside.append)
        return (*self.inputs, *beside) if beside else self.inputs

    @property
    def output(self) -> Tensor:
        """The first output."""
        return self.outputs[0]

    def __getitem__(self, argument: str) -> Any:
        """The value of an argument. Raises Silent if it is not known."""
        ASKED.get(set()).add((self, argument))
        return self.layer.config[argument]

    def require(self, **expected: object) -> None:
        """Silent unless each argument is known and has this value."""
        for argument, value in expected.items():
            found = self[argument]
            if found != value or isinstance(found, bool) != isinstance(value, bool):
                sizes = found if isinstance(found, tuple) else (found,)
                perhaps = any(isinstance(size, Poly) for size in sizes)
                raise Silent(f"perhaps: {argument}={show_shape(sizes)}" if perhaps else f"{argument}={found!r}")

    @cached_property
    def specs(self) -> Mapping[str, WeightSpec]:
        """The layer's weights. Raises Silent where a shape is not known, Refused where Keras refuses."""
        return self.layer.spec.weights(self.layer.config, self.incoming())

    @property
    def weights(self) -> dict[str, Weight]:
        """The layer's weights, recorded for a mapping. Raises Silent where a shape is not known."""
        return {name: old(self, name, spec.shape) for name, spec in self.specs.items()}

    def becomes(self, new: Tensor) -> Rewrite:
        """The rewrite of this one node."""
        from kerlint.graph.answer import Rewrite

        return Rewrite((self,), new)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.layer.name} {self.output.shape}>"


def sized(shape: Any) -> Any:
    """The shape. Silent where an argument that is no size got into it."""
    for dim in shape if isinstance(shape, tuple) else ():
        if not isinstance(dim, (int, Poly)) and dim is not None:
            raise Silent(f"{dim!r} is no size")
    return shape


def exchanged(value: object, now: Callable[[Tensor], object]) -> object:
    """An option of a call with something else for each tensor in it."""
    if isinstance(value, (tuple, list)):
        return tuple(exchanged(part, now) for part in value)
    return now(value) if isinstance(value, Tensor) else value


def on_others(node: Node, now: Callable[[Tensor], Tensor], layer: Layer | None = None) -> Node:
    """The same application on what its tensors are now, perhaps of another layer."""
    inputs = tuple(now(t) for t in node.inputs)
    options = {name: exchanged(value, now) for name, value in node.options.items()}
    return Node(layer or node.layer, inputs, node.applied_at, node.form, options, node.mapped)


@dataclass(frozen=True)
class Compile:
    """What ``model.compile`` was given; Unknown where not known. ``objectives`` is what that means per output.

    There are none where the program only predicts with the model, or trains others and not this one.
    """

    loss: object
    metrics: object
    span: Any
    objectives: tuple[Objective, ...] = ()


@dataclass(frozen=True)
class Unresolved:
    """Something that was not understood, at its place."""

    span: Any
    line: int
    reason: str
    trains: Layer | None = None  # all that is not known is how much of this layer trains


@dataclass(frozen=True, eq=False)
class Trace:
    """What one run made: every node, which tensors are outputs of models, what escaped to unknown code."""

    nodes: tuple[Node, ...] = ()
    model_outputs: tuple[Tensor, ...] = ()
    escaped: frozenset[object] = frozenset()  # Tensor and Layer objects
    held: frozenset[object] = frozenset()  # layers that the program reads when built (l.output); ("shape", tensor)
    data_format: str = "channels_last"  # of layers that are not told another one
    given: frozenset[object] = frozenset()  # layers whose weights the program sets, or that it never runs in training
    anew: frozenset[object] = frozenset()  # layers that a call() makes each time it runs: Keras does not list them
    later: frozenset[str] = frozenset()  # arguments that code which is not followed sets, of whatever layer it has
    first: frozenset[Node] = frozenset()  # of the first round of a loop, of which each takes another shape

    def consumers(self, tensor: Tensor) -> list[Node]:
        """Every node of the run that takes the tensor."""
        return self._index[0].get(tensor, [])

    def applications(self, layer: Layer) -> list[Node]:
        """Every node of the run that applies the layer."""
        return self._index[1].get(layer, [])

    @cached_property
    def _index(self) -> tuple[dict[Tensor, list[Node]], dict[Layer, list[Node]]]:
        users: dict[Tensor, list[Node]] = {}
        layers: dict[Layer, list[Node]] = {}
        for node in self.nodes:
            layers.setdefault(node.layer, []).append(node)
            for tensor in dict.fromkeys(node.reads):
                users.setdefault(tensor, []).append(node)
        return users, layers


@dataclass(frozen=True, eq=False)
class Graph:
    """A model: nodes in topological order. ``complete`` is a promise: shapes and counts are exact."""

    nodes: tuple[Node, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    unresolved: tuple[Unresolved, ...] = ()
    compile: Compile | None = None
    frozen: frozenset[Layer] = frozenset()  # layers that do not train (layer or an enclosing model)
    trace: Trace = field(default_factory=Trace)
    beside: tuple[Node, ...] = ()  # what else counts: layers that no output depends on, models that are held

    @property
    def complete(self) -> bool:
        """Whether nothing about the model is unknown."""
        lost = (n.refused or isinstance(t.shape, Unknown) for n in self.nodes for t in n.outputs)
        return not self.unresolved and not any(lost)

    @property
    def lost(self) -> Unresolved | None:
        """Why the structure is not known, or the shapes: more than what trains."""
        return next((u for u in self.unresolved if u.trains is None), None)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """Each output with the loss and metrics it is trained with; none for a model that is not compiled."""
        return self.compile.objectives if self.compile else ()

    @property
    def counted(self) -> tuple[Node, ...]:
        """Every node of which Keras counts the layer."""
        return (*self.nodes, *self.beside)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Each layer that counts once, in the order of first application."""
        return tuple(dict.fromkeys(n.layer for n in self.counted))


@dataclass(frozen=True, eq=False)
class Model:
    """A model that the program builds, with what the user calls it."""

    name: str  # function, class or variable
    entry: str  # "function", "variable" or "class"
    kind: str  # "Functional", "Sequential" or "Subclass"
    graph: Graph
    made_at: Any  # Span
    line: int
    variables: tuple[str, ...] = ()  # of the module, that it was assigned to
