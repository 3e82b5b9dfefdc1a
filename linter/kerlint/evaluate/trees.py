"""Syntax trees: those of a document, and what stands below a node, three times as fast as ``ast.walk`` gives it."""

from __future__ import annotations

import ast
import keyword
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from traceback import walk_stack
from typing import Any

from kerlint.evaluate.names import Source
from kerlint.graph.graph import Unresolved
from kerlint.text.document import Document
from kerlint.text.magics import STRING
from kerlint.text.span import Span

DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SCOPES = frozenset([*DEFINES, ast.Lambda])
# No part of the program, or no node.
OTHER = frozenset(["ctx", "op", "ops", "kind", "type_comment", "type_ignores", "type_params", "attr", "arg", "level"])
SELF = frozenset(["self", "cls"])
# Where nodes hold a name that they bind.
NAMED: dict[Any, str] = dict.fromkeys([*DEFINES, ast.alias, ast.ExceptHandler, ast.MatchAs, ast.MatchStar], "name")
NAMED |= {ast.Name: "id", ast.MatchMapping: "rest", ast.arg: "arg"}
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # where statements hold statements
FIELDS: dict[type, tuple[str, ...] | None] = {ast.Name: (), ast.Constant: ()}


def below(roots: Iterable[ast.AST], *, scopes: bool = True) -> list[ast.AST]:
    """The nodes and all below them, statements in the order of the text, without contexts and operators.

    ``scopes=False`` stops at functions and classes.
    """
    found: list[ast.AST] = []
    stack: list[Any] = list(roots)[::-1]
    while stack:
        node = stack.pop()
        kind = node.__class__
        fields = FIELDS[kind] if kind in FIELDS else _fields(kind)
        if fields is None:
            continue
        found.append(node)
        for name in fields if scopes or kind not in SCOPES else ():
            value = getattr(node, name, None)
            if value.__class__ is list:
                stack += value[::-1]
            elif value is not None:
                stack.append(value)
    return found


def statements(roots: Iterable[ast.AST]) -> Iterator[Any]:
    """The statements, handlers and cases and all below them, without the expressions: most nodes are those."""
    stack: list[Any] = list(roots)[::-1]
    while stack:
        node = stack.pop()
        yield node
        for name in BLOCKS:
            stack += getattr(node, name, ())[::-1] if node.__class__ is not ast.Lambda else ()


def _fields(kind: Any) -> tuple[str, ...] | None:
    """Where a node holds others, the last first; None for a text, and for nothing."""
    parts = tuple(name for name in reversed(kind._fields) if name not in OTHER) if issubclass(kind, ast.AST) else None
    return FIELDS.setdefault(kind, parts)


def blocks(node: Any) -> list[list[Any]]:
    """The blocks of statements inside of a compound statement; a simple one has none."""
    if "body" not in node._fields and "cases" not in node._fields:
        return []
    held = [getattr(node, name, ()) for name in ("body", "orelse", "finalbody")]
    held += [part.body for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))]
    return [block for block in held if block]


def names(nodes: Iterable[Any]) -> set[str]:
    """The names and attributes in expressions."""
    parts = below([node for node in nodes if node is not None])
    return {getattr(part, "id", None) or getattr(part, "attr", None) or "self" for part in parts} - SELF


def binding(roots: Iterable[ast.AST]) -> Iterator[str]:
    """The names that code binds, in whatever way, without those of its functions, classes and comprehensions."""
    parts = below(roots, scopes=False)
    inner = {id(p) for c in parts if isinstance(c, ast.comprehension) for p in below([c.target])}
    for part in parts:
        name = getattr(part, "asname", None) or getattr(part, NAMED.get(part.__class__, ""), None)
        if name and not isinstance(getattr(part, "ctx", None), ast.Load) and id(part) not in inner:
            yield name.partition(".")[0]


@lru_cache(maxsize=4096)
def read_in(node: Any, block: str = "") -> frozenset[str]:
    """The names that a node reads, or a block of a statement."""
    parts = (part for part in below(getattr(node, block) if block else [node]) if isinstance(part, ast.Name))
    return frozenset(part.id for part in parts if isinstance(part.ctx, ast.Load))


@lru_cache(maxsize=4096)
def local_names(function: Any) -> frozenset[str]:
    """The names of a function or lambda: those that it binds anywhere, whether or not it comes there."""
    code = [function.args, *(function.body if isinstance(function.body, list) else [function.body])]
    said = (part.names for part in below(code, scopes=False) if isinstance(part, (ast.Global, ast.Nonlocal)))
    return frozenset(binding(code)).difference(*said)


def stored(targets: Sequence[ast.expr]) -> tuple[set[str], set[str]]:
    """The names that an assignment binds, and those whose object it changes."""
    if all(target.__class__ is ast.Name for target in targets):
        return {target.id for target in targets}, set()  # type: ignore[attr-defined]
    parts = below(targets)
    bound = {p.id for p in parts if isinstance(p, ast.Name) and not isinstance(p.ctx, ast.Load)}
    inside = [p for p in parts if isinstance(p, (ast.Attribute, ast.Subscript)) and not isinstance(p.ctx, ast.Load)]
    return bound, {name for p in inside for name in chain(p)}


