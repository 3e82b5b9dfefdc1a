"""Conditions: comparisons, truth, and the assumption that is made where it is not known."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import pairwise
from typing import Any, TypeAlias

from kerlint.evaluate import opens
from kerlint.evaluate.derived import fields_of, row_of, special
from kerlint.evaluate.operators import equal, ordered
from kerlint.evaluate.state import OTHER_FORMAT, Raised, Run
from kerlint.evaluate.streams import Stream, live
from kerlint.evaluate.values import MISSING, External, Instance, Open, Value, short_key
from kerlint.graph.dim import Poly, bounds
from kerlint.graph.graph import Tensor

NOT = ast.Not  # as the operator of a remembered question
HAS = ast.Invert  # likewise, of a text in something unknown: asked is what may hold it
CHOICES = 12  # entries that are asked for one after the other; each is a run of the root
CONSTANT = (int, float, str, bytes, type(None))
SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
NEGATED: dict[Any, Any] = {ast.NotEq: ast.Eq, ast.IsNot: ast.Is, ast.NotIn: ast.In}
OPPOSITE: dict[Any, Any] = {ast.Lt: ast.GtE, ast.LtE: ast.Gt}  # of what has an order
TURNED: dict[Any, Any] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}  # seen from the other


def _as_asked(run: Run, value: Value) -> Value:
    """The value, or what ``__bool__()`` or ``__len__()`` of an object of the program says of it."""
    found = special(run, value, "__bool__")
    found = special(run, value, "__len__") if found is MISSING else found
    return row_of(value) if found is MISSING and isinstance(value, Instance) else value if found is MISSING else found


def settled(run: Run, value: Value) -> Value:
    """The value, or what an assumption has made of it."""
    return run.pinned.get(run.key(value), value) if isinstance(value, Open) and run.pinned else value


def truth(run: Run, value: Value) -> bool:
    """Whether the value is true; assumed, where that is not known."""
    value = settled(run, _as_asked(run, value))
    if isinstance(value, Tensor):  # where TensorFlow follows the code, both branches are part of the model
        why = "it is decided while the model runs: by the value of a tensor"
        run.spoiled += [run.unresolved(run.at[1], run.at[0], why)] if run.at is not None else []
        return _ask(run, None, run.fresh("tensor", "the value of a tensor", why))
    if isinstance(value, Open):
        return _ask(run, None, value) if value.test is None else _test(run, *value.test)
    if isinstance(value, External):
        return value.name.startswith(("keras.", "tensorflow.", "numpy.")) or _ask(run, None, value)
    if isinstance(value, Poly):
        low, high = bounds(value)
        return low > 0 or high < 0 or _ask(run, None, value)
    plain = isinstance(value, (*CONSTANT, tuple, list, dict, set, frozenset, range)) and not isinstance(value, Stream)
    return bool(value) if plain else True


def known_truth(run: Run, value: Value) -> bool | None:
    """Whether the value is true, or None where only an assumption could tell."""
    value = settled(run, _as_asked(run, value))
    if isinstance(value, Open):
        return outcome(run, *value.test) if value.test is not None else None
    if isinstance(value, (External, Poly, Tensor)):
        return None if not isinstance(value, Poly) or bounds(value)[0] <= 0 else True
    return truth(run, value)


def compare(run: Run, op: Any, left: Value, right: Value) -> Value:
    """``left op right``: a bool, or an unknown value that remembers the question."""
    if isinstance(left, Instance) or isinstance(right, Instance):
        left, right = row_of(left), row_of(right)
        own = _rich(run, op, left, right)
        if own is not MISSING:
            return own
    answer = outcome(run, op, left, right)
    if answer is not None:
        return answer
    text = f"{opens.text_of(left)} {SIGNS[op]} {opens.text_of(right)}"
    key = f"({opens.key_of(run, left)}{SIGNS[op]}{opens.key_of(run, right)})"
    why = next((v.why for v in (left, right) if isinstance(v, Open)), "it is not known")
    return Open(short_key(key), text, why, test=(op, left, right))


RICH: dict[Any, str] = {ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}


def _rich(run: Run, op: Any, left: Value, right: Value) -> Value:
    """What the program's own object says of it; MISSING without."""
    if op in (ast.In, ast.NotIn):
        held = special(run, right, "__contains__", left)
        return held if held is MISSING or op is ast.In else negated(run, held)
    found: Value = MISSING
    if op is ast.Eq and isinstance(left, Instance) and isinstance(right, Instance) and left.cls is right.cls:
        names = [name for name in fields_of(left.cls) if getattr(left.cls.lookup(name), "compared", True)]
        if names and left.cls.lookup("__eq__") is MISSING:
            given = left.cls.lookup("__dataclass__")
            if not all(given.get(name, True) is True for name in ("eq", "cmp")):
                return left is right
            return compare(run, op, *(tuple(one.names.get(name) for name in names) for one in (left, right)))
    if op in RICH:
        found = special(run, left, f"__{RICH[op]}__", right)
        found = special(run, right, f"__{RICH[TURNED.get(op, op)]}__", left) if found is MISSING else found
    equal = _rich(run, ast.Eq, left, right) if op is ast.NotEq and found is MISSING else MISSING
    return found if equal is MISSING else negated(run, equal)


