"""The standard library, as far as builders of models use it."""

from __future__ import annotations

import ast
import itertools
import math
import posixpath
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

from kerlint.evaluate import opens
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.attributes import attribute_of
from kerlint.evaluate.calls import call
from kerlint.evaluate.derived import ROW, Factory
from kerlint.evaluate.known.builtins import keys_of, over, tried, unknown
from kerlint.evaluate.models import put
from kerlint.evaluate.mutation import Defaulting, Tally, born, hashable, rest, rest_of, spoil, touch, unknown_keys
from kerlint.evaluate.natives import call_native, shuffle
from kerlint.evaluate.operators import BINARY, OPERANDS, binary, equal
from kerlint.evaluate.registry import CONSTANTS, FUNCTIONS, function, method, words
from kerlint.evaluate.state import CONTAINER, Run, TooLarge
from kerlint.evaluate.streams import Stream, live
from kerlint.evaluate.subscripts import subscript
from kerlint.evaluate.values import CALLED, MISSING, Array, Bound, Call, Class, External, Instance, Open, Partial, Value
from kerlint.graph.dim import Poly, ceil_div, floor_div

CONSTANTS |= {
    "math.pi": math.pi, "math.e": math.e, "math.inf": math.inf, "numpy.pi": math.pi, "numpy.inf": math.inf,
    "numpy.newaxis": None, "tensorflow.newaxis": None, "typing.TYPE_CHECKING": False, "sys.version_info": (3, 11, 0),
    "os.sep": "/",
}  # fmt: skip

SHARED = "sqrt log log2 log10 exp sin cos tan sinh cosh tanh log1p expm1 fabs"
NAMES = f"{SHARED} floor ceil pow hypot trunc isqrt gcd lcm comb perm factorial isclose"
MATH: dict[str, Callable[..., Any]] = {
    **{f"math.{name}": getattr(math, name) for name in words(NAMES)},
    **{f"numpy.{name}": getattr(math, name) for name in words(SHARED)}, "numpy.abs": abs,
    "numpy.arcsin": math.asin, "numpy.arccos": math.acos, "numpy.arctan": math.atan,
    "numpy.floor": lambda x: float(math.floor(x)), "numpy.ceil": lambda x: float(math.ceil(x)),
    "numpy.round": lambda x, n=0: float(round(x, n)),
}  # fmt: skip


@function(*MATH)
def _math(run: Run, c: Call) -> Value:
    if not all(isinstance(a, (int, float)) for a in c.args) or c.kwargs:
        return _rounded(run, c)
    if c.name in ("factorial", "comb", "perm", "pow") and any(abs(a) > 300 for a in c.args):
        raise TooLarge(f"{c.name}() of a large number")
    return tried(run, c, MATH[c.written], *c.args)


def _rounded(run: Run, c: Call) -> Value:
    """floor() and ceil() of a quotient of sizes are formulas."""
    value, name = c.get(0, "x"), c.name
    if name in ("floor", "ceil") and isinstance(value, Open) and value.ratio is not None:
        found = opens.function_of(run, name, value)
        found.dim, found.integral = (floor_div if name == "floor" else ceil_div)(*value.ratio), True
        return found
    if isinstance(value, Array) and c.written.startswith("numpy."):
        return type(value)(value.shape)
    if isinstance(value, Poly) and name in ("floor", "ceil", "trunc"):
        return value
    return unknown(run, c)


@function("math.prod", "numpy.prod", "numpy.sum")
def total(run: Run, c: Call) -> Value:
    """The product of all elements, or their sum."""
    given, (op, first) = c.get(0, "a"), (ast.Add, 0) if c.name == "sum" else (ast.Mult, 1)
    values = None if isinstance(given, Array) else iterate(run, given)
    if values is None or len(c.args) > 1 or any(isinstance(v, (Array, list, tuple, type(None))) for v in values):
        return unknown(run, c)
    start = c.any(99, "start", "initial", default=first)
    return reduce(lambda total, value: binary(run, op, total, value, c.node, c.frame), values, start)


OPERATORS = {f"operator.{operation.__name__}": op for op, operation in BINARY.items()}


@function(*OPERATORS)
def _operator(run: Run, c: Call) -> Value:
    return binary(run, OPERATORS[c.written], *c.args, c.node, c.frame) if len(c.args) == 2 else unknown(run, c)


# --- functools, itertools, collections ---------------------------------------------------------------------

POOLED = words("product combinations permutations zip_longest pairwise batched accumulate starmap")  # of all at once
FUNCTIONS["functools.partial"] = lambda run, c: Partial(c.args[0], c.args[1:], c.kwargs) if c.args else unknown(run, c)


