"""The places of a file that construct a model, however far evaluation came: the denominator of every share.

A ``Sequential`` that is imported from a package that has nothing to do with Keras (``torch.nn``) is none.
"""

from __future__ import annotations

import ast

from kerlint.evaluate.names import Source
from kerlint.imports import Imports
from kerlint.text.document import Document
from kerlint.text.span import Span

CONSTRUCTORS = ("Sequential", "Model", "Functional")


def sites(document: Document) -> list[Span]:
    """Calls of Sequential, Model, Functional and of the file's own subclasses of them, by their spelling."""
    trees = [(cell, ast.parse(cell.code)) for cell in document.cells]
    names = _names([tree for _, tree in trees])
    foreign = _foreign([tree for _, tree in trees], document.path)
    found = []
    for cell, tree in trees:
        source = Source(document, cell.index)
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _last(node.func) in names)
        found += [source.span(node) for node in calls if _first(node.func) not in foreign]
    return sorted(found)


def _foreign(trees: list[ast.Module], path: str) -> set[str]:
    """Names that are imported from packages that are neither Keras's kin nor the project's: ``torch``, ``cntk``."""
    ours: set[str] = set()
    other: set[str] = set()
    load = Imports()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            bound = [(alias.name, alias.asname or alias.name.partition(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            bound = [(node.module or "", alias.asname or alias.name) for alias in node.names]
        else:
            continue
        for module, name in bound:
            kin = "keras" in module or module.startswith("tensorflow")
            (ours if kin or load(module, path) is not None else other).add(name)
    return other - ours


def _names(trees: list[ast.Module]) -> set[str]:
    """The constructors' names, with those of the file's classes; a class of its own called Model is none of Keras's."""
    known = set(CONSTRUCTORS)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                derived = any(_last(base) in known for base in node.bases)
                (known.add if derived else known.discard)(node.name)
    return known


def _first(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
