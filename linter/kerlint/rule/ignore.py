"""The comment that silences a finding on its line."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator, Sequence

from kerlint.rule.finding import Finding
from kerlint.rule.rule import Severity
from kerlint.text.document import Document
from kerlint.text.edit import Edit
from kerlint.text.span import Span
from kerlint.text.suppress import Suppressions

LISTED = re.compile(r"#[ \t]*kerlint:[ \t]*ignore[ \t]*\[[^\]#]*(?=\])")
INDENT = re.compile(r"[ \t\f]*")
SILENT = ("KER000", "KER001")  # a comment about these would be beside the point


def ignore(document: Document, finding: Finding, word: str) -> Edit | None:
    """The edit that adds the comment, which calls the rule by ``word``; None where none can stand.

    Each way to write it is tried: the code must stay the same (a line may end inside a string or with a
    backslash, where a comment would be text or an error), and the comment must meet the finding.
    """
    for edit, below in _ways(document, finding, word) if finding.rule.code not in SILENT else ():
        if _meets(document.edited([edit]), document, finding, below):
            return edit
    return None


def all_ignored(document: Document, findings: Sequence[Finding]) -> tuple[Document, int]:
    """The document with a comment for every finding, and how many of them that silences."""
    number = 0
    by_code = sorted((f for f in findings if f.rule.code not in SILENT), key=lambda f: f.rule.code)
    # From the end: a comment moves nothing that is above it.
    for finding in sorted(by_code, key=lambda f: f.span, reverse=True):
        if ignored(finding, document, Suppressions.of(document)):  # by the comment of another finding
            number += 1
        elif (edit := ignore(document, finding, finding.rule.code)) is not None:
            document, number = document.edited([edit]), number + 1
    return document, number


def _ways(document: Document, finding: Finding, word: str) -> Iterator[tuple[Edit, int]]:
    """At the end of the first line, of the last, and above; with the lines that the finding goes down by."""
    span = finding.span
    lines = document.lines(span.cell)
    first, last = lines.position(span.start)[0], lines.position(span.end)[0]
    for number in dict.fromkeys((first, last)):
        text, start = lines.line(number), lines.offset(number, 1)
        listed = LISTED.search(text)
        if listed:
            end = start + len(listed.group().rstrip(" \t,")) + listed.start()
            comma = "" if listed.group().rstrip(" \t,").endswith("[") else ", "
            yield Edit(Span(span.path, span.cell, end, start + listed.end()), f"{comma}{word}"), 0
        else:
            at, end = start + len(text.rstrip()), start + len(text)
            yield Edit(Span(span.path, span.cell, at, end), f"  # kerlint: ignore[{word}]"), 0
    start = lines.offset(first, 1)
    indent = INDENT.match(lines.line(first))
    comment = f"{indent.group() if indent else ''}# kerlint: ignore[{word}]\n"
    yield Edit(Span(span.path, span.cell, start, start), comment), 1


def ignored(finding: Finding, document: Document, ignores: Suppressions, below: int = 0) -> bool:
    """Whether a comment silences the finding, so many lines ``below`` where it stands in the document."""
    lines = document.lines(finding.span.cell)
    first, last = (lines.position(o)[0] + below for o in (finding.span.start, finding.span.end))
    return ignores.covers(first, last, finding.span.cell, finding.rule.code, finding.rule.name)


def of_a_test(finding: Finding, tests: Sequence[Span], selected: Container[str]) -> bool:
    """Whether it is about what a test builds, which is as the test needs it: what cannot be built or was renamed, and
    rules that somebody ``selected``, are not.
    """
    rule = finding.rule
    told = rule.severity is Severity.ERROR or rule.since or rule.code in SILENT or rule.name in selected
    return not told and any(finding.span.within(test) for test in tests)


def _meets(edited: Document, document: Document, finding: Finding, below: int) -> bool:
    if not ignored(finding, document, Suppressions.of(edited), below):
        return False
    cell = finding.span.cell
    try:
        return ast.dump(ast.parse(edited.cell(cell).code)) == ast.dump(ast.parse(document.cell(cell).code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
