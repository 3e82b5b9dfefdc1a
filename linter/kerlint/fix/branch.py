"""A replacement that branches, as one expression in place of the application."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from kerlint.fix.place import Site, drop_constructor, made_here, site_of
from kerlint.fix.statement import place_before, without_statement
from kerlint.fix.work import Work, texts
from kerlint.graph.answer import Alternative, Rewrite
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import NoFix

WIDTH = 88  # a longer expression is broken over lines


@dataclass(eq=False)
class Expression:
    """The replacement while it is written: the texts of tensors, names given, statements to put before."""

    site: Site
    calls: dict[Node, str]
    uses: Counter[Tensor]
    taken: set[str]
    known: dict[Tensor, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)


def branch(work: Work, rewrite: Rewrite | Alternative) -> None:
    """Replace the application of the only old layer by an expression of the new ones."""
    if any(node.form != "call" for node in rewrite.old):
        raise NoFix("a Sequential cannot branch")
    if len(rewrite.old) != 1:
        raise NoFix("the replacement of several layers branches")
    old, new = rewrite.old[0], rewrite.new_nodes
    site = site_of(work, old)
    if new:
        made_here(work, site, old)
    calls = dict(zip(new, texts(work, old, new) if new else (), strict=True))
    uses = Counter(t for node in new for t in node.inputs)
    made = Expression(site, calls, uses, set(work.speller.names.words))
    _name_inputs(made, _inputs(site, old))
    _name_shared(made, new)
    start, end = site.code.extent(site.node)
    column = start - site.code.line_start(start)
    indent = site.code.indent(start)
    rest = site.code.line_stop(end) - end
    text = _written(made, rewrite.new, indent, site.code.unit(), WIDTH - column - rest)
    if made.statements:
        at = place_before(site.code, site.node)
        work.edit(site.cell, at, at, "".join(f"{s}\n{site.code.indent(at)}" for s in made.statements))
    statement = site.code.parents[site.node]
    if isinstance(statement, ast.Assign) and [site.code.text(t) for t in statement.targets] == [text]:
        start, end, text = without_statement(site.code, statement)  # x = x says nothing
    work.edit(site.cell, start, end, text)
    drop_constructor(work, site, old)


def _inputs(site: Site, old: Node) -> dict[Tensor, ast.expr]:
    """The expressions of the tensors that the old layer is called on."""
    argument = site.argument
    if not site.alone or argument is None:
        return dict(zip(old.inputs, _separate(site, old), strict=True))
    if not old.layer.spec.many:
        return {old.inputs[0]: argument}
    if not isinstance(argument, (ast.List, ast.Tuple)) or len(argument.elts) != len(old.inputs):
        raise NoFix("the inputs are not written out at this place")
    return dict(zip(old.inputs, argument.elts, strict=True))


SEPARATE = ("query", "value", "key")  # what attention may be called with one by one


def _separate(site: Site, old: Node) -> list[ast.expr]:
    """The inputs of a layer that takes several, written one by one. NoFix if there is something else."""
    call = site.node
    assert isinstance(call, ast.Call)
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    found = [*call.args, *(named.pop(name) for name in SEPARATE[len(call.args) :] if name in named)]
    if named or not old.layer.spec.many or len(found) != len(old.inputs):
        raise NoFix(f"{old.kind} is called with more than its input")
    return found


def _name_inputs(made: Expression, inputs: dict[Tensor, ast.expr]) -> None:
    for tensor, expression in inputs.items():
        text = made.site.code.text(expression)
        if made.uses[tensor] > 1 and not isinstance(expression, ast.Name):
            made.known[tensor] = _fresh(made, "inputs")
            made.statements.append(f"{made.known[tensor]} = {_on_one_line(text)}")
        else:
            made.known[tensor] = text


def _on_one_line(text: str) -> str:
    """An expression that may go over lines, as the right side of an assignment."""
    try:
        ast.parse(f"x = {text}")
    except SyntaxError:
        return f"({text})"
    return text if len(ast.parse(f"x = {text}").body) == 1 else f"({text})"


def _name_shared(made: Expression, new: Sequence[Node]) -> None:
    """New layers whose output is used several times get a statement each."""
    for node in new:
        if made.uses[node.output] > 1:
            text = _flat(made, node.output)
            name = _fresh(made, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.kind).lower())
            made.statements.append(f"{name} = {text}")
            made.known[node.output] = name


def _fresh(made: Expression, name: str) -> str:
    numbered = (f"{name}_{number}" for number in count(2))
    free = next(text for text in chain([name], numbered) if text not in made.taken)
    made.taken.add(free)
    return free


def _flat(made: Expression, tensor: Tensor) -> str:
    """The expression of a tensor on one line."""
    if tensor in made.known:
        return made.known[tensor]
    node = tensor.node
    if node is None or node not in made.calls:
        raise NoFix("the replacement needs a tensor that has no name at this place")
    inputs = ", ".join(_flat(made, t) for t in node.inputs)
    return f"{made.calls[node]}([{inputs}])" if node.layer.spec.many else f"{made.calls[node]}({inputs})"


def _written(made: Expression, tensor: Tensor, indent: str, step: str, room: int) -> str:
    """The expression, its lists one input a line where it does not fit."""
    flat = _flat(made, tensor)
    if len(flat) <= room or "\n" in flat or tensor in made.known:
        return flat
    node = tensor.node
    assert node is not None
    call = made.calls[node]
    if not node.layer.spec.many:
        inner = _written(made, node.inputs[0], indent, step, room - len(call) - 2)
        return f"{call}({inner})"
    deeper = indent + step
    lines = [deeper + _written(made, t, deeper, step, WIDTH - len(deeper) - 1) + ",\n" for t in node.inputs]
    return f"{call}([\n{''.join(lines)}{indent}])"
