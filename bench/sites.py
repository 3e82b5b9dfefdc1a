"""The places of a file that construct a model, however far evaluation came: the denominator of every share."""

from __future__ import annotations

import ast

from kerlint.evaluate.names import Source
from kerlint.text.document import Document
from kerlint.text.span import Span

CONSTRUCTORS = ("Sequential", "Model", "Functional")


def sites(document: Document) -> list[Span]:
    """Calls of Sequential, Model, Functional and of the file's own subclasses of them, by their spelling."""
    trees = [(cell, ast.parse(cell.code)) for cell in document.cells]
    names = _names([tree for _, tree in trees])
    found = []
    for cell, tree in trees:
        source = Source(document, cell.index)
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _last(node.func) in names)
        found += [source.span(node) for node in calls]
    return sorted(found)


def _names(trees: list[ast.Module]) -> set[str]:
    """The constructors' names, with those of the file's classes; a class of its own called Model is none of Keras's."""
    known = set(CONSTRUCTORS)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                derived = any(_last(base) in known for base in node.bases)
                (known.add if derived else known.discard)(node.name)
    return known


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
