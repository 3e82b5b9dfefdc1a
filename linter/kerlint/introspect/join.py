"""What the runs showed beside what the source says: one evaluation, merged per place like any other contexts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from kerlint.graph.facts import Context, Evaluation, Fact
from kerlint.graph.graph import Trace
from kerlint.graph.layer import Layer
from kerlint.introspect.client import Outcome
from kerlint.introspect.places import Places
from kerlint.introspect.read import Reader, documents
from kerlint.text.document import Document

Join = Callable[[Document, Evaluation], Evaluation]


def joining(outcomes: Sequence[Outcome], *, only: bool, seen: Callable[[Reader], None] = lambda _: None) -> Join:
    """Adds to an evaluation what the runs made in that document.

    With ``only``, nothing else is reported; what the source says still decides whether a fix is right for all
    callers. An edited document is no longer the one that was run: it is what its source says. ``seen`` is told
    of every reading of an outcome.
    """
    texts: dict[str, str] = {}

    def join(document: Document, evaluation: Evaluation) -> Evaluation:
        text = "".join(cell.source for cell in document.cells)
        if texts.setdefault(document.path, text) != text:
            return evaluation
        here = os.path.realpath(document.path)
        mine = [o for o in outcomes if here in map(os.path.realpath, documents(o))]
        readers = [Reader(outcome, Places(document)) for outcome in mine]
        real = [reader.context() for reader in readers]
        for reader in readers:
            seen(reader)
        if not only:
            return replace(evaluation, contexts=(*evaluation.contexts, *real))
        known = [_with_held(context, evaluation.contexts) for context in real]
        asides = [replace(c, generic=True) for c in evaluation.contexts]
        return replace(evaluation, contexts=(*known, _spelling(evaluation.contexts, known), *asides), unresolved=())

    return join


def _made_at(layers: Iterable[object]) -> set[object]:
    return {layer.made_at for layer in layers if isinstance(layer, Layer)}


def _with_held(real: Context, static: Sequence[Context]) -> Context:
    """The run's layers that the source reads again after building them, or hands to code it does not know."""
    held = _made_at(thing for c in static for thing in (*c.trace.held, *c.trace.escaped))
    layers = frozenset(n.layer for n in real.trace.nodes if n.layer.made_at in held)
    object.__setattr__(real.trace, "held", layers)
    return real


def _spelling(static: Sequence[Context], real: Sequence[Context]) -> Context:
    """What the source says about the text of calls that the run made."""
    made = _made_at(n.layer for c in real for n in c.trace.nodes)
    facts: dict[tuple[str, object], Fact] = {}
    for fact in (f for c in static if not c.generic for f in c.facts):
        layer = fact.data.get("layer")
        if isinstance(layer, Layer) and layer.made_at in made:
            facts.setdefault((fact.kind, fact.span), fact)
    return Context("<source>", (), tuple(facts.values()), Trace())
