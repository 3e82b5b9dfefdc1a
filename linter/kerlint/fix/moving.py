"""Names that go to where things are today: import statements, and what a call calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from kerlint.fix.imports import Piece, Speller, beside, extended
from kerlint.fix.scope import Binding, Names, Scope
from kerlint.fix.statement import block_of, without_statement
from kerlint.fix.syntax import Syntax, syntax
from kerlint.graph.layer import NoFix
from kerlint.layers.former import in_layers, moved, todays_home
from kerlint.text.document import Document
from kerlint.text.edit import Edit
from kerlint.text.span import Span

WIDTH = 100  # a line that would get longer keeps its own statement


@dataclass(frozen=True, eq=False)
class Moved:
    """One statement with the names that stay needed: module -> names as they are to be written."""

    node: ast.ImportFrom
    homes: dict[str, list[str]]

    @property
    def one(self) -> str | None:
        """The module, if there is one for all names."""
        return next(iter(self.homes)) if len(self.homes) == 1 else None


def move(document: Document, names: Names, span: Span) -> list[Edit]:
    """The edits that move an import statement, together with its neighbours that move to the same module."""
    code = syntax(document, span.cell)
    statement = code.at(span, ast.stmt)
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        raise NoFix("no import statement stands there")
    pieces = _plain(code, statement) if isinstance(statement, ast.Import) else _from(code, names, statement)
    return [Edit(Span(span.path, span.cell, start, end), text) for start, end, text in pieces]


def _plain(code: Syntax, node: ast.Import) -> Iterator[Piece]:
    """``import keras.layers.core as core``."""
    for alias in node.names:
        place = moved(alias.name, ())
        if place is not None:
            start, _ = code.extent(alias)
            yield start, start + len(alias.name), f"{place[0]}.{place[1].partition('.')[0]}"


def _from(code: Syntax, names: Names, node: ast.ImportFrom) -> list[Piece]:
    own = _moved(names, node)
    if own is None:
        raise NoFix("not all of it has a place today")
    if not own.homes:
        return [without_statement(code, node)]
    if own.one is None or "*" in own.homes[own.one] or _commented(code, node):
        return _in_place(code, names, own)
    group = list(_neighbours(code, names, node, own.one))
    return _merged(code, names, own.one, group, _anchor(code, node, own.one) or group[0].node)


def _moved(names: Names, node: ast.ImportFrom) -> Moved | None:
    """The names of a statement by today's module; names that are gone and unused are left out. None if one is used."""
    place = moved(node.module or "", [a.name for a in node.names]) if not node.level else None
    if place is None:
        return None
    package, below = place
    homes: dict[str, list[str]] = {}
    for alias in node.names:
        home = ("layers", "*") if alias.name == "*" and below.startswith("layers.") else todays_home(below, alias.name)
        if home is None and (alias.asname or alias.name) in names.loaded:
            return None
        if home is not None:
            module = ".".join(filter(None, (package, home[0])))
            asked = alias.asname or (alias.name if home[1] != alias.name else None)
            homes.setdefault(module, []).append(f"{home[1]} as {asked}" if asked else home[1])
    return Moved(node, homes)


def _neighbours(code: Syntax, names: Names, node: ast.ImportFrom, module: str) -> Iterator[Moved]:
    """The statement and those of the same run of imports that move to the same module and carry no comment."""
    for other in _run(code, node):
        if isinstance(other, ast.ImportFrom) and not _commented(code, other):
            found = _moved(names, other)
            if found is not None and found.one == module and "*" not in found.homes[module]:
                yield found


def _run(code: Syntax, node: ast.stmt) -> list[ast.stmt]:
    """The imports around a statement with nothing else between them."""
    runs = groupby(block_of(code, node), lambda s: isinstance(s, (ast.Import, ast.ImportFrom)))
    return next(run for run in (list(found) for _, found in runs) if node in run)


def _anchor(code: Syntax, node: ast.stmt, module: str) -> ast.ImportFrom | None:
    """A statement of that run that imports from today's module already."""
    for other in _run(code, node):
        if isinstance(other, ast.ImportFrom) and not other.level and other.module == module:
            if [a.name for a in other.names] != ["*"] and moved(module, [a.name for a in other.names]) is None:
                return other
    return None


def _commented(code: Syntax, node: ast.stmt) -> bool:
    """Whether a comment stands in the statement or behind it."""
    start, end = code.extent(node)
    stop = code.line_stop(end)
    return any(start <= a < stop for a, _ in code.comments) or ";" in code.code[end:stop]


def _merged(code: Syntax, names: Names, module: str, group: list[Moved], anchor: ast.ImportFrom) -> list[Piece]:
    first = next((g for g in group if g.node is anchor), None)
    pieces = [] if first is None else _in_place(code, names, first)
    have = [_as_written(a) for a in anchor.names] if first is None else list(first.homes[module])
    length = code.extent(anchor)[1] - code.line_start(code.extent(anchor)[1])
    added: list[str] = []
    others = _bound(code, anchor, group)
    for one in (g for g in group if g is not first):
        new = [n for n in dict.fromkeys(one.homes[module]) if n not in have and n not in added]
        long = length + sum(len(n) + 2 for n in (*added, *new)) > WIDTH and ")" not in code.text(anchor)
        # Which of two imports of a name is last must not change.
        if long or not others.isdisjoint(name.rpartition(" ")[2] for name in one.homes[module]):
            pieces += _in_place(code, names, one)
        else:
            added += new
            pieces.append(without_statement(code, one.node))
    return pieces + (extended(code, anchor, added, sorts=first is not None) if added else [])