@over("functools.reduce", "builtins.reduce", "six.moves.reduce", at=1)
def _reduce(run: Run, c: Call, values: list[Value]) -> Value:
    values = [*c.args[2:3], *values] or [unknown(run, c)]
    return reduce(_python(run, c, c.args[0]), values)


def _python(run: Run, c: Call, value: Value) -> Any:
    """A function, a number or what can be iterated, as Python takes it; None if its elements are not known."""
    if isinstance(value, (Class, External, *CALLED)) and not isinstance(value, Instance):
        return lambda *given: call(run, value, Call(given, {}, c.node, c.frame, via=True))
    return value if type(value) is int else iterate(run, value)


def _taken(run: Run, wanted: Call, c: Call) -> Value:
    """The entries of a value, or its attributes, that ``wanted`` names: one, or a tuple of several."""
    read = subscript if wanted.name == "itemgetter" else attribute_of
    found = tuple(read(run, c.args[0], part, c.node, c.frame) for part in wanted.args)
    return found if len(found) > 1 else found[0]


FUNCTIONS["operator.itemgetter"] = FUNCTIONS["operator.attrgetter"] = lambda _, c: Bound(c, _taken, c.written)


@function(*(f"itertools.{name}" for name in POOLED if hasattr(itertools, name)))
def _itertool(run: Run, c: Call) -> Value:
    parts = [_python(run, c, value) for value in c.args]
    if None in parts:
        return unknown(run, c)
    made = getattr(itertools, c.name)
    found = tried(run, c, lambda: Stream(itertools.islice(made(*parts, **c.kwargs), CONTAINER + 1)))
    if isinstance(found, list) and len(found) > CONTAINER:
        raise TooLarge(f"itertools.{c.name} gives more than {CONTAINER} elements")
    return found


@function("itertools.chain", "itertools.chain.from_iterable")
def _flat(run: Run, c: Call) -> Value:
    """One after the other, as they are taken."""
    whole = [*c.args] if c.name == "chain" else c.get(0, "iterable")
    whole = whole if isinstance(whole, list) else iterate(run, whole)
    parts = (part if isinstance(part, list) else iterate(run, part) for part in live(whole or ()))
    lost = rest(run, "...", f"an unknown number of elements (line {c.line})")
    return unknown(run, c) if whole is None else Stream(v for p in parts for v in ([lost] if p is None else live(p)))


@over("itertools.islice", late=True)
def _islice(run: Run, c: Call, values: list[Value]) -> Value:
    ends = c.args[1:]
    skips = ends[:1] not in ((0,), (None,)) and len(ends) > 1 and (isinstance(values, Stream) or rest_of(values))
    if skips or 0 in ends[2:] or not all(end is None or (isinstance(end, int) and end >= 0) for end in ends):
        return unknown(run, c)
    return Stream(value for value in itertools.islice(live(values), *ends))


@over("itertools.groupby")
def _groups(run: Run, c: Call, values: list[Value]) -> Value:
    """Neighbours of one key: each group is walked before the next one is asked for."""
    keys = keys_of(run, replace(c, kwargs={"key": c.get(1, "key")}), values)
    same = [False, *(equal(a, b) for a, b in itertools.pairwise(keys))]
    found: list[tuple[Value, Value]] = []
    for again, key, value in zip(same, keys, values, strict=False):
        found += [] if again else [(key, Stream())]
        found[-1][1].append(value)
    return unknown(run, c) if None in same else Stream(found)


@function("collections.Counter")
def _counter(run: Run, c: Call) -> Value:
    found = Tally(External("builtins.int"))
    lost = isinstance(_count(run, found, replace(c, written="update")), Open)
    return unknown(run, c) if lost else born(run, found)


@method(Tally, *words("update subtract most_common elements total"))
def _count(run: Run, tally: Tally, c: Call) -> Value:
    """What Python's own makes of it; something unknown may be any of what is counted."""
    given = [a if isinstance(a, (dict, int)) else iterate(run, a, True) for a in c.args]
    held = [v for a in (tally, *given) if isinstance(a, (list, dict)) for v in a]
    sizes = [n for a in (tally, c.kwargs, *given) if isinstance(a, dict) for n in a.values()]
    whole = None not in given and all(isinstance(n, int) for n in sizes)
    touch(run, tally)
    if not whole or unknown_keys(held) or not all(map(hashable, held)):
        spoil(run, tally, f"something unknown is counted (line {c.line})")
        return unknown(run, c)
    counts = Counter(tally)
    found = getattr(counts, c.name)(*given, **c.kwargs)
    tally.clear()
    tally.update(counts)
    return Stream(found) if c.name == "elements" else found


