"""A document's syntax trees, and what is wrong with the cells that do not parse."""

from __future__ import annotations

import ast
import keyword
import re
import sys
from dataclasses import replace
from functools import lru_cache
from traceback import walk_stack

from kerlint.evaluate.names import Source
from kerlint.graph.graph import Unresolved
from kerlint.text.document import Document
from kerlint.text.magics import STRING
from kerlint.text.span import Span

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
