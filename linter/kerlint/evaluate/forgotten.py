"""Layers and inputs that the program makes beside a model, gives a name, and forgets."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kerlint.graph.facts import Fact

if TYPE_CHECKING:
    from kerlint.evaluate.state import Run
    from kerlint.evaluate.values import Call, ModelValue
    from kerlint.graph.graph import Graph


def forgotten(run: Run, taken: Sequence[tuple[ModelValue, Graph]]) -> Iterator[Fact]:
    """A layer that nothing applies, an input that no layer takes: its name is not read, an input's for models alone."""
    outputs = [tensor for _, graph in taken for tensor in graph.outputs]
    used = {n.layer for n in run.nodes if n.inputs}
    used |= {t.node.layer for t in (*outputs, *(t for n in run.nodes for t in n.reads)) if t.node}
    for layer, c in run.made_by.items():
        around, cell = run.within[layer], layer.made_at.cell
        models = [m for m, _ in taken if (run.within.get(m, ()), around or m.made_at.cell) == (around, around or cell)]
        if models and layer not in used and _is_forgotten(run, c, models if layer.kind == "InputLayer" else ()):
            yield Fact("in-no-model", layer.made_at, (), {"layer": layer})


def _is_forgotten(run: Run, c: Call, models: Sequence[ModelValue]) -> bool:
    """Whether the call's value is a name that nothing reads, but to construct one of these models."""
    function = c.frame.function
    scope = [function.node] if function is not None else run.trees.get(id(c.frame.module), [])
    parts = [part for tree in scope for part in ast.walk(tree)]
    names = [p.targets[0] for p in parts if isinstance(p, ast.Assign) and p.value is c.node and len(p.targets) == 1]
    if not names or not isinstance(names[0], ast.Name):
        return False
    read = [p for p in parts if isinstance(p, ast.Name) and p.id == names[0].id and not isinstance(p.ctx, ast.Store)]
    spans = [(c.frame.source.span(part), [m.made_at for m in models]) for part in read]
    return all(any(m.cell == s.cell and m.start <= s.start and s.end <= m.end for m in made) for s, made in spans)
