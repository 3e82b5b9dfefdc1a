"""Input, Dense, EinsumDense, Embedding, Masking, Lambda, Identity."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kerlint.graph.dim import Dim, Poly, product, same, show, symbol
from kerlint.graph.layer import Config, Incoming, Refused, Silent, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import Weights, autocast, bias, no_macs, pass_through
from kerlint.layers.shapes import declared, defined, is_free, printed, rank_at_least, unsettled
from kerlint.layers.table import elementwise, positive, row


def unadapted(weights: Callable[[Config, Incoming], Weights]) -> Callable[[Config, Incoming], Weights]:
    """The weights. Raises Silent where low-rank adaptation or quantisation changes them."""

    def derive(config: Config, x: Incoming) -> Weights:
        for name in ("lora_rank", "quantization_config", "gptq_unpacked_column_size"):
            if config.get(name) is not None:
                raise Silent(f"{name}={config[name]!r} is not modelled")
        return weights(config, x)

    return derive


# --- InputLayer --------------------------------------------------------------------------------------------


def _input_checks(config: Config) -> None:
    if config["input_tensor"] is not None:
        return
    for name in ("shape", "batch_size"):
        if config[name] is not None and config["batch_shape"] is not None:
            raise Refused(f"{name} and batch_shape cannot both be given")
    if config["shape"] is None and config["batch_shape"] is None:
        raise Refused("a shape is needed")
    shape = config["batch_shape"] if config["shape"] is None else config["shape"]
    if not isinstance(shape, tuple):
        size = isinstance(shape, (int, Poly))
        text = show(shape) if size else repr(shape)
        raise Refused(f"shape must be a tuple, not {text}: write ({text},)", since=3 if size else 1)
    for size in shape:
        if isinstance(size, (float, str)) or (isinstance(size, int) and size < 0):
            raise Refused(f"a size must be None or an integer of at least 0, not {size!r}")


def _input_output(config: Config, _incoming: Incoming) -> Shape:
    """The declared shape with the batch in front; None becomes a free symbol of its own."""
    if config["input_tensor"] is not None:
        raise Silent("the input wraps a tensor")
    whole = config["batch_shape"]
    return declared((config["batch_size"], *config["shape"]) if whole is None else whole, config["name"] or "input")


row("InputLayer", output=_input_output, macs=no_macs, many=True, checks=(_input_checks,))


# --- Dense -------------------------------------------------------------------------------------------------


def _dense_output(config: Config, x: Incoming) -> Shape:
    rank_at_least(x, 2, "Dense")
    defined(x[-1], "the last axis", x)
    return (*x[:-1], config["units"])


row(
    "Dense", output=_dense_output, mask=pass_through, checks=(positive("units", zero=3),),
    weights=unadapted(lambda c, x: {"kernel": WeightSpec((x[-1], c["units"]))} | dict(bias(c, c["units"]))),
)  # fmt: skip


# --- EinsumDense: weights and output follow from the equation ----------------------------------------------

# Keras knows three forms: no ellipsis, one on the left, one on the right (behind two letters or more).
FORMS = (
    ("", re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)")),
    ("left", re.compile(r"\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)")),
    ("right", re.compile(r"([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.")),
)


def sides(config: Config) -> tuple[str, str, str, str]:
    """Where the ellipsis stands, and the letters of input, kernel and output. Refused for another form."""
    for where, form in FORMS:
        found = form.match(config["equation"])
        if found:
            return where, found[1], found[2], found[3]
    raise Refused(f"EinsumDense: the equation {config['equation']!r} is not of the form 'ab,bc->ac'")


def _lettered(config: Config, x: Shape) -> tuple[dict[str, Dim], dict[str, Dim], Shape]:
    """Sizes of the input's and of the output's letters, and the output shape (``_analyze_split_string``)."""
    where, given, kernel, result = sides(config)
    elided = len(x) - len(given)
    if elided < 0 or (elided > 0 and not where):
        raise Refused(f"EinsumDense: {given!r} names {len(given)} axes, the input has {len(x)}: {printed(x)}")
    wanted = config["output_shape"] if isinstance(config["output_shape"], tuple) else (config["output_shape"],)
    full: list[Any] = [x[0], *wanted]
    if where == "left":
        full[1:1] = x[1:elided]
    elif elided:
        full += x[len(x) - elided :]
    before = elided if where == "left" else 0
    taken = dict(zip(given, x[before:], strict=False))
    if len(full) < before + len(result):
        raise Refused(f"EinsumDense: output_shape {wanted} does not size the axes of {result!r}")
    for number, letter in enumerate(result, before):
        full[number] = _letter_size(letter, full[number], taken, x)
        if letter not in given and letter not in kernel:
            raise Refused(f"EinsumDense: {letter!r} of the output is in neither input nor kernel")
    return taken, dict(zip(result, full[before:], strict=False)), tuple(full)


def _letter_size(letter: str, declared: Dim | None, taken: dict[str, Dim], x: Shape) -> Dim:
    """The declared size of an output's letter; None stays None, as in Keras. Refused if the input differs."""
    there = taken.get(letter)
    if declared is None:
        return there if there is not None and is_free(there) else unsettled("einsum", letter, x)
    if there is not None and not is_free(declared) and (is_free(there) or same(there, declared) is False):
        raise Refused(f"EinsumDense: {letter!r} is {printed((there,))} in the input, {declared} in output_shape")
    return declared


