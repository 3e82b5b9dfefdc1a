"""What is shipped of keras.applications: read from an archive when a program first asks for a constructor.

``bench/pretrained.py`` writes it. For each constructor: the arguments with their defaults, the sizes it takes,
and its layers as rows ``[class, name or None, arguments, inputs]``: no name is one that Keras generates, inputs are
numbers of earlier rows. ``by`` names the arguments that the rows hang on, ``select`` says which rows their values
give (-1: Keras refuses them); a variant is the first ``keep`` rows of an earlier one, and ``then`` its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kerlint.evaluate.registry import named
from kerlint.graph.layer import Refused, Silent

# Known without the archive: a program that names none of them opens none.
NAMES = frozenset(named("pretrained.names"))
ARCHIVE = Path(__file__).with_name("applications.zip")


@dataclass(frozen=True)
class Row:
    """One layer: ``name`` is None where Keras generates one; ``inputs`` are the places of earlier rows."""

    kind: str
    name: str | None
    arguments: dict[str, Any]
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """One constructor."""

    arguments: dict[str, Any]  # in order, with their defaults
    name: str  # of the model; "{rows}" is the height of the input
    default: int | None  # height and width of the input with a top, if none is given; None: any
    least: int
    free: bool  # whether sizes of None give the same layers
    channels: int | None  # of the input, where another number gives other layers
    pretrained: tuple[int, ...]  # heights and widths that pretrained weights with a top take
    by: tuple[str, ...]
    select: dict[tuple[Any, ...], int]
    variants: tuple[dict[str, Any], ...]

    def rows(self, values: dict[str, Any]) -> list[Row]:
        """The layers for these arguments. Raises Silent where they are not covered, Refused where Keras refuses."""
        index = self.select.get(tuple(values[key] for key in self.by))
        told = ", ".join(f"{key}={values[key]!r}" for key in self.by)
        if index is None:
            raise Silent(f"it is not shipped with {told}")
        if index < 0:
            raise Refused(f"there are no pretrained weights with {told}")
        return [Row(kind, name, arguments, tuple(at)) for kind, name, arguments, at in self._variant(index)]

    def _variant(self, index: int) -> list[Any]:
        variant = self.variants[index]
        begun = self._variant(variant["like"])[: variant["keep"]] if variant["keep"] else []
        return [*begun, *variant["then"]]


@cache
def plan_of(name: str) -> Plan:
    """What is shipped of a constructor."""
    import zipfile  # only a program with a pretrained model pays for it

    with zipfile.ZipFile(ARCHIVE) as archive:
        data = json.loads(archive.read(f"{name}.json"))
    select = {tuple(values): index for values, index in data["select"]}
    found = {"pretrained": tuple(data["pretrained"]), "by": tuple(data["by"]), "select": select}
    return Plan(**data | found | {"variants": tuple(data["variants"])})


def check_input(plan: Plan, shape: tuple[Any, ...], top: bool, weights: object) -> None:
    """As ``keras/src/applications/imagenet_utils.py obtain_input_shape``; channels last. Raises Refused."""
    if len(shape) != 3:
        raise Refused(f"input_shape has three sizes, not {len(shape)}")
    height, width, channels = (d if isinstance(d, int) else None for d in shape)
    if weights == "imagenet" and channels is not None and channels != 3:
        raise Refused(f"pretrained weights take 3 channels, not {channels}")
    for size in (height, width):
        if size is not None and size < plan.least:
            raise Refused(f"the input must be at least {plan.least} x {plan.least}")
    if not plan.free and (height is None or width is None):
        raise Silent("its layers hang on the size of the input, which is not known")
    if not top or plan.default is None:
        return
    if any(d is None for d in shape):
        raise Refused("with include_top the sizes of input_shape must be given")
    if weights == "imagenet" and height is not None and width is not None:
        if height != width or height not in plan.pretrained:
            raise Refused(f"a pretrained top takes {plan.default} x {plan.default}, not {height} x {width}")
