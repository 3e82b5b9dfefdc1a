"""How this file would spell ``keras.layers.Dense`` at a place, by its own prefix, import or star, what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from kerlint.fix.scope import Binding, Names, Scope, names_of
from kerlint.fix.statement import block_of
from kerlint.fix.syntax import Syntax, syntax
from kerlint.graph.layer import LayerSpec, NoFix
from kerlint.text.document import Document
from kerlint.text.edit import Edit
from kerlint.text.span import Span

LAYERS = "layers"
Piece: TypeAlias = tuple[int, int, str]  # start, end, text


@dataclass(eq=False)
class Speller:
    """Spells layer classes for one fix, and collects the imports that it needs."""

    document: Document
    names: Names
    codes: dict[int | None, Syntax]  # the cells that the names were read from
    wanted: dict[tuple[int | None, ast.ImportFrom], dict[str, str]] = field(default_factory=dict)  # -> class -> package

    def scope(self, cell: int | None, node: ast.AST) -> Scope:
        """The scope that a node stands in."""
        parents = syntax(self.document, cell).parents
        while node not in self.names.scopes and node in parents:
            node = parents[node]
        return self.names.scopes.get(node, self.names.module)

    def spell(self, cell: int | None, call: ast.Call, old: LayerSpec, kind: str) -> str:
        """The text of class ``kind`` in place of the callee of a call of ``old``. Raises NoFix."""
        scope = self.scope(cell, call)
        packages = self.packages(scope, call.func, old)
        code = syntax(self.document, cell)
        if kind in (old.name, *old.aliases):
            return code.text(call.func)
        if isinstance(call.func, ast.Attribute):
            return _package_text(code, call.func, scope) + "." + kind
        assert isinstance(call.func, ast.Name)
        name = self._bound(scope, kind, packages, (cell, call)) or self._imported(scope, call.func.id, kind, packages)
        return name or _through_module(scope, kind, packages)

    def _bound(self, scope: Scope, kind: str, packages: set[str], place: tuple[int | None, ast.Call]) -> str | None:
        """A name that is bound to the class already, in every way the old name is, and wherever that is."""
        top = [code.tree.body for code in self.codes.values()]
        needed = [self._block(binding) for binding in scope.bindings(place[1].func.id)]  # type: ignore[attr-defined]
        seen: set[str] = set()
        for outer in scope.visible():
            for name, bindings in outer.names.items():
                same = {_home(b.path) for b in bindings} == {(package, kind) for package in packages}
                if same and name not in seen and _before(outer, scope, bindings, place):
                    blocks = [self._block(b) for b in bindings]
                    if any(b in top for b in blocks) or (needed and all(b in blocks for b in needed)):
                        return name
            seen.update(outer.names)
        return None

    def _block(self, binding: Binding) -> list[ast.stmt]:
        """The statements that a binding stands among."""
        code = self.codes[binding.cell]
        return block_of(code, code.statement_of(binding.node))

    def packages(self, scope: Scope, callee: ast.expr, spec: LayerSpec) -> set[str]:
        """The packages (``keras``, ``tensorflow.keras``) of the callee; NoFix if it is another class."""
        paths = scope.paths(callee)
        spread = isinstance(callee, ast.Name) and not scope.bindings(callee.id)
        if isinstance(callee, ast.Name) and spread:
            packages = (_star_package(node) for seen in scope.visible() for _, node in seen.stars)
            paths = {f"{package}.{LAYERS}.{callee.id}" for package in packages if package}
        homes = {_home(path) for path in paths}
        known = {h for h in homes if h is not None and h[1] in (spec.name, *spec.aliases)}
        if not homes or homes != known:
            how = "comes in by import * of another file" if spread else "is not named where the layer is made"
            raise NoFix(f"{spec.name} {how}")
        return {package for package, _ in known}

    def edits(self) -> list[Edit]:
        """The edits of the imports."""
        found = []
        for (cell, node), kinds in self.wanted.items():
            code = syntax(self.document, cell)
            pieces = extended(code, node, [*kinds]) if _holds_layers(node) else [beside(code, node, kinds)]
            found += [self.edit(cell, *piece) for piece in pieces]
        return found

    def edit(self, cell: int | None, start: int, end: int, text: str) -> Edit:
        """An edit in this document."""
        return Edit(Span(self.document.path, cell, start, end), text)

    def uses(self, name: str, owner: Scope | None) -> Iterator[tuple[int | None, Syntax, ast.Name, Scope]]:
        """Every place that has a name of a scope, with its cell and the scope it stands in."""
        for cell in self.document.cells:
            code = syntax(self.document, cell.index)
            for node in ast.walk(code.tree):
                if isinstance(node, ast.Name) and node.id == name:
                    scope = self.scope(cell.index, node)
                    if scope.owner(name) is owner:
                        yield cell.index, code, node, scope

    def _imported(self, scope: Scope, name: str, kind: str, packages: set[str]) -> str | None:
        """The plain name, bound wherever the old one is; None if it is taken or the old one no import."""
        owner = scope.owner(name)
        if owner is None:
            return self._starred(scope, kind)
        bindings = owner.names[name]
        if all(b.value is not None for b in bindings):  # ``Conv1D = keras.layers.Conv1D``: by the same prefix
            value = bindings[0].value
            if len(bindings) > 1 or not isinstance(value, ast.Attribute):
                return None
            return _package_text(syntax(self.document, bindings[0].cell), value, scope) + "." + kind
        if not all(isinstance(b.node, ast.ImportFrom) for b in bindings) or self._taken(scope, kind):
            return None
        for binding in bindings:
            home = _home(binding.path)
            assert home is not None and isinstance(binding.node, ast.ImportFrom)
            self.wanted.setdefault(self._first(binding, owner), {})[kind] = home[0]
        return kind

    def _first(self, binding: Binding, owner: Scope) -> tuple[int | None, ast.ImportFrom]:
        """The first statement of the same block that imports from the same module: all fixes extend this one."""
        node, block = binding.node, self._block(binding)
        assert isinstance(node, ast.ImportFrom)
        others = [b.node for found in owner.names.values() for b in found if b.cell == binding.cell]
        imports = (n for n in others if isinstance(n, ast.ImportFrom) and n in block)
        alike = (n for n in imports if (n.module, n.level) == (node.module, node.level))
        return binding.cell, min(alike, key=lambda n: n.lineno, default=node)

    def _starred(self, scope: Scope, kind: str) -> str | None:
        if self._taken(scope, kind):
            return None
        module = self.names.module
        if not any(_holds_layers(node) for _, node in module.stars):
            cell, node = next((cell, node) for cell, node in module.stars if _star_package(node))
            self.wanted.setdefault((cell, node), {})[kind] = _star_package(node) or ""
        return kind

    def _taken(self, scope: Scope, kind: str) -> bool:
        """Whether the name means something else already."""
        if any(kind in outer.names for outer in scope.visible()):
            return True
        # A star may bring another class by a layer's name, but for those of Keras's own modules.
        parts = [("",) if node.level else (node.module or "").split(".") for _, node in self.names.module.stars]
        return kind in self.names.loaded and any({"keras", "tf_keras"}.isdisjoint(names) for names in parts)


def speller(document: Document) -> Speller:
    """A speller for one fix of the document."""
    return Speller(document, *_read(document))


@lru_cache(maxsize=8)  # for every fix of a document
def _read(document: Document) -> tuple[Names, dict[int | None, Syntax]]:
    codes: dict[int | None, Syntax] = {}
    for cell in document.cells:
        with suppress(NoFix):
            codes[cell.index] = syntax(document, cell.index)
    return names_of({index: code.tree for index, code in codes.items()}), codes


def _home(path: str | None) -> tuple[str, str] | None:
    """``tensorflow.keras.layers.Dense`` -> (``tensorflow.keras``, ``Dense``); None if it is no layer."""
    parts = path.split(".") if path else []
    if LAYERS not in parts[1:-1] or not any("keras" in p for p in parts[: parts.index(LAYERS)]):
        return None
    return ".".join(parts[: parts.index(LAYERS)]), parts[-1]


def _holds_layers(node: ast.ImportFrom) -> bool:
    """Whether the statement imports from the module that has all layers, not one of its parts."""
    module = node.module or ""
    return _star_package(node) is not None and module.endswith("." + LAYERS) and module.count(LAYERS) == 1


def _star_package(node: ast.ImportFrom) -> str | None:
    home = _home(f"{node.module}.X") if node.module and not node.level else None
    return home[0] if home else None


def _package_text(code: Syntax, callee: ast.Attribute, scope: Scope) -> str:
    """The text before the class's name, cut back to the module that has all layers."""
    prefix = callee.value
    while isinstance(prefix, ast.Attribute) and prefix.attr != LAYERS and LAYERS in code.text(prefix.value).split("."):
        prefix = prefix.value
    if any(path is None or not path.endswith("." + LAYERS) for path in scope.paths(prefix)):
        raise NoFix(f"{code.text(prefix)} is not known to have all layers")
    return code.text(prefix)


