"""What an expression can be. A known Python value *is* that value; the classes here are everything else."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from kerlint.graph.dim import Dim, symbol
from kerlint.graph.graph import Compile, Graph, Node, Tensor, Unresolved
from kerlint.graph.layer import Layer

if TYPE_CHECKING:
    from kerlint.evaluate.derived import Custom
    from kerlint.evaluate.names import Frame, Source

Value: TypeAlias = Any  # int, str, list ..., or one of the classes below

KEY_LIMIT = 160


def short_key(text: str) -> str:
    """The key itself, or a digest of it: keys are built of keys and must not grow without end."""
    if len(text) <= KEY_LIMIT:
        return text
    return text[:24] + "~" + hashlib.sha1(text.encode("utf-8", "replace")).hexdigest()


@dataclass(slots=True, eq=False)
class Open:
    """A value that is not known. Equal ``key``: the same unknown value, whatever it is.

    Keys are made of names and ordinals, never of places, so that an edited text gives the same keys.
    ``dim`` is what it is if it is a size (a formula over other unknowns), ``ratio`` what it is a quotient of.
    """

    key: str
    text: str  # the source expression, for printing
    why: str  # names the line that lost it
    dim: Dim | Callable[[], Dim] | None = None
    integral: bool = False  # certainly an integer, ...
    optional: bool = False  # ... or None
    ratio: tuple[Dim, Dim] | None = None
    test: tuple[Any, Value, Value] | None = None  # the comparison that it is the outcome of
    element: Value = None  # what a loop over it gets, if that is known
    longer: tuple[Open, int] | None = None  # the unknown sequence that it is, and how many known entries more
    sized: str | None = None  # the key of what it is the length of
    lent: tuple[Value, ...] = ()  # the containers and objects of which it is perhaps one

    def size(self) -> Dim:
        """The unknown as a dimension."""
        if callable(self.dim):
            self.dim = self.dim()
        return symbol(self.text, self.key) if self.dim is None else self.dim

    def __bool__(self) -> bool:
        raise TypeError(f"whether {self.text} is true is not known")


@dataclass(slots=True, frozen=True)
class External:
    """Something of another package, by its canonical qualified name (``keras.layers.Dense``)."""

    name: str

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class Function:
    """A function or lambda of the program, with the frame it closes over."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    source: Source
    name: str  # qualified
    defaults: tuple[Value, ...] = ()
    kw_defaults: tuple[Value, ...] = ()  # MISSING: none
    owner: Class | None = None
    kind: str = "function"  # "static", "class", "property"
    managed: bool = False  # under @contextmanager
    memo: dict[Any, Value] | None = None  # under @cache: what it gave, by its arguments
    most: int = 128  # results that it keeps
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Class:
    """A class of the program."""

    name: str
    bases: tuple[Value, ...]
    names: dict[str, Value]
    frame: Frame
    node: ast.ClassDef | None = None
    order: list[Value] = field(default_factory=list)  # with its bases: Python's order wherever no base is shared

    def __post_init__(self) -> None:
        below = (b for base in self.bases for b in (base.order if isinstance(base, Class) else (base,)))
        self.order = [*reversed({id(v): v for v in reversed([self, *below])}.values())]

    def lookup(self, name: str, after: Class | None = None) -> Value:
        """The attribute in the order of classes (behind ``after``), or MISSING."""
        order = [self] if after is None and name in self.names else self.order
        start = order.index(after) + 1 if after in order else 0
        for base in order[start:]:
            if isinstance(base, Class) and name in base.names:
                return base.names[name]
        return MISSING

    def external(self) -> External | None:
        """The nearest base that is not the program's own."""
        return next((b for b in self.order if isinstance(b, External) and b.name != "object"), None)


@dataclass(slots=True, eq=False)
class Instance:
    """An object of one of the program's classes."""

    cls: Class
    names: dict[str, Value] = field(default_factory=dict)
    model: ModelValue | None = None  # if the class is a keras.Model
    custom: Custom | None = None  # if the class is a keras Layer
    unknown: str | None = None  # attributes that are not set are unknown for this reason


@dataclass(slots=True, eq=False)
class Module:
    """A file of the project."""

    name: str
    frame: Frame


