"""Where a layer is applied, and what an edit of it is: one for one, a chain for one, nothing for one."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from kerlint.fix.layout import equals_of
from kerlint.fix.render import Wanted, edited
from kerlint.fix.statement import block_of, without_element, without_statement
from kerlint.fix.syntax import Syntax, syntax
from kerlint.fix.values import quote_of
from kerlint.fix.work import Work, shapes_of, texts
from kerlint.fix.written import written
from kerlint.graph.graph import Node
from kerlint.graph.layer import NoFix
from kerlint.layers.operations import OPERATIONS
from kerlint.text.span import Span

ADDING = ("add", "append")


@dataclass(frozen=True, eq=False)
class Site:
    """Where a layer is applied: ``call`` of the layer, ``element`` of a list, or ``add`` statement."""

    code: Syntax
    cell: int | None
    form: str
    layer: ast.expr  # the layer itself: its constructor call, a name, or a subscript, which is all in one
    node: ast.expr  # the whole application
    argument: ast.expr | None = None  # what the layer is called on
    alone: bool = True  # called with nothing else


def site_of(work: Work, node: Node) -> Site:
    """The place of an application. NoFix where it is not written in a way that can be edited."""
    span = node.applied_at
    if not isinstance(span, Span) or span.path != work.document.path:
        raise NoFix(f"{node.kind} is not applied in this file")
    code = syntax(work.document, span.cell)
    found = code.at(span, ast.expr)
    if found is None:
        raise NoFix(f"{node.kind} is not applied by an expression of its own")
    if node.form == "call":
        return _applied(node, code, span, found)
    return _held(node, code, span, found)


def _applied(node: Node, code: Syntax, span: Span, found: ast.expr) -> Site:
    if isinstance(found, ast.Subscript):
        return Site(code, span.cell, "call", found, found, found.value)
    operation = node.kind in OPERATIONS  # a function of the tensor, made where it is applied
    if not isinstance(found, ast.Call) or (node.layer.made_at == span and not operation):
        raise NoFix(f"{node.kind} is not applied by calling it")
    arguments = [*found.args, *(k.value for k in found.keywords)]
    if not arguments or isinstance(arguments[0], ast.Starred):
        raise NoFix(f"what {node.kind} is called on is not written there")
    named = (keyword.value for keyword in found.keywords if keyword.arg in ("inputs", "x"))
    argument = found.args[0] if found.args else next(named, None)
    layer = found if operation else found.func
    return Site(code, span.cell, "call", layer, found, argument, operation or len(arguments) == 1)


def _held(node: Node, code: Syntax, span: Span, found: ast.expr) -> Site:
    """An element of a list, or the argument of ``add`` or ``append``."""
    call = found if node.form == "add" else code.parents.get(found)
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ADDING:
        if len(call.args) != 1 or call.keywords or not isinstance(code.parents[call], ast.Expr):
            raise NoFix(f"{code.text(call.func)}(...) is no statement of its own")
        return Site(code, span.cell, "add", call.args[0], call)
    if node.form == "add":
        raise NoFix(f"{node.kind} is not added by a statement of its own")
    return Site(code, span.cell, "element", found, found)


def replace_one(work: Work, old: Node, new: Node) -> None:
    """One layer for one layer: the constructor changes, however the layer is applied."""
    if new.layer.spec is not old.layer.spec and old.form == "call" and old.options:
        raise NoFix(f"{old.kind} is called with {', '.join(old.options)}")
    work.constructor(old, texts(work, old, [new])[0])


def replace_by_chain(work: Work, old: Node, new: Sequence[Node]) -> None:
    """Several layers for one: nested calls, several elements, several statements."""
    *first, last = texts(work, old, new)
    site = site_of(work, old)
    made_here(work, site, old)
    work.constructor(old, last)
    code, (start, end) = site.code, site.code.extent(site.layer)
    if site.form == "call":
        if site.argument is None or not site.alone:
            raise NoFix(f"{old.kind} is called with more than its input")
        start, end = code.extent(site.argument)
        work.edit(site.cell, start, start, "".join(f"{text}(" for text in reversed(first)))
        work.edit(site.cell, end, end, ")" * len(first))
    elif site.form == "element":
        if not isinstance(code.parents[site.node], (ast.List, ast.Tuple)):
            raise NoFix("the layer stands in no list that is written out")
        separator = f",\n{code.indent(start)}" if code.opens_line(start) else ", "
        work.edit(site.cell, start, start, "".join(text + separator for text in first))
    else:
        assert isinstance(site.node, ast.Call)
        start = code.extent(site.node)[0]
        separator = f"\n{code.indent(start)}" if code.opens_line(start) else "; "
        receiver = code.text(site.node.func)
        work.edit(site.cell, start, start, "".join(f"{receiver}({text}){separator}" for text in first))


def made_here(work: Work, site: Site, old: Node) -> None:
    """NoFix where new layers would be made at each call of a function, and not once like the old one."""
    if isinstance(site.layer, ast.Call):
        return
    call = written(work.document, old.layer)
    if _around(call.code, call.call, *FUNCTIONS) is not _around(site.code, site.node, *FUNCTIONS):
        raise NoFix(f"{old.kind} is made in another function than the one that applies it")


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
AGAIN = (ast.For, ast.AsyncFor, ast.While, ast.ClassDef)  # a name bound in these is read the next time, or as attribute


def _around(code: Syntax, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
    """The innermost of these kinds around a node; None for the module."""
    while not isinstance(node, (*kinds, ast.Module)):
        node = code.parents[node]
    return None if isinstance(node, ast.Module) else node


def remove(work: Work, old: Node) -> None:
    """Nothing for a layer."""
    site = site_of(work, old)
    if site.form == "call":
        _unapply(work, site, old)
    else:
        _hand_on_shape(work, old)
        code, alone = site.code, site.form == "add"
        gone = without_statement(code, code.statement_of(site.node)) if alone else without_element(code, site.node)
        work.edit(site.cell, *gone)
    drop_constructor(work, site, old)
    if site.form != "call" and all(n is old or n.kind == "InputLayer" for n in work.graph.nodes):
        raise NoFix("the model would be left without a layer")


def _unapply(work: Work, site: Site, old: Node) -> None:
    """``Dropout(0)(x)`` becomes ``x``, and ``x = x`` goes; ``y = x`` goes where ``x = ...`` can be ``y = ...``."""
    code, argument = site.code, site.argument
    if argument is not None and old.layer.spec.many and site.layer is not site.node:
        argument = argument.elts[0] if isinstance(argument, (ast.List, ast.Tuple)) and len(argument.elts) == 1 else None
    if argument is None or isinstance(argument, ast.Starred):
        raise NoFix(f"what {old.kind} is called on is not written there")
    statement = code.parents[site.node]
    match statement, argument:
        case ast.Assign(targets=[ast.Name(id=name) as target]), ast.Name(id=read) as given:
            made = target if name == read else _made_before(work, site, statement, given)
            if made is not None:
                made = work.renamed.setdefault(target, work.renamed.get(made, made))  # that statement may go as well
                edit = work.speller.edit(site.cell, *code.extent(made), name)
                work.edits = [*(e for e in work.edits if e.span != edit.span), edit]
                work.edit(site.cell, *without_statement(code, statement))
                return
    (start, end), (inner, stop) = code.extent(site.node), code.extent(argument)
    left, right = ("", "") if _stands_alone(argument, code.piece(inner, stop)) else ("(", ")")
    work.edit(site.cell, start, inner, left)
    work.edit(site.cell, stop, end, right)


def _made_before(work: Work, site: Site, statement: ast.stmt, name: ast.Name) -> ast.Name | None:
    """The name on the left of the statement directly before, if nothing else can read what it is given there."""
    block = block_of(site.code, statement)
    match block[max(block.index(statement) - 1, 0)]:
        case ast.Assign(targets=[ast.Name(id=name.id) as made]):
            return made if _read_last(work, site, name) else None
    return None


def _read_last(work: Work, site: Site, name: ast.Name) -> bool:
    """Whether nothing can read what a name stands for after this place."""
    scope, here = work.speller.scope(site.cell, name), (site.cell or 0, site.code.extent(name))
    for cell, code, node, reading in work.speller.uses(name.id, scope.owner(name.id)):
        later = reading is not scope or (cell or 0, code.extent(node)) > here
        if later and not isinstance(node.ctx, ast.Store):
            return False
    names = work.speller.names
    bound = [b.node for s in (names.module, *names.scopes.values()) for b in s.names.get(name.id, ())]
    elsewhere = any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in bound)
    return not elsewhere and not isinstance(_around(site.code, name, *FUNCTIONS, *AGAIN), AGAIN)


ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.List)


def _stands_alone(argument: ast.expr, text: str) -> bool:
    """Whether an expression can stand anywhere without parentheses."""
    if not isinstance(argument, ATOMS):
        return False
    try:
        return ast.dump(ast.parse(text, mode="eval").body) == ast.dump(argument)
    except SyntaxError:
        return False


def drop_constructor(work: Work, site: Site, old: Node) -> None:
    """``drop = Dropout(0)`` goes, too, if nothing else reads the name; else the layer stays, unused."""
    if isinstance(site.layer, ast.Call) or (site.form == "call" and site.layer is site.node):
        return
    call = written(work.document, old.layer)
    statement = call.code.parents[call.call]
    name = site.code.text(site.layer)
    if not isinstance(statement, ast.Assign) or [call.code.text(t) for t in statement.targets] != [name]:
        raise NoFix(f"{old.kind} is kept in a variable that cannot be followed")
    last, trees = name.rpartition(".")[2], [syntax(work.document, cell.index).tree for cell in work.document.cells]
    same = (getattr(n, "attr", getattr(n, "id", None)) == last for tree in trees for n in ast.walk(tree))
    if sum(same) > 2:  # where it is made and where it is applied
        raise NoFix(f"{name} is used elsewhere")
    work.edit(call.span.cell, *without_statement(call.code, statement))


def _hand_on_shape(work: Work, old: Node) -> None:
    """The next layer takes over the ``input_shape`` of a first layer that goes."""
    carried = shapes_of(work, old, written(work.document, old.layer))
    first = work.handed.get(old) or all(t.node is None or t.node.kind == "InputLayer" for t in old.inputs)
    if not (carried and first):
        return
    following = [n for n in work.graph.nodes if old.output in n.inputs] or work.graph.trace.consumers(old.output)
    if len(following) != 1 or following[0].form == "call":
        raise NoFix(f"{carried[0].name} has no layer to go to")
    work.handed[following[0]] = carried
    if following[0] not in work.changing:
        call = written(work.document, following[0].layer)
        carries = shapes_of(work, following[0], call)
        callee = call.code.text(call.call.func)
        wanted = Wanted(call.layer, callee, call.arguments, quote_of(call.code.code), carries, equals_of(call))
        work.constructor(following[0], edited(call, wanted))
