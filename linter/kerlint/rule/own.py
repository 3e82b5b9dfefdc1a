"""kerlint's own two rules, on facts that the engine records: what cannot be read, and idle ignores."""

from __future__ import annotations

from kerlint.graph.answer import Note, Respelling
from kerlint.graph.facts import Fact
from kerlint.rule.match import fact
from kerlint.rule.rule import Equivalence, Severity, rule


@rule("KER000", "parse-error", on=fact("parse-error"), severity=Severity.ERROR, message="{message}")
def parse_error(fact: Fact) -> Note:
    """The file, or a cell of a notebook, cannot be read or parsed, so nothing in it is checked.

    ## Why is this bad?
    A file that Python cannot read runs nowhere, and kerlint can say nothing about its models. Of a notebook the
    other cells are read; what the broken one is about is not known behind it, and nothing is fixed.

    ## Example
    ```python
    model = Sequential([Dense(8)
    ```
    Use instead:
    ```python
    model = Sequential([Dense(8)])
    ```

    ## When it stays silent
    Notebook magics and shell lines are understood and are no error.

    ## Fix safety
    There is no fix.
    """
    return Note(fact.nodes)


@rule(
    "KER001", "unused-ignore", on=fact("unused-ignore"), equivalence=Equivalence.IDENTICAL,
    message="this ignore suppresses nothing: {comment}",
)  # fmt: skip
def unused_ignore(fact: Fact) -> Respelling:
    """A comment tells kerlint to ignore a finding that is not there.

    ## Why is this bad?
    It hides the next finding on this line, which nobody has looked at.

    ## Example
    ```python
    x = Dense(8)(x)  # kerlint: ignore[KER101]
    ```
    Use instead:
    ```python
    x = Dense(8)(x)
    ```

    ## When it stays silent
    A rule that the run does not select is not counted as unused (what no rule is called always is), nor is
    a comment without rules where the command line selects only some of the configured ones. What does not
    parse is not judged.

    ## Fix safety
    Only the comment goes.
    """
    return Respelling(((fact.span, ""),), "Remove the comment")


OWN = (parse_error, unused_ignore)
