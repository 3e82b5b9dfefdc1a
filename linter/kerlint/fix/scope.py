"""What the names of a document are bound to, as far as imports and plain aliases say it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, eq=False)
class Binding:
    """One place that binds a name. ``path`` is the dotted name it stands for, None for anything else."""

    path: str | None
    cell: int | None
    node: ast.AST
    alias: ast.alias | None = None  # of the import
    value: ast.expr | None = None  # of an assignment of a dotted name


@dataclass(eq=False)
class Scope:
    """A module, function or class body: its own names and star imports."""

    node: ast.AST | None  # None: the module, of all cells
    parent: Scope | None = None
    names: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[tuple[int | None, ast.ImportFrom]] = field(default_factory=list)

    def visible(self) -> Iterator[Scope]:
        """This scope and those around it whose names are seen from here; class bodies are not."""
        yield self
        scope = self.parent
        while scope is not None:
            if not isinstance(scope.node, ast.ClassDef):
                yield scope
            scope = scope.parent

    def owner(self, name: str) -> Scope | None:
        """The scope that binds the name."""
        return next((s for s in self.visible() if name in s.names), None)

    def bindings(self, name: str) -> list[Binding]:
        """Every binding of the name in the scope that owns it."""
        owner = self.owner(name)
        return owner.names[name] if owner else []

    def paths(self, expression: ast.expr) -> set[str | None]:
        """The dotted names that ``a.b.c`` may stand for; None among them for what is not known."""
        parts: list[str] = []
        while isinstance(expression, ast.Attribute):
            parts.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name):
            return {None}
        found = self.bindings(expression.id) or [Binding(None, 0, expression)]
        return {b.path if b.path is None else ".".join([b.path, *reversed(parts)]) for b in found}


@dataclass(eq=False)
class Names:
    """The scopes of a document."""

    module: Scope
    scopes: dict[ast.AST, Scope]
    loaded: set[str]  # every name that is read anywhere
    words: set[str]  # every identifier


def names_of(trees: dict[int | None, ast.Module]) -> Names:
    """Read the scopes of all cells; the module's scope spans them."""
    names = Names(Scope(None), {}, set(), set())
    for cell, tree in trees.items():
        _Reader(names, cell).read(tree)
    for scope in (names.module, *names.scopes.values()):
        _resolve_aliases(scope)
    return names


class _Reader:
    def __init__(self, names: Names, cell: int | None) -> None:
        self.names, self.cell = names, cell

    def read(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(child, self.names.module) for child in reversed(tree.body)]
        while stack:
            node, scope = stack.pop()
            inner = scope
            self._bindings(node, scope)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
                inner = self.names.scopes[node] = Scope(node, scope)
                if not isinstance(node, ast.ClassDef):
                    for argument in (part for part in ast.iter_child_nodes(node.args) if isinstance(part, ast.arg)):
                        self._bind(argument.arg, inner, Binding(None, self.cell, argument))
            stack.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))

    def _bindings(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                self.names.loaded.add(name)
                self.names.words.add(name)
            case ast.Name(id=name):
                self._bind(name, scope, Binding(None, self.cell, node))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self._bind(name, scope, Binding(None, self.cell, node))
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._bind(name, scope, Binding(None, self.cell, node))
            case ast.arg(arg=name) | ast.MatchMapping(rest=str(name)):
                self.names.words.add(name)
            case ast.Global(names=declared) | ast.Nonlocal(names=declared):
                for name in declared:
                    self._bind(name, scope, Binding(None, self.cell, node))
            case ast.Import(names=aliases):
                for alias in aliases:
                    name = alias.asname or alias.name.partition(".")[0]
                    path = alias.name if alias.asname else name
                    self._bind(name, scope, Binding(path, self.cell, node, alias))
            case ast.ImportFrom():
                self._import_from(node, scope)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute() | ast.Name() as value):
                self._bind(name, scope, Binding(None, self.cell, node, value=value))

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append((self.cell, node))
                continue
            path = f"{node.module}.{alias.name}" if node.module and not node.level else None
            self._bind(alias.asname or alias.name, scope, Binding(path, self.cell, node, alias))

    def _bind(self, name: str, scope: Scope, binding: Binding) -> None:
        self.names.words.add(name)
        scope.names.setdefault(name, []).append(binding)


def _resolve_aliases(scope: Scope) -> None:
    """``layers = tf.keras.layers`` stands for that module: its target is not "something else"."""
    for name, found in scope.names.items():
        kept = []
        assigned = [b.node for b in found if b.value is not None and isinstance(b.node, ast.Assign)]
        targets = [target for node in assigned for target in node.targets]  # that have a binding of their own
        for binding in found:
            if binding.value is not None:
                itself = any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(binding.value))
                known = scope.paths(binding.value) if not itself else {None}
                path = next(iter(known)) if len(known) == 1 else None
                kept.append(Binding(path, binding.cell, binding.node, value=binding.value))
            elif binding.node not in targets:
                kept.append(binding)
        scope.names[name] = kept
