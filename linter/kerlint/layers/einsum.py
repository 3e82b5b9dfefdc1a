"""EinsumDense: weights and output follow from the equation."""

from __future__ import annotations

import re
from typing import Any

from kerlint.graph.dim import Dim, product, same
from kerlint.graph.layer import Config, Incoming, Refused, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.core import LORA, not_adapted
from kerlint.layers.policies import Weights
from kerlint.layers.shapes import defined, is_free, printed, unsettled
from kerlint.layers.table import row

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


def _resolved(config: Config, x: Shape) -> tuple[dict[str, Dim], dict[str, Dim], Shape]:
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
        full[number] = _size(letter, full[number], taken, x)
        if letter not in given and letter not in kernel:
            raise Refused(f"EinsumDense: {letter!r} of the output is in neither input nor kernel")
    return taken, dict(zip(result, full[before:], strict=False)), tuple(full)


def _size(letter: str, declared: Dim | None, taken: dict[str, Dim], x: Shape) -> Dim:
    """The declared size of an output's letter; None stays None, as in Keras. Refused if the input differs."""
    there = taken.get(letter)
    if declared is None:
        return there if there is not None and is_free(there) else unsettled("einsum", letter, x)
    if there is not None and not is_free(declared) and (is_free(there) or same(there, declared) is False):
        raise Refused(f"EinsumDense: {letter!r} is {printed((there,))} in the input, {declared} in output_shape")
    return declared


def _weights(config: Config, x: Incoming) -> Weights:
    not_adapted(config)
    where, given, kernel, result = sides(config)
    taken, outcome, _ = _resolved(config, x)
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


def _output(config: Config, x: Incoming) -> Shape:
    _weights(config, x)
    return _resolved(config, x)[2]


def _macs(config: Config, x: Incoming, _output: Shape) -> Dim:
    """One multiplication for each combination of the letters' sizes and elided axes, the batch left out."""
    where, given, kernel, _ = sides(config)
    taken, outcome, _shape = _resolved(config, x)
    elided = len(x) - len(given)
    others = x[1:elided] if where == "left" else x[len(given) :]
    letters = dict.fromkeys(given + kernel)
    batch = "" if where == "left" and elided else given[0]
    return product([*(taken.get(a, outcome.get(a, 1)) for a in letters if a != batch), *others])


row(
    "EinsumDense", "equation output_shape", activation=None, bias_axes=None,
    kernel_initializer="glorot_uniform",
    bias_initializer="zeros", kernel_regularizer=None, bias_regularizer=None, kernel_constraint=None,
    bias_constraint=None, **LORA, gptq_unpacked_column_size=None, quantization_config=None,
    output=_output, weights=_weights, macs=_macs,
)  # fmt: skip
