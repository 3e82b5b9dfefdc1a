"""Arguments that go, with the comma that belongs to them."""

from __future__ import annotations

import ast

from kerlint.fix.statement import without_one
from kerlint.fix.syntax import Syntax, syntax
from kerlint.text.document import Document
from kerlint.text.span import Span


def without_argument(document: Document, span: Span) -> Span:
    """What has to go with an argument of a call; the span itself if it is none."""
    code = syntax(document, span.cell)
    call = _call_of(code, span)
    if call is None:
        return span
    extents = sorted(code.extent(part) for part in (*call.args, *call.keywords))
    return Span(span.path, span.cell, *without_one(code, extents, extents.index((span.start, span.end))))


def _call_of(code: Syntax, span: Span) -> ast.Call | None:
    for node, parent in code.parents.items():
        if isinstance(node, ast.keyword) and isinstance(parent, ast.Call):
            if code.extent(node) == (span.start, span.end):
                return parent
    return None
