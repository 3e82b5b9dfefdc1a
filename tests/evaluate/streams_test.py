"""Generators run beside whoever asks them: what is around a statement stays with it, and each of them ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from tests.evaluate.seen import lines

from kerlint.evaluate.state import Budget
from kerlint.evaluate.streams import STACKS, Body


def beginning() -> Any:
    """What a run has around a statement, before it has anything."""
    stacks: dict[str, Any] = {name: () if name == "marks" else [] for name in STACKS}
    return SimpleNamespace(budget=Budget(), touched={}, at=None, preference=None, **stacks)


def test_what_runs_around_a_generator_is_what_runs_around_who_asks() -> None:
    run, seen = beginning(), []

    def work(give: Callable[[Any], None]) -> None:
        run.calls.append("generator")
        for value in (1, 2):
            seen.append([*run.calls])
            give(value)
        run.calls.pop()

    values = Body(run, work).values()
    found = [next(values)]
    run.calls.append("caller")
    found += values
    assert (found, run.calls, run.budget.waiting) == ([1, 2], ["caller"], [])
    assert seen == [["generator"], ["caller", "generator"]]


@pytest.mark.parametrize("who", ["itself", "the other"])
def test_a_generator_that_holds_itself_ends(who: str) -> None:
    """When it goes, what it holds goes, too: that ends it again, or another one that holds it."""
    run = beginning()
    bodies: list[Body] = []

    def work(own: int, give: Callable[[Any], None]) -> None:
        try:
            give(own)
        finally:
            for body in bodies[own:] if who == "itself" else bodies:
                body.end()

    bodies += [Body(run, partial(work, own)) for own in range(2)]
    walks = [body.values() for body in bodies]
    assert [next(walk) for walk in walks] == [0, 1]
    ending = Thread(target=bodies[0].end, daemon=True)
    ending.start()
    ending.join(20)
    assert not ending.is_alive()
    bodies[1].end()
    assert run.budget.waiting == []


def test_generators_that_wait_have_an_end() -> None:
    source = """
import keras
def steps():
    while True:
        yield 3
many = [steps() for _ in range(90)]
found = [next(each) for each in many]
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(found[0])])
"""
    assert [line.startswith("model: ") for line in lines(source)] == [True]
