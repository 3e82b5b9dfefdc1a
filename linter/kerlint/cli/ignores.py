"""``--add-ignore``: every finding silenced by a comment on its line."""

from __future__ import annotations

from collections.abc import Sequence

from kerlint.rule.finding import Finding
from kerlint.rule.ignore import SILENT, ignore, ignored
from kerlint.text.document import Document
from kerlint.text.suppress import Suppressions


def added(document: Document, findings: Sequence[Finding]) -> tuple[Document, int]:
    """The document with comments, and how many findings they silence."""
    number = 0
    by_code = sorted((f for f in findings if f.rule.code not in SILENT), key=lambda f: f.rule.code)
    # From the end: a comment moves nothing that is above it.
    for finding in sorted(by_code, key=lambda f: f.span, reverse=True):
        if ignored(finding, document, Suppressions.of(document)):  # by the comment of another finding
            number += 1
        elif (edit := ignore(document, finding, finding.rule.code)) is not None:
            document, number = document.edited([edit]), number + 1
    return document, number
