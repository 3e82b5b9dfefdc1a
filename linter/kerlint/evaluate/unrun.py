"""What functions that no run reached do with a model, as far as their text alone says it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator

from kerlint.evaluate.names import Source
from kerlint.evaluate.trees import below
from kerlint.evaluate.words import words
from kerlint.graph.facts import Fact

RELYING = frozenset(words("load_weights set_weights get_weights get_layer pop"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COUNTING = frozenset(words("len enumerate"))
HINT = re.compile(rf"\.\s*(?:(?:{'|'.join(sorted(RELYING))})\b|layers\s*[\[)])")  # most files have none


def relying(trees: Iterable[tuple[Source, list[ast.stmt]]], run: Collection[object]) -> Iterator[Fact]:
    """Where such functions rely on the structure of a model. ``run`` are the nodes of those that a run reached."""
    for source, body in trees:
        if HINT.search(source.document.cell(source.cell).source):
            parts = [part for part in below(body) if isinstance(part, FUNCTIONS) and id(part) not in run]
            found = {part: _relied(part) for part in below(parts)}
            yield from (Fact("relies-on-structure", source.span(p), data={"what": w}) for p, w in found.items() if w)


def _relied(part: ast.AST) -> str | None:
    """What is asked of an object that may be a model: known/model_methods.py says the same of one that is."""
    if isinstance(part, ast.Subscript):
        return "layers[...]" if _layers(part.value) else None
    if not isinstance(part, ast.Call):
        return None
    if isinstance(part.func, ast.Name):
        counts = part.func.id in COUNTING and part.args and _layers(part.args[0])
        return f"{part.func.id}(model.layers)" if counts else None
    name = part.func.attr if isinstance(part.func, ast.Attribute) else ""
    return name if name in RELYING and not (name == "pop" and part.args) else None  # with a place, it is a list's


def _layers(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "layers"