@dataclass(slots=True, eq=False)
class Bound:
    """A method of something known: a function of the program, or a name in a table of methods."""

    target: Value
    call: Callable[..., Value] | Function | str  # "native": a method of a Python value
    name: str


@dataclass(slots=True, eq=False)
class Partial:
    """functools.partial."""

    function: Value
    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]


class Manager(Partial):
    """What a function under ``@contextmanager`` gives: it runs around the body of a ``with``."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class Super:
    """super() of a class, for an object."""

    target: Value
    cls: Class


CALLED = (Bound, Function, Instance, Partial)  # what may be code of the program


@dataclass(slots=True, eq=False)
class Array:
    """An array, known by its shape and dtype only (``None``: not known); a short row of numbers by them too."""

    shape: tuple[Value, ...]
    dtype: str = "float64"
    text: str = "array"
    values: tuple[Value, ...] | None = None  # of one axis; what is calculated of it has none


@dataclass(slots=True, eq=False)
class Call:
    """A call: the arguments, and where it is written."""

    args: tuple[Value, ...]
    kwargs: dict[str, Value]  # "**": an unknown dictionary
    node: Any  # ast.Call, or what stands for one (a decorator)
    frame: Frame
    plain: bool = True  # written without * and **
    via: bool = False  # the syntax is that of another call: a partial, a wrapper
    written: str = ""  # the canonical name of the called function

    def get(self, index: int, name: str, default: Value = None) -> Value:
        """An argument by position or name."""
        return self.args[index] if index < len(self.args) else self.kwargs.get(name, default)

    def any(self, index: int, *names: str, default: Value = None) -> Value:
        """An argument by position or by one of its names: versions and libraries differ."""
        named = (self.kwargs[name] for name in names if name in self.kwargs)
        return self.args[index] if index < len(self.args) else next(named, default)

    @property
    def name(self) -> str:
        """The last part of the called function's canonical name."""
        return self.written.rpartition(".")[2]

    @property
    def span(self) -> Any:
        """The span of the call."""
        return self.frame.source.span(self.node)

    @property
    def line(self) -> int:
        """The line of the call."""
        return int(self.node.lineno)


class Demanded(tuple[Value, ...]):
    """A shape of which only the number of entries is known: perhaps it is a list."""


class Rest(Open):
    """Stands in a list for an unknown number of further elements."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class Item:
    """One entry of a Sequential: a layer or model, where it was written and how it was put there."""

    layer: Layer | ModelValue | Instance | Tensor
    span: Any
    form: str
    written: Any = None  # the syntax of the call that put it there
    node: Node | None = None


@dataclass(slots=True, eq=False)
class ModelValue:
    """A model while the program works on it; a Graph is taken of it when the run is over."""

    kind: str  # "Sequential", "Functional", "Subclass"
    keras_name: str
    made_at: Any
    line: int
    name: str = ""  # function, class or variable
    entry: str = "variable"
    named: bool = False  # a name= was written
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    structure: Value = None  # the outputs as the program gave them
    input_structure: Value = None
    items: list[Item] = field(default_factory=list)  # Sequential
    instance: Instance | None = None
    compile: Compile | None = None
    trains: bool | None = None  # whether the program calls fit(); False: it only predicts
    doubts: list[Unresolved] = field(default_factory=list)
    marks: tuple[Any, ...] = ()  # the loops it was made in
    graphs: list[Graph] = field(default_factory=list)  # taken while building (nested), sealed at the end
    as_layer: Layer | None = None
    counted: bool = True  # it is reported: a model that the program knows of
    variables: list[str] = field(default_factory=list)  # of the module, that it was assigned to
    fed: bool = False  # it is fitted or asked: what it is given has a shape, if perhaps an unknown one

    @property
    def built(self) -> bool:
        """Whether the shapes are known."""
        return bool(self.outputs)


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()
ELEMENTS = 4_000  # of a nested container that is looked at as a whole


def small(value: Value, limit: int = ELEMENTS) -> bool:
    """Whether a container may be hashed, compared or printed: nested sharing makes that exponential."""
    stack, left = [value], limit
    while stack:
        left -= 1
        if left < 0:
            return False
        part = stack.pop()
        if isinstance(part, (list, tuple, set, frozenset, dict)):
            if len(part) > left:
                return False
            stack.extend(part.values() if isinstance(part, dict) else part)
    return True
