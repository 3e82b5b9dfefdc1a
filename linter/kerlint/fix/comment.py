"""What goes with a comment that is removed, or with one word of the list in it."""

from __future__ import annotations

import re

from kerlint.text.document import Document
from kerlint.text.span import Span

BLANKS = re.compile(r"[ \t]*")
COMMA = re.compile(r"[ \t]*,[ \t]*")
COMMA_BEFORE = re.compile(r"[ \t]*,[ \t]*\Z")
BREAK = re.compile(r"\r\n|\n|\r|\Z")


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
    if not BREAK.match(text, after.end()):  # more words, which still need their sign
        return Span(span.path, span.cell, start + 1, end)
    if before and not before.endswith(("\n", "\r")):
        return Span(span.path, span.cell, len(before), after.end())
    line_end = BREAK.match(text, after.end())
    assert line_end is not None
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
