"""Layers that move, drop or repeat entries: no weights, no MACs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kerlint.graph.dim import Dim, Poly, at_least, product, show
from kerlint.graph.layer import Config, Incoming, Refused, Unknown
from kerlint.graph.weight import Shape
from kerlint.layers.policies import autocast, no_macs
from kerlint.layers.shapes import is_free, join, printed, rank_at_least, rank_is, reshape, split
from kerlint.layers.table import demand, positive, row


def _flat(_config: Config, x: Incoming) -> Shape:
    rank_at_least(x, 1, "Flatten")
    return (x[0], product(x[1:]))


row("Flatten", output=_flat, macs=no_macs, dtype=autocast)


def _is_shape(name: str, config: Config) -> None:
    value = config[name]
    if not isinstance(value, tuple):
        text = show(value) if isinstance(value, Poly) else repr(value)
        raise Refused(f"{name} must be a tuple, not {text}: write ({text},)")


def _target(config: Config) -> None:
    target = [t for t in config["target_shape"] if isinstance(t, int)]
    if target.count(-1) > 1 or any(t < -1 for t in target):
        raise Refused(f"target_shape may have one -1 and nothing below, not {config['target_shape']}", since=3)


row(
    "Reshape", output=lambda c, x: (x[0], *reshape(x[1:], c["target_shape"], "Reshape")),
    macs=no_macs, dtype=autocast, checks=(partial(_is_shape, "target_shape"), _target),
)  # fmt: skip


def _dims(config: Config) -> None:
    dims = config["dims"]
    if all(isinstance(d, int) for d in dims) and sorted(dims) != list(range(1, len(dims) + 1)):
        raise Refused(f"dims must be a permutation of 1..{len(dims)}, not {dims}")


def _permuted(config: Config, x: Incoming) -> Shape:
    rank_is(x, len(config["dims"]) + 1, "Permute")
    return (x[0], *(x[d] for d in config["dims"]))


row("Permute", output=_permuted, macs=no_macs, dtype=autocast, checks=(partial(_is_shape, "dims"), _dims))


def _repeated(config: Config, x: Incoming) -> Shape:
    rank_is(x, 2, "RepeatVector")
    return (x[0], config["n"], x[1])


row(
    "RepeatVector", output=_repeated, macs=no_macs,
    checks=(demand("n", "must be an integer", lambda n: isinstance(n, (float, str))),),
)  # fmt: skip


# --- cropping, padding, up-sampling: both ends of each axis, by data_format --------------------------------


def pairs(value: Any, rank: int, what: str) -> Any:
    """``((before, after), ...)`` for each axis, from an int, a pair an axis or an int an axis.

    Refused for another length. In 1D a pair is the two ends; beyond, it is one int an axis.
    """
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, tuple):
        return ((value, value),) * rank
    if rank == 1:
        if len(value) != 2 or any(isinstance(v, tuple) for v in value):
            raise Refused(f"{what} is an int or two of them, not {value}")
        return (value,)
    if len(value) != rank:
        raise Refused(f"{what} has {len(value)} entries for {rank} axes")
    ends = tuple(v if isinstance(v, (tuple, Unknown)) else (v, v) for v in value)
    for end in ends:
        if isinstance(end, tuple) and (len(end) != 2 or any(isinstance(size, tuple) for size in end)):
            raise Refused(f"{what}: two ends an axis, not {end}")
    return ends


def _ends(argument: str, rank: int, arguments: dict[str, Any]) -> None:
    arguments[argument] = pairs(arguments[argument], rank, argument)
    if rank == 1 and not isinstance(arguments[argument], Unknown):
        arguments[argument] = arguments[argument][0]


def _not_negative(argument: str, config: Config) -> None:
    for end in config[argument]:
        for size in end if isinstance(end, tuple) else (end,):
            whole = isinstance(end, tuple) and not isinstance(size, (float, str))  # of several axes: not looked at
            if isinstance(size, (float, str)) or (not isinstance(size, Unknown) and at_least(size, 0) is False):
                since = 3 if whole else 1
                raise Refused(f"{argument} must be made of integers of at least 0, not {config[argument]}", since)


def _resized(argument: str, rank: int, change: Callable[[Shape, Dim, Any], Dim], config: Config, x: Incoming) -> Shape:
    """Each axis changed by what the argument says of it; 1D has channels last."""
    form = config if "data_format" in config else Config({"data_format": "channels_last"})
    batch, spatial, channels = split(form, x, rank, f"a layer over {rank} axes")
    each = config[argument] if rank > 1 or argument == "size" else (config[argument],)
    return join(form, batch, [change(x, size, at) for size, at in zip(spatial, each, strict=True)], channels)


def _cropped(x: Shape, size: Dim, ends: Any) -> Dim:
    left: Dim = size - ends[0] - ends[1]
    if at_least(left, 1) is False and not is_free(size):
        raise Refused(f"cropping {ends} leaves nothing of {show(size)}: {printed(x)}", 3 if len(x) == 5 else 1)
    return left


def _up_sampled(rank: int, config: Config, x: Incoming) -> Shape:
    rank_is(x, rank + 2, f"UpSampling{rank}D", 3 if rank == 3 and len(x) > 3 else 1)
    return _resized("size", rank, lambda _x, size, times: size * times, config, x)


def _one_size(arguments: dict[str, Any]) -> None:
    """UpSampling1D takes an int and no tuple."""
    if isinstance(arguments["size"], tuple):
        raise Refused(f"size must be an int, not {arguments['size']}")


CHANGES: dict[str, Any] = {"cropping": _cropped, "padding": lambda _x, size, ends: size + ends[0] + ends[1]}
for rank in (1, 2, 3):
    for kind, argument in (("Cropping", "cropping"), ("ZeroPadding", "padding")):
        row(
            f"{kind}{rank}D", resolve=partial(_ends, argument, rank), checks=(partial(_not_negative, argument),),
            output=partial(_resized, argument, rank, CHANGES[argument]), macs=no_macs,
        )  # fmt: skip
    row(
        f"UpSampling{rank}D", per_axis={"size": rank}, checks=(positive("size"),),
        resolve=_one_size if rank == 1 else None, output=partial(_up_sampled, rank), macs=no_macs,
    )  # fmt: skip
