"""What other files of the project make of a document: of the functions that they call, of what they set for these."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache

from kerlint.evaluate.evidence import set_by
from kerlint.evaluate.run import evaluate
from kerlint.graph.facts import ABOUT_GRAPHS, MODULE, Context, Evaluation
from kerlint.merge import Options
from kerlint.text.document import Document

evaluated = lru_cache(maxsize=128)(evaluate)  # a document by itself, and for those that it imports


def with_callers(document: Document, evaluation: Evaluation, options: Options) -> Evaluation:
    """Also what other files of the project make of the functions here: whoever checks this file sees the same."""
    open_ends = evaluation.shared or any(c.root != MODULE for c in evaluation.contexts)  # functions that nobody calls
    trained = open_ends or any(m.graph.compile is None for m in evaluation.models)  # or models that others may train
    if options.callers is None or options.load is None or options.real or not trained:
        return evaluation
    load, name = options.load, os.path.basename(document.path).partition(".")[0]
    same = load("." if name == "__init__" else f".{name}", document.path)  # as it is where callers find it
    edited = same is None or [c.source for c in same.cells] != [c.source for c in document.cells]

    def loaded(dotted: str, importer: str) -> Document | None:
        found = load(dotted, importer)
        return document if found is not None and found.path == document.path else found

    more: list[Context] = []
    callers = tuple(options.callers(document))
    known = [c for c in callers if not isinstance(c, str)]
    given = {"load": loaded if edited else load, "keras": options.keras, "data_format": options.data_format}
    for caller in known:
        other = evaluated(caller, evidence=evaluation.evidence, **given)
        found, (explored, met) = other.contexts, other.decisions
        there = [c for c in found if any(getattr(n.layer.made_at, "path", "") == document.path for n in c.trace.nodes)]
        kept = (c for c in found if (there or explored < met) and (c in there or not c.trace.nodes))  # perhaps it comes
        more += [replace(c, root=f"{caller.path} {c.root}", foreign=True) for c in kept]  # no root of this file
    plain = [replace(c, facts=tuple(f for f in c.facts if f.kind not in ABOUT_GRAPHS)) for c in more]
    called = {None}.union(*(c.called for c in more))
    open_own, text = any(c.method not in called for c in evaluation.contexts), document.source.replace('"', "'")
    if overridden := frozenset(s for c in known if open_own for s in set_by(c) if s in text):
        given["load"] = load
        evaluation = evaluated(document, evidence=evaluation.evidence, overridden=overridden, **given)
    doubts = tuple(c for c in callers if isinstance(c, str) and open_ends)
    return replace(evaluation, contexts=(*evaluation.contexts, *plain), doubts=doubts)
