"""The places of a file that construct a model, however far evaluation came: the denominator of every share."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kerlint.evaluate.names import Source
from kerlint.text.document import Document
from kerlint.text.span import Span

CONSTRUCTORS = ("Sequential", "Model", "Functional")


def sites(document: Document) -> list[Span]:
    """Calls of Sequential, Model, Functional and of the file's own subclasses of them, by their spelling."""
    trees = [(cell, ast.parse(cell.code)) for cell in document.cells]
    names = {*CONSTRUCTORS, *_subclasses([tree for _, tree in trees])}
    found = []
    for cell, tree in trees:
        source = Source(document, cell.index)
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _last(node.func) in names)
        found += [source.span(node) for node in calls]
    return sorted(found)


def _subclasses(trees: list[ast.Module]) -> Iterator[str]:
    known = set(CONSTRUCTORS)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(_last(base) in known for base in node.bases):
                known.add(node.name)
                yield node.name


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
