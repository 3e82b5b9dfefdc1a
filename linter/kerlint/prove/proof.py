"""What is asked (Request) and what is answered (Proof): plain data; its canonical form is the cache's key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any

PROVED, REFUTED, NOT_RUN, UNPROVABLE = "proved", "refuted", "not-run", "unprovable"
LEVELS = ("identical", "same-training", "same-function", "same-class")
FORMAT = 1  # of requests; a new one makes every cached proof another question


class Unprovable(Exception):
    """The rewrite cannot be put as a question to Keras; says why."""


@dataclass(frozen=True)
class Proof:
    """What running both graphs said.

    ``max_error`` and ``gradient_error`` are the largest differences found, in units of the largest entry
    compared where that is above 1. ``inputs`` counts the inputs compared, ``seconds`` is the worker's time
    (of the first run, where ``cached``). ``idle`` names weights of the replacement that never matter.
    ``starts`` says why a fresh run is another one all the same, which lowers a level that promises the same.
    ``reason`` says why a proof failed or did not run, or what a proof that holds had to leave out.
    """

    status: str
    max_error: float | None = None
    gradient_error: float | None = None
    idle: tuple[str, ...] = ()
    inputs: int = 0
    dtype: str = "float64"
    keras: str | None = None
    backend: str | None = None
    backend_version: str | None = None
    seconds: float = 0.0
    cached: bool = False
    reason: str | None = None
    starts: str | None = None
    no_keras: bool = False  # did not run because there is none: nothing speaks against the rewrite
    late: bool = False  # did not run because it takes longer than it may

    def __post_init__(self) -> None:
        if self.status not in (PROVED, REFUTED, NOT_RUN, UNPROVABLE):
            raise ValueError(f"{self.status!r} is no status of a proof")
        if self.status == PROVED and (self.idle or self.max_error is None):
            raise ValueError("a proof that holds has an error and no idle weight")

    @property
    def proved(self) -> bool:
        """Whether the rewrite holds."""
        return self.status == PROVED

    def plain(self) -> dict[str, Any]:
        """The JSON object of the reports."""
        shown = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("no_keras", "late")}
        return shown | {"idle": list(self.idle)}


def not_run(reason: str, *, no_keras: bool = False) -> Proof:
    """The question stands, nobody answered it."""
    return Proof(NOT_RUN, reason=reason, no_keras=no_keras)


def from_plain(data: Mapping[str, Any], **changes: Any) -> Proof:
    """The proof in plain data. Raises ValueError, TypeError or KeyError where it is not one."""
    names = {f.name for f in fields(Proof)}
    values = {name: value for name, value in data.items() if name in names}
    for name in ("max_error", "gradient_error", "seconds"):
        if values.get(name) is not None:
            values[name] = float(values[name])
            if values["status"] == PROVED and not isfinite(values[name]):
                raise ValueError(f"{name} of a proof that holds is {values[name]}")
    if not isinstance(values.get("reason"), (str, type(None))):
        raise TypeError("a reason is text")
    if values["status"] == PROVED and not values.get("inputs"):
        raise ValueError("a proof that holds has inputs")
    values["idle"] = tuple(str(name) for name in values.get("idle", ()))
    return replace(Proof(**values), **changes)


@dataclass(frozen=True)
class Request:
    """A rewrite as JSON-ready data: both graphs, once for every draw of the unknown dimensions."""

    data: Mapping[str, Any]

    @property
    def canonical(self) -> str:
        """Equal text for equal questions."""
        return json.dumps(self.data, sort_keys=True, separators=(",", ":"))

    @property
    def generations(self) -> tuple[int, ...]:
        """The major versions of Keras that the two graphs need."""
        return tuple(sorted({self.data["generation"]["old"], self.data["generation"]["new"]}))

    def key(self, *circumstances: str) -> str:
        """Name in the cache; ``circumstances`` are the versions that answer and the worker's own hash."""
        text = "\n".join((*circumstances, self.canonical))
        return hashlib.sha256(text.encode()).hexdigest()
