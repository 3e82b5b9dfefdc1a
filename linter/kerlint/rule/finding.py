"""What is reported: Finding and its Impact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from kerlint.graph import count
from kerlint.graph.answer import Alternative, Answer, Note, Respelling, Rewrite, apply_all
from kerlint.graph.dim import Dim
from kerlint.graph.graph import Graph, Model, Node
from kerlint.graph.rebuild import rebuild
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


def impact_of(
    answer: Answer | None, nodes: tuple[Node, ...], model: Model | None, together: Sequence[Rewrite | Alternative] = ()
) -> Impact:
    """The counts that an answer changes; unknown ones are None. ``together`` is all that happens to the model."""
    graph = model.graph if model else None
    total = total_of(graph)
    if isinstance(answer, (Rewrite, Alternative)):
        before, after = counts_of(answer.old), counts_of(answer.new_nodes)
        params, macs = (Change(b, a) for b, a in zip(before, after, strict=True))
        return Impact(params, macs, Change(total, _total_after(answer, graph, together, total)))
    now = (*(counts_of(nodes) if nodes else (None, None)), total)
    return Impact(*(Change(n, n if isinstance(answer, Respelling) else None) for n in now))


def _total_after(
    answer: Rewrite | Alternative, graph: Graph | None, together: Sequence[Rewrite | Alternative], total: Dim | None
) -> Dim | None:
    """The parameters of the model with what is new in it."""
    if graph is None:
        return None
    answers = together or [answer]
    goes = [_goes(one) for one in answers]
    if total is not None and None not in goes:
        more = (
            count.all_params(a.new_nodes) - count.all_params(old or ()) for a, old in zip(answers, goes, strict=True)
        )
        return count.known(lambda: sum(more, total))
    if isinstance(answer, Rewrite):
        return total_of(apply_all(graph, [one for one in answers if isinstance(one, Rewrite)]))
    return total_of(rebuild(graph, {one.old[-1].output: one.new for one in answers}))


def _goes(answer: Rewrite | Alternative) -> list[Node] | None:
    """The nodes that are no longer in the model; None if others go with them, or what is behind may notice."""
    own, read = {*answer.old, *answer.new_nodes}, {answer.new: None}
    for tensor in (queue := [answer.new]):  # grows meanwhile
        found = tensor.node.reads if tensor.node is not None and tensor.node in own else ()
        queue += [t for t in found if t not in read]
        read.update(dict.fromkeys(found))
    stays = {tensor.node for tensor in read}
    entering = {t for node in answer.old for t in node.reads if t.node not in own}
    if not entering <= read.keys() or answer.new.shape != answer.old[-1].output.shape:
        return None
    return [node for node in answer.old if node not in stays]


def counts_of(nodes: tuple[Node, ...]) -> tuple[Dim | None, Dim | None]:
    """Parameters and multiply-accumulates of some layers."""
    return count.known(lambda: count.all_params(nodes)), count.all_macs(nodes)


@lru_cache(maxsize=64)  # for every finding in it
def total_of(graph: Graph | None) -> Dim | None:
    """Parameters of a model, where there is one and they are known."""
    return None if graph is None else count.known(lambda: count.parameters(graph))
