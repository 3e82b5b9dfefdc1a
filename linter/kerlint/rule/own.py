"""kerlint's own two rules, on facts that the engine records: what cannot be read, and idle ignores."""

from __future__ import annotations

from pathlib import Path

from kerlint.graph.answer import Note, Respelling
from kerlint.graph.facts import Fact
from kerlint.rule.match import fact
from kerlint.rule.rule import Equivalence, Severity, rule


@rule("KER000", "parse-error", on=fact("parse-error"), severity=Severity.ERROR, message="{message}")
def parse_error(fact: Fact) -> Note:
    """The file, or a cell of a notebook, cannot be read or parsed, so nothing in it is checked."""
    return Note(fact.nodes)


@rule(
    "KER001", "unused-ignore", on=fact("unused-ignore"), equivalence=Equivalence.IDENTICAL,
    message="this ignore suppresses nothing: {comment}",
)  # fmt: skip
def unused_ignore(fact: Fact) -> Respelling:
    """A comment tells kerlint to ignore a finding that is not there."""
    return Respelling(((fact.span, ""),), "Remove the comment")


OWN = (parse_error, unused_ignore)
for own in OWN:  # the rest of their pages
    page = Path(__file__).with_name(f"{own.name}.md").read_text(encoding="utf-8")
    own.function.__doc__ = f"{own.function.__doc__}\n\n{page}"
