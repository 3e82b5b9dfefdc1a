"""Iterators: what they give is calculated when it is taken, as Python does it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, zip_longest
from types import GeneratorType
from typing import Any

from kerlint.evaluate.mutation import PLAIN, rest_of
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import CONTAINER, TooLarge
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import Class, Function, Instance, Rest, Value

WATCHED = 600  # things that a generator reads


class Enough(Exception):
    """A generator has given as many values as are taken."""


class Stream(list[Value]):
    """An iterator: what it has left to give. Once it was walked, that is nothing, but for Python 2's ``map()``.

    What runs code of the program is given as a generator of ours: nothing of it runs before it is taken.
    """

    def __init__(self, values: Iterable[Value] = ()) -> None:
        late = values if isinstance(values, GeneratorType) else None
        super().__init__(() if late is not None else values)
        self.late: Any = late

    def draw(self, count: int = CONTAINER) -> None:
        """Calculates so many more elements; what fails leaves nothing that is known."""
        if self.late is not None and not self.late.gi_running:
            try:
                self.extend(islice(self.late, count))
            except TooLarge as large:
                self.append(Rest("*", "...", str(large)))
                raise


def live(items: list[Any]) -> Iterator[Any]:
    """The elements of a list while it is walked: the body may add to it, or remove; those of an iterator are taken."""
    position = 0
    while True:
        if isinstance(items, Stream) and not items:
            items.draw(1)
        if position >= len(items):
            return
        yield items.pop(0) if isinstance(items, Stream) else items[position]
        position += not isinstance(items, Stream)


def rows(*parts: Iterable[Value]) -> Stream:
    """What ``zip()`` gives, as late as what it goes through; at an element that is not known, it is that."""
    walked = zip(*(live(part) if isinstance(part, list) else part for part in parts), strict=False)
    found = (row if (lost := rest_of(row)) is None else lost for row in walked)
    return Stream(found if Stream in map(type, parts) else list(found))


def as_long_as_it_stays(values: Iterable[Value], *reads: Any) -> Iterator[Value]:
    """What a generator gives that was run at once: not known from where on it goes by what was changed since."""
    then = read_by(*reads)
    for value in values:
        yield value
        pairs = zip_longest(read_by(*reads), then)
        if not all(a is b or (type(a) in PLAIN and a == b) for a, b in pairs):
            yield Rest("*", "...", "a generator reads what was changed since it began")
            return


def read_by(frame: Frame, node: ast.AST, given: tuple[Value, ...]) -> list[Value]:
    """What a generator goes on by: what it names, and what that holds; of objects, what it speaks of."""
    free, words = spoken_in(node)
    found = [*map(frame.get, free), *given]
    for value in found:  # grows while it is walked
        if isinstance(value, Function):
            found += map(value.frame.get, spoken_in(value.node)[0])
        elif isinstance(value, (Instance, Class)):
            found += [part for name, part in value.names.items() if name in words]
            found += [value.cls] if isinstance(value, Instance) else value.bases
        elif isinstance(value, (list, tuple, set, dict)):
            found += [*value, *value.values()] if isinstance(value, dict) else value
        if len(found) > WATCHED:
            break
    return found


@lru_cache(maxsize=1024)
def spoken_in(node: ast.AST) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names that a piece of code reads and does not bind; the attributes that it speaks of."""
    parts = below([node])
    names = [part for part in parts if isinstance(part, ast.Name)]
    bound = {n.id for n in names if not isinstance(n.ctx, ast.Load)} | {p.arg for p in parts if isinstance(p, ast.arg)}
    free = tuple(dict.fromkeys(n.id for n in names if n.id not in bound))
    return free, frozenset(part.attr for part in parts if isinstance(part, ast.Attribute))


@lru_cache(maxsize=1024)
def yields(node: Any) -> bool:
    """Whether a function is a generator."""
    body = [] if isinstance(node, ast.Lambda) else node.body
    return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in below(body, scopes=False))
