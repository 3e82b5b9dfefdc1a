"""What goes with what is removed: the comma of an argument, the blanks of a comment, its word of a list."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from kerlint.fix.statement import without_one, without_statement
from kerlint.fix.syntax import Syntax, syntax
from kerlint.text.document import Document
from kerlint.text.span import Span

BLANKS = re.compile(r"[ \t]*")
COMMA = re.compile(r"[ \t]*,[ \t]*")
COMMA_BEFORE = re.compile(r"[ \t]*,[ \t]*\Z")
BREAK = re.compile(r"\r\n|\n|\r|\Z")


def without_arguments(document: Document, spans: Sequence[Span]) -> list[Span]:
    """What has to go with arguments of calls and names of imports; a span itself if it is neither."""
    found: list[Span] = []
    groups: dict[tuple[int | None, tuple[tuple[int, int], ...]], list[Span]] = {}
    for span in spans:
        code = syntax(document, span.cell)
        parts = _siblings(code, span)
        extents = tuple(sorted(code.extent(part) for part in parts))
        if not parts:
            found.append(span)
        elif len(extents) == 1 and isinstance(parts[0], ast.alias):
            statement = without_statement(code, code.statement_of(parts[0]))
            found.append(Span(span.path, span.cell, *statement[:2]))
        else:
            groups.setdefault((span.cell, extents), []).append(span)
    for (cell, extents), gone in groups.items():
        code = syntax(document, cell)
        found += [Span(gone[0].path, cell, *without_one(code, *run)) for run in _runs(extents, gone)]
    return found


def _runs(extents: Sequence[tuple[int, int]], gone: Sequence[Span]) -> Iterator[tuple[list[tuple[int, int]], int]]:
    """Neighbours that go together, as one thing among the others."""
    bounds = {(s.start, s.end) for s in gone}
    for goes, group in groupby(range(len(extents)), lambda at: extents[at] in bounds):
        if goes:
            run = list(group)
            first, last = run[0], run[-1]
            yield [*extents[:first], (extents[first][0], extents[last][1]), *extents[last + 1 :]], first


def _siblings(code: Syntax, span: Span) -> list[ast.AST]:
    """The things between commas that the span is one of."""
    for node, parent in code.parents.items():
        if isinstance(parent, (ast.Call, ast.ImportFrom)) and node is not getattr(parent, "func", None):
            if code.extent(node) == (span.start, span.end):
                return [*parent.args, *parent.keywords] if isinstance(parent, ast.Call) else [*parent.names]
    return []


def without_comment(document: Document, span: Span) -> Span:
    """The span with the blanks, commas and the line that nobody wants to keep."""
    text = document.cell(span.cell).source
    start, end = span.start, span.end
    if not text.startswith("#", start):
        return _without_word(text, span)
    before = text[:start].rstrip(" \t")
    after = BLANKS.match(text, end)
    assert after is not None
    if text.startswith("#", after.end()):  # another comment, which stays
        return Span(span.path, span.cell, start, after.end())
    line_end = BREAK.match(text, after.end())
    if line_end is None:  # more words, which still need their sign
        return Span(span.path, span.cell, start + 1, end)
    if before and not before.endswith(("\n", "\r")):
        return Span(span.path, span.cell, len(before), after.end())
    return Span(span.path, span.cell, len(before), line_end.end())


def _without_word(text: str, span: Span) -> Span:
    """One code of ``[KER101, KER102]`` with a comma."""
    after = COMMA.match(text, span.end)
    if after is not None:
        return Span(span.path, span.cell, span.start, after.end())
    before = COMMA_BEFORE.search(text, 0, span.start)
    return Span(span.path, span.cell, before.start() if before else span.start, span.end)


def in_comment(document: Document, span: Span) -> bool:
    """Whether a span lies in a comment, as far as its line tells: ignore comments are no strings."""
    line = document.cell(span.cell).source[: span.end].rpartition("\n")[2]
    return bool(re.search(r"#\s*(kerlint|noqa)\b", line, re.IGNORECASE))
