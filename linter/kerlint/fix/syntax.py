"""Where things stand in a cell: expressions and statements by their offsets, parents, comments, lines."""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect_left, bisect_right
from functools import cached_property, lru_cache
from typing import TypeVar

from kerlint.graph.layer import NoFix
from kerlint.text.document import Cell, Document
from kerlint.text.span import Lines, Span

KEPT = 512  # parses of cells that are kept: a notebook has many, and fixes of it come one after the other
N = TypeVar("N", ast.stmt, ast.expr, ast.Call)


class Syntax:
    """One parsed cell. ``ast`` counts bytes of UTF-8; everything here is in offsets of the cell's text."""

    def __init__(self, code: str, lines: Lines) -> None:
        self.code, self.lines = code, lines
        self.tree = ast.parse(code)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.placed: dict[tuple[int, int], list[ast.AST]] = {}
        queue: list[ast.AST] = [self.tree]
        for node in queue:  # outermost first
            if isinstance(node, (ast.expr, ast.stmt)):
                self.placed.setdefault(self.extent(node), []).append(node)
            if isinstance(node, ast.JoinedStr):
                continue  # before Python 3.12 what is inside an f-string has no true position
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
                queue.append(child)

    def extent(self, node: ast.AST) -> tuple[int, int]:
        """Start and end of a node."""
        return self.lines.extent(node)

    def text(self, node: ast.AST) -> str:
        """The source of a node."""
        return self.piece(*self.extent(node))

    def piece(self, start: int, end: int) -> str:
        """The source between two offsets, lines broken by a line feed."""
        return self.code[start:end].replace("\r\n", "\n")

    def at(self, span: Span, kind: type[N]) -> N | None:
        """The outermost node of a kind with exactly this extent."""
        return next((n for n in self.placed.get((span.start, span.end), ()) if isinstance(n, kind)), None)

    def conditions(self, start: int, end: int) -> set[ast.expr]:
        """What is asked before the place with this extent is reached, within its function."""
        found = set()
        node = next(iter(self.placed.get((start, end), ())), None)
        while node is not None and not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            above = self.parents.get(node)
            if isinstance(above, (ast.If, ast.IfExp)) and node is not above.test:
                found.add(above.test)
            node = above
        return found

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """The innermost statement around a node."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        extents = [self.extent(statement) for statement in self.tree.body]
        return [start for start, _ in extents], [end for _, end in extents]

    def around(self, start: int, end: int) -> tuple[int, int]:
        """From the end of the last statement of the module before some code to the begin of the first one behind."""
        begins, ends = self._bounds
        before, behind = bisect_left(ends, start), bisect_right(begins, end)
        return ends[before - 1] if before else 0, begins[behind] if behind < len(begins) else len(self.code)

    @cached_property
    def comments(self) -> list[tuple[int, int]]:
        """Start and end of every comment."""
        found = (t for t in tokenize.generate_tokens(io.StringIO(self.code).readline) if t.type == tokenize.COMMENT)
        starts = ((self.lines.offset(t.start[0], t.start[1] + 1), t.string) for t in found)
        return [(start, start + len(text)) for start, text in starts]

    def line_start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self.code.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends, its newline included."""
        found = self.code.find("\n", offset)
        return len(self.code) if found < 0 else found + 1

    def line_stop(self, offset: int) -> int:
        """Where the text of an offset's line ends, before its break."""
        return offset + len(self.code[offset : self.line_end(offset)].rstrip("\r\n"))

    def rest(self, offset: int) -> str:
        """What stands behind an offset in its line, comments aside."""
        return self.code[offset : self.line_stop(offset)].partition("#")[0].strip()

    def indent(self, offset: int) -> str:
        """The white space that the line of an offset begins with, as the file has it."""
        line = self.lines.line(self.lines.position(offset)[0])
        return line[: len(line) - len(line.lstrip(" \t"))]

    def unit(self) -> str:
        """One step of indentation, as the cell writes it."""
        for node in ast.walk(self.tree):
            body = getattr(node, "body", None)
            if isinstance(node, ast.stmt) and isinstance(body, list) and body and body[0].lineno > node.lineno:
                outer, inner = (self.indent(self.extent(n)[0]) for n in (node, body[0]))
                if inner.startswith(outer) and inner != outer:
                    return inner[len(outer) :]
        return "    "

    def opens_line(self, offset: int) -> bool:
        """Whether only white space stands before an offset in its line."""
        return not self.code[self.line_start(offset) : offset].strip()


def syntax(document: Document, cell: int | None) -> Syntax:
    """The parsed cell; parsed once, however many fixes it gets."""
    whole = document.cell(cell)
    if "\r" in whole.code.replace("\r\n", ""):
        raise NoFix("a carriage return stands alone in this file")
    try:
        return _parsed(whole)
    except SyntaxError as error:  # pragma: no cover  (what does not parse has no findings)
        raise NoFix("the source does not parse") from error


@lru_cache(KEPT)
def _parsed(cell: Cell) -> Syntax:
    return Syntax(cell.code, Lines(cell.source))