def negated(run: Run, value: Value) -> Value:
    """``not value``."""
    answer = known_truth(run, value)
    if answer is not None:
        return not answer
    text = opens.text_of(value)
    key = short_key(f"not {opens.key_of(run, value)}")
    return Open(key, f"not {text}", f"{text} is not known", test=(NOT, value, None))


def outcome(run: Run, op: Any, left: Value, right: Value) -> bool | None:
    """The comparison as far as it is known."""
    if op is NOT or op in NEGATED:
        answer = known_truth(run, left) if op is NOT else outcome(run, NEGATED[op], left, right)
        return None if answer is None else not answer
    left, right = settled(run, left), settled(run, right)
    if op is ast.Eq:
        return equal(left, right)
    if op is ast.Is:
        return _identical(left, right)
    if op is ast.In:
        return _contained(left, right)
    return ordered(op, left, right)


def _identical(left: Value, right: Value) -> bool | None:
    if isinstance(left, Open) or isinstance(right, Open):
        return equal(left, right) if left is right or left is None or right is None else None
    if isinstance(left, External) or isinstance(right, External):
        return equal(left, right)
    if isinstance(left, CONSTANT) or isinstance(right, CONSTANT):
        return type(left) is type(right) and left == right
    return left is right


def _contained(left: Value, right: Value) -> bool | None:
    if (isinstance(right, str) and isinstance(left, str)) or (isinstance(right, range) and isinstance(left, int)):
        return left in right
    if not isinstance(right, (tuple, list, set, frozenset, dict, range)):
        return None
    answer: bool | None = False
    for element in live(right) if isinstance(right, Stream) else right:
        if (same := equal(left, element)) is True:
            return True
        answer = None if same is None else answer
    return answer


def _test(run: Run, op: Any, left: Value, right: Value) -> bool:
    """Asks what is not known of a comparison."""
    answer = outcome(run, op, left, right)
    if answer is not None:
        return answer
    if op in NEGATED or op is NOT:
        preference = run.preference
        with run.preferring(None if preference is None else not preference):
            return not (_test(run, NEGATED[op], left, right) if op in NEGATED else truth(run, left))
    left, right = settled(run, left), settled(run, right)
    if op is ast.In and isinstance(right, (tuple, list, set, frozenset, dict)) and isinstance(left, Open):
        right = sorted(right, key=lambda v: opens.key_of(run, v)) if isinstance(right, (set, frozenset)) else right
        right = sorted(right, key=lambda v: v != run.data_format)  # the one that is set, before the other
        if len(right) <= CHOICES:
            return any(_test(run, ast.Eq, left, element) for element in right)
        right = tuple(right)
    if op is not ast.In and _rank(run, left) > _rank(run, right):
        left, right, op = right, left, TURNED.get(op, op)
    if op in TURNED and isinstance(left, CONSTANT) and isinstance(right, CONSTANT):
        raise Raised(f"{opens.text_of(left)} has no order with {opens.text_of(right)}", "TypeError")
    if op in OPPOSITE:
        with run.preferring(run.preference is False):
            return not _ask(run, OPPOSITE[op], left, right)
    if op not in (ast.Eq, ast.Is) or not isinstance(left, Open):
        return _ask(run, op, left, right)
    if isinstance(right, bool) and left.test is not None:  # a comparison: nothing but True or False
        said = truth(run, left) if right else _test(run, NOT, left, None)
        run.pinned[run.key(left)] = right is said
        return said
    said = _ask(run, op, left, right)
    if isinstance(right, str) and right in OTHER_FORMAT:  # the format of all layers: nothing else has these words
        run.data_format = right if said else OTHER_FORMAT[right]
    if said and isinstance(right, CONSTANT):
        run.pinned[run.key(left)] = right
    return said


def _rank(run: Run, value: Value) -> tuple[int, str]:
    """Which side of a comparison a value is asked on: what is not known, before what is outside and what is known."""
    if isinstance(value, (Open, Poly)):
        return 0, opens.key_of(run, value)
    return (1, value.name) if isinstance(value, External) else (2, "")


