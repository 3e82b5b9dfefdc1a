"""What the user wrote for a layer: the constructor call, its arguments by name, and their texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libcst

from kerlint.fix.syntax import Syntax, syntax
from kerlint.graph.layer import REQUIRED, SHAPES, Layer, NoFix
from kerlint.text.document import Document
from kerlint.text.span import Span

# What different classes call the same thing.
ROLES = ({"units", "filters", "output_dim"},)


@dataclass(frozen=True, eq=False)
class Argument:
    """One written argument: ``name`` is today's, None for ``*``, ``**`` and what the table lacks."""

    name: str | None
    value: Any  # of the configuration
    text: str
    positional: bool
    cst: libcst.Arg
    required: bool = False  # has no default in its class

    @property
    def starred(self) -> bool:
        """Whether it is ``*args`` or ``**kwargs``."""
        return bool(self.cst.star)


@dataclass(frozen=True, eq=False)
class Written:
    """A layer's constructor call as it is written."""

    layer: Layer
    span: Span
    code: Syntax
    call: ast.Call
    cst: libcst.Call
    arguments: tuple[Argument, ...]

    @property
    def text(self) -> str:
        """The source of the call."""
        return self.code.piece(self.span.start, self.span.end)


def written(document: Document, layer: Layer) -> Written:
    """The constructor call of a layer. NoFix where none is written in this document."""
    span = layer.made_at
    if not isinstance(span, Span) or span.path != document.path:
        raise NoFix(f"{layer.kind} is not made in this file")
    code = syntax(document, span.cell)
    call = code.at(span, ast.Call)
    if call is None or not isinstance(parsed := expression(code.piece(span.start, span.end)), libcst.Call):
        raise NoFix(f"no call that makes {layer.kind} stands there")
    return Written(layer, span, code, call, parsed, tuple(_arguments(layer, code, call, parsed)))


def _arguments(layer: Layer, code: Syntax, call: ast.Call, parsed: libcst.Call) -> Iterator[Argument]:
    names = {(s.start, s.end): name for name, s in layer.written.items() if isinstance(s, Span)}
    values = [a.value if isinstance(a, ast.Starred) else a for a in (*call.args, *(k.value for k in call.keywords))]
    extents = sorted(code.extent(v) for v in values)
    for (start, end), arg in zip(extents, parsed.args, strict=True):
        keyword = arg.keyword.value if arg.keyword else None
        name = names.get((start, end)) or (keyword if keyword in SHAPES or keyword in layer.config else None)
        if arg.star:
            name = None
        value = layer.config.raw(name) if name is not None and name in layer.config else None
        if name == "name":
            value = layer.name if layer.named else None
        required = name is not None and layer.spec.signature.get(name) is REQUIRED
        positional = keyword is None and not arg.star
        yield Argument(name, value, code.piece(start, end), positional, arg, required)


def expression(text: str) -> libcst.BaseExpression:
    """A piece of source as a tree that keeps every blank and comment; it may go over several lines."""
    try:
        parsed = libcst.parse_expression(f"({text}\n)")
    except libcst.ParserSyntaxError as error:
        raise NoFix("libcst cannot read the code there") from error
    return parsed.with_changes(lpar=parsed.lpar[1:], rpar=parsed.rpar[:-1])


def printed(node: libcst.CSTNode) -> str:
    """The source of a tree."""
    return libcst.Module([]).code_for_node(node)


def role(name: str, names: object) -> str | None:
    """The argument among ``names`` (of a class) that means what ``name`` means elsewhere."""
    if name in names:  # type: ignore[operator]
        return name
    others = next((r for r in ROLES if name in r), set())
    return next((n for n in sorted(others) if n in names), None)  # type: ignore[operator]


def inner_layers(layer: Layer) -> Iterator[Layer]:
    """The layers that a wrapper was given, outermost first."""
    for name in layer.config:
        value = layer.config.raw(name)
        if isinstance(value, Layer):
            yield value
            yield from inner_layers(value)
