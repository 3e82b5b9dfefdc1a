"""``introspect --compare``: what the source says beside what came out; ``--dead-weights``: what never matters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from kerlint import engine
from kerlint.cli.flags import Usage
from kerlint.cli.output import Bar, many
from kerlint.cli.session import Session
from kerlint.cli.sources import Sources
from kerlint.evaluate.run import evaluate
from kerlint.graph.answer import Rewrite
from kerlint.graph.facts import Evaluation
from kerlint.graph.graph import Graph, Model
from kerlint.graph.layer import Unknown
from kerlint.host.find import shown
from kerlint.introspect.client import Introspection, NotIntrospected, Outcome
from kerlint.introspect.explain import Said, Undrawn, Weight, explained, inputs_of, uncovered
from kerlint.introspect.join import joining
from kerlint.introspect.places import Places
from kerlint.introspect.read import Reader, documents
from kerlint.prove.sizes import longest
from kerlint.report.comparison import Sizes, differences
from kerlint.report.names import grouped
from kerlint.report.style import harmless
from kerlint.report.summary import in_cell
from kerlint.text.document import Document, Problem


@dataclass(frozen=True)
class Twin:
    """A model that the source makes at the place of a real one, perhaps only under assumptions.

    ``way`` is the one of ``ways`` that the program can go; 0 if not all of them were followed.
    """

    model: Model
    assumptions: tuple[str, ...]
    way: int
    ways: int

    @property
    def complete(self) -> bool:
        """Whether the source claims to know it: what rests on an assumption may be another model."""
        return self.model.graph.complete and not self.assumptions

    @property
    def reasons(self) -> list[str]:
        """Why it is not complete."""
        lost = [f"{in_cell(u.span, u.line, 'cell ', 'line ')}: {u.reason}" for u in self.model.graph.unresolved]
        return [*lost, *(f"assumed: {text}" for text in dict.fromkeys(self.assumptions))]


def compare(sources: Sources, outcome: Outcome) -> tuple[list[dict[str, Any]], str, bool]:
    """A row and a paragraph for each model. Not fine: a model that the source claims to know differs."""
    rows, text = [], []
    for model, data, twins, mismatches in pairs(sources, outcome):
        row = _row(outcome, model, data, twins) | {"table": mismatches}
        rows.append(row)
        text.append(_text(row, data))
    return rows, "".join(text), all(not row["differences"] or not row["complete"] for row in rows)


def pairs(sources: Sources, outcome: Outcome) -> Iterator[tuple[Model, dict[str, Any], list[Twin], list[str]]]:
    """Each real model as a graph and as the worker described it, its twins, and where the layer table is wrong."""
    path = shown(outcome.data["source"])
    document = sources.document(path)
    if document is None or isinstance(document, Problem):
        raise Usage(f"{path} cannot be read")
    reader = Reader(outcome, Places(document))
    evaluation = static(document, outcome.data["expression"], reader.generation, sources)
    real = reader.context().models[: len(outcome.models)]
    for number, (model, data) in enumerate(zip(real, outcome.models, strict=True)):
        yield model, data, _twins(evaluation, real, number), reader.mismatches


def static(document: Document, call: str, generation: int, sources: Sources) -> Evaluation:
    """The source evaluated with the very call that was run, written at its end."""
    if call and document.cells:
        written = f"\n\n_kerlint = {call}\n"
        last = document.cells[-1]
        longer = replace(last, source=last.source + written, code=last.code + written)
        document = replace(document, cells=(*document.cells[:-1], longer), _lines={})
    return evaluate(document, load=sources.load, keras=generation, roots=False)


def _twins(evaluation: Evaluation, real: tuple[Model, ...], number: int) -> list[Twin]:
    """In each context, the models that are made at the same place, the last first: not those of later ones."""
    place = real[number].made_at
    after = sum(model.made_at == place for model in real[number:])
    explored, met = evaluation.decisions
    ways = len(evaluation.contexts) if explored == met else 0
    found = []
    for way, context in enumerate(evaluation.contexts):
        same = [model for model in context.models if model.made_at == place]
        earlier = reversed(same[: max(0, len(same) - after + 1)])
        found += [Twin(model, context.assumptions, way, ways) for model in earlier]
    return found


def _row(outcome: Outcome, model: Model, data: dict[str, Any], twins: list[Twin]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "target": outcome.target.written, "name": model.name, "path": os.path.relpath(outcome.data["source"]),
        "cell": getattr(model.made_at, "cell", None), "line": model.line, "layers": len(data["layers"]),
        "params": data["totals"]["params"],
    }  # fmt: skip
    if not twins:
        return row | {"complete": False, "unresolved": ["no model is seen in the source there"], "differences": []}
    tried = [(twin, s := Sizes(), differences(twin.model, outcome.data, data, model.graph, s)) for twin in twins]
    twin, sizes, found = min(tried, key=lambda one: (len(one[2]), not one[0].complete))
    names = dict.fromkeys(symbol.name for symbol in sizes.values)  # of sizes of which it has no more than that
    row["up_to"] = {name: [n for symbol, n in sizes.values.items() if symbol.name == name] for name in names}
    if found and (made_up := _made_up(outcome, twin.model, data)):
        return row | {"complete": False, "unresolved": [], "differences": [], "made_up": made_up}
    alike = {other.way for other, _, said in tried if said == found and other.model.graph.complete}
    complete = twin.complete or len(alike) == twin.ways  # whichever way it goes, it is this model
    return row | {"complete": complete, "unresolved": [] if complete else twin.reasons, "differences": found}


def _made_up(outcome: Outcome, model: Model, data: dict[str, Any]) -> str | None:
    """What number of the run is none of the program's: the source knows the data that it stands for."""
    shapes = [outcome.data["tensors"][i]["shape"] for i in data["inputs"]]
    ours = [t.shape for t in model.graph.inputs if not isinstance(t.shape, Unknown)]
    pairs = [(a, b) for one, other in zip(ours, shapes, strict=False) for a, b in zip(one, other or (), strict=False)]
    for name, number in outcome.data["drawn"].items():
        if any(isinstance(a, int) and b == number != a for a, b in pairs):
            return f"the run is of other data: {number} stands for {name} (--run-all reads it)"
    return None