def _before(outer: Scope, scope: Scope, bindings: list[Binding], place: tuple[int | None, ast.Call]) -> bool:
    """Whether the name is bound by the time the place runs: earlier in the same body, or outside of it."""
    if outer is not scope:
        return True
    first = min((b.cell, b.node.lineno) for b in bindings)  # type: ignore[attr-defined]
    return first < (place[0], place[1].lineno)


def _through_module(scope: Scope, kind: str, packages: set[str]) -> str:
    """``layers.Dense``, ``keras.layers.Dense`` or ``tf.keras.layers.Dense`` by a module that is imported."""
    package = next(iter(packages))
    root, _, below = package.partition(".")
    for path, tail in ((f"{package}.{LAYERS}", ""), (package, LAYERS), (root, f"{below}.{LAYERS}")):
        for outer in scope.visible():
            for name, bindings in outer.names.items():
                if {b.path for b in bindings} == {path} and scope.owner(name) is outer and len(packages) == 1:
                    return ".".join(filter(None, [name, tail, kind]))
    raise NoFix(f"the name {kind} is taken in this file")


# --- the text of imports ----------------------------------------------------------------------------------------


def extended(code: Syntax, node: ast.ImportFrom, kinds: Sequence[str], *, sorts: bool = False) -> list[Piece]:
    """``from keras.layers import ...`` with more names: where they sort (one name shows no order), else at the end."""
    names = [alias.asname or alias.name for alias in node.names]
    if names == ["*"]:
        return []
    places: dict[int, list[str]] = {}
    for kind in sorted(kinds, key=_by_type):
        places.setdefault(_index(names, kind, sorts), []).append(kind)
    return [_inserted(code, node, index, new) for index, new in sorted(places.items())]


