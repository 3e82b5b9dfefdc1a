"""The guards of a rule, and the notes it takes while it decides."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

from kerlint.graph.graph import Tensor
from kerlint.graph.layer import Silent


@dataclass
class Notes:
    """What one run of a rule left: reasons why there is no fix, and words for its message."""

    reasons: list[str] = field(default_factory=list)
    words: dict[str, object] = field(default_factory=dict)


NOTES: ContextVar[Notes | None] = ContextVar("NOTES", default=None)


def require(holds: bool | None, reason: str) -> None:
    """Silent unless it holds. None stands for "not known" and is silent, too."""
    if holds is not True:
        raise Silent(reason if holds is False else f"perhaps: {reason}")


def fixable(holds: bool | None, reason: str) -> None:
    """The finding stands either way; unless it holds, it stands without a fix, for this reason."""
    notes = NOTES.get()
    if holds is not True and notes is not None:
        notes.reasons.append(reason if holds is False else f"perhaps: {reason}")


def say(**words: object) -> None:
    """Fill fields of the rule's message that only its body knows."""
    notes = NOTES.get()
    if notes is not None:
        notes.words.update(words)


def unmasked(tensor: Tensor) -> bool | None:
    """Whether the tensor carries no mask; None if it may."""
    return None if tensor.masked is None else not tensor.masked
