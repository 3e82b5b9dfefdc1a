"""The comment that silences one finding on its line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from kerlint.rule.finding import Finding
from kerlint.text.document import Document
from kerlint.text.edit import Edit
from kerlint.text.span import Span
from kerlint.text.suppress import Suppressions

LISTED = re.compile(r"#[ \t]*kerlint:[ \t]*ignore[ \t]*\[[^\]#]*(?=\])")
INDENT = re.compile(r"[ \t\f]*")


def ignore(document: Document, finding: Finding) -> Edit | None:
    """The edit that adds the comment; None where none can stand (in the middle of a string).

    Each way to write it is tried: the code must stay the same, and the comment must meet the finding.
    """
    for edit, below in _ways(document, finding):
        if _meets(document.edited([edit]), document, finding, below):
            return edit
    return None


def _ways(document: Document, finding: Finding) -> Iterator[tuple[Edit, int]]:
    """At the end of the first line, of the last, and above; with the lines that the finding goes down by."""
    span, name = finding.span, finding.rule.name
    lines = document.lines(span.cell)
    first, last = lines.position(span.start)[0], lines.position(span.end)[0]
    for number in dict.fromkeys((first, last)):
        text, start = lines.line(number), lines.offset(number, 1)
        listed = LISTED.search(text)
        if listed:
            end = start + len(listed.group().rstrip(" \t,")) + listed.start()
            comma = "" if listed.group().rstrip(" \t,").endswith("[") else ", "
            yield Edit(Span(span.path, span.cell, end, start + listed.end()), f"{comma}{name}"), 0
        else:
            at, end = start + len(text.rstrip()), start + len(text)
            yield Edit(Span(span.path, span.cell, at, end), f"  # kerlint: ignore[{name}]"), 0
    start = lines.offset(first, 1)
    indent = INDENT.match(lines.line(first))
    comment = f"{indent.group() if indent else ''}# kerlint: ignore[{name}]\n"
    yield Edit(Span(span.path, span.cell, start, start), comment), 1


def _meets(edited: Document, document: Document, finding: Finding, below: int) -> bool:
    cell = finding.span.cell
    lines = document.lines(cell)
    first, last = (lines.position(o)[0] + below for o in (finding.span.start, finding.span.end))
    if not Suppressions.of(edited).covers(first, last, cell, finding.rule.code, finding.rule.name):
        return False
    try:
        return ast.dump(ast.parse(edited.cell(cell).code)) == ast.dump(ast.parse(document.cell(cell).code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