OPERANDS[Tally] = lambda run, op, left, right, node, frame: run.lost("counts", node, frame, f"{op} of counts")


@function("collections.namedtuple")
def _namedtuple(run: Run, c: Call) -> Value:
    fields = c.get(1, "field_names")
    fields = fields.replace(",", " ").split() if isinstance(fields, str) else fields
    if not isinstance(fields, (list, tuple)) or not all(isinstance(f, str) for f in fields):
        return unknown(run, c)
    made = Class(str(c.get(0, "typename")), (ROW,), {"__fields__": dict.fromkeys(fields, "")}, c.frame)
    defaults = iterate(run, c.kwargs.get("defaults", ())) or []
    made.names.update(zip(fields[len(fields) - len(defaults) :], defaults, strict=False))
    return made


@function("collections.defaultdict")
def _defaultdict(run: Run, c: Call) -> Value:
    found = Defaulting(c.args[0]) if c.args else {}
    call_native(run, found, "update", replace(c, args=c.args[1:]))
    return born(run, found)


@function("collections.deque")
def _deque(run: Run, c: Call) -> Value:
    bounded = c.kwargs or len(c.args) > 1
    found = unknown(run, c) if bounded else FUNCTIONS["builtins.list"](run, replace(c, written="list"))
    run.tracked[id(found)] = (found, False)  # Keras does not look into it
    put(run, found, found)
    return found


@function("types.SimpleNamespace", "argparse.Namespace", "easydict.EasyDict", "box.Box", "ml_collections.ConfigDict")
@function("keras.layers.InputSpec")
def _namespace(run: Run, c: Call) -> Value:
    names = dict(c.args[0]) if c.args and isinstance(c.args[0], dict) else {}
    return Instance(Class("namespace", (), {}, c.frame), {**names, **c.kwargs})


@function(*words("random.random random.randint random.uniform random.choice time.time"))
@function(*(f"builtins.{name}" for name in words("id hash repr format input raw_input open")))
def _outside(run: Run, c: Call) -> Value:
    return run.lost("outside", c.node, c.frame, "it is not known before the program runs")


FUNCTIONS["random.shuffle"] = FUNCTIONS["numpy.random.shuffle"] = lambda run, c: shuffle(run, c.get(0, "x"), c.line)


@function("os.path.join", "os.getcwd", "os.path.dirname", "os.path.abspath", "os.path.basename")
def _path(run: Run, c: Call) -> Value:
    if all(isinstance(a, str) for a in c.args) and c.args:
        return (posixpath.join if c.name == "abspath" else getattr(posixpath, c.name))(*c.args)
    return unknown(run, c)


@function("dataclasses.field", "attr.ib", "attr.field", "attrs.field")
def _field(run: Run, c: Call) -> Value:
    factory = c.any(99, "default_factory", "factory")
    default, late = c.kwargs.get("default", MISSING), c.kwargs.get("init") is False
    compared = all(c.kwargs.get(name) is not False for name in ("compare", "eq", "cmp"))
    return Factory(factory, default, late, compared) if late or factory is not None or not compared else default


class Parser(set[str]):
    """argparse: its arguments that are whole numbers. What they are is not known, whatever their defaults."""


FUNCTIONS["argparse.ArgumentParser"] = lambda _run, _c: Parser()


@method(Parser, "add_argument")
def _add_argument(run: Run, parser: Parser, c: Call) -> None:
    if getattr(c.kwargs.get("type"), "name", "") == "builtins.int" and "nargs" not in c.kwargs:
        parser.add(c.kwargs.get("dest") or max(c.args, key=len).lstrip("-").replace("-", "_"))


@method(Parser, "parse_args")
def _parse_args(run: Run, parser: Parser, c: Call) -> Value:
    found = run.lost("parse_args", c.node, c.frame, "arguments of the program")
    run.whole |= {f"{found.key}.{name}" for name in parser}
    return found


@function("sys.path.append", "sys.path.insert")
def _searched(run: Run, c: Call) -> None:
    """One more place where imports start: relative to the file, since scripts run where they are."""
    if isinstance(c.args[-1], str) and not c.args[-1].startswith("/"):
        run.searched.append(c.args[-1])


for _name in ("inspect.signature", "typing.cast", "typing.TypeVar"):
    FUNCTIONS[_name] = lambda run, c: c.args[1] if len(c.args) == 2 else unknown(run, c)
