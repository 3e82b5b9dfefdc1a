"""Iterators: what they give is calculated when it is taken, as Python does it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from threading import Semaphore, Thread
from types import GeneratorType
from typing import Any

from kerlint.evaluate.mutation import rest_of
from kerlint.evaluate.state import CONTAINER, Run, TooLarge
from kerlint.evaluate.trees import below
from kerlint.evaluate.values import Rest, Value

STACKS = ("calls", "loop_nodes", "trying", "marks")  # of what is running around a statement
YIELDS = 256  # values that are taken of a generator
WAITING = 64  # generators that have begun and wait to be asked for more


class Stream(list[Value]):
    """An iterator: what it has left to give. Once it was walked, that is nothing, but for Python 2's ``map()``.

    ``late``, a generator of ours, gives the rest: nothing of it runs before it is taken. ``size``: about so many
    elements, of what only goes over others and runs no code of the program.
    """

    def __init__(self, values: Iterable[Value] = (), size: int = 0) -> None:
        late = values if isinstance(values, GeneratorType) else None
        super().__init__(() if late is not None else values)
        self.late: Any = late
        self.size = size or len(self)

    def draw(self, count: int = CONTAINER) -> None:
        """Calculates so many more elements; what fails leaves nothing that is known."""
        if self.late is not None and not self.late.gi_running:
            try:
                self.extend(islice(self.late, count))
                if self and isinstance(self[-1], Rest):  # how far it is from here on, is not known
                    self.extend(islice(self.late, CONTAINER))
            except TooLarge as large:
                self.append(Rest("*", "...", str(large)))
                raise


class View(list[Value]):
    """``d.values()``: what the dictionary holds whenever it is read."""

    def __init__(self, read: Callable[[], Iterable[Value]]) -> None:
        super().__init__(read())
        self._read = read

    def __len__(self) -> int:
        self[:] = self._read()
        return super().__len__()

    def __iter__(self) -> Iterator[Value]:
        self[:] = self._read()
        return super().__iter__()


def live(items: Any) -> Iterator[Any]:
    """The elements of a list while it is walked: the body may add to it, or remove; those of an iterator are taken."""
    position = 0
    while True:
        if isinstance(items, Stream) and not items:
            items.draw(1)
        if position >= len(items):
            return
        yield items.pop(0) if isinstance(items, Stream) else items[position]
        position += not isinstance(items, Stream)


def drawn(values: Any) -> Any:
    """As it is; of an iterator, with all that it gives: Python 2 had lists there."""
    if isinstance(values, Stream):
        values.draw()
    return values


def size_of(values: Any) -> int:
    """About how many elements there are; 0 if that is not known."""
    return values.size if isinstance(values, Stream) else len(values) if hasattr(values, "__len__") else 0


def rows(*parts: Iterable[Value]) -> Stream:
    """What ``zip()`` gives, as late as what it goes through; at an element that is not known, it is that."""
    walked = zip(*(live(part) if isinstance(part, list) else part for part in parts), strict=False)
    found = (row if (lost := rest_of(row)) is None else lost for row in walked)
    known = [size for part in parts if (size := size_of(part))]
    runs = any(isinstance(part, Stream) and not part.size for part in parts)
    return Stream(found, 0 if runs else min(known, default=0))


# --- generators of the program -----------------------------------------------------------------------------


class Gone(BaseException):
    """Nobody asks a generator for more: it ends where it waits."""


class Body(Thread):
    """The body of a generator: it stands still in a thread of its own, but while somebody waits for what it gives."""

    def __init__(self, of: Run, work: Callable[[Callable[[Value], None]], object]) -> None:
        super().__init__(daemon=True)
        self._of, self._work = of, work
        self._asked, self._answered = Semaphore(0), Semaphore(0)
        self._given: list[Value] = []
        self._failure: BaseException | None = None
        self._left = self._over = False

    def run(self) -> None:
        """The thread: from the first question on, the body."""
        self._asked.acquire()
        self._enter({})
        try:
            self._work(self._give)
        except Gone:
            pass
        except BaseException as why:  # whoever asks for more gets that
            self._failure = why
        self._over = True
        self._leave()

    def _give(self, value: Value) -> None:
        """Hands over a value, and waits until it is asked for another one."""
        self._given.append(value)
        own = self._leave()
        self._asked.acquire()
        self._enter(own)
        if self._left:
            raise Gone

    def _enter(self, own: dict[str, Any]) -> None:
        """What runs around it, is what runs around who asks, and its own."""
        self._around = {name: getattr(self._of, name) for name in (*STACKS, "touched", "at", "preference")}
        stacks = {name: (*self._around[name], *own.get(name, ())) for name in STACKS}
        vars(self._of).update(own, **{name: type(self._around[name])(held) for name, held in stacks.items()})
        if not own.get("marks"):
            self._of.touched = self._around["touched"]
        self._of.budget.begin()

    def _leave(self) -> dict[str, Any]:
        """Who asked goes on as before. Gives what is its own of what runs around the statement that it is at."""
        self._of.budget.end()
        own = {name: getattr(self._of, name) for name in self._around}
        own |= {name: own[name][len(self._around[name]) :] for name in STACKS}
        vars(self._of).update(self._around)
        self._answered.release()
        return own

    def values(self) -> Iterator[Value]:
        """What it gives."""
        waiting = self._of.budget.waiting
        if len(waiting) >= WAITING:
            raise TooLarge(f"more than {WAITING} generators wait at once")
        try:
            self.start()
        except RuntimeError as none:
            raise TooLarge(f"a generator cannot be run beside its caller: {none}") from none
        waiting.append(self)
        try:
            for _ in range(YIELDS):
                self._ask()
                if self._failure is not None:
                    raise self._failure
                if not self._given:
                    return
                yield self._given.pop()
            yield Rest("*", "...", "a generator without end")
        finally:
            self.end()

    def _ask(self) -> None:
        self._of.budget.end()
        self._asked.release()
        self._answered.acquire()
        self._of.budget.begin()

    def end(self) -> None:
        """It ends where it waits. What it holds goes with it: perhaps itself, and others that hold it."""
        left, self._left = self._left, True
        if not left and not self._over:
            self._ask()
        if self in self._of.budget.waiting:
            self._of.budget.waiting.remove(self)


@lru_cache(maxsize=1024)
def yields(node: Any) -> bool:
    """Whether a function is a generator."""
    body = [] if isinstance(node, ast.Lambda) else node.body
    return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in below(body, scopes=False))
