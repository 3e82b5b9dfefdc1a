"""Running targets in sealed workers, one worker a target: what one program does to its process, no other sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kerlint.host.find import Interpreter
from kerlint.host.worker import Failed, Held, Limits, Program, Worker
from kerlint.introspect.target import Target

SECONDS = 300.0


class NotIntrospected(Exception):
    """No model came out; says why."""


@dataclass(frozen=True)
class Wish:
    """How a target is run. ``sizes`` are the numbers that stand for data which is not loaded."""

    generation: int = 3
    run_all: bool = False
    seconds: float = SECONDS
    limits: Limits = field(default_factory=Limits)
    sizes: Sequence[int] = ()


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the worker described. ``open`` says what could not be shut, ``printed`` what the program printed."""

    target: Target
    data: Mapping[str, Any]
    printed: str

    @property
    def models(self) -> list[dict[str, Any]]:
        """The models, as the worker describes them."""
        return list(self.data["models"])


class Introspection(Held):
    """One target in one worker: use as a context manager; ``outcome`` runs it, ``dead`` asks about a model."""

    def __init__(self, interpreter: Interpreter, target: Target, wish: Wish | None = None) -> None:
        self.interpreter, self.target, self.wish = interpreter, target, wish or Wish()

    def outcome(self) -> Outcome:
        """Runs the target. Raises NotIntrospected."""
        lacking = self.interpreter.lacks((self.wish.generation,))
        if lacking is not None:
            raise NotIntrospected(lacking)
        legacy = self.wish.generation == 2
        told = ("TF_USE_LEGACY_KERAS", "1") if legacy else ("KERAS_BACKEND", self.interpreter.backend)
        try:
            self._worker = Worker(self.interpreter.path, Program("introspect/worker", self.wish.limits, True, (told,)))
        except Failed as error:
            raise NotIntrospected(str(error)) from error
        question = {
            "ask": "models", "target": self.target.plain(), "roots": self.target.roots,
            "generation": self.wish.generation, "run_all": self.wish.run_all, "seconds": self.wish.seconds,
            "sizes": list(self.wish.sizes),
        }  # fmt: skip
        answer = self._ask(question)
        if "error" in answer or not {"models", "open"} <= answer.keys():
            raise NotIntrospected(str(answer.get("error", "what was answered is no description of models")))
        return Outcome(self.target, answer, self._worker.printed())

    def dead(self, question: Mapping[str, Any], seen: Callable[[int], None]) -> dict[str, Any]:
        """Entries of a model's weights that never matter, and layers that are not judged. Raises NotIntrospected.

        ``seen`` is told how many are known to matter, now and then; when the time is up, nothing else is known.
        """
        deadline = time.monotonic() + self.wish.seconds
        answer = self._ask({"ask": "dead", **question})
        while isinstance(answer.get("dead"), int):
            seen(answer["dead"])
            if time.monotonic() > deadline:
                raise NotIntrospected(f"it takes longer than {self.wish.seconds:g} seconds (--timeout)")
            answer = self._ask({"ask": "dead"})
        if "error" in answer:
            raise NotIntrospected(str(answer["error"]))
        return dict(answer["dead"])

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if self._worker is None:
            raise NotIntrospected("the program's process has ended")
        try:
            return self._worker.ask(question, self.wish.seconds)
        except Failed as error:
            self._worker = None
            raise NotIntrospected(str(error)) from error