def _index(names: Sequence[str], kind: str, sorts: bool) -> int:
    """How many of the names stand before the new one: as they are sorted, else all of them."""
    for key in (_by_type, str.casefold, str):
        if (sorts or len(names) > 1) and list(names) == sorted(names, key=key):
            return sum(key(name) < key(kind) for name in names)
    return len(names)


def _by_type(name: str) -> str:
    """Constants, classes, functions: as isort and ruff sort."""
    kind = "0" if name.isupper() and len(name) > 1 else "1" if name[:1].isupper() else "2"
    return kind + name.casefold()


def _inserted(code: Syntax, node: ast.ImportFrom, index: int, new: Sequence[str]) -> Piece:
    extents = [code.extent(alias) for alias in node.names]
    start, end = extents[max(index - 1, 0)]
    own_line = code.text(node).endswith(")") and code.opens_line(start) and code.rest(end) in ("", ",")
    indent = code.indent(start)
    if index == 0:
        return start, start, "".join(f"{name},\n{indent}" if own_line else f"{name}, " for name in new)
    if not own_line:
        return end, end, "".join(f", {name}" for name in new)
    stop = code.line_stop(end)
    rest = code.piece(end, stop)
    if rest.lstrip().startswith(","):
        return stop, stop, "".join(f"\n{indent}{name}," for name in new)
    return end, stop, f",{rest}" + ",".join(f"\n{indent}{name}" for name in new)


def beside(code: Syntax, node: ast.ImportFrom, kinds: Mapping[str, str]) -> Piece:
    """A statement of its own for classes that the statement's module does not have."""
    start, end = code.extent(node)
    packages: dict[str, list[str]] = {}
    for kind, package in kinds.items():
        packages.setdefault(package, []).append(kind)
    lines = [f"from {package}.layers import {', '.join(sorted(found))}" for package, found in packages.items()]
    if code.opens_line(start) and not code.rest(end):
        at = code.line_end(end)
        if code.code[at - 1 : at] == "\n":
            return at, at, "".join(f"{code.indent(start)}{line}\n" for line in lines)
    return end, end, "".join(f"; {line}" for line in lines)
