"""From the recorded places to spans: the constructor calls of a document with the spans of their arguments."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kerlint.graph.layer import LayerSpec
from kerlint.text.document import Cell, Document
from kerlint.text.span import Span


@dataclass(frozen=True)
class Call:
    """A call in the source. ``around`` is the ``model.add(...)`` that it is the argument of, or None."""

    span: Span
    node: ast.Call | None = None
    around: Span | None = None
    home: Places | None = None

    @property
    def name(self) -> str:
        """What is called: the last word of it."""
        function = self.node.func if self.node else None
        return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")

    def written(self, spec: LayerSpec) -> Mapping[str, ast.expr]:
        """The arguments by name, as far as the call itself writes them."""
        if self.node is None:
            return {}
        found: dict[str, ast.expr] = {}
        for name, value in zip(spec.signature, self.node.args, strict=False):
            if isinstance(value, ast.Starred):
                return found
            found[name] = value
        return found | {k.arg: k.value for k in self.node.keywords if k.arg is not None}


@dataclass(frozen=True, eq=False)
class Places:
    """The places of a program, seen from one document; what lies in other files has spans of those."""

    document: Document
    _others: dict[str, Places | None] = field(default_factory=dict)

    def call(self, site: Sequence[Any] | None) -> Call | None:
        """The call that was recorded there, or None if nothing was."""
        if site is None:
            return None
        path, cell, line, column, last, end = site
        if os.path.realpath(path) != os.path.realpath(self.document.path):
            other = self._other(path)
            return other.call(site) if other is not None else Call(Span(path, cell, line, line))
        if column is None:
            return self._by_line.get((cell, line))
        lines = self.document.lines(cell)
        if not 1 <= line <= lines.count or not 1 <= last <= lines.count:
            return None  # the file was changed meanwhile
        span = Span(self.document.path, cell, lines.from_utf8(line, column), lines.from_utf8(last, end))
        return self._by_span.get(span) or Call(span)

    def _other(self, path: str) -> Places | None:
        """The places of another file, which is called as imports call it."""
        name = path if os.path.isabs(self.document.path) else os.path.relpath(path)
        if name not in self._others:
            try:
                found = Document.parse(Path(path).read_bytes(), name)
            except OSError:
                found = None
            self._others[name] = Places(found) if isinstance(found, Document) else None
        return self._others[name]

    def line(self, site: Sequence[Any] | None) -> int:
        """The line of a place, 1 if it is not known."""
        return int(site[2]) if site is not None else 1

    @cached_property
    def _calls(self) -> list[Call]:
        return [call for cell in self.document.cells for call in self._of(cell)]

    def _of(self, cell: Cell) -> list[Call]:
        try:
            tree = ast.parse(cell.code)
        except (SyntaxError, ValueError, RecursionError):
            return []
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        added = {id(n.args[0]): n for n in found if (getattr(n.func, "attr", ""), len(n.args)) == ("add", 1)}
        spans = {id(n): self.span(n, cell.index) for n in found}
        return [Call(spans[id(n)], n, spans[id(added[id(n)])] if id(n) in added else None, self) for n in found]

    @cached_property
    def _by_span(self) -> dict[Span, Call]:
        return {call.span: call for call in self._calls}

    @cached_property
    def _by_line(self) -> dict[tuple[int | None, int], Call]:
        """Lines with one call only: Pythons before 3.11 do not say which."""
        found: dict[tuple[int | None, int], list[Call]] = {}
        for call in self._calls:
            assert call.node is not None
            found.setdefault((call.span.cell, call.node.lineno), []).append(call)
        return {place: calls[0] for place, calls in found.items() if len(calls) == 1}

    def text(self, node: ast.expr, cell: int | None) -> str:
        """An expression as it is written."""
        return self.document.text(self.span(node, cell))

    def span(self, node: ast.expr, cell: int | None) -> Span:
        """Where an expression of a cell stands."""
        return Span(self.document.path, cell, *self.document.lines(cell).extent(node))
