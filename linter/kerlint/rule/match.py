"""The three subjects of a rule: a place in a graph, a whole model, a recorded fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from kerlint.graph.graph import Node, Trace
from kerlint.layers.table import TABLE


@dataclass(frozen=True)
class Place:
    """Nodes of these classes, each feeding the next and nobody else."""

    kinds: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Whole:
    """A model; with ``compiled`` each output of one that is."""

    compiled: bool


@dataclass(frozen=True)
class Recorded:
    """A fact that the evaluator recorded."""

    kinds: frozenset[str]


Subject: TypeAlias = Place | Whole | Recorded


def one(*kinds: str) -> Place:
    """One layer of any of these classes."""
    return Place((frozenset(kinds),))


def chain(*kinds: str | tuple[str, ...]) -> Place:
    """Layers one after the other; a tuple allows several classes in a position."""
    return Place(tuple(frozenset([k] if isinstance(k, str) else k) for k in kinds))


def taking(*arguments: str) -> tuple[str, ...]:
    """The classes of the layer table that take any of these arguments."""
    return tuple(kind for kind, spec in TABLE.items() if any(a in spec.signature for a in arguments))


def trained() -> Whole:
    """An output of a model that is trained, with the loss and metrics that ``compile`` was given: an Objective."""
    return Whole(compiled=True)


def model() -> Whole:
    """A model, compiled or not."""
    return Whole(compiled=False)


def fact(*kinds: str) -> Recorded:
    """Facts of these kinds (:class:`kerlint.graph.facts.Fact`)."""
    return Recorded(frozenset(kinds))


def places(subject: Place, node: Node, trace: Trace) -> Iterator[tuple[Node, ...]]:
    """The match that begins at ``node``, which is of a first kind, if there is one: its next layers are determined."""
    found = [node]
    for kinds in subject.kinds[1:]:
        users = trace.consumers(found[-1].output)
        if len(users) != 1 or users[0].kind not in kinds or users[0].inputs != (found[-1].output,):
            return
        found.append(users[0])
    yield tuple(found)
