"""Layers: what a class of layers means (LayerSpec), and one layer that a program makes (Layer)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn, TypeAlias

from kerlint.graph.dim import Dim
from kerlint.graph.weight import Shape


class Silent(Exception):
    """A finding does not hold here, or it is not known whether it does; says why."""

    @property
    def reason(self) -> str:
        """Why, in words; "perhaps" marks what is not known."""
        return str(self.args[0]) if self.args else ""


class Refused(Exception):
    """Keras refuses this configuration or this input; says what is wrong in the user's terms.

    ``since`` is the first major version that does, where earlier ones took it.
    """

    def __init__(self, reason: str, since: int = 1) -> None:
        super().__init__(reason)
        self.since, self.who = since, "Keras" if since == 1 else f"Keras {since}"


class NoFix(Exception):
    """The finding holds, but no replacement can be written; ``dead`` counts parameters that never matter.

    ``region`` are the nodes that would be replaced: it holds only if nobody else uses what is inside of them.
    """

    def __init__(self, reason: str, dead: Dim = 0, region: tuple[Any, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.dead, self.region = reason, dead, region


@dataclass(frozen=True)
class Unknown:
    """A value that is not known: the source text it was read from, and why (names the line).

    ``source`` is the evaluator's own value, where it asks later what it must be.
    """

    expression: str
    why: str
    source: Any = field(default=None, compare=False, repr=False)

    def _silent(self, _index: object = None) -> NoReturn:
        if self.why.startswith("perhaps: "):  # what is unknown because of something unknown: the first cause
            raise Silent(self.why)
        raise Silent(f"perhaps: {self.expression} is not known: {self.why}")

    __getitem__ = __iter__ = __len__ = __bool__ = _silent


@dataclass(frozen=True)
class Object:
    """An initialiser, regulariser, constraint or policy given as an object: its class and arguments."""

    kind: str  # the class's own name, "L2"
    config: tuple[tuple[str, object], ...] = ()

    def __repr__(self) -> str:
        return f"{self.kind}({', '.join(f'{k}={v!r}' for k, v in self.config)})"


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()  # the default of an argument that has none

# Arguments of every layer that stay out of its configuration, or are for the first of a Sequential only.
SHAPES = ("input_shape", "batch_input_shape", "input_dim", "input_length", "batch_size", "batch_shape")

PLAIN = frozenset([str, int, bool, float, type(None)])


class Config(Mapping[str, Any]):
    """Arguments of a layer in canonical form. Reading one that is not known raises Silent."""

    __slots__ = ("_doubtful", "_values", "others")

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)
        # Found once: an argument is read fifty times where a layer is made and applied.
        self.others = {name: value for name, value in self._values.items() if value.__class__ not in PLAIN}
        self._doubtful = [
            name
            for name, value in self.others.items()
            if isinstance(value, Unknown) or (isinstance(value, tuple) and Unknown in map(type, value))
        ]

    def __getitem__(self, name: str) -> Any:
        if self._doubtful and name in self._doubtful:
            self._silent(name)
        return self._values[name]

    def _silent(self, name: str) -> NoReturn:
        value: Any = self._values[name]
        if isinstance(value, Unknown):
            raise Silent(f"perhaps: {name}={value.expression} is not known: {value.why}")
        part = next(v for v in value if isinstance(v, Unknown))
        raise Silent(f"perhaps: a part of {name} is not known: {part.why}")

    def peek(self, name: str, default: Any = None) -> Any:
        """The value, perhaps an Unknown; the default if there is no such argument."""
        return self._values.get(name, default)

    def raw(self, name: str) -> object:
        """The value, perhaps an Unknown."""
        return self._values[name]

    def known(self, name: str) -> bool:
        """Whether reading the argument gives a value."""
        return name not in self._doubtful

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Config({self._values!r})"


@dataclass(frozen=True)
class WeightSpec:
    """One weight of a layer; order and name are Keras's own."""

    shape: Shape
    trainable: bool = True


# What a layer receives: one shape, or a tuple of shapes for a layer with several inputs (LayerSpec.many).
Incoming: TypeAlias = Any
Mask: TypeAlias = "bool | None"  # whether a tensor carries a mask; None: perhaps


def kept(_config: Config, incoming: Incoming) -> Any:
    """The output has the shape of the (only) input, known or not."""
    return incoming


def no_weights(_config: Config, _incoming: Incoming) -> Mapping[str, WeightSpec]:
    """The layer has no weights, whatever arrives."""
    return {}


@dataclass(frozen=True, eq=False)
class LayerSpec:
    """The semantics of one class of layers. The functions are pure and raise Refused where Keras refuses.

    ``output(config, incoming)`` is the output shape (a tuple of shapes where ``outputs`` says so),
    ``weights(config, incoming)`` the weights by name in Keras's order, ``macs(config, incoming, output)`` the
    multiply-accumulates for one example, ``mask(config, masks)`` whether the output carries a mask,
    ``dtype(config, dtypes)`` its dtype, ``canonical(arguments)`` the arguments as Keras resolves them.
    """

    name: str
    signature: Mapping[str, object]  # argument -> default or REQUIRED, in the order of the real class
    output: Callable[[Config, Incoming], Any]
    weights: Callable[[Config, Incoming], Mapping[str, WeightSpec]]
    macs: Callable[[Config, Incoming, Shape], Dim]
    mask: Callable[[Config, tuple[Mask, ...]], Mask]
    dtype: Callable[[Config, tuple[str, ...]], str]
    canonical: Callable[[dict[str, object]], Config]
    outputs: Callable[[Config], int]  # how many tensors a call gives (return_state)
    many: bool = False  # takes a list of tensors
    aliases: tuple[str, ...] = ()
    generations: tuple[int, ...] = (2, 3)  # major versions of Keras that have the class
    title: str = ""  # Keras's class of an operation on tensors
    parts: tuple[str, ...] = ()  # layers without names that it makes when it is built: they take generated names


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer that the program makes. Identity, not equality: two calls of the class are two layers."""

    spec: LayerSpec
    config: Config
    name: str  # Keras's: the written one, else what Keras would generate
    made_at: Any = None  # Span of the constructor call
    where: Callable[[], Mapping[str, tuple[Any, str]]] = dict  # what was written at made_at: few layers are asked
    named: bool = False  # a name= was written

    def __getitem__(self, argument: str) -> Any:
        return self.config[argument]

    @property
    def kind(self) -> str:
        """The class's name."""
        return self.spec.name

    @cached_property
    def written(self) -> Mapping[str, Any]:
        """The Span of each argument's value, as written at made_at."""
        return {name: span for name, (span, _) in self.where().items() if span is not None}

    @cached_property
    def literal(self) -> frozenset[str]:
        """Arguments whose value is a literal at made_at."""
        return frozenset(name for name, (_, text) in self.where().items() if not text)

    @property
    def title(self) -> str:
        """The class as Keras prints it: a model that is applied as a layer has its own."""
        own = self.config.peek("class")
        return own if isinstance(own, str) else self.spec.title or self.kind

    @property
    def wrapped(self) -> list[Layer]:
        """The layers and cells that it is around."""
        held = [self.config.others.get(name) for name in ("layer", "backward_layer", "cell")]
        return [part for one in held for part in (one if isinstance(one, tuple) else (one,)) if isinstance(part, Layer)]

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"
