"""Comprehensions and generator expressions: consumed at once."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from kerlint.evaluate import decide
from kerlint.evaluate.assign import assign, iterate
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.expressions import expression, value_of
from kerlint.evaluate.loops import LONG_STEPS
from kerlint.evaluate.mutation import Stream, born, elements, entry
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import CONTAINER, Run, TooLarge
from kerlint.evaluate.values import Open, Value


def _comprehend(run: Run, node: Any, frame: Frame, body: Callable[[Frame], Value]) -> list[Value] | Open:
    """What the body gives for every combination; not known if one of the loops goes over something unknown."""
    inner = Frame(frame.source, frame.module, frame.closure(), frame.function)
    inner.cls, inner.receiver, inner.within = frame.cls, frame.receiver, frame
    found: list[Value] = []

    def level(depth: int, scope: Frame) -> bool:
        if depth == len(node.generators):
            if len(found) >= CONTAINER:
                raise TooLarge(f"a container of more than {CONTAINER} elements")
            found.append(body(scope))
            return True
        generator = node.generators[depth]
        source = value_of(run, generator.iter, frame if depth == 0 else scope)
        values = iterate(run, source, isinstance(node, (ast.SetComp, ast.GeneratorExp)))  # who asks of all of them
        if values is None:
            return False
        before, steps = run.made_so_far(), run.steps
        for count, value in enumerate(values):
            if count == 1 and (run.steps - steps) * len(values) > LONG_STEPS and run.made_so_far() == before:
                return False
            assign(run, generator.target, value, scope)
            taken = all(decide.truth(run, value_of(run, test, scope)) for test in generator.ifs)
            if taken and not level(depth + 1, scope):
                return False
        return True

    if level(0, inner):
        return found
    run.returned += tensors_in([frame.get(part.id) for part in ast.walk(node) if isinstance(part, ast.Name)])
    return run.fresh("each", frame.source.text(node), f"a comprehension over something unknown (line {node.lineno})")


@expression(ast.ListComp, ast.GeneratorExp, ast.SetComp)
def _list_comp(run: Run, node: Any, frame: Frame) -> Value:
    found = _comprehend(run, node, frame, lambda scope: value_of(run, node.elt, scope))
    if isinstance(found, Open):
        return found
    if isinstance(node, ast.SetComp):
        return born(run, elements(run, found, f"a set of unknowns (line {node.lineno})"))
    return born(run, Stream(found, (frame, node, ())) if isinstance(node, ast.GeneratorExp) else found)


@expression(ast.DictComp)
def _dict_comp(run: Run, node: ast.DictComp, frame: Frame) -> Value:
    pairs = _comprehend(run, node, frame, lambda at: (value_of(run, node.key, at), value_of(run, node.value, at)))
    if isinstance(pairs, Open):
        return pairs
    found: dict[Value, Value] = {}
    for key, value in pairs:
        entry(run, found, key, value)
    return born(run, found)
