"""``kerlint introspect --dead-weights``: which entries never matter, and which of them a rule explains."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from kerlint import engine
from kerlint.cli.output import Bar
from kerlint.cli.session import Session
from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph
from kerlint.host.find import shown
from kerlint.introspect.client import Introspection, NotIntrospected, Outcome
from kerlint.introspect.explain import Said, Undrawn, Weight, explained, inputs_of, uncovered
from kerlint.introspect.join import joining
from kerlint.introspect.read import Reader, documents
from kerlint.prove.sizes import longest
from kerlint.report.names import grouped
from kerlint.report.style import harmless
from kerlint.text.document import Document

UNMEASURED = dict.fromkeys(("dead", "explained", "unexplained", "refuted", "uncovered"))  # nothing is known


def dead_weights(session: Session, one: Introspection, outcome: Outcome) -> tuple[list[dict[str, Any]], str, bool]:
    """A row and a paragraph for each model. Not fine: not measured, something no rule explains, or a rule is wrong."""
    said, reader = _said(session, outcome)
    models = reader.context().models
    rows, text = [], []
    for number, row in enumerate(outcome.models):
        graph = models[number].graph
        try:
            bar = Bar("measuring", row["totals"]["params"], wanted=not session.flags.quiet)
            measured = _measured(one, number, graph, said, reader, bar)
        except (Undrawn, NotIntrospected) as error:
            rows.append(_row(outcome, models[number].name, row, []) | UNMEASURED | {"reason": str(error)})
            text.append(harmless(f"{outcome.target.written}: {models[number].name}: not measured: {error}") + "\n")
            continue
        weights = explained(measured, said, outcome.data["layers"])
        names = [outcome.data["layers"][number]["name"] for number in measured["uncovered"]]
        rows.append(_row(outcome, models[number].name, row, weights) | {"uncovered": names})
        text.append(_text(rows[-1], weights))
    fine = all(row["unexplained"] == row["refuted"] == 0 and not row["uncovered"] for row in rows)
    return rows, "".join(text), fine


def _measured(one: Introspection, number: int, graph: Graph, said: Said, reader: Reader, bar: Bar) -> dict[str, Any]:
    """What the worker says of one model. Raises Undrawn or NotIntrospected."""
    if graph.unresolved:
        raise NotIntrospected(graph.unresolved[0].reason)
    drawn = {"inputs": [*inputs_of(graph, reader)], "length": longest(graph)[0]}
    question = {"model": number, **drawn, "claims": said.plain(), "left": [*uncovered(graph, reader)]}
    try:
        return one.dead(question, bar.step)
    finally:
        bar.end()


def _said(session: Session, outcome: Outcome) -> tuple[Said, Reader]:
    """What the rules say of the models: every file is checked in which layers are made."""
    said, readers = Said(), []
    join = joining([outcome], only=True, seen=lambda _outcome, reader: readers.append(reader))
    for path in map(shown, documents(outcome)):
        document = session.sources.document(path)
        if not isinstance(document, Document):
            continue
        settings = session.of(path)
        report = engine.check(document, settings.rules, replace(settings.options, real=join, fixes=False))
        for finding in (checked.finding for checked in report.checked):
            for answer, _graph in finding.agreeing:
                if isinstance(answer, Rewrite):
                    said.rewrite(finding.rule.code, answer, readers[-1])
            if not isinstance(finding.answer, Rewrite) and isinstance(finding.dead, int):
                said.note(finding.rule.code, finding.nodes, finding.dead, readers[-1])
    return said, readers[-1]


def _row(outcome: Outcome, name: str, model: dict[str, Any], weights: list[Weight]) -> dict[str, Any]:
    dead = [weight for weight in weights if not weight.matters]
    total = sum(weight.dead for weight in dead)
    known = sum(weight.explained for weight in dead)
    return {
        "target": outcome.target.written, "name": name, "params": model["totals"]["params"], "dead": total,
        "explained": known, "unexplained": total - known, "refuted": sum(weight.refuted for weight in weights),
        "weights": [asdict(weight) for weight in weights],
    }  # fmt: skip


def _text(row: dict[str, Any], weights: list[Weight]) -> str:
    counts = f"{grouped(row['dead'])} of {grouped(row['params'])} entries never matter"
    lines = [f"{row['target']}: {row['name']}: {counts}; {grouped(row['unexplained'])} unexplained"]
    for weight in weights:
        place = f"{weight.layer}/{weight.name}{weight.slices}"
        lines.append(f"    {place}: {grouped(weight.dead)} of {grouped(weight.of)}: {_why(weight)}")
    lines += [f"    {name}: not measured: which of its rows are used is computed" for name in row["uncovered"]]
    return "".join(f"{harmless(line)}\n" for line in lines)


def _why(weight: Weight) -> str:
    rules, left = ", ".join(weight.rules), weight.dead - weight.explained
    if weight.matters:
        return "no gradient, but the output changes with it"
    partly = f"{grouped(weight.explained)} explained ({rules})" if weight.explained else ""
    said = [partly, f"{grouped(left)} unexplained"] if left else [f"explained ({rules})"]
    if weight.refuted:
        said.append(f"{rules} calls {grouped(weight.refuted)} dead that are not")
    return ", ".join(part for part in said if part)
