"""What a run assumed of unknown values, and who asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kerlint.evaluate.names import Frame


@dataclass(slots=True, frozen=True)
class Asked:
    """The statement that asks a question, and the loop around it."""

    node: Any
    frame: Frame
    loop: Any


@dataclass
class Decisions:
    """Assumptions about unknown values: one for each value and question."""

    forced: dict[tuple[str, str], bool] = field(default_factory=dict)
    made: dict[tuple[str, str], bool] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    asked: dict[tuple[str, str], dict[int, Asked | None]] = field(default_factory=dict)  # by whom; None: not known
    said: dict[str, dict[str, Any]] = field(default_factory=dict)  # of each value: what was asked, and the answer
    idle: set[tuple[str, str]] = field(default_factory=set)  # no layer hangs on these: not turned round
    beyond: dict[int, Asked | None] = field(default_factory=dict)  # the bound: answered, but never the other way
