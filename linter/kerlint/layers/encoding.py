"""Categories and text to numbers: encodings and hashes. What `adapt()` learns is not known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kerlint.graph.dim import Dim, at_least, same, show
from kerlint.graph.layer import Config, Incoming, Refused, Silent
from kerlint.graph.weight import Shape
from kerlint.layers.policies import compute_dtype, no_macs
from kerlint.layers.shapes import is_free, printed
from kerlint.layers.table import Check, among, demand, never, positive, row

MODES = ("int", "one_hot", "multi_hot", "count")
OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def one_hot(x: Shape, depth: Dim, axes: int = 2) -> Shape:
    """One-hot codes along a new last axis, which takes the place of a last axis of 1 (where there are ``axes``)."""
    last = same(x[-1], 1) if len(x) >= axes and not is_free(x[-1]) else False
    if last is None:
        raise Silent(f"perhaps: whether the last axis, {show(x[-1])}, is 1 is not known")
    return (*x[:-1], depth) if last else (*x, depth)


def encoded(mode: str, x: Shape, depth: Callable[[], Dim]) -> Shape:
    """The output in an ``output_mode``: numbers, or codes of ``depth`` entries, one a value or one an example."""
    if mode == "int":
        return tuple(x)
    return one_hot(x, depth()) if mode == "one_hot" else (*x[:-1], depth())


def whole_or_float(whole: str, config: Config, dtypes: tuple[str, ...]) -> str:
    """``whole`` for numbers of categories, the layer's dtype for codes."""
    return whole if config["output_mode"] == "int" else compute_dtype(config, dtypes)


sparse_codes = never(
    "sparse=True needs codes (output_mode one_hot, multi_hot or count)",
    lambda c: c["sparse"] is True and c["output_mode"] == "int",
)


def number(name: str, least: int) -> Check:
    """Refused if the argument is definitely less than ``least``, or text."""
    return demand(
        name,
        f"must be at least {least}",
        lambda v: v is not None and (isinstance(v, str) or at_least(v, least) is False),
    )


# --- CategoryEncoding, Discretization ----------------------------------------------------------------------


def renamed(arguments: dict[str, Any]) -> None:
    """Modes by today's names."""
    mode = arguments["output_mode"]
    arguments["output_mode"] = OLD_MODES.get(mode, mode) if isinstance(mode, str) else mode


row(
    "CategoryEncoding", output=lambda c, x: encoded(c["output_mode"], x, lambda: c["num_tokens"]), macs=no_macs,
    resolve=renamed,
    checks=(among("output_mode", *MODES[1:]), positive("num_tokens")),
)  # fmt: skip


def _discretized(config: Config, x: Incoming) -> Shape:
    mode = config["output_mode"]
    if mode == "int":
        return tuple(x)
    if config["bin_boundaries"] is None:
        raise Silent("perhaps: how many bins adapt() finds is not known")
    depth = len(config["bin_boundaries"]) + 1
    if mode == "one_hot":
        return one_hot(x, depth)
    return (x[0], *x[2:], depth) if len(x) > 1 else (depth,)  # the second axis is counted, not the last


row(
    "Discretization", output=_discretized, macs=no_macs, dtype=partial(whole_or_float, "int32"), generations=(3,),
    checks=(
        among("output_mode", *MODES), sparse_codes, number("num_bins", 0),
        never(
            "either num_bins or bin_boundaries is needed, and not both",
            lambda c: (c["num_bins"] is None) == (c["bin_boundaries"] is None),
        ),
    ),
)  # fmt: skip


# --- Hashing, HashedCrossing -------------------------------------------------------------------------------


def _no_bins(bins: Any) -> bool:
    return bins is None or isinstance(bins, str) or (isinstance(bins, (int, float)) and bins <= 0)


SALTED = demand(
    "salt", "is an integer or two of them",
    lambda salt: isinstance(salt, (str, float)) or (isinstance(salt, tuple) and len(salt) != 2),
)  # fmt: skip

row(
    "Hashing", output=lambda c, x: tuple(x) if c["output_mode"] == "int" else (*x[:-1], c["num_bins"]),
    macs=no_macs, dtype=partial(whole_or_float, "int64"), generations=(3,),
    checks=(demand("num_bins", "must be positive", _no_bins), among("output_mode", *MODES), sparse_codes, SALTED),
)  # fmt: skip


def _crossed(config: Config, shapes: Incoming) -> Shape:
    if len(shapes) != 2:
        raise Refused(f"HashedCrossing crosses 2 tensors, not {len(shapes)}")
    left, right = shapes
    if is_free(left[-1]) != is_free(right[-1]) or (not is_free(left[-1]) and same(left[-1], right[-1]) is False):
        raise Refused(f"HashedCrossing: {printed(left)} and {printed(right)} differ in their last axis")
    if config["output_mode"] == "int":
        return tuple(left)
    return one_hot(left, config["num_bins"], axes=1)


row(
    "HashedCrossing", output=_crossed, macs=no_macs, dtype=partial(whole_or_float, "int64"), many=True,
    generations=(3,), checks=(among("output_mode", "int", "one_hot"),),
)  # fmt: skip
