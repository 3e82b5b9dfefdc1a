"""Loops: over what is known as in Python; over what is not, the body once, and what it makes is uncertain.

Comprehensions are consumed at once, generator expressions as they are taken.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from kerlint.evaluate import decide, opens
from kerlint.evaluate.assign import assign, iterate, part_of
from kerlint.evaluate.escape import tensors_in
from kerlint.evaluate.expressions import expression, value_of
from kerlint.evaluate.models import unsettle
from kerlint.evaluate.mutation import PLAIN, born, elements, entry, grow, perhaps, rest_of
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import CONTAINER, Loop, Run, TooLarge
from kerlint.evaluate.streams import Stream, live, size_of, yields
from kerlint.evaluate.trees import below, binding
from kerlint.evaluate.unseen import fill, walked
from kerlint.evaluate.values import Array, Instance, ModelValue, Open, Rest, Value
from kerlint.graph.graph import Tensor, Unresolved

LOOP_STEPS = 1_500  # a loop that would take more, and builds nothing in its first round, is not run to its end
LONG_STEPS = 15_000  # likewise, of one that applies layers and makes none, and of a comprehension


def run_loop(run: Run, node: Any, frame: Frame) -> Any:
    """``for target in iterable``; ``while test``: run while the test is known, then an unknown number of times."""
    run.loop_nodes.append(node)
    try:
        return (_while if isinstance(node, ast.While) else _for)(run, node, frame)
    finally:
        run.loop_nodes.pop()


def _for(run: Run, node: Any, frame: Frame) -> Any:
    source = value_of(run, node.iter, frame)
    values: Any = source if isinstance(source, (range, Stream)) else iterate(run, source)
    if values is None:
        item = _element(run, source, node, frame)
        unordered = isinstance(source, (set, frozenset))
        why = "a set has no known order" if unordered else "a loop over an unknown number of steps"
        return _once(run, node, frame, item, why)
    before, steps, rounds = run.made_so_far(), run.steps, size_of(values)
    for count, value in enumerate(live(source) if isinstance(source, list) else values):
        if isinstance(value, Rest):
            return _once(run, node, frame, value, "a loop over an unknown number of steps")
        long = (count == 1 or not rounds) and _endless(run, before, (run.steps - steps) * max(1, rounds))
        if long or count > CONTAINER:
            item = run.fresh("item", "item", f"a long loop (line {node.lineno})")
            return _once(run, node, frame, source if isinstance(source, Stream) else item, "a long loop")
        assign(run, node.target, value, frame)
        signal = run.execute(run, node.body, frame)
        if signal == "break" or isinstance(signal, tuple):
            return None if signal == "break" else signal
    return run.execute(run, node.orelse, frame)


def _while(run: Run, node: ast.While, frame: Frame) -> Any:
    before, steps = run.made_so_far(), run.steps
    for _ in range(CONTAINER):
        test = value_of(run, node.test, frame)
        known = decide.known_truth(run, test)
        if known is False:
            return run.execute(run, node.orelse, frame)
        if known is None or _endless(run, before, run.steps - steps):
            return _once(run, node, frame, None, "a loop over an unknown number of steps")
        signal = run.execute(run, node.body, frame)
        if signal == "break" or isinstance(signal, tuple):
            return None if signal == "break" else signal
    return _once(run, node, frame, None, "a loop without end")


def _endless(run: Run, before: tuple[int, int], steps: int) -> bool:
    """Whether so many steps are more than a loop is followed: one that makes no layer is perhaps training."""
    nodes, layers = run.made_so_far()
    return layers == before[1] and steps > (LOOP_STEPS if nodes == before[0] else LONG_STEPS)


def _element(run: Run, source: Value, node: Any, frame: Frame) -> Value:
    if type(source) is Array and len(source.shape) > 1:
        return Array(source.shape[1:], source.dtype)
    known = opens.opened(source)
    if known is None:
        why = f"an element of something unknown (line {node.lineno})"
        return opens.lend(run, run.fresh("item", frame.source.text(node.target), why), source)
    element = part_of(run, known, "each") if known.element is None else known.element
    if isinstance(element, Open):
        element.text = frame.source.text(node.target)
    return element


def _once(run: Run, node: Any, frame: Frame, item: Value, why: str) -> Any:
    """The body, once, as some iteration of many: what it carries on is unknown, what it makes is marked."""
    head = node.iter if isinstance(node, (ast.For, ast.AsyncFor)) else node.test
    place = Unresolved(frame.source.span(head), node.lineno, why)
    seen = changes_of(node)
    accumulates, nodes = forget(run, frame, seen.carried, place), len(run.nodes)
    carried = [(name, value.shape) for name in seen.carried if isinstance(value := frame.names.get(name), Tensor)]
    with perhaps(run, Loop(place, accumulates)):
        if isinstance(item, Stream):  # whose next round is as unknown as this one
            item = next(live(item), run.fresh("item", "item", why))
        if item is not None:
            assign(run, node.target, item, frame)
        signal = run.execute(run, node.body, frame)
    if any(getattr(frame.names.get(name), "shape", shape) != shape for name, shape in carried):
        run.rounds.update(run.nodes[nodes:])
    forget(run, frame, seen.assigned, place, after=True)
    forget(run, frame, seen.carried, place)  # no longer what a round began with
    why = f"{place.reason} (line {place.line})"
    fill(run, node, frame, why)
    for name in seen.carried:
        grow(run, frame.names.get(name), why)
    if yields(node) and frame.function is not None and not frame.function.managed:
        frame.during(Rest("*", "...", why))
    if seen.trains and isinstance(item, Open):
        unsettle(run, "trainable", place.line)
    return signal if isinstance(signal, tuple) else None


def forget(run: Run, frame: Frame, names: tuple[str, ...], place: Any, after: bool = False) -> bool:
    """Plain values of these names become unknown; whether a tensor or model is among them."""
    builds = False
    for name in names:
        value = frame.names.get(name, () if name in frame.bound else None)  # perhaps another round binds it
        if isinstance(value, (Tensor, ModelValue, Instance)):
            builds = True
        elif isinstance(value, PLAIN) and not isinstance(value, bool) and not (after and isinstance(value, Open)):
            frame.names[name] = run.fresh(name, name, f"{place.reason} (line {place.line})")
    return builds


@dataclass(frozen=True)
class Changes:
    """What the body of a loop changes of the names around it."""

    assigned: tuple[str, ...]  # names that it binds
    carried: tuple[str, ...]  # of these, those that it reads before: from one round to the next
    trains: bool  # whether it says of something whether that trains


@lru_cache(maxsize=1024)
def changes_of(node: Any) -> Changes:
    """What a loop changes."""
    assigned: dict[str, None] = {}
    stored: set[str] = set()  # by the statements so far
    read: set[str] = set()
    for statement in node.body:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            read |= {statement.target.id} - stored
        assigned |= dict.fromkeys(binding([statement]))
        names = (part for part in below([statement], scopes=False) if isinstance(part, ast.Name))
        read |= {name.id for name in names if not isinstance(name.ctx, ast.Store)} - stored
        if isinstance(statement, ast.Assign):
            stored.update(binding(statement.targets))
    bound = {*binding([node.target])} if hasattr(node, "target") else ()
    carried = tuple(name for name in assigned if name in read and name not in bound)
    trains = any(isinstance(p, ast.Attribute) and p.attr == "trainable" for p in below(node.body))
    return Changes(tuple(assigned), carried, trains)


# --- comprehensions ----------------------------------------------------------------------------------------


def _comprehend(run: Run, node: Any, frame: Frame, body: Callable[[Frame], Value]) -> Iterator[Value] | None:
    """What the body gives for every combination, up to a loop over something unknown; None if that is the first."""
    inner = Frame(frame.source, frame.module, frame.closure(), frame.function)
    inner.cls, inner.receiver, inner.within = frame.cls, frame.receiver, frame
    any_order = isinstance(node, (ast.SetComp, ast.GeneratorExp))  # who asks of all of them

    def level(depth: int, values: list[Value] | None) -> Iterator[Value]:
        generator = node.generators[depth]
        before, steps, rounds = run.made_so_far(), run.steps, size_of(values)
        for count, value in enumerate([lost] if values is None else live(values)):
            long = (count == 1 or not rounds) and (run.steps - steps) * max(1, rounds) > LONG_STEPS
            if (long and run.made_so_far() == before) or isinstance(value, Rest):
                walked(run, node, frame, why)
                yield lost
                return
            assign(run, generator.target, value, inner)
            if not all(decide.truth(run, value_of(run, test, inner)) for test in generator.ifs):
                continue
            if depth + 1 == len(node.generators):
                yield body(inner)
            else:
                found = iterate(run, value_of(run, node.generators[depth + 1].iter, inner), any_order)
                yield from level(depth + 1, found)

    lost = Rest("*", "...", why := f"a comprehension over something unknown (line {node.lineno})")
    source = value_of(run, node.generators[0].iter, frame)
    whole = isinstance(source, list) and (isinstance(source, Stream) or rest_of(source) is None)
    known = source if whole else iterate(run, source, any_order)
    if known is None:
        walked(run, node, frame, why)
    return None if known is None else level(0, known)


def _all(run: Run, node: Any, frame: Frame, given: Iterator[Value] | None) -> list[Value] | Open:
    """All that a comprehension gives; not known if it goes over something unknown."""
    found = [Rest("*", "...", "")] if given is None else [*islice(given, CONTAINER + 1)]
    if len(found) > CONTAINER:
        raise TooLarge(f"a container of more than {CONTAINER} elements")
    if rest_of(found) is None:
        return found
    run.returned += tensors_in([frame.get(part.id) for part in ast.walk(node) if isinstance(part, ast.Name)])
    return run.lost("each", node, frame, "a comprehension over something unknown")


@expression(ast.ListComp, ast.GeneratorExp, ast.SetComp)
def _list_comp(run: Run, node: Any, frame: Frame) -> Value:
    given = _comprehend(run, node, frame, lambda scope: value_of(run, node.elt, scope))
    if isinstance(node, ast.GeneratorExp) and given is not None:
        return born(run, Stream(given))
    found = _all(run, node, frame, given)
    if isinstance(node, ast.SetComp) and isinstance(found, list):
        return born(run, elements(run, found, f"a set of unknowns (line {node.lineno})"))
    return found if isinstance(found, Open) else born(run, found)


@expression(ast.DictComp)
def _dict_comp(run: Run, node: ast.DictComp, frame: Frame) -> Value:
    given = _comprehend(run, node, frame, lambda at: (value_of(run, node.key, at), value_of(run, node.value, at)))
    pairs = _all(run, node, frame, given)
    if isinstance(pairs, Open):
        return pairs
    found: dict[Value, Value] = {}
    for key, value in pairs:
        entry(run, found, key, value)
    return born(run, found)
