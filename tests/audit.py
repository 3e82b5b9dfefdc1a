"""What the fixtures of each rule show: the styles of its findings, masks, channels first, what travels.

Everything follows from the source, the graph and the layer table; nothing here knows a rule. What a rule cannot
have follows from them, too.

``bench/fixtures.py`` prints the table.
"""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.harness import expected, fixed_name, programs, report, source

from kerlint.fix.written import inner_layers
from kerlint.graph.answer import Alternative, Respelling, Rewrite
from kerlint.graph.facts import Context, Fact
from kerlint.graph.graph import Model, Node
from kerlint.graph.layer import Layer, Object
from kerlint.layers.table import TABLE
from kerlint.outcome import Checked
from kerlint.rule.match import Place, Recorded, places
from kerlint.rule.rule import Equivalence, Rule
from kerlint.text.span import Span

STYLES = 3  # findings in as many styles
WRITTEN = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.GeneratorExp)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef)


# --- styles ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """A fixture's text as a tree whose nodes know what they stand in."""

    path: Path
    tree: ast.Module
    parents: dict[ast.AST, ast.AST]
    starts: list[int]  # offset of each line

    @classmethod
    @functools.cache
    def of(cls, path: Path) -> Program:
        """The program of a fixture."""
        text = source(path)
        tree = ast.parse(text)
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        starts = [0]
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return cls(path, tree, parents, starts)

    def covers(self, node: ast.AST, span: Span) -> bool:
        """Whether a node of the tree stands around a span."""
        begin, end = self._offset(node, "lineno", "col_offset"), self._offset(node, "end_lineno", "end_col_offset")
        return begin is not None and end is not None and begin <= span.start and span.end <= end

    def _offset(self, node: ast.AST, line: str, column: str) -> int | None:
        row = getattr(node, line, None)
        return None if row is None else self.starts[row - 1] + getattr(node, column)

    def line(self, span: Span) -> int:
        """The line on which a span begins, from 1."""
        return next(number for number, start in enumerate(self.starts) if start > span.start)

    def around(self, span: Span) -> list[ast.AST]:
        """What stands around a span, innermost first."""
        inner = [node for node in ast.walk(self.tree) if self.covers(node, span)][-1:]
        while inner and inner[-1] in self.parents:
            inner.append(self.parents[inner[-1]])
        return inner


def style_of(program: Program, checked: Checked) -> str:
    """How the expression is written that makes the flagged layer: the first of these that is true of it."""
    span = checked.finding.span
    around = program.around(span)
    scope = next((number for number, node in enumerate(around) if isinstance(node, SCOPES)), len(around))
    imported = next((node for node in around if isinstance(node, (ast.Import, ast.ImportFrom))), None)
    if imported is not None:
        return _import(imported)
    if any(isinstance(node, WRITTEN) for node in around[:scope]):
        return "loop"
    if any(isinstance(node, ast.ClassDef) and node.bases for node in around[scope:]):
        return "subclass"
    if scope < len(around) and _serves(program, around[scope], checked.finding.model):
        return "helper"
    if any(_added(node, inner) for inner, node in itertools.pairwise(around[:scope])):
        return "add"
    return "list" if any(isinstance(node, ast.List) for node in around[:scope]) else "functional"


def _import(statement: ast.Import | ast.ImportFrom) -> str:
    names = statement.names
    if isinstance(statement, ast.Import):
        return "import as" if names[0].asname else "import"
    return "from *" if names[0].name == "*" else "from as" if any(n.asname for n in names) else "from"


