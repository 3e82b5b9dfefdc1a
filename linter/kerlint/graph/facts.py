"""What an evaluation says of a document: contexts, each with its models, its facts and its trace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kerlint.graph.graph import Model, Node, Trace, Unresolved


@dataclass(frozen=True, eq=False)
class Fact:
    """Something the evaluator had to translate, or that Keras would refuse or ignore; rules subscribe to ``kind``.

    Kinds: ``ignored-argument``, ``ignored-otherwise`` (in the other data format), ``used-argument``, ``old-argument``,
    ``moved-import``, ``removed-layer``, ``in-no-model``, ``refused``, ``relies-on-structure``.
    """

    kind: str
    span: Any  # what is reported
    nodes: tuple[Node, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    program: object = None  # the outermost function that runs, else the cell: what Keras refuses ends that


# Facts about graphs rather than spelling. Under an assumption they may speak of a call that nobody can make.
ABOUT_GRAPHS = frozenset({"in-no-model", "refused"})
# Facts about what a layer is, or is given: like a place of the graph, they are asked about in every context.
ABOUT_LAYERS = frozenset({"removed-layer", "ignored-argument"})
MODULE = "<module>"  # the root that a document is by itself


@dataclass(frozen=True, eq=False)
class Context:
    """One run: a root evaluated under assumptions.

    ``generic`` marks a run of a function with all its parameters unknown (no defaults, no caller): it
    reports nothing, but what does not hold there belongs to the callers, and a fix at that line is not safe.
    """

    root: str  # MODULE or the function's qualified name
    models: tuple[Model, ...]
    facts: tuple[Fact, ...]
    trace: Trace
    assumptions: tuple[str, ...] = ()  # "use_bn is true"
    generic: bool = False
    foreign: bool = False  # of another file that uses this one, or where channels stand on the other side
    real: bool = False  # not evaluated: introspected, from a run of the program
    raised: bool = False  # perhaps under assumptions that are not so
    chosen: bool = False  # something is assumed to be one word, of whoever knows which
    classes: tuple[str, ...] = ()  # of the object whose method the root is: its class, then those that has it from
    method: object = None  # that method
    called: Collection[object] = ()  # what the run called: such methods

    @cached_property
    def unbuilt(self) -> frozenset[Node]:
        """What is part of models that Keras refuses to build: nothing is said of it but that."""
        graphs = (model.graph.nodes for model in self.models)
        return frozenset(node for own in graphs if any(n.refused for n in own) for node in own)


def outgrown(holding: Sequence[Context], reaching: Iterable[Context]) -> bool:
    """Whether something holds only for objects that nobody makes, of a class of which others are derived, and for none
    of these that come there by the same method: what the class has by default, each of them has otherwise.
    """
    if not holding or not all(context.classes for context in holding):
        return False
    heirs = [c for c in reaching if c not in holding]
    return all(any(h.classes[0] in c.classes[1:] and h.method in c.called for c in heirs) for h in holding)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Everything one document says. ``decisions`` is (explored, met): undecided conditions replayed."""

    contexts: tuple[Context, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    problems: tuple[Unresolved, ...] = ()  # the document does not parse
    decisions: tuple[int, int] = (0, 0)
    shared: tuple[Any, ...] = ()  # Spans of functions whose callers decide something: they have generic contexts
    evidence: int = 3  # the major version of Keras that the document's words speak, the oldest they allow
    target: int | None = None  # the one it is meant for: configured, or because of what only Keras 3 has
    vetting: Callable[[], tuple[Context, ...]] | None = None  # makes the generic contexts, where they are not yet made
    doubts: tuple[str, ...] = ()  # why no fix is safe
    shown: Sequence[dict[str, Any]] = ()  # what each run shows of the shapes of inputs: the evaluator's own
    overridden: frozenset[str] = frozenset()  # expressions whose values other files set

    def vetted(self) -> Evaluation:
        """The same with the generic contexts: only who has found something needs to know for whom it holds."""
        if self.vetting is None:
            return self
        return replace(self, contexts=(*self.contexts, *self.vetting()), vetting=None)

    @property
    def static(self) -> Evaluation:
        """What the source alone says."""
        return replace(self, contexts=tuple(c for c in self.contexts if not c.real))

    @property
    def models(self) -> tuple[Model, ...]:
        """Every model of the contexts that are reported, in source order of evaluation."""
        return tuple(m for c in self.contexts if not c.generic for m in c.models)


def by_default(holding: Sequence[Context], evaluation: Evaluation) -> bool:
    """Whether something holds for nothing but functions as nobody calls them, and other files call each of them."""
    called = frozenset[object]().union(*(c.called for c in evaluation.contexts if c.foreign))
    return all(not context.foreign and context.method in called for context in holding)


def taken_elsewhere(evaluation: Evaluation) -> set[object]:
    """The places of calls that Keras takes in each run of another file that comes there."""
    nodes = [node for context in evaluation.contexts if context.foreign for node in context.trace.nodes]
    return {node.applied_at for node in nodes} - {node.applied_at for node in nodes if node.refused is not None}
