"""Input shapes that Keras ignores: whether they say what arrives."""

from collections.abc import Sequence
from typing import Any

from kerlint.rule import Dim, Fact, Unknown, require, same


def agrees(ignored: Fact) -> bool | None:
    """Whether the shape that is written is the one that arrives; None if that is not known."""
    real = ignored.data["given"].shape[1:]
    wanted = _declared(ignored, real)
    if len(wanted) != len(real):
        return False
    found = [_agree(one, other) for one, other in zip(wanted, real, strict=True)]
    return False if False in found else None if None in found else True


def _declared(ignored: Fact, real: Sequence[Dim]) -> Sequence[Any]:
    """The shape that the argument speaks of, without the batch, as far as it is one."""
    value, argument = ignored.data["value"], ignored.data["argument"]
    if argument == "input_dim":
        return (*real[:-1], value)
    if argument == "input_length":
        return (value, *real[1:])
    sizes = isinstance(value, tuple) and not any(isinstance(size, (tuple, str, float)) for size in value)
    require(sizes or None, "the shape that is written is not known")
    return tuple(value[1:] if argument.startswith("batch") else value)


def _agree(written: Any, real: Dim) -> bool | None:
    if isinstance(written, Unknown):
        return None
    return written is None or same(written, real)
