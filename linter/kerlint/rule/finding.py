"""What is reported: Finding and its Impact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kerlint.graph.answer import Answer, Note
from kerlint.graph.dim import Dim
from kerlint.graph.graph import Graph, Model, Node
from kerlint.rule.rule import Rule
from kerlint.text.edit import Applicability


@dataclass(frozen=True)
class Change:
    """A count before and after; None where it is not known or, after, where nothing replaces it."""

    before: Dim | None
    after: Dim | None

    @property
    def delta(self) -> Dim | None:
        """The difference, where both are known."""
        return None if self.before is None or self.after is None else self.after - self.before


UNCOUNTED = Change(None, None)


@dataclass(frozen=True)
class Impact:
    """Parameters and multiply-accumulates (per example) of the region, parameters of the whole model."""

    params: Change = UNCOUNTED
    macs: Change = UNCOUNTED
    model_params: Change = UNCOUNTED


@dataclass(frozen=True, eq=False)
class Finding:
    """One rule at one place, over all contexts that reach the place."""

    rule: Rule
    span: Any  # Span
    message: str
    nodes: tuple[Node, ...]
    model: Model | None
    answer: Answer | None  # None: no replacement can be written
    impact: Impact
    dead: Dim
    no_fix: tuple[str, ...]  # why there is no fix, or a lowered one
    applicability: Applicability | None = None  # of the fix; None: there is none
    agreeing: tuple[tuple[Answer, Graph], ...] = ()  # of all contexts: they must ask for the same edit
    holds_in: int = 1  # of the contexts that reach the place
    contexts: int = 1
    assumptions: tuple[str, ...] = ()  # under which it holds, or its figures, if not always
    hint: str | None = None  # what the author may have meant

    def without_fix(self, reason: str) -> Finding:
        """The finding with one more reason why there is no fix; of a note there never is one."""
        note = isinstance(self.answer, Note)
        return self if note else replace(self, applicability=None, no_fix=(*self.no_fix, reason))