@unadapted
def _einsum_weights(config: Config, x: Incoming) -> Weights:
    where, given, kernel, result = sides(config)
    taken, outcome, _ = _lettered(config, x)
    for letter in kernel:
        if letter not in outcome and letter not in taken:
            raise Refused(f"EinsumDense: {letter!r} of the kernel is in neither input nor output")
    shape = tuple(defined(outcome.get(a, taken.get(a, 0)), f"the axis {a!r}", x) for a in kernel)
    weights = {"kernel": WeightSpec(shape)}
    axes = config["bias_axes"]
    if axes:
        if any(a not in result for a in axes):
            raise Refused(f"EinsumDense: bias_axes {axes!r} are not all axes of the output {result!r}")
        named = result[min(result.index(a) for a in axes) :]
        trailing = len(x) - len(given) if where == "right" else 0
        sizes = [defined(outcome[a], f"the axis {a!r}", x) if a in axes else 1 for a in named]
        weights["bias"] = WeightSpec((*sizes, *(1,) * trailing))
    return weights


def _einsum_output(config: Config, x: Incoming) -> Shape:
    _einsum_weights(config, x)
    return _lettered(config, x)[2]


def _einsum_macs(config: Config, x: Incoming, _output: Shape) -> Dim:
    """One multiplication for each combination of the letters' sizes and elided axes, the batch left out."""
    where, given, kernel, _ = sides(config)
    taken, outcome, _shape = _lettered(config, x)
    elided = len(x) - len(given)
    others = x[1:elided] if where == "left" else x[len(given) :]
    letters = dict.fromkeys(given + kernel)
    batch = "" if where == "left" and elided else given[0]
    return product([*(taken.get(a, outcome.get(a, 1)) for a in letters if a != batch), *others])


row("EinsumDense", output=_einsum_output, weights=_einsum_weights, macs=_einsum_macs)


# --- Embedding, Masking, Identity, Lambda ------------------------------------------------------------------


row(
    "Embedding", output=lambda c, x: (*x, c["output_dim"]), macs=no_macs, mask=lambda c, _masks: bool(c["mask_zero"]),
    weights=unadapted(lambda c, _x: {"embeddings": WeightSpec((c["input_dim"], c["output_dim"]))}),
    checks=(positive("input_dim"), positive("output_dim")),
)  # fmt: skip


def _reversible_weights(config: Config, _x: Incoming) -> Weights:
    """The matrix, and another one for the way back unless that is the same, transposed."""
    found = {"embeddings": WeightSpec((config["input_dim"], config["output_dim"]))}
    back = WeightSpec((config["output_dim"], config["input_dim"]))
    return found if config["tie_weights"] else found | {"reverse_embeddings": back}


row(
    "ReversibleEmbedding", output=lambda c, x: (*x, c["output_dim"]), weights=_reversible_weights, macs=no_macs,
    mask=lambda c, _masks: None if c["mask_zero"] else False, generations=(3,),
    checks=(positive("input_dim"), positive("output_dim")),
)  # fmt: skip

elementwise("Masking", mask=lambda _c, _masks: True)
elementwise("Identity", dtype=autocast)


def _lambda_output(config: Config, x: Incoming) -> Any:
    shape = config["output_shape"]
    if shape is None:
        raise Silent("perhaps: what the function of a Lambda gives is not known")
    if not isinstance(shape, tuple) or any(isinstance(s, tuple) for s in shape):
        raise Silent("perhaps: the output_shape of a Lambda is not a tuple of sizes")
    batch = x[0] if not (x and isinstance(x[0], tuple)) else x[0][0]
    sizes = (symbol(f"T{axis}", ("lambda", x, axis), free=True) if s is None else s for axis, s in enumerate(shape))
    return (batch, *sizes)


row(
    "Lambda", output=_lambda_output, macs=no_macs, mask=lambda c, _masks: False if c["mask"] is None else None,
    dtype=autocast,
)  # fmt: skip
