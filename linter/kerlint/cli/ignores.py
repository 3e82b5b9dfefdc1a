"""``--add-ignore``: every finding silenced by a comment on its line."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from kerlint.engine import ignored
from kerlint.rule.finding import Finding
from kerlint.text.document import Document
from kerlint.text.edit import Edit
from kerlint.text.span import Span
from kerlint.text.suppress import Suppressions


def added(document: Document, findings: Sequence[Finding]) -> tuple[Document, int]:
    """The document with comments, and how many findings they silence.

    A finding is covered by a comment on its first line or on its last: one of them may end inside a string
    or with a backslash, where a comment would be text or an error.
    """
    number = 0
    by_code = sorted(findings, key=lambda f: f.rule.code)
    # From the end: a comment moves nothing that is above it.
    for finding in sorted(by_code, key=lambda f: f.span, reverse=True):
        if finding.rule.code in ("KER000", "KER001"):
            continue
        if ignored(finding, document, Suppressions.of(document)):  # by the comment of another finding
            number += 1
            continue
        for candidate in _candidates(document, finding):
            same = _same_program(document, candidate, finding.span.cell)
            if same and ignored(finding, candidate, Suppressions.of(candidate)):
                document, number = candidate, number + 1
                break
    return document, number


def _candidates(document: Document, finding: Finding) -> Iterator[Document]:
    lines = document.lines(finding.span.cell)
    first, last = lines.position(finding.span.start)[0], lines.position(finding.span.end)[0]
    name = finding.rule.code
    for number in dict.fromkeys((first, last)):
        text = lines.line(number)
        start = lines.offset(number, 1)
        for at, comment in _comments(text, name):
            place = start + at
            span = Span(document.path, finding.span.cell, place, place)
            yield document.edited([Edit(span, comment)])


def _comments(text: str, code: str) -> Iterator[tuple[int, str]]:
    """Where in a line to write what: into the list of an ignore that is there, else at the end."""
    marker = text.rfind("# kerlint: ignore[")
    if marker >= 0 and (close := text.find("]", marker)) >= 0:
        yield close, f", {code}"
    end = len(text.rstrip())
    yield end, f"  # kerlint: ignore[{code}]"


def _same_program(before: Document, after: Document, cell: int | None) -> bool:
    try:
        return ast.dump(ast.parse(before.cell(cell).code)) == ast.dump(ast.parse(after.cell(cell).code))
    except (SyntaxError, ValueError, RecursionError):
        return False