def _text(row: dict[str, Any], data: dict[str, Any]) -> str:
    number = len(row["differences"])
    counted = f"{many(len(data['layers']), 'layer')}, {grouped(row['params'])} parameter{'s' * (row['params'] != 1)}"
    state = "complete" if row["complete"] else row.get("made_up") or "the source is not complete"
    if row["complete"] and row["up_to"]:
        told = (f"{name} ({', '.join(map(str, found))} in the run)" for name, found in row["up_to"].items())
        state += f" up to {', '.join(told)}"
    lines = [f"{row['target']}: {row['name']} ({counted}): {many(number, 'difference')}, {state}"]
    lines += [f"    {said}" for said in row["differences"]]
    lines += [f"    not understood: {reason}" for reason in row["unresolved"]]
    lines += [f"    layer table: {said}" for said in row["table"]]
    return "".join(f"{harmless(line)}\n" for line in lines)


# --- --dead-weights: which entries never matter, and which of them a rule explains


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
            rows.append(_dead_row(outcome, models[number].name, row, []) | UNMEASURED | {"reason": str(error)})
            text.append(harmless(f"{outcome.target.written}: {models[number].name}: not measured: {error}") + "\n")
            continue
        weights = explained(measured, said, outcome.data["layers"])
        names = [outcome.data["layers"][number]["name"] for number in measured["uncovered"]]
        rows.append(_dead_row(outcome, models[number].name, row, weights) | {"uncovered": names})
        text.append(_dead_text(rows[-1], weights))
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
    said, readers = Said(), list[Reader]()
    join = joining([outcome], only=True, seen=readers.append)
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


def _dead_row(outcome: Outcome, name: str, model: dict[str, Any], weights: list[Weight]) -> dict[str, Any]:
    dead = [weight for weight in weights if not weight.matters]
    total = sum(weight.dead for weight in dead)
    known = sum(weight.explained for weight in dead)
    return {
        "target": outcome.target.written, "name": name, "params": model["totals"]["params"], "dead": total,
        "explained": known, "unexplained": total - known, "refuted": sum(weight.refuted for weight in weights),
        "weights": [asdict(weight) for weight in weights],
    }  # fmt: skip


def _dead_text(row: dict[str, Any], weights: list[Weight]) -> str:
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
