"""What a person reads: the source line, the figures, the fix and its proof."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from kerlint.graph.formula import brief
from kerlint.report.concise import headline
from kerlint.report.row import Row, Run, refuted
from kerlint.report.style import Style, harmless

COLUMN = 42  # where the second column of the figures begins, if the first leaves room
MOST_LINES = 6  # of a place that spans several


def render(run: Run, style: Style) -> str:
    """Every finding as a block, an empty line between two."""
    return "\n".join(block(row, style) for row in run.rows)


def block(row: Row, style: Style) -> str:
    """One finding."""
    margin = " " * len(str(row.data["start"]["line"] + len(row.source) - 1))
    lines = [headline(row, style), *_source(row, style)]
    lines += [f"{margin} {style.paint('=', 'blue')} {label:<7} {text}" for label, text in _told(row, style)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _source(row: Row, style: Style) -> Iterator[str]:
    """The lines of the place with what is meant underlined."""
    if not row.source:
        return
    start, end = row.data["start"], row.data["end"]
    shown = row.source[:MOST_LINES]
    width = len(str(start["line"] + len(row.source) - 1))
    bar = style.paint("|", "blue")
    yield f"{' ' * width} {bar}"
    for number, text in enumerate(shown):
        line = start["line"] + number
        first = start["column"] - 1 if number == 0 else len(text) - len(text.lstrip())
        last = end["column"] - 1 if line == end["line"] else len(text.rstrip())
        yield f"{style.paint(f'{line:>{width}}', 'blue')} {bar} {harmless(text)}"
        marks = style.paint("^" * max(_width(text[first:last]), 1), "red")
        space = "".join(c if c == "\t" else " " * _width(c) for c in text[:first])
        yield f"{' ' * width} {bar} {space}{marks}"
    if len(row.source) > len(shown):
        yield f"{' ' * width} {bar} ... {len(row.source) - len(shown)} more"


def _width(text: str) -> int:
    text = harmless(text)
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _told(row: Row, style: Style) -> Iterator[tuple[str, str]]:
    """The lines below the source: label and text."""
    yield from figures(row)
    yield from fix_lines(row, style)
    if row.data["hint"]:
        yield "hint", row.data["hint"]
    for note in row.notes:
        yield "note", harmless(note)


def figures(row: Row) -> Iterator[tuple[str, str]]:
    """Shapes and counts; what the symbols mean stands once, beside the first line that could hold it."""
    told = [(label, left, right) for label, left, right in _counts(row)]
    if row.shapes:
        told.insert(0, ("shapes", row.shapes, row.explained))
    elif row.explained and told:
        told.append(("where", row.explained, ""))
    for label, left, right in told:
        yield (label, harmless(f"{left:<{COLUMN}}{'' if len(left) < COLUMN else '  '}{right}" if right else left))


def _counts(row: Row) -> Iterator[tuple[str, str, str]]:
    impact, dead = row.data["impact"], row.data["dead_params"]
    if impact["params"]["before"] is not None:
        yield "params", *_change(impact["params"])
    macs = impact["macs"]
    if macs["before"] is not None and macs["delta"] not in (0, None):
        yield "macs", *_change(macs)
    if impact["model_params"]["before"] is not None and row.data["layers"]:
        left, right = _change(impact["model_params"])
        yield "model", f"{left} params", right
    if dead not in (0, None):
        yield "dead", f"{brief(str(dead))} parameter{'' if dead == 1 else 's'} can never matter", ""


def _change(change: dict[str, Any]) -> tuple[str, str]:
    """``before -> after`` and the difference, with its share of what was before."""
    before, after, delta = change["before"], change["after"], change["delta"]
    if after is None:
        return brief(str(before)), ""
    told = "" if delta is None else "(unchanged)" if delta == 0 else f"({brief(str(delta))})"
    if isinstance(delta, int) and isinstance(before, int) and delta and before > 0:
        share = 100 * delta / before
        told = f"({delta:+})  {share:{'+.0f' if abs(share) >= 10 else '+.2g'}} %"
    return f"{brief(str(before))} -> {brief(str(after))}", told


def fix_lines(row: Row, style: Style) -> Iterator[tuple[str, str]]:
    """The fix with its level and what its proof says, or why there is none."""
    level = row.data["equivalence"]
    why = row.data["no_fix"]
    for fix in row.fixes:
        unhinted = why.replace(f": {row.data['hint']}", "") if why else None  # the hint has its own line
        allowed = str(fix["applicability"])
        allowed += f": {harmless(unhinted)}" if unhinted and allowed != "safe" else ""
        terms = ", ".join(filter(None, (level, allowed)))
        yield "fix", f"{harmless(fix['title'])} ({terms})"
        yield "proof", proof_text(fix, row, style)
    if not row.fixes and (why or level):
        kind = f" ({level})" if level else ""
        yield "fix", f"none{kind}: {harmless(why or 'the model would compute something else: yours to decide')}"


def proof_text(fix: dict[str, Any], row: Row, style: Style) -> str:
    """What the proof of a fix says, in a line."""
    proof = fix["proof"]
    reason = harmless(proof["reason"] or "")
    if refuted(fix):
        measured = f" by {proof['max_error']:.2g}" if proof["max_error"] is not None else ""
        text = f"REFUTED: the two graphs differ{measured}; this fix is not applied, please report it. {reason}"
        return style.paint(text.strip(), "red", "bold")
    if proof["status"] == "proved":
        found = f"{style.paint('both graphs agree', 'green')}: {_measured(proof, row)}"
        return f"{found}; {reason}" if reason else found
    if not row.needs_proof:
        return f"none needed: {reason}"
    said = {"not-run": "not run", "unprovable": "cannot be proved"}[proof["status"]]
    return f"{said}: {reason}" if reason else said


def _measured(proof: dict[str, Any], row: Row) -> str:
    from kerlint.host.find import BACKENDS

    gradients = "" if proof["gradient_error"] is None else f"; gradients {proof['gradient_error']:.2g}"
    backend = BACKENDS.get(proof["backend"], proof["backend"] or "")
    versions = [f"Keras {', '.join(map(_short, proof['keras'].split(', ')))}" if proof["keras"] else ""]
    versions.append(f"{backend} {_short(row.backend_version)}".strip())
    used = ", ".join(v for v in versions if v)
    error = 0.0 if proof["max_error"] is None else proof["max_error"]
    agree = f"max |difference| {error:.2g} over {proof['inputs']} inputs, {proof['dtype']}{gradients}"
    return f"{agree} ({used})" if used else agree


def _short(version: str | None) -> str:
    """3.15 of 3.15.1, tf_keras 2.21 of tf_keras 2.21.0."""
    return ".".join((version or "").split(".")[:2])
