"""What a compiled model is trained with: for each output its loss and its metrics, by Keras's own names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from kerlint.graph.graph import Compile, Node, Tensor
from kerlint.graph.layer import Object, Silent, Unknown

# Function names of Keras, and short ones; the class of the same thing has the same letters (``MeanSquaredError``).
CRITERIA: dict[str, Any] = json.loads(Path(__file__).with_name("criteria.json").read_bytes())
BY_LETTERS: dict[str, str] = {name.replace("_", ""): name for name in CRITERIA["names"]} | CRITERIA["short"]


@dataclass(frozen=True)
class Criterion:
    """A loss or metric of Keras. ``written`` is the program's spelling, ``logits`` its ``from_logits``."""

    name: str
    written: str
    logits: bool | Unknown = False


Known: TypeAlias = "Criterion | Unknown"


@dataclass(frozen=True, eq=False)
class Objective:
    """One output of a compiled model. ``loss`` is None where the output is not trained."""

    output: Tensor
    loss: Known | None
    metrics: tuple[Known, ...]

    @property
    def layer(self) -> Node:
        """The layer that gives the output, also one inside of models that are applied as layers.

        Raises Silent where the output is an input, or not known.
        """
        node = source(self.output)
        if node is None:
            raise Silent("an output that no layer gives")
        return node


def source(tensor: Tensor) -> Node | None:
    """The node that a tensor comes from, looked for inside of models that are applied as layers."""
    while tensor.node is not None and tensor.node.kind == "Nested":
        tensor = tensor.node.layer.config["graph"].outputs[tensor.index]
    return tensor.node


def criterion(value: object) -> Known | None:
    """A loss or metric, given as a string, a function's name or an object; Unknown if it is not Keras's own."""
    if value is None or isinstance(value, Unknown):
        return value
    written = value if isinstance(value, str) else value.kind if isinstance(value, Object) else ""
    name = BY_LETTERS.get(written.replace("_", "").lower())
    if name is None:
        return Unknown(written or str(value), "it is none of Keras's losses and metrics")
    config = dict(value.config) if isinstance(value, Object) else {}
    logits = config.get("from_logits", False)
    return Criterion(name, written, logits if isinstance(logits, (bool, Unknown)) else bool(logits))


def objectives(outputs: Sequence[Tensor], names: Sequence[str], compiled: Compile) -> tuple[Objective, ...]:
    """Each output of a model with its loss and metrics; ``names`` are those of the outputs."""
    given = zip(outputs, _losses(compiled.loss, names), _metrics(compiled.metrics, names), strict=True)
    return tuple(
        Objective(output, criterion(loss), tuple(found for m in own if (found := criterion(m)) is not None))
        for output, loss, own in given
    )


def _losses(loss: object, names: Sequence[str]) -> Sequence[object]:
    """One for all, a list in order, or a dictionary by name."""
    if not isinstance(loss, tuple):
        return [loss] * len(names)
    by_name = _by_name(loss, names)
    if by_name is not None:
        return [by_name.get(name) for name in names]
    return loss if len(loss) == len(names) else [_unmatched("loss")] * len(names)


def _metrics(metrics: object, names: Sequence[str]) -> Sequence[Sequence[object]]:
    """As for losses, several each. A plain list is one an output in Keras 3, all for each output before.

    Where the list is as long as the outputs, what both agree on is the one in the same place.
    """
    if not isinstance(metrics, tuple):
        return [_listed(metrics)] * len(names)
    by_name = _by_name(metrics, names)
    if by_name is not None:
        return [_listed(by_name.get(name)) for name in names]
    if len(names) > 1 and len(metrics) == len(names):
        return [_listed(own) for own in metrics]
    if any(isinstance(own, tuple) for own in metrics):
        flat = [one for own in metrics for one in _listed(own)]
        return [flat if len(names) == 1 else (_unmatched("metrics"),)] * len(names)
    return [metrics] * len(names)


def _listed(metrics: object) -> Sequence[object]:
    return metrics if isinstance(metrics, tuple) else (metrics,)


def _by_name(given: tuple[Any, ...], names: Sequence[str]) -> dict[str, object] | None:
    """A dictionary (kept as pairs) by the names of the outputs; None for a list. Unknown where they do not match."""
    if not given or not all(isinstance(item, Pair) for item in given):
        return None
    if all(pair.name in names for pair in given):
        return {pair.name: pair.value for pair in given}
    return dict.fromkeys(names, _unmatched(", ".join(str(pair.name) for pair in given)))


def _unmatched(what: str) -> Unknown:
    return Unknown(what, "it does not match the model's outputs")


@dataclass(frozen=True)
class Pair:
    """One entry of a dictionary that ``compile`` was given."""

    name: object
    value: object
