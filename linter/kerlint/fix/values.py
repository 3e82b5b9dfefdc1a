"""A value of a configuration as source text: the user's own where one is written, else plain Python."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kerlint.fix.written import Argument, role
from kerlint.graph.dim import Poly, show
from kerlint.graph.layer import REQUIRED, Layer, NoFix, Object, Refused, Silent, Unknown
from kerlint.layers.old import words
from kerlint.layers.table import STEPPED

# Arguments whose values may stand for one another when they are equal.
FAMILIES = ("activation", "_initializer", "_regularizer", "_constraint")
# Where one integer stands for all axes.
PER_AXIS = (*STEPPED, "padding", "cropping")
# Calls that may be written again, or left out, without the program noticing.
PURE = frozenset(words("pure"))


@dataclass(frozen=True)
class Found:
    """A text, and the written argument it comes from (None: made up)."""

    text: str
    source: Argument | None = None


def equal(left: object, right: object) -> bool:
    """Whether two configuration values are the same one; True is not 1."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left is right or bool(left == right)


def find(name: str, value: object, pool: Sequence[Argument], quote: str) -> Found:
    """The text for an argument of a new layer. NoFix where a value has no text here."""
    source = own(name, value, pool) or _alike(name, value, pool)
    return Found(source.text, source) if source else Found(plain(name, value, pool, quote))


def own(name: str, value: object, pool: Sequence[Argument]) -> Argument | None:
    """The written argument of the same name or role with the same value."""
    alike = [a for a in pool if a.name and role(a.name, {name}) and equal(a.value, value)]
    return next((a for a in alike if a.name == name), alike[0] if alike else None)


def _alike(name: str, value: object, pool: Sequence[Argument]) -> Argument | None:
    family = next((f for f in FAMILIES if name.endswith(f)), None)
    related = (a for a in pool if isinstance(value, Poly) or (family and a.name and a.name.endswith(family)))
    return next((a for a in related if equal(a.value, value)), None)


def plain(name: str, value: Any, pool: Sequence[Argument], quote: str) -> str:
    """A value without a written text."""
    if isinstance(value, str) and value.isprintable():
        return quote + value.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, tuple):
        return _tuple(name, value, pool, quote)
    if isinstance(value, Poly):
        raise NoFix(f"{name}={show(value)} has no name at this place")
    if isinstance(value, Unknown):
        raise NoFix(f"{name}={value.expression} is not known here")
    if isinstance(value, (Object, Layer)):
        raise NoFix(f"{name}={value!r} is not written at this place")
    raise NoFix(f"{name}={value!r} cannot be written as source")


def _tuple(name: str, value: tuple[Any, ...], pool: Sequence[Argument], quote: str) -> str:
    before = next((a for a in pool if a.name == name), None)
    spelled_out = before is not None and before.text.lstrip()[:1] in "(["
    if name in PER_AXIS and value and all(isinstance(v, int) and v == value[0] for v in value) and not spelled_out:
        return repr(value[0])
    parts = []
    for index, part in enumerate(value):
        source = own("units", part, pool) if index == len(value) - 1 else None
        source = source or (_alike(name, part, pool) if isinstance(part, Poly) else None)
        parts.append(source.text if source else plain(name, part, pool, quote))
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def is_default(layer: Layer, name: str, value: object) -> bool:
    """Whether a layer of the class has the value without being told."""
    signature = layer.spec.signature
    if name not in signature:
        return equal(value, True if name == "trainable" else None)
    default = signature[name]
    if default is REQUIRED:
        return False
    given = {n: layer.config.raw(n) for n in signature if n != name}  # strides follow the size of a window
    try:
        resolved = layer.spec.canonical({**signature, **given}).get(name, default)
    except (Refused, Silent):
        resolved = default
    return equal(value, resolved) or equal(value, default)


def guard(argument: Argument, otherwise: str = "would be lost with the argument it is in") -> None:
    """NoFix if the program does something in an argument that is left out, or written several times."""
    if (done := effect(argument.text)) is not None:
        raise NoFix(f"{done} {otherwise}")


def effect(text: str) -> str | None:
    """What an expression does besides giving a value, as far as that cannot be excluded."""
    queue: list[ast.AST] = [ast.parse(f"({text}\n)", mode="eval")]
    for node in queue:
        if isinstance(node, ast.Lambda):
            continue  # does nothing until it is called
        queue.extend(ast.iter_child_nodes(node))
        if isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
            return ast.unparse(node)
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in PURE and not name[:1].isupper():
                return ast.unparse(node)
    return None


def quote_of(code: str) -> str:
    """The quotation mark that a text uses more."""
    return "'" if code.count("'") > code.count('"') else '"'
