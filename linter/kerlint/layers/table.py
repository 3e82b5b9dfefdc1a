"""The layer table: one declarative row a class. The families' files fill it when the package is imported."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from kerlint.graph.dim import Dim, Poly, at_least, symbol
from kerlint.graph.layer import REQUIRED, Config, Incoming, LayerSpec, Mask, Refused, Silent, Unknown, WeightSpec
from kerlint.graph.weight import Shape
from kerlint.layers.policies import compute_dtype, dropped, kept, matrices, no_macs, no_weights, pass_through
from kerlint.layers.shapes import positions, printed

TABLE: dict[str, LayerSpec] = {}
ALIASES: dict[str, str] = {}  # other names of the same class -> its name
# Of each class of Keras its arguments without a default (as words), then the others, in its own order.
_SIGNATURES: Mapping[str, Any] = json.loads(Path(__file__).with_name("signatures.json").read_bytes())

NO_NUMBER = (TypeError, AttributeError, ValueError, ArithmeticError, LookupError)  # of a formula over another kind
STEPPED = ("kernel_size", "pool_size", "strides", "dilation_rate", "size")  # of a window: a number, or one an axis
P = ParamSpec("P")
Check = Callable[[Config], None]  # raises Refused; an unknown argument (Silent) skips it
Resolve = Callable[[dict[str, Any]], None]  # changes arguments in place


def row(  # noqa: PLR0913
    name: str,
    positional: str = "",
    *,
    aliases: str = "",
    per_axis: Mapping[str, int] | None = None,
    output: Callable[[Config, Incoming], Any] = kept,
    weights: Callable[[Config, Incoming], Mapping[str, WeightSpec]] = no_weights,
    mask: Callable[[Config, tuple[Mask, ...]], Mask] = dropped,
    macs: Callable[[Config, Incoming, Shape], Dim] | None = None,
    dtype: Callable[[Config, tuple[str, ...]], str] = compute_dtype,
    outputs: Callable[[Config], int] = lambda _config: 1,
    many: bool = False,
    parts: str = "",
    generations: tuple[int, ...] = (2, 3),
    checks: Sequence[Check] = (),
    resolve: Resolve | None = None,
    into: dict[str, LayerSpec] = TABLE,
    **defaults: object,
) -> LayerSpec:
    """Puts one class into the table.

    A class of Keras has the arguments of ``signatures.json``. What is none: ``positional`` names those without default,
    ``defaults`` the others (one that is a column here with an underscore behind it). ``per_axis`` says over how many
    axes an int is spread. Unless stated: the shape is kept, no weights, the mask is dropped, the dtype is the layer's,
    MACs are the kernels' entries at each position.
    """
    needed, optional = (positional, defaults) if positional or defaults else _SIGNATURES.get(name, ("", {}))
    signature = dict.fromkeys(needed.split(), REQUIRED) | {k.rstrip("_"): tuples(v) for k, v in optional.items()}

    def canonical(arguments: dict[str, object]) -> Config:
        try:
            return _canonical(dict(arguments), per_axis or {}, resolve, checks)
        except Refused as error:
            since = error.since if 2 in generations else 1  # the class is Keras 3's: so is the program
            raise Refused(f"{name}: {error}", since) from None
        except NO_NUMBER as error:
            raise Silent(f"{name} is given a value that is not modelled: {error}") from None

    derived = explained(name, output) if into is TABLE and output is not kept else output
    spec = LayerSpec(
        name, signature, derived, weights, macs or partial(matrix_products, weights), mask, dtype, canonical, outputs,
        many, tuple(aliases.split()), generations, parts=tuple(parts.split()),
    )  # fmt: skip
    into[name] = spec
    ALIASES.update(dict.fromkeys(spec.aliases, name))
    return spec


def explained(name: str, output: Callable[[Config, Incoming], Any]) -> Callable[[Config, Incoming], Any]:
    """``output`` whose refusals name the class and every shape that arrives."""

    def derive(config: Config, incoming: Incoming) -> Any:
        try:
            return output(config, incoming)
        except NO_NUMBER as error:
            raise Silent(f"{name} is given a value that is not modelled: {error}") from None
        except Refused as error:
            text = str(error) if name in str(error) else f"{name}: {error}"
            several = bool(incoming) and isinstance(incoming[0], tuple)
            shapes = [printed(shape) for shape in (incoming if several else (incoming,))]
            if not all(shape in text for shape in shapes):
                text = f"{text} (given {' and '.join(shapes)})"
            raise Refused(text, error.since) from None

    return derive


def tuples(value: Any) -> Any:
    """Lists as the tuples that they are in a configuration."""
    return tuple(map(tuples, value)) if isinstance(value, (list, tuple)) else value


def find(name: str) -> LayerSpec | None:
    """The row of a class by any of its names, or None."""
    return TABLE.get(ALIASES.get(name, name))


def elementwise(name: str, **columns: Any) -> LayerSpec:
    """A row that keeps the shape and hands the mask on."""
    return row(name, **{"mask": pass_through, "macs": no_macs} | columns)


def matrix_products(
    weights: Callable[[Config, Incoming], Mapping[str, WeightSpec]], config: Config, incoming: Incoming, output: Shape
) -> Dim:
    """MACs by default: every weight of two or more axes, at each position between batch and channels."""
    return matrices(weights(config, incoming)) * positions(config, output)


# --- canonical form ----------------------------------------------------------------------------------------

ACTIVATIONS = {"activation": "linear", "recurrent_activation": "linear"}


def _canonical(
    arguments: dict[str, Any], per_axis: Mapping[str, int], resolve: Resolve | None, checks: Sequence[Check]
) -> Config:
    for argument, default in ACTIVATIONS.items():
        if argument in arguments and arguments[argument] is None:
            arguments[argument] = default
    for argument in ("padding", "data_format"):
        if isinstance(arguments.get(argument), str):
            arguments[argument] = arguments[argument].lower()
    if resolve is not None:
        resolve(arguments)
    for argument, rank in per_axis.items():
        arguments[argument] = spread(arguments[argument], rank, argument)
    config = Config(arguments)
    for check in (*([DATA_FORMAT] if "data_format" in config else []), *checks):
        with suppress(Silent):  # an argument that is not known violates nothing
            check(config)
    return config


def spread(value: Any, rank: int, what: str) -> Any:
    """One size per axis. Refused for a tuple of another length or what is no number."""
    if isinstance(value, (int, Poly)):
        return (value,) * rank
    if _size(value) is not value:
        each = tuple(symbol(f"{value.expression}[{axis}]", (value.source, axis)) for axis in range(rank))
        return each if rank > 1 else (value.source,)
    uneven = isinstance(value, tuple) and (len(value) != rank or tuple in map(type, value))
    if uneven or isinstance(value, (float, str)):
        raise Refused(f"{what} is an integer or {rank} of them, not {value!r}")
    return tuple(map(_size, value)) if isinstance(value, tuple) else value


def _size(value: Any) -> Any:
    """The unknown size that something not known is, if it is a number."""
    return value.source if isinstance(value, Unknown) and isinstance(value.source, Poly) else value


def later(check: Callable[Concatenate[Config, P], None]) -> Callable[P, Check]:
    """A check that is told what to ask now, and of which configuration later."""
    return lambda *args, **kwargs: lambda config: check(config, *args, **kwargs)


@later
def positive(config: Config, name: str, zero: int = 1, *, optional: bool = False) -> None:
    """Refused if definitely less than 1 (0: since Keras ``zero``), or no integer; with ``optional`` None is taken."""
    value = config[name]
    for part in value if isinstance(value, tuple) else (value,):
        if isinstance(part, (float, str)) or (part is None and not (optional and value is None)):
            # Keras 2 rounded down: ``units=n / 2`` is a program that ran.
            since = 3 if isinstance(part, float) else 1
            raise Refused(f"{name} must be a positive integer, not {value!r}", since)
        if isinstance(part, (int, Poly)) and at_least(part, 1) is False:
            raise Refused(f"{name} must be positive, not {value!r}", zero if part == 0 else 1)


@later
def demand(config: Config, names: str, what: str, wrong: Callable[[Any], bool], since: int = 1) -> None:
    """Refused (``since`` a major version) if an argument is ``wrong``, in the words "name ``what``, not its value"."""
    for name in names.split():
        if wrong(config[name]):
            raise Refused(f"{name} {what}, not {config[name]!r}", since)


@later
def never(config: Config, why: str, wrong: Callable[[Config], bool]) -> None:
    """Refused in these words where arguments are ``wrong`` together; ``{name}`` in them is the value of one."""
    if wrong(config):
        raise Refused(why.format_map(config))


def beyond(value: object, low: float, high: float) -> bool:
    """Whether it is a number outside the closed interval."""
    return isinstance(value, (int, float)) and not low <= value <= high


def within(name: str, low: float, high: float, since: int = 1) -> Check:
    """Refused (``since`` a major version) if the argument is a number outside the closed interval."""
    return demand(name, f"must lie between {low:g} and {high:g}", lambda v: beyond(v, low, high), since)


def one_of(allowed: Sequence[object]) -> str:
    """What an argument must be of which these values are allowed."""
    return f"must be one of {', '.join(map(repr, allowed))}"


@later
def multiple(config: Config, name: str, of: str) -> None:
    """Refused if one argument is known to be no multiple of another one."""
    whole, part = config[name], config[of]
    if isinstance(whole, int) and isinstance(part, int) and whole % part:
        raise Refused(f"{name} ({whole}) must be a multiple of {of} ({part})")


def among(name: str, *allowed: object) -> Check:
    """Refused if the argument is a string or None that is not allowed."""
    named = (str, bool, type(None))
    return demand(name, one_of(allowed), lambda v: isinstance(v, named) and v not in allowed)


DATA_FORMAT = among("data_format", "channels_last", "channels_first")