def chain(node: ast.expr) -> set[str]:
    """The names of an object that is changed: ``a``, ``b`` in ``a.b[i]``."""
    found = set()
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif not isinstance(node, (ast.Subscript, ast.Call)):
            return found | names([node])
        node = node.func if isinstance(node, ast.Call) else node.value
    return (found | {node.id}) - SELF


# --- of a document, and what is wrong with the cells that do not parse ------------------------------------------

KEPT = 256  # files of which is kept what follows from their text alone: more than one evaluation reads
NESTED = 1_000  # Python frames' worth of nesting, wherever a file is imported: else it would parse here and not there


@lru_cache(maxsize=KEPT)
def parsed(document: Document) -> tuple[list[tuple[Source, list[ast.stmt]]], list[Unresolved]]:
    """The statements of each cell, and what is wrong with the first that does not parse: then a file has none."""
    found: list[tuple[Source, list[ast.stmt]]] = []
    problems: list[Unresolved] = []
    for cell in document.cells:
        try:
            body = _statements(cell.code)
        except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
            problems.append(_problem(document, cell.index, error))
            if cell.index is None:
                return [], problems
            body = _unread(cell.code)
        found.append((Source(document, cell.index), body))
    if len(problems) > 1:  # most often one reason, such as another Python: one finding
        more = f"{problems[0].reason}; {len(problems)} of {len(document.cells)} code cells do not parse"
        problems = [replace(problems[0], reason=more)]
    return found, problems


def _statements(code: str) -> list[ast.stmt]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(min(limit, NESTED + sum(1 for _ in walk_stack(None))))
    try:
        return ast.parse(code).body
    finally:
        sys.setrecursionlimit(limit)


NAME = re.compile(r"(?<![.\w])[^\W\d]\w*")
BOUND = re.compile(r"^\s*([^\W\d]\w*)\s*[-+*/]?=(?!=)|\b(?:import|as|def|class|for|,)\s+([^\W\d]\w*)", re.M)


def _unread(code: str) -> list[ast.stmt]:
    """Stands for a cell that does not parse: its names go to something unknown, and so is each name that it binds."""
    text = without_literals(code)
    names = [n for n in dict.fromkeys(NAME.findall(text)) if n.isidentifier() and not keyword.iskeyword(n)]
    bound = {m[i]: m.span(i) for m in reversed([*BOUND.finditer(text)]) if m[i := m.lastindex or 0] in names}
    calls = [f"a_cell_that_does_not_parse({', '.join(names)})", *(f"{n} = a_cell_that_does_not_parse()" for n in bound)]
    body = ast.parse("\n".join(calls)).body
    for statement, (start, end) in zip(body, [(0, len(code.partition("\n")[0])), *bound.values()], strict=True):
        line, first = code.count("\n", 0, start) + 1, code.rfind("\n", 0, start) + 1
        columns = len(code[first:start].encode()), len(code[first:end].encode())
        for node in ast.walk(statement):
            if isinstance(node, (ast.stmt, ast.expr)):
                node.lineno, node.end_lineno, (node.col_offset, node.end_col_offset) = line, line, columns
    return body


PYTHON_2 = re.compile(r"^\s*(print\s+[^(=\s]|print\s*$|exec\s+[^(=\s]|raise\s+\w+\s*,|except\s+[\w.]+\s*,)", re.M)
# What a later Python took in: type aliases and parameters, template strings.
NEWER = re.compile(r"^\s*(type\s+\w+\s*[=\[]|(def|class)\s+\w+\s*\[)|\b[tT][rR]?['\"]|\b[rR][tT]['\"]")


def _problem(document: Document, cell: int | None, error: Exception) -> Unresolved:
    if not isinstance(error, SyntaxError):
        deep = not isinstance(error, ValueError)
        reason = "the code is nested too deeply to be parsed" if deep else f"it cannot be parsed: {error}"
        return Unresolved(Span(document.path, cell, 0, 0), 1, reason)
    lines = document.lines(cell)
    line = min(max(error.lineno or 1, 1), lines.count)
    offset = lines.offset(line, error.offset or 1)
    message = error.msg or "it does not parse"
    if PYTHON_2.search(without_literals(document.cell(cell).code)) or "Missing parentheses" in message:
        message += " (Python 2?)"
    elif "f-string" in message or NEWER.search(lines.line(line)):
        message += f" (or newer than Python {sys.version_info[0]}.{sys.version_info[1]}?)"
    return Unresolved(Span(document.path, cell, offset, offset), line, message)


LITERAL = re.compile(STRING + r"|#[^\n]*", re.S)


def without_literals(code: str) -> str:
    """The code with comments and strings blanked out, but for f-strings."""
    return LITERAL.sub(_blank, code) if '"' in code or "'" in code or "#" in code else code


def _blank(found: re.Match[str]) -> str:
    text, before = found.group(), found.string[max(0, found.start() - 2) : found.start()].lower()
    if text[0] != "#" and (before[-1:] == "f" or before in ("fr", "rf")):
        return text
    return re.sub(r"[^\r\n]", " ", text) if "\n" in text else " " * len(text)
