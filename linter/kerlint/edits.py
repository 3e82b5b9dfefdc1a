"""A finding's fix: the same edit in every context, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kerlint.fix.fix import fix_of, respell
from kerlint.fix.imports import speller
from kerlint.fix.scope import Binding
from kerlint.fix.syntax import syntax
from kerlint.graph.answer import Answer, Respelling, Rewrite
from kerlint.graph.graph import Graph
from kerlint.graph.layer import NoFix
from kerlint.merge import Options
from kerlint.outcome import Checked
from kerlint.rule.finding import Finding
from kerlint.text.document import WORD, Document
from kerlint.text.edit import Applicability, Edit, Fix


def with_fix(document: Document, finding: Finding, options: Options) -> Checked:
    """The finding with the fix that all its contexts agree on."""
    try:
        fixes = [_fix(document, finding, answer, graph) for answer, graph in distinct(finding, sizes=False)]
    except NoFix as error:
        return Checked(finding.without_fix(error.reason))
    if any(fix.edits != fixes[0].edits for fix in fixes):
        return Checked(finding.without_fix("its contexts ask for different edits"))
    fix = _read_elsewhere(document, fixes[0], options)
    return Checked(replace(finding, applicability=fix.applicability, no_fix=fix.reasons), fix)


def distinct(finding: Finding, *, sizes: bool) -> list[tuple[Answer, Graph]]:
    """The answers of all contexts, those only once that ask for the same edit (``sizes``: and the same proof)."""
    found: dict[object, tuple[Answer, Graph]] = {}
    for answer, graph in finding.agreeing:
        found.setdefault(answer.key(sizes=sizes) if isinstance(answer, Rewrite) else answer, (answer, graph))
    return list(found.values())


def _read_elsewhere(document: Document, fix: Fix, options: Options) -> Fix:
    """The fix; not safe where a name goes with it that a file of the project which imports this one may read."""
    gone = _gone(document, fix)
    for other in options.callers(document) if gone and options.callers else ():
        if named := gone if isinstance(other, str) else gone & other.words:
            who = "another file" if isinstance(other, str) else other.path
            reasons = (*fix.reasons, f"{min(named)} would be gone: {who} may import it")
            return replace(fix, applicability=min(fix.applicability, Applicability.UNSAFE), reasons=reasons)
    return fix


def _gone(document: Document, fix: Fix) -> set[str]:
    """The names of the module that are its own, not what it imports, and go with a fix."""
    names = speller(document).names.module.names
    words = {word for edit in fix.edits for word in WORD.findall(document.text(edit.span))}
    own = {name: [b for b in names[name] if b.alias is None] for name in words & names.keys()}
    gone = {name for name, bound in own.items() if bound and all(_within(document, b, fix.edits) for b in bound)}
    left = speller(document.edited(fix.edits)).names.module.names if gone else {}  # what stands there may bind it
    return {name for name in gone if all(binding.alias is not None for binding in left.get(name, ()))}


def _within(document: Document, binding: Binding, edits: Sequence[Edit]) -> bool:
    start, end = syntax(document, binding.cell).extent(binding.node)
    return any(e.span.cell == binding.cell and e.span.start <= start and end <= e.span.end for e in edits)


def _fix(document: Document, finding: Finding, answer: Answer, graph: Graph) -> Fix:
    level = finding.applicability or Applicability.DISPLAY
    if isinstance(answer, Rewrite):
        return fix_of(document, answer, graph, level, finding.no_fix)
    if isinstance(answer, Respelling):
        return respell(document, answer, level, finding.no_fix)
    raise NoFix("this answer is shown only")
