"""Rewrites and respellings as fixes: text edits into the original, checked before they are handed out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kerlint.fix.branch import branch
from kerlint.fix.gone import in_comment, without_arguments, without_comment
from kerlint.fix.imports import speller
from kerlint.fix.moving import move, renamed
from kerlint.fix.pair import counted, steps
from kerlint.fix.place import remove, replace_by_chain, replace_one
from kerlint.fix.syntax import syntax
from kerlint.fix.work import Work
from kerlint.graph.answer import Alternative, Respelling, Rewrite
from kerlint.graph.graph import Graph, Node
from kerlint.graph.layer import NoFix
from kerlint.rule.attempt import describe, show_value
from kerlint.text.document import Document
from kerlint.text.edit import Applicability, Edit, Fix, apply
from kerlint.text.span import Span


def fix_of(
    document: Document,
    rewrite: Rewrite | Alternative,
    graph: Graph,
    applicability: Applicability,
    reasons: tuple[str, ...],
) -> Fix:
    """The edits that make the source build the new graph. Raises NoFix where they cannot be written."""
    for tensor in (rewrite.new, *(tensor for node in rewrite.new_nodes for tensor in node.inputs)):
        if tensor.index and tensor.node in rewrite.new_nodes:
            raise NoFix(f"one of several outputs of {tensor.node.kind} cannot be written here")
    work = Work(document, graph, speller(document))
    found = steps(rewrite)
    if found is None:
        branch(work, rewrite)
    else:
        changed = [step for step in found if not step.kept]
        if {step.old.layer.made_at for step in found if step.kept} & {step.old.layer.made_at for step in changed}:
            raise NoFix("the same line makes the layer that stays")
        work.changing = frozenset(step.old for step in changed)
        for step in changed:
            if not step.new:
                remove(work, step.old)
            elif len(step.new) == 1:
                replace_one(work, step.old, step.new[0])
            else:
                replace_by_chain(work, step.old, step.new)
    work.edits += work.speller.edits()
    return _made(document, title_of(rewrite), work.edits, applicability, reasons, _partly(document, rewrite.old))


def _partly(document: Document, layers: Iterable[Node]) -> list[str]:
    """The conditions that some of the layers stand under and others do not: who turns one round gets another model."""
    places = [n.applied_at for n in layers if isinstance(n.applied_at, Span) and n.applied_at.path == document.path]
    under = [syntax(document, span.cell).conditions(span.start, span.end) for span in places]
    apart = set().union(*under) - (set(under[0]).intersection(*under) if under else set())
    return sorted(f"it rests on {ast.unparse(test)}, which only a part of the layers stands under" for test in apart)


def respell(
    document: Document, respelling: Respelling, applicability: Applicability, reasons: tuple[str, ...] = ()
) -> Fix:
    """The fix of another text for the same graph."""
    edits = [Edit(span, text) for span, text in respelling.edits if text]
    gone = [span for span, text in respelling.edits if not text]
    comments = [span for span in gone if in_comment(document, span)]
    edits += [Edit(without_comment(document, span), "") for span in comments]
    edits += [Edit(span, "") for span in without_arguments(document, [s for s in gone if s not in comments])]
    shared: list[Edit] = []
    for span, name in respelling.names:
        made = renamed(speller(document), span, name)
        edits += made.own
        shared += made.shared
    for span in respelling.imports:
        edits += move(document, speller(document).names, span)
    fix = _made(document, respelling.title, [*edits, *shared], applicability, reasons)
    return replace(fix, shared=frozenset(shared).intersection(fix.edits))


def title_of(rewrite: Rewrite | Alternative) -> str:
    """What the fix does, in a few words: ``Replace with Dense(128)``, ``Remove Dropout(0.0)``."""
    found = steps(rewrite)
    if found is None:
        made = rewrite.new_nodes
        return f"Replace with {counted(made)}" if made else f"Remove {_named(rewrite.old)}"
    changed = [s for s in found if not s.kept]
    if not any(s.new for s in changed):  # one that stays as written may get weights of others
        changed += [s for s in found if s.kept and any(w.op != "old" for w in (s.new[0].mapped or {}).values())]
    nodes = [n for s in changed for n in s.new]
    if not nodes:
        return f"Remove {_named([s.old for s in changed])}"
    if len(nodes) == 1 and (change := next((_change(s.old, s.new[0]) for s in changed if s.new), None)):
        return change
    return f"Replace with {_named(nodes)}"


def _named(nodes: Sequence[Node]) -> str:
    return " and ".join(describe(n) for n in nodes) if len(nodes) < 3 else counted(nodes)


def _change(old: Node, new: Node) -> str | None:
    """``Set use_bias=False in Conv2D(64)``, where the class stays."""
    if old.layer.spec is not new.layer.spec:
        return None
    names = [n for n in old.layer.spec.signature if old.layer.config.raw(n) != new.layer.config.raw(n)]
    shown = ", ".join(f"{n}={show_value(new.layer.config.raw(n))}" for n in names)
    return f"Set {shown} in {describe(old)}" if names else None


def _made(
    document: Document,
    title: str,
    edits: Sequence[Edit],
    applicability: Applicability,
    reasons: tuple[str, ...],
    doubts: Sequence[str] = (),
) -> Fix:
    """The fix, lowered if a comment goes or is left alone; NoFix if edits clash or the result does not parse."""
    made = _merged(document, edits)
    if not made:
        raise NoFix("nothing in the source would change")
    _check(document, made)
    lost = ["a comment inside the replaced code would be lost"] if _loses_comment(document, made) else []
    moved = {document.text(edit.span) for edit in made} - {""}
    if any(_commented(document, edit.span, edit.text, moved) for edit in made):  # above or behind a call or line
        lost.append("a comment would stand beside other code than what it speaks of")
    doubts = [*doubts, *lost]
    level = min(applicability, Applicability.UNSAFE) if doubts else applicability
    return Fix(title, tuple(made), level, tuple(dict.fromkeys((*reasons, *doubts))))


def _merged(document: Document, edits: Sequence[Edit]) -> list[Edit]:
    """Sorted, touching ones joined, those that change nothing left out. NoFix if two overlap."""
    found: list[Edit] = []
    for edit in sorted(dict.fromkeys(edits), key=lambda e: e.span):
        if document.text(edit.span) == edit.text:
            continue
        last = found[-1].span if found else None
        if last is not None and last.cell == edit.span.cell and edit.span.start <= last.end:
            if edit.span.start < last.end:
                line, _ = document.lines(last.cell).position(last.start)
                raise NoFix(f"line {line} would have to change in two ways at once")
            span = Span(last.path, last.cell, last.start, edit.span.end)
            found[-1] = Edit(span, found[-1].text + edit.text)
        else:
            found.append(edit)
    return found


def _check(document: Document, edits: Sequence[Edit]) -> None:
    """Each cell still parses: the statements of the module that are edited alone, or all of it."""
    for cell in {edit.span.cell for edit in edits}:
        code, own = syntax(document, cell), [edit for edit in edits if edit.span.cell == cell]
        start, stop = code.around(own[0].span.start, own[-1].span.end)
        moved = (replace(e, span=replace(e.span, start=e.span.start - start, end=e.span.end - start)) for e in own)
        if not (_parses(apply(code.code[start:stop], moved)) or _parses(document.edited(own).cell(cell).code)):
            raise NoFix("the code there is written in a way that cannot be edited")


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _loses_comment(document: Document, edits: Iterable[Edit]) -> bool:
    """Whether a comment stands in a replaced span and not in what replaces it."""
    for edit in edits:
        code = syntax(document, edit.span.cell)
        inside = [code.code[a:b] for a, b in code.comments if edit.span.start <= a and b <= edit.span.end]
        if document.text(edit.span).strip() in inside:
            continue  # the comment is what the fix is about
        if any(inside.count(c) > edit.text.count(c) for c in inside):
            return True
    return False


STAND_ALONE = ("#", "from ", "import ")  # a comment above them speaks of more than the line that goes


def _commented(document: Document, span: Span, becomes: str, moved: set[str]) -> bool:
    """Whether a call goes where another one stood, or a line goes, with a comment above or behind it."""
    code, gone = syntax(document, span.cell), document.text(span)
    text = gone.lstrip()
    begins = span.end - len(text)
    goes = becomes in ("", "pass") and code.opens_line(begins) and text and not text.startswith(STAND_ALONE)
    start = code.line_start(begins)
    above = code.code[code.line_start(start - 1) : start].lstrip() if start else ""
    behind = not gone.endswith("\n") and any(span.end <= a < code.line_stop(span.end) for a, _ in code.comments)
    return bool(goes or becomes in moved) and (behind or above.startswith("#"))
