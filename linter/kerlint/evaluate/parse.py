"""A document's syntax trees, or what is wrong with the first cell that does not parse."""

from __future__ import annotations

import ast
import re
import sys

from kerlint.evaluate.names import Source
from kerlint.graph.graph import Unresolved
from kerlint.text.document import Document
from kerlint.text.span import Span


def parsed(document: Document) -> tuple[list[tuple[Source, list[ast.stmt]]], list[Unresolved]]:
    """The statements of each cell, or what is wrong with the first that does not parse."""
    found: list[tuple[Source, list[ast.stmt]]] = []
    for cell in document.cells:
        try:
            found.append((Source(document, cell.index), ast.parse(cell.code).body))
        except SyntaxError as error:
            return [], [_problem(document, cell.index, error)]
        except (RecursionError, MemoryError):
            span = Span(document.path, cell.index, 0, 0)
            return [], [Unresolved(span, 1, "the code is nested too deeply to be parsed")]
        except ValueError as error:
            return [], [Unresolved(Span(document.path, cell.index, 0, 0), 1, f"it cannot be parsed: {error}")]
    return found, []


PYTHON_2 = re.compile(r"^\s*(print\s+[^(=\s]|print\s*$|exec\s+[^(=\s]|raise\s+\w+\s*,|except\s+[\w.]+\s*,)", re.M)


def _problem(document: Document, cell: int | None, error: SyntaxError) -> Unresolved:
    lines = document.lines(cell)
    line = min(max(error.lineno or 1, 1), lines.count)
    offset = lines.offset(line, error.offset or 1)
    message = error.msg or "it does not parse"
    if PYTHON_2.search(lines.line(line)) or "Missing parentheses" in message:
        message += " (Python 2?)"
    elif "expected" not in message and sys.version_info < (3, 13):
        message += (
            f" (or newer than Python {sys.version_info[0]}.{sys.version_info[1]}?)"
            if "invalid syntax" in message
            else ""
        )
    return Unresolved(Span(document.path, cell, offset, offset), line, message)


LITERAL = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""'''
    r"|'''(?:[^\\]|\\.)*?'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'|#[^\n]*",
    re.S,
)


def without_literals(code: str) -> str:
    """The code with comments and strings blanked out, but for f-strings."""
    return LITERAL.sub(_blank, code) if '"' in code or "'" in code or "#" in code else code


def _blank(found: re.Match[str]) -> str:
    text, before = found.group(), found.string[max(0, found.start() - 2) : found.start()].lower()
    if text[0] != "#" and (before[-1:] == "f" or before in ("fr", "rf")):
        return text
    return re.sub(r"[^\r\n]", " ", text) if "\n" in text else " " * len(text)
