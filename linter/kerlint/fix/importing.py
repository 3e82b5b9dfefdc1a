"""The text of imports: one more name in a statement, in the statement's own layout; one more statement."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from kerlint.fix.syntax import Syntax

Piece: TypeAlias = tuple[int, int, str]  # start, end, text


def extended(code: Syntax, node: ast.ImportFrom, kinds: Sequence[str], *, sorts: bool = False) -> list[Piece]:
    """``from keras.layers import ...`` with more names: where they sort (one name shows no order), else at the end."""
    names = [alias.asname or alias.name for alias in node.names]
    if names == ["*"]:
        return []
    places: dict[int, list[str]] = {}
    for kind in sorted(kinds, key=_by_type):
        places.setdefault(_index(names, kind, sorts), []).append(kind)
    return [_inserted(code, node, index, new) for index, new in sorted(places.items())]


def _index(names: Sequence[str], kind: str, sorts: bool) -> int:
    """How many of the names stand before the new one: as they are sorted, else all of them."""
    for key in (_by_type, str.casefold, str):
        if (sorts or len(names) > 1) and list(names) == sorted(names, key=key):
            return sum(key(name) < key(kind) for name in names)
    return len(names)


def _by_type(name: str) -> str:
    """Constants, classes, functions: as isort and ruff sort."""
    kind = "0" if name.isupper() and len(name) > 1 else "1" if name[:1].isupper() else "2"
    return kind + name.casefold()


def _inserted(code: Syntax, node: ast.ImportFrom, index: int, new: Sequence[str]) -> Piece:
    extents = [code.extent(alias) for alias in node.names]
    start, end = extents[max(index - 1, 0)]
    own_line = _own_line(code, node, (start, end))
    indent = code.indent(start)
    if index == 0:
        return start, start, "".join(f"{name},\n{indent}" if own_line else f"{name}, " for name in new)
    if not own_line:
        return end, end, "".join(f", {name}" for name in new)
    stop = code.line_stop(end)
    rest = code.piece(end, stop)
    if rest.lstrip().startswith(","):
        return stop, stop, "".join(f"\n{indent}{name}," for name in new)
    return end, stop, f",{rest}" + ",".join(f"\n{indent}{name}" for name in new)


def _own_line(code: Syntax, node: ast.ImportFrom, extent: tuple[int, int]) -> bool:
    """Whether a name of a parenthesised list has a line for itself."""
    start, end = extent
    return code.text(node).endswith(")") and code.opens_line(start) and code.rest(end) in ("", ",")


def beside(code: Syntax, node: ast.ImportFrom, kinds: Mapping[str, str]) -> Piece:
    """A statement of its own for classes that the statement's module does not have."""
    start, end = code.extent(node)
    packages: dict[str, list[str]] = {}
    for kind, package in kinds.items():
        packages.setdefault(package, []).append(kind)
    lines = [f"from {package}.layers import {', '.join(sorted(found))}" for package, found in packages.items()]
    if code.opens_line(start) and not code.rest(end):
        at = code.line_end(end)
        if code.code[at - 1 : at] == "\n":
            return at, at, "".join(f"{code.indent(start)}{line}\n" for line in lines)
    return end, end, "".join(f"; {line}" for line in lines)
