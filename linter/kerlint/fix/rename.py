"""Another name for what a call calls: at the call, or all over the file where an import gives the name."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from kerlint.fix.imports import Speller, beside, extended
from kerlint.fix.scope import Binding, Scope
from kerlint.fix.syntax import Syntax, syntax
from kerlint.graph.layer import NoFix
from kerlint.layers.former import in_layers
from kerlint.text.edit import Edit
from kerlint.text.span import Span


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
    listed = any(
        isinstance(node, ast.Constant) and node.value == name for node in syntax(made.speller.document, cell).parents
    )
    return listed or made.speller.document.path.endswith("__init__.py")


def _here(made: Renaming, code: Syntax, owner: Scope, bindings: list[Binding]) -> None:
    """This call alone: the new name is imported beside the old one."""
    start, end = code.extent(made.call.func)
    made.own.append(made.speller.edit(made.cell, start, end, made.name))
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