def _ask(run: Run, op: Any, left: Value, right: Value = None) -> bool:
    """One decision for each unknown value and question, where the answers to earlier ones do not answer it."""
    zero = "not 0" if isinstance(left, Poly) else "true"
    one, other = opens.text_of(left), opens.text_of(right)
    text = f"{one} {SIGNS[op]} {'another ' * (one == other)}{other}" if op else f"{one} is {zero}"
    if op is ast.In and isinstance(left, str):
        left, right, op = right, left, HAS
    key, length = opens.key_of(run, left), isinstance(left, Open) and left.sized is not None
    if isinstance(right, (Open, Poly)) and op is not ast.In:  # asked of their difference
        key, right, length = f"{key}-{opens.key_of(run, right)}", 0, False
    elif length:
        key = left.sized
    key, op = short_key(key), ast.Eq if op is ast.Is else op
    name = f"{'len ' * length}{SIGNS.get(op, '')} {opens.key_of(run, right)}"
    if not answerable(op, right) or not isinstance(left, (Open, External, Poly)):
        return run.assume(key, name, text)
    said = run.decisions.said.setdefault(key, {})
    question = op, right, length
    known = None if name in said else follows(said.values(), question, opens.integral(left) and not length)
    if known is not None:
        run.hang(key, *said)
        return known
    # Who has to give an argument gives something.
    answer = run.assume(key, name, text, not (right is None and op is ast.Eq and key in run.needed))
    if (key, name) in run.decisions.made:
        said[name] = question, answer
    return answer


def refuted(run: Run, left: Open, right: Value) -> bool:
    """Whether earlier answers say that it is not this."""
    said = run.decisions.said.get(short_key(run.key(left)), {})
    return bool(said) and follows(said.values(), (ast.Eq, right, False), opens.integral(left)) is False


# --- what earlier answers leave of a question: tried on values that stand for all others ------------------------

Question: TypeAlias = tuple[Any, Value, bool]  # how it is compared (None: its truth), with what, whether its length is
HOLDS: dict[Any, Callable[[Any, Any], bool]] = {
    None: lambda value, _: bool(value), ast.Eq: operator.eq, ast.In: lambda value, among: value in among,
    HAS: operator.contains,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
NAMED = (int, float, str, type(None), External)
LARGE = 10**15  # sizes and rates are less; beyond, a float is not next to another


def answerable(op: Any, other: Value) -> bool:
    """Whether values can be found that answer the comparison with this in all ways there are."""
    if op is ast.In:
        return isinstance(other, tuple) and all(answerable(ast.Eq, value) for value in other)
    if isinstance(other, (int, float)):
        return -LARGE < other < LARGE
    return isinstance(other, str if op in (ast.Gt, ast.GtE) else NAMED)


def follows(said: Collection[tuple[Question, bool]], question: Question, whole: bool) -> bool | None:
    """The answer, if it is the same for all values that fit what was said; ``whole``: numbers are integers."""
    others = [other for (_, other, _), _ in (*said, (question, True))]
    had = [str(other) for (op, other, _), answer in (*said, (question, True)) if op is HAS and answer]
    others += ["\0".join(had), "\0".join(had[:-1])]  # all that it has, with and without what is asked for now
    found: set[bool] = set()
    for value in _values([v for o in others for v in (o if isinstance(o, tuple) else (o,))], whole):
        with suppress(TypeError):  # Python refuses to compare such a value: it is none of this program's
            if len(found) < 2 and all(_holds(value, earlier) is answer for earlier, answer in said):
                found.add(_holds(value, question))
    return found.pop() if len(found) == 1 else None


def _holds(value: Value, question: Question) -> bool:
    op, other, length = question
    return HOLDS[op](len(value) if length else value, other)


def _values(others: list[Value], whole: bool) -> list[Value]:
    """Each of these and what lies beside and between them; of all other values one that is true and one that is not."""
    numbers = sorted({0, *(v for v in others if isinstance(v, (int, float)))})
    near = [*numbers, *(n + d for n in numbers for d in (-1, 1)), *((a + b) / 2 for a, b in pairwise(numbers))]
    integers = {int(f(n)) for n in near for f in (math.floor, math.ceil)}
    texts = ["", *(v for v in others if isinstance(v, str))]
    rows = [range(n) for n in integers if n >= 0]
    named = [v for v in others if isinstance(v, External)]
    return [*(integers if whole else near), None, False, True, *texts, *(t + "\0" for t in texts), *rows, *named]