def _added(node: ast.AST, inner: ast.AST) -> bool:
    """Whether this is ``model.add(inner)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add"
        and inner in node.args
    )


def _serves(program: Program, function: ast.AST, model: Model | None) -> bool:
    """Whether others call the function, and it is not the one that makes the model."""
    name = getattr(function, "name", "")
    calls = [node for node in ast.walk(program.tree) if isinstance(node, ast.Call)]
    called = any(getattr(c.func, "id", getattr(c.func, "attr", None)) == name for c in calls)
    made = model is not None and isinstance(model.made_at, Span) and program.covers(function, model.made_at)
    return called and not made


# --- subjects ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Seen:
    """One subject that a rule was asked about in a fixture of its own: its layers, and all that it may look at."""

    path: Path
    nodes: tuple[Node, ...]
    view: tuple[Node, ...]
    lines: frozenset[int]
    found: bool = False  # announced as a finding
    reasons: tuple[str, ...] = ()  # announced as silences

    def because(self, *words: str) -> bool:
        """Whether it is a finding, or one of these words is why it is none."""
        return self.found or any(word in reason for word in words for reason in self.reasons)


SEEN: dict[str, list[Seen]] = {}  # by code: what is derived once


def own(rule: Rule) -> list[Path]:
    """The fixtures of a rule."""
    return [path for path in programs(fixed=False) if path.parent.name == rule.name]


def seen(rule: Rule) -> list[Seen]:
    """The subjects of a rule beside whose line the fixture says what is found there, or why nothing is."""
    if rule.code not in SEEN:
        SEEN[rule.code] = list(_seen(rule))
    return SEEN[rule.code]


def _seen(rule: Rule) -> Iterator[Seen]:
    for path in own(rule):
        said = expected(path)
        program = Program.of(path)
        for found in (c.finding for c in report(path).checked if c.finding.rule is rule and c.finding.nodes):
            yield Seen(path, found.nodes, _with_before(found.nodes), frozenset({program.line(found.span)}), found=True)
        for context in report(path).evaluation.contexts:
            for one in _subjects(rule, path, context):
                here = [e for e in said if e.line in one.lines]
                hit = any(e.subject == rule.code for e in here)
                reasons = tuple(e.text for e in here if e.subject == f"not {rule.code}")
                if hit or reasons:
                    yield replace(one, found=hit, reasons=reasons)


def _subjects(rule: Rule, path: Path, context: Context) -> Iterator[Seen]:
    program = Program.of(path)
    if isinstance(rule.on, Place):
        for node in context.trace.nodes:
            for nodes in places(rule.on, node, context.trace):
                yield Seen(path, nodes, _with_before(nodes), _lines(program, nodes))
    elif isinstance(rule.on, Recorded):
        for fact in (f for f in context.facts if f.kind in rule.on.kinds):
            nodes = fact.nodes or _made_at(fact, context)
            yield Seen(path, nodes, nodes, frozenset({program.line(fact.span)}))
    else:
        for model in context.models:
            graph, compiled = model.graph, model.graph.compile
            asked = [model.made_at, *([compiled.span] if compiled else [])]
            lines = {program.line(span) for span in asked if isinstance(span, Span)}
            yield Seen(path, graph.nodes, graph.nodes, _lines(program, graph.nodes) | lines)


def _with_before(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    return (*nodes, *(t.node for node in nodes for t in node.inputs if t.node is not None))


def _made_at(fact: Fact, context: Context) -> tuple[Node, ...]:
    """The applications of the layer in whose call a fact stands."""
    spans = [(node, node.layer.made_at) for node in context.trace.nodes]
    return tuple(
        n for n, at in spans if isinstance(at, Span) and at.start <= fact.span.start and fact.span.end <= at.end
    )


def _lines(program: Program, nodes: tuple[Node, ...]) -> frozenset[int]:
    made = [node.layer.made_at for node in nodes]
    return frozenset(program.line(span) for span in made if isinstance(span, Span) and span.path == str(program.path))


# --- what has to be shown ----------------------------------------------------------------------------------


def findings(rule: Rule) -> list[tuple[Path, Checked]]:
    """What the rule finds in its own fixtures."""
    return [(path, c) for path in own(rule) for c in report(path).checked if c.finding.rule is rule]


def styles(rule: Rule) -> dict[str, int]:
    """How many findings in each style."""
    found: dict[str, int] = {}
    for path, checked in findings(rule):
        style = style_of(Program.of(path), checked)
        found[style] = found.get(style, 0) + 1
    return found


def _masked(rule: Rule, one: Seen) -> bool:
    """Whether a mask arrives; a rule that never asks for one may be silent for another reason."""
    arrives = any(tensor.masked is True for node in one.nodes for tensor in node.inputs)
    return arrives and (one.because("mask") or not _asks(rule, "mask"))


def _first(one: Seen) -> bool:
    first = any(_raw(node, "data_format") == "channels_first" for node in one.view)
    return first and one.because("channels", "data_format")


def _travels(one: Seen) -> bool:
    layers = [layer for node in one.nodes for layer in (node.layer, *inner_layers(node.layer))]
    carried = {argument for layer in layers for argument in layer.config if _carries(layer, argument)}
    return bool(carried) and one.because(*carried, "constraint", "regulariser", "initialiser")


def _carries(layer: Layer, argument: str) -> bool:
    """Whether an argument is set that a replacement has to take along, or that keeps it away."""
    value = layer.config.raw(argument)
    if argument == "dtype":
        return "dtype" in layer.written
    if argument.endswith("_initializer"):
        return isinstance(value, Object)
    return argument.endswith(("_constraint", "_regularizer")) and value is not None


def _raw(node: Node, argument: str) -> object:
    return node.layer.config.raw(argument) if argument in node.layer.config else None


def has_layers(rule: Rule) -> bool:
    """Whether the rule speaks of layers: at most places, not of the text alone."""
    places = seen(rule)
    return 2 * sum(bool(one.nodes) for one in places) > len(places)


def has_format(rule: Rule) -> bool:
    """Whether one of the rule's layers has a data format, or the rule asks for it."""
    kinds = {kind for part in rule.on.kinds for kind in part} if isinstance(rule.on, Place) else set()
    if isinstance(rule.on, Recorded) and has_layers(rule):
        kinds = {node.kind for one in seen(rule) for node in one.nodes}
    return _asks(rule, "data_format") or any("data_format" in TABLE[kind].signature for kind in kinds if kind in TABLE)


def _asks(rule: Rule, word: str) -> bool:
    """Whether the rule's code speaks of something; its page does not count."""
    tree = ast.parse(Path(rule.place[0]).read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    words = [node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg]
    return any(word in text for text in (*names, *words, *(text for text in texts if "\n" not in text)))


def replaces(rule: Rule) -> bool:
    """Whether the rule writes layers anew: then something may travel."""
    kinds = (Rewrite, Alternative, Respelling)
    return has_layers(rule) and any(isinstance(c.finding.answer, kinds) for _, c in findings(rule))


def fixes(rule: Rule) -> bool:
    """Whether a fix of the rule can be applied."""
    written = any(isinstance(c.finding.answer, (Rewrite, Respelling)) for _, c in findings(rule))
    return written or rule.equivalence not in (None, Equivalence.ADVICE)


# What fixtures show: whether it applies to a rule, and whether it is there.
Test = Callable[[Rule], bool]
REQUIREMENTS: dict[str, tuple[Test, Test]] = {
    "styles": (lambda rule: True, lambda rule: len(styles(rule)) >= STYLES),
    "masked": (has_layers, lambda rule: any(_masked(rule, one) for one in seen(rule))),
    "channels-first": (has_format, lambda rule: any(map(_first, seen(rule)))),
    "travels": (replaces, lambda rule: any(map(_travels, seen(rule)))),
    "fixed": (fixes, lambda rule: any(fixed_name(path).exists() for path in own(rule))),
}