def _bound(code: Syntax, anchor: ast.ImportFrom, group: list[Moved]) -> set[str]:
    """The names that other imports around bind."""
    mine = {anchor, *(one.node for one in group)}
    imports = [s for s in _run(code, anchor) if isinstance(s, (ast.Import, ast.ImportFrom)) and s not in mine]
    return {a.asname or a.name.partition(".")[0] for s in imports for a in s.names}


def _as_written(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _in_place(code: Syntax, names: Names, one: Moved) -> list[Piece]:
    """The statement where it stands: another module, and only what is still needed."""
    node = one.node
    start, end = code.extent(node)
    assert node.module is not None
    kept = [name for found in one.homes.values() for name in found]
    if one.one is not None and kept == [_as_written(a) for a in node.names]:
        for name, bindings in names.module.names.items() if kept == ["*"] else ():
            if in_layers(name) and any(b.path is None or ".layers" not in b.path for b in bindings):
                raise NoFix(f"keras.layers has {name}, too, and here it is something else")
        at = code.code.find(node.module, start, end)
        if at < 0:
            raise NoFix("the module is written in an unusual way")
        return [(at, at + len(node.module), one.one)]
    if any(start <= a < end for a, _ in code.comments) or code.text(node).count("\n"):
        raise NoFix("the names have several places today: they have to be sorted by hand")
    lines = [f"from {module} import {', '.join(found)}" for module, found in one.homes.items()]
    separator = f"\n{code.indent(start)}" if code.opens_line(start) else "; "
    return [(start, end, separator.join(lines))]


# --- another name for what a call calls


@dataclass(eq=False)
class Renaming:
    """One call of which the callee gets another name; ``shared`` edits are the same for every such call."""

    speller: Speller
    call: ast.Call
    cell: int | None
    name: str
    own: list[Edit] = field(default_factory=list)
    shared: list[Edit] = field(default_factory=list)


def renamed(speller: Speller, span: Span, name: str) -> Renaming:
    """The edits that make a call call ``name``. NoFix where that cannot be written and the old name is gone."""
    code = syntax(speller.document, span.cell)
    call = code.at(span, ast.Call)
    if call is None:
        raise NoFix("no call stands there")
    made = Renaming(speller, call, span.cell, name)
    try:
        _rename(made, code)
    except NoFix:
        if not in_layers(getattr(call.func, "attr", getattr(call.func, "id", ""))):
            raise
        return Renaming(speller, call, span.cell, name)  # the old name will do
    return made


def _rename(made: Renaming, code: Syntax) -> None:
    callee = made.call.func
    start, end = code.extent(callee)
    if isinstance(callee, ast.Attribute):
        made.own.append(made.speller.edit(made.cell, end - len(callee.attr), end, made.name))
        return
    if not isinstance(callee, ast.Name):
        raise NoFix("what is called has no name there")
    scope = made.speller.scope(made.cell, made.call)
    owner = scope.owner(callee.id)
    if owner is None and any(s.stars for s in scope.visible()):
        made.own.append(made.speller.edit(made.cell, start, end, made.name))
        return
    bindings = scope.bindings(callee.id)
    if owner is None or not bindings or not all(isinstance(b.node, ast.ImportFrom) for b in bindings):
        raise NoFix(f"{callee.id} is not imported by its name")
    if all(b.alias is not None and in_layers(b.alias.name) for b in bindings):
        _everywhere(made, owner, callee.id, bindings)
    else:
        _here(made, code, owner, bindings)


def _everywhere(made: Renaming, owner: Scope, old: str, bindings: list[Binding]) -> None:
    """Import and every use change their name together, so that no use is left behind."""
    aliases = [(b.cell, b.alias, syntax(made.speller.document, b.cell).extent(b.alias)) for b in bindings if b.alias]
    for cell, alias, (start, _) in aliases:
        if alias.asname is not None:
            made.shared.append(made.speller.edit(cell, start, start + len(alias.name), made.name))
    if made.shared:
        return
    if made.name in owner.names or any(_exported(made, old, binding.cell) for binding in bindings):
        raise NoFix(f"the name {made.name} is taken")
    made.shared += [made.speller.edit(cell, *extent, made.name) for cell, _, extent in aliases]
    uses = ((cell, code, node) for cell, code, node, _ in made.speller.uses(old, owner))
    true = (use for use in uses if use[2] in use[1].parents)  # it has a true position
    made.shared += [made.speller.edit(cell, *code.extent(node), made.name) for cell, code, node in true]


def _exported(made: Renaming, name: str, cell: int | None) -> bool:
    """Whether other files may ask for the name here."""
    document = made.speller.document
    listed = any(isinstance(node, ast.Constant) and node.value == name for node in syntax(document, cell).parents)
    return listed or document.path.endswith("__init__.py")


def _here(made: Renaming, code: Syntax, owner: Scope, bindings: list[Binding]) -> None:
    """This call alone: the new name is imported beside the old one."""
    made.own.append(made.speller.edit(made.cell, *code.extent(made.call.func), made.name))
    taken = owner.names.get(made.name)
    if taken is not None:
        paths = {b.path for b in taken}
        if paths == {f"{p.rpartition('.')[0]}.{made.name}" for b in bindings if (p := b.path)}:
            return
        raise NoFix(f"the name {made.name} is taken")
    for binding in bindings:
        node = binding.node
        assert isinstance(node, ast.ImportFrom) and node.module is not None
        package, _, below = node.module.partition(".layers")
        where = syntax(made.speller.document, binding.cell)
        pieces = [beside(where, node, {made.name: package})] if below else extended(where, node, [made.name])
        made.own += [made.speller.edit(binding.cell, *piece) for piece in pieces]
