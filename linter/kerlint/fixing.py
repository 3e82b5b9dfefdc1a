"""Fixes applied to the fixpoint; after each pass the new text is evaluated and must give the promised graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from kerlint.edits import distinct
from kerlint.engine import check
from kerlint.evaluate.run import evaluate
from kerlint.graph.answer import Rewrite
from kerlint.graph.facts import Context, Evaluation
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import Silent, Unknown
from kerlint.graph.rebuild import canonical, difference, topological
from kerlint.graph.weight import Untyped
from kerlint.merge import Options
from kerlint.nesting import with_rewrites
from kerlint.outcome import Checked, Report
from kerlint.prove.proof import LEVELS, PROVED, REFUTED, UNPROVABLE, Proof
from kerlint.prove.whole import wholes
from kerlint.rule.rule import Rule
from kerlint.text.document import Document
from kerlint.text.edit import Applicability, select

Prove: TypeAlias = Callable[[Rewrite, str, Graph | None], Proof]

WHOLE = ("load_weights", "set_weights", "get_weights", "load_model", "restore")  # pick nothing
SPENT = "(the evaluation ran out of its budget)"  # what differs then says nothing about the edit
PASSES = 10  # more than any chain of fixes that feed each other; a bound against two rules that disagree


@dataclass(frozen=True)
class Policy:
    """Which fixes are applied. ``prove`` None: unproved (``--no-prove``)."""

    unsafe: bool = False
    prove: Prove | None = None
    required: bool = False  # prove = "require": without a Keras nothing is applied


def prove_all(report: Report, prove: Prove, wanted: Callable[[Checked], bool] = bool) -> Report:
    """The report with the proof of every fix that is a rewrite, and of what those do together that are wanted."""
    checked = [with_proof(c, prove) for c in report.checked]
    proved = [c for c in checked if c.proof and c.proof.proved and wanted(c)]
    now = {id(c.fix): c for c in together(_apart(proved), prove)}
    return replace(report, checked=tuple(now.get(id(c.fix), c) for c in checked))


def with_proof(checked: Checked, prove: Prove) -> Checked:
    """The finding with the proof of its fix: of all its contexts, the one that says least for it."""
    rewrites = [(a, graph) for a, graph in distinct(checked.finding, sizes=True) if isinstance(a, Rewrite)]
    if checked.fix is None or not rewrites or checked.finding.rule.equivalence is None:
        return checked
    shaped = [pair for pair in rewrites if not isinstance(pair[0].new.shape, Unknown)]  # what keeps any keeps these
    proofs = [prove(rewrite, checked.finding.rule.equivalence.value, graph) for rewrite, graph in shaped or rewrites]
    return _lowered(replace(checked, proof=min(proofs, key=lambda p: (p.proved, p.starts is None))))


def _lowered(checked: Checked) -> Checked:
    """A fix after which a fresh run is another one is not safe. One that is in spite of reasons is so by request."""
    fix, why = checked.fix, checked.proof.starts if checked.proof else None
    if fix is None or why is None or fix.applicability is not Applicability.SAFE or fix.reasons:
        return checked
    unsafe = replace(checked.finding, applicability=Applicability.UNSAFE, no_fix=(why,))
    return replace(checked, finding=unsafe, fix=replace(fix, applicability=Applicability.UNSAFE, reasons=(why,)))


def together(taken: Sequence[Checked], prove: Prove) -> list[Checked]:
    """Fixes made at once: what a model that they change in several places says as a whole goes into their proofs."""
    places: dict[Graph, list[tuple[Rewrite, str]]] = {}
    for checked in taken:
        for answer, graph in checked.finding.agreeing:
            level, others = checked.finding.rule.equivalence, places.setdefault(graph, [])
            if isinstance(answer, Rewrite) and level and all(set(answer.old).isdisjoint(r.old) for r, _ in others):
                others.append((answer, level.value))
    said = {graph: _whole(graph, changes, prove) for graph, changes in places.items() if len(changes) > 1}
    return [_with_wholes(c, [p for _, g in c.finding.agreeing if (p := said.get(g))]) for c in taken]


def _whole(graph: Graph, changes: Sequence[tuple[Rewrite, str]], prove: Prove) -> Proof | None:
    """The model before and after all changes, at the weakest of their levels; None for what is no model."""
    level = max((level for _, level in changes), key=LEVELS.index)
    try:
        proofs = [prove(whole, level, None) for whole in wholes(graph, [rewrite for rewrite, _ in changes])]
    except (Silent, Untyped) as error:
        proofs = [Proof(UNPROVABLE, reason=str(error))]
    if not proofs:
        return None
    first = next((p for p in proofs if not p.proved), proofs[0])
    said = {PROVED: "agrees", REFUTED: "does not agree"}.get(first.status, "is not compared")
    reason = f": {first.reason}" if first.reason else ""
    return replace(first, reason=f"the whole model, changed in {len(changes)} places, {said}{reason}")


def _with_wholes(checked: Checked, wholes: Sequence[Proof]) -> Checked:
    """The fix with what whole models say: that it holds, that nobody knows, or that one is another function."""
    wrong = next((p for p in wholes if p.status == REFUTED), checked.proof)
    reasons = dict.fromkeys(p.reason for p in (wrong, *wholes) if p and p.reason)
    return replace(checked, proof=wrong and replace(wrong, reason="; ".join(map(str, reasons)) or None))


def fix(document: Document, rules: Sequence[Rule], options: Options, policy: Policy) -> Report:
    """The document with all fixes applied that the policy allows, and what is left of findings."""
    failures: list[str] = []
    applied: list[Checked] = []
    notes: list[str] = []
    barred: set[str] = set()  # rules whose edit did not give what they promised
    report = check(document, rules, options)

    def allowed(checked: Checked) -> bool:
        return checked.finding.rule.name not in barred and _applies(checked, policy)

    for _ in range(PASSES):
        if policy.prove is not None:
            report = prove_all(report, policy.prove, allowed)
        if not (taken := _selected([*filter(allowed, report.checked)])):
            break
        edited, kept, broken = _verified(document, report.evaluation, taken, options)
        for checked, why in broken:
            excuse = _excuse(report.evaluation, why)
            if excuse is None:
                failures.append(f"{checked.finding.rule.at}: {why}")
            else:
                notes.append(f"{checked.finding.rule.code} {checked.finding.rule.name} is not fixed: {excuse}")
        barred.update(c.finding.rule.name for c, _ in broken)
        if kept:
            applied += kept
            document = edited
            report = check(document, rules, options)
    report = replace(report, failures=(*report.failures, *failures), notes=tuple(dict.fromkeys(notes)))
    unproved = sum(c.proof is not None and c.proof.status == "not-run" for c in applied)
    return replace(report, fixed=len(applied), unproved=unproved, applied=tuple(applied))


def _excuse(evaluation: Evaluation, why: str) -> str | None:
    """Why a promise that was not kept is no fault of the rule; None if it is one."""
    if why.endswith(SPENT):
        return "the file takes too long to evaluate, so it cannot be told whether the fix is right"
    run = [f for context in evaluation.contexts if context.trace.nodes for f in context.facts]
    relied = (f.data.get("what") for f in run if f.kind == "relies-on-structure")
    first = next((what for what in relied if what not in WHOLE), None)  # weights change no graph: they excuse nothing
    return None if first is None else f"the program picks layers by their place ({first})"


def _applies(checked: Checked, policy: Policy) -> bool:
    """Whether a fix may be applied: by its level, and by what its proof says."""
    if checked.fix is None:
        return False
    level = checked.fix.applicability
    if level is Applicability.DISPLAY or (level is Applicability.UNSAFE and not policy.unsafe):
        return False
    proof = checked.proof
    if proof is None or proof.status == "proved":
        return True
    missing = proof.status == "not-run" and proof.no_keras
    return missing and level is Applicability.SAFE and not policy.required


def _apart(wanted: Sequence[Checked]) -> list[Checked]:
    """Of fixes that meet in the graph, the first."""
    busy: set[Node] = set()
    found = []
    for checked in wanted:
        region = {node for a, _ in checked.finding.agreeing if isinstance(a, Rewrite) for node in a.old}
        if busy.isdisjoint(region):
            found.append(checked)
            busy |= region
    return found


def _selected(wanted: Sequence[Checked]) -> list[Checked]:
    """What goes together in one pass: of fixes that meet, in the graph or in the text, the first."""
    apart = _apart(wanted)
    taken, _later = select([c.fix for c in apart if c.fix is not None])
    chosen = {id(f) for f in taken}
    return [c for c in apart if id(c.fix) in chosen]


def _verified(
    document: Document, before: Evaluation, taken: Sequence[Checked], options: Options
) -> tuple[Document, list[Checked], list[tuple[Checked, str]]]:
    """The edited document with the fixes that keep their promise, and those that do not, with the difference.

    One that keeps it alone, but not with those before it, waits: in the next pass its rule sees what they left.
    """
    edited = _edited(document, taken)
    if broken_promise(edited, before, taken, options) is None:
        return edited, list(taken), []
    kept: list[Checked] = []
    broken: list[tuple[Checked, str]] = []
    for checked in taken:  # one of them is wrong, or they do not go together: add one by one
        why = broken_promise(_edited(document, [*kept, checked]), before, [*kept, checked], options)
        if why is None:
            kept.append(checked)
        elif not kept or broken_promise(_edited(document, [checked]), before, [checked], options) is not None:
            broken.append((checked, f"the edited source is not the promised graph, nothing was changed: {why}"))
    return _edited(document, kept), kept, broken


def _edited(document: Document, taken: Sequence[Checked]) -> Document:
    return document.edited(e for c in taken if c.fix is not None for e in c.fix.edits)


def broken_promise(edited: Document, before: Evaluation, taken: Sequence[Checked], options: Options) -> str | None:
    """None if the edited text evaluates to the promised graphs, else the first difference.

    It ends in ``SPENT`` where one of the two evaluations is not whole: then nothing is known.
    """
    before = before.static
    after = evaluate(  # an edit is judged in the reading that it was made in
        edited, load=options.load, keras=options.keras, data_format=options.data_format, evidence=before.evidence,
        shown=before.shown, overridden=before.overridden,
    ).vetted()  # fmt: skip
    if after.problems:
        return after.problems[0].reason
    why = _broken(before, after, taken)
    return f"{why} {SPENT}" if why and (before.unresolved or after.unresolved) else why


def _broken(before: Evaluation, after: Evaluation, taken: Sequence[Checked]) -> str | None:
    rewrites = [a for c in taken for a, _ in c.finding.agreeing if isinstance(a, Rewrite)]
    if len(after.contexts) != len(before.contexts):  # a condition decides nothing any more: fewer runs
        same = _models(before, rewrites) == _models(after, ())
        return None if same else f"{len(after.contexts)} contexts instead of {len(before.contexts)}"
    for old, new in zip(before.contexts, after.contexts, strict=True):
        if len(old.models) != len(new.models):
            return f"{len(new.models)} models instead of {len(old.models)}"
        expected = [with_rewrites(m.graph, rewrites) for m in old.models]
        pairs = [*zip(expected, (m.graph for m in new.models), strict=True)]
        for graph, result in [*pairs, (_loose(old, rewrites), _loose(new, ()))]:
            if (why := difference(graph, result)) is not None:
                return why
    return None


def _models(evaluation: Evaluation, rewrites: Sequence[Rewrite]) -> dict[str, set[str]]:
    """By root, the models that its runs can make, each once."""
    found: dict[str, set[str]] = {}
    for context in evaluation.contexts:
        graphs = [with_rewrites(m.graph, rewrites) for m in context.models]
        found.setdefault(context.root, set()).add(repr([canonical(g) for g in graphs]))
    return found


def _loose(context: Context, rewrites: Sequence[Rewrite]) -> Graph:
    """What a context made besides its models, with all that it hangs off, and with rewrites applied.

    An end that is gone leaves what a model has, or nothing.
    """
    owned = {node for model in context.models for node in model.graph.nodes}
    loose = [n for n in context.trace.nodes if n not in owned]
    ends = tuple(t for n in loose for t in n.outputs if not context.trace.consumers(t))
    graph = with_rewrites(Graph(topological(ends), (), ends, trace=context.trace), rewrites)
    return replace(graph, outputs=tuple(t for t in graph.outputs if t.node is not None and t.node not in owned))
