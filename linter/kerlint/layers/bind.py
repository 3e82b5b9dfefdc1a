"""A call's arguments become a configuration: order, old names, defaults, canonical form, refusals."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import isfinite
from typing import Any

from kerlint.graph.layer import PLAIN, REQUIRED, Config, Layer, LayerSpec, Refused, Silent, Unknown
from kerlint.layers import old
from kerlint.layers.table import STEPPED

# Arguments that are one number each, and with them those that are never None.
SIZES = ("units", "filters", "output_dim", "input_dim", "n", "depth_multiplier")
NEEDED = (*SIZES, "cropping", "padding")
WHOLE = frozenset([int, str, type(None)])
LATE = ("alpha", "axis", "mask_value")  # numbers that Keras does not look at before they are used
# In every configuration, whether the class names them or not.
ALWAYS: dict[str, object] = {"name": None, "dtype": None, "trainable": True, "activity_regularizer": None}

Origin = Mapping[str, "int | str"]  # argument -> index of the positional argument, or the keyword as written


@dataclass(frozen=True)
class Bound:
    """A bound call: ``renamed`` are (old, today's) names, ``ignored`` arguments have no effect."""

    config: Config
    renamed: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    origin: Origin = field(default_factory=dict)


def bind(
    spec: LayerSpec,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    *,
    data_format: str = "channels_last",
    floatx: str = "float32",
    generation: int = 3,
) -> Bound:
    """The configuration that ``Class(*args, **kwargs)`` makes under Keras ``generation``.

    ``Unknown`` values stay. Raises Refused for what the constructor refuses. Two positional sizes after
    ``Convolution2D(32, `` are a kernel in Keras 1 (``generation=1``, or another Keras 1 argument beside
    them), kernel and strides since. Raises Silent for an argument that is taken and not modelled.
    """
    values = (*args, *kwargs.values())
    bound = _bind if all(map(_is_plain, values)) else _bind.__wrapped__
    return bound(spec, tuple(kwargs), (data_format, floatx, generation), *values)


def _is_plain(value: object) -> bool:
    """Whether two values that are equal, and of one class, are the same to whoever looks at them."""
    return value.__class__ in PLAIN or (value.__class__ is tuple and WHOLE.issuperset(map(type, value)))


@lru_cache(maxsize=1024, typed=True)  # most layers of a program are made like others
def _bind(spec: LayerSpec, names: tuple[str, ...], run: tuple[str, str, int], *values: object) -> Bound:
    data_format, floatx, generation = run
    args, kwargs = values[: len(values) - len(names)], dict(zip(names, values[len(values) - len(names) :], strict=True))
    if generation < 3 and spec.name in old.ONLY_3:
        raise Silent(f"{spec.name} is modelled for Keras 3 only")
    binding = _Binding(spec, generation)
    axes = _kernel_axes(spec, args, kwargs, generation)
    if axes > 1:
        args = (args[0], args[1 : 1 + axes], *args[1 + axes :])
        binding.names = [*binding.names[:2], *old.BEHIND_KERNEL]
    for index, value in enumerate(args):
        binding.positional(index, value, shift=axes - 1)
    for name, value in kwargs.items():
        binding.keyword(name, value)
    arguments = binding.complete(data_format, floatx)
    try:
        config = spec.canonical(arguments)
    except Refused as error:
        if error.since > generation:
            raise Silent(f"{error}, but only since Keras {error.since}") from None
        raise
    return Bound(config, tuple(binding.renamed), tuple(binding.ignored), dict(binding.origin))


def _kernel_axes(spec: LayerSpec, args: Sequence[object], kwargs: Mapping[str, object], generation: int) -> int:
    """How many positional arguments are the kernel's sizes: 1, or in the Keras 1 form one an axis."""
    rank = old.SIZED_ONE_BY_ONE.get(spec.name, 1)
    sizes = args[1 : 1 + rank]
    if len(sizes) < rank:
        return 1
    if any(k in old.OLD and k not in spec.signature for k in kwargs):  # certainly Keras 1, known sizes or not
        return 1 if any(isinstance(a, (tuple, list, str)) for a in sizes) else rank
    return rank if generation == 1 and all(isinstance(a, int) for a in sizes) else 1


class _Binding:
    """One call while it is bound."""

    def __init__(self, spec: LayerSpec, generation: int) -> None:
        self.spec, self.generation = spec, generation
        self.names = list(spec.signature)
        self.given: dict[str, object] = {}
        self.origin: dict[str, int | str] = {}
        self.renamed: list[tuple[str, str]] = []
        self.ignored: list[str] = []

    def positional(self, index: int, value: object, shift: int) -> None:
        if index >= len(self.names):
            raise Refused(f"{self.spec.name} takes {len(self.names)} positional arguments, not {index + 1}")
        name = self.names[index]
        if index == 1 and shift:
            self.renamed += [(word, name) for word in old.PER_AXIS[: shift + 1]]
        self._give(name, value, index + (shift if index > 1 else 0))

    def keyword(self, written: str, value: object) -> None:
        name = self._today(written)
        if name != written:
            self.renamed.append((written, name))
            if isinstance(value, Unknown) and value.expression == written:
                value = Unknown(name, value.why)  # the program's own function: called after its argument
            if name in old.VALUES and isinstance(value, str):
                value = old.VALUES[name].get(value, value)
            if written in old.PER_AXIS:  # in the order of the call; nb_col before nb_row is turned round in complete()
                before = self.given.pop(name, ())
                value = (*before, value) if isinstance(before, tuple) else value
        elif name not in self.spec.signature and name not in old.BASE:
            self.ignored.append(name)
            if name in old.IDLE and ((idle := old.IDLE[name]) is None or value in idle):
                return
        self._give(name, value, written)

    def _today(self, written: str) -> str:
        own = old.OF_CLASS.get(self.spec.name, {})
        if written in own:
            return own[written]
        if written in self.spec.signature:
            return written
        for name in old.OLD.get(written, ()):
            if name in self.spec.signature:
                return name
        if written in old.BASE or written in old.IGNORED:
            return written
        if written in old.BEYOND.get(self.spec.name, ()) or self.spec.name in old.SWALLOWING:
            raise Silent(f"{written} of {self.spec.name} is not modelled")
        inherited = written in old.INHERITED.get(self.spec.name, ())
        if inherited and self.generation < 3:
            return written
        raise Refused(f"{self.spec.name} has no argument {written!r}", since=3 if inherited else 1)

    def _give(self, name: str, value: object, where: int | str) -> None:
        if name in self.given:
            raise Refused(f"{self.spec.name} is given {name} twice")
        self.given[name] = _tuples(value)
        self.origin.setdefault(name, where)

    def complete(self, data_format: str, floatx: str) -> dict[str, object]:
        """All arguments: given ones, then defaults."""
        self._turn()
        arguments = _defaults(self.spec, self.generation) | self.given
        if REQUIRED in arguments.values():
            name = next(n for n, v in arguments.items() if v is REQUIRED)
            since = 3 if name in old.BEFORE_3.get(self.spec.name, {}) else 1
            raise Refused(f"{self.spec.name} needs {name}", since)
        for name, value in self.given.items():
            nothing = value is None and self.spec.signature.get(name) is not None and name in NEEDED
            if nothing or (name in SIZES and isinstance(value, (tuple, str))):
                digits = isinstance(value, str) and value.isdigit() and self.spec.name == "Dense"
                raise Refused(f"{name}={value!r} of {self.spec.name} is no size", 3 if digits else 1)
            sized, default = name in (*SIZES, *STEPPED), self.spec.signature.get(name)
            counted = sized or name in ("rate", "stddev") or (type(default) in (int, float) and name not in LATE)
            if counted and isinstance(value, Layer) and (sized or self.generation > 2):  # Keras 2 looked at sizes
                raise Refused(f"{name} of {self.spec.name} is a number, not a layer: {value.kind}", 1 if sized else 3)
        if arguments.get("data_format", "") is None:
            arguments["data_format"] = data_format
        if arguments["dtype"] is None:
            arguments["dtype"] = floatx
        if self.generation < 3:  # a whole number written as a float counts as the integer (``units=128 / 2``)
            arguments |= {n: int(v) for n in SIZES[:4] if isinstance(v := arguments.get(n), float) and isfinite(v)}
        return arguments

    def _turn(self) -> None:
        """nb_col written before nb_row: the tuple follows the axes."""
        written = [word for word, _ in self.renamed if word in old.PER_AXIS]
        sizes = self.given.get("kernel_size")
        by_name = isinstance(self.origin.get("kernel_size"), str)
        if by_name and isinstance(sizes, tuple) and len(written) == len(sizes):
            order = sorted(range(len(written)), key=lambda i: old.PER_AXIS.index(written[i]))
            self.given["kernel_size"] = tuple(sizes[i] for i in order)


@cache  # of each row of the table, for each generation
def _defaults(spec: LayerSpec, generation: int) -> dict[str, object]:
    """What the arguments are that are not given."""
    found: dict[str, object] = {**spec.signature}
    for table, since in ((old.BEFORE_3, 3), (old.BEFORE_2, 2)):
        found |= table.get(spec.name, {}) if generation < since else {}
    return found | {name: value for name, value in ALWAYS.items() if name not in found}


def places(
    nodes: Mapping[str, ast.expr], span: Callable[[ast.expr], Any], text: Callable[[ast.expr], str]
) -> dict[str, tuple[Any, str]]:
    """Where arguments are written, and how; the text is empty where the value stands there, for everyone to see."""
    return {name: (span(node), "" if _is_literal(node) else text(node)) for name, node in nodes.items()}


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(_is_literal, node.elts))
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _tuples(value: object) -> object:
    """Lists as tuples; what no layer takes for anything as something unknown."""
    if isinstance(value, (bytes, complex)):
        return Unknown(repr(value), f"{type(value).__name__} as an argument is not modelled")
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value
