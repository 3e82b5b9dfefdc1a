"""``new.Dense(...)``: layers of a replacement, written as one would write Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Layer, LayerSpec, Object
from kerlint.graph.weight import Weight
from kerlint.layers.bind import bind
from kerlint.layers.operations import OPERATIONS
from kerlint.layers.table import TABLE
from kerlint.rule.guard import TRACE, fixable, safe

# What an argument is about decides whether it can follow a layer into its replacement.
PLAIN = ("activation", "use_bias", "dtype", "trainable", "name")
INITIALIZERS = ("kernel_initializer", "bias_initializer")
REGULARIZERS = ("kernel_regularizer", "bias_regularizer")
CONSTRAINTS = ("kernel_constraint", "bias_constraint")
TRAVELS = (*PLAIN, *INITIALIZERS, *REGULARIZERS, *CONSTRAINTS, "activity_regularizer")
EVERY = frozenset({"dtype", "trainable", "activity_regularizer"})  # arguments that every layer takes
ENTRYWISE = {"l1", "l2", "l1_l2", "L1", "L2", "L1L2"}  # act on each entry: reshaping changes nothing

# While a rule runs, the dtype policy of what it looks at: what it writes without a dtype computes alike.
POLICY: ContextVar[str] = ContextVar("POLICY", default="float32")


@dataclass(frozen=True)
class Made:
    """A layer of a replacement, to be applied to a tensor (or tensors) of the graph."""

    layer: Layer
    like: Node | None = None

    def __call__(self, inputs: Tensor | Sequence[Tensor], weights: Mapping[str, Weight] | None = None) -> Tensor:
        """Apply the layer; ``weights`` gives an expression for each of its weights."""
        tensors = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        mapped = dict(weights or {})
        if self.like is not None and weights is not None:  # else it has none, or is shown and never applied
            _check_whole(self.like, mapped)
        return Node(self.layer, tensors, mapped=mapped).output


def _check_whole(old: Node, mapped: Mapping[str, Weight]) -> None:
    """A constraint, or a regulariser that is a norm, means another thing for a weight of another shape."""
    for argument in (*CONSTRAINTS, *REGULARIZERS):
        if argument not in old.layer.config or (value := old.layer.config.raw(argument)) is None:
            continue
        weight = mapped.get(argument.partition("_")[0])
        kept = weight is not None and weight.op == "old"
        kind = value if isinstance(value, str) else getattr(value, "kind", "")
        harmless = argument in REGULARIZERS and kind in ENTRYWISE
        fixable(kept or harmless, f"{argument} acts on the weight as a whole, which gets another shape")
    for argument in INITIALIZERS:  # one of the program's own is asked for a shape
        weight = mapped.get(argument.partition("_")[0])
        if argument in old.layer.config and weight is not None and weight.op != "old":
            safe(isinstance(old.layer.config.raw(argument), (str, Object)), f"{argument} is asked for another shape")


@dataclass(frozen=True)
class Maker:
    """A class of layers, ready to make one."""

    spec: LayerSpec

    def __call__(self, *args: object, **kwargs: object) -> Made:
        """A layer with exactly these arguments."""
        return Made(_layer(self.spec, args, kwargs))

    def like(self, old: Node, **changed: object) -> Made:
        """A layer with what travels from ``old`` (activation, initialisers, ...), and ``changed`` on top."""
        config = old.layer.config
        if self.spec.name in OPERATIONS:
            return Made(old.layer, old)  # it has nothing that stays behind
        takes = EVERY | set(self.spec.signature)
        kept = {a: config.raw(a) for a in TRAVELS if a in config and a in takes and a not in changed}
        if old.layer.named:
            kept["name"] = old.layer.name
        if self.spec is old.layer.spec:
            kept = {**{a: config.raw(a) for a in config if a in self.spec.signature}, **kept}
        return Made(_layer(self.spec, (), {**kept, **changed}), old)


def _layer(spec: LayerSpec, args: Sequence[object], kwargs: Mapping[str, object]) -> Layer:
    given = {k: v for k, v in kwargs.items() if not (k == "name" and v is None)}
    bound = bind(spec, args, given, data_format=TRACE.get().data_format, floatx=POLICY.get())
    name = kwargs.get("name")
    return Layer(spec, bound.config, name if isinstance(name, str) else "", named=isinstance(name, str))


class New:
    """``new.X`` is the layer class X of the table, or the operation."""

    def __getattr__(self, kind: str) -> Maker:
        spec = None if kind.startswith("_") else TABLE.get(kind, OPERATIONS.get(kind))
        if spec is None:
            raise AttributeError(f"the layer table has no {kind}")
        return Maker(spec)


new = New()
