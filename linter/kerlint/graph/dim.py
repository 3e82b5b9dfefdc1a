"""Dimensions: integers, or polynomials with integer coefficients over named unknowns and floor quotients.

A polynomial that turns out constant *is* an ``int``; a :class:`Poly` has no truth value, so that "not
known" cannot be mistaken for "no". Every symbol stands for an integer of at least 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from kerlint.graph.formula import brief, grouped


@dataclass(frozen=True)
class Symbol:
    """An unknown size: ``name`` is for printing, ``origin`` is what makes two symbols the same."""

    name: str = field(compare=False)
    origin: object
    free: bool = field(default=False, compare=False)  # prints as None: the batch, a variable time axis


@dataclass(frozen=True)
class Floor:
    """``floor(top / bottom)`` that does not divide out. It may hold many others: what is asked often is kept."""

    top: Dim
    bottom: Dim

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return self._text

    @cached_property
    def _hash(self) -> int:
        return hash((self.top, self.bottom))

    @cached_property
    def _text(self) -> str:
        return f"Floor(top={self.top!r}, bottom={self.bottom!r})"

    @cached_property
    def bulk(self) -> int:
        """How many symbols and quotients are in it, itself included."""
        return bulk(self.top) + bulk(self.bottom)


Atom: TypeAlias = Symbol | Floor
Monomial: TypeAlias = tuple[tuple[Atom, int], ...]  # atoms with their exponents, in first-seen order


def _atom_key(atom: Atom) -> str:
    """A total order that does not depend on hashing."""
    return f"0{atom.name}{atom.origin!r}" if isinstance(atom, Symbol) else f"1{atom!r}"


@dataclass(frozen=True)
class Poly:
    """A sum of ``coefficient * monomial``; never constant (see :func:`make`)."""

    terms: tuple[tuple[Monomial, int], ...]

    def __bool__(self) -> bool:
        raise TypeError(f"whether {show(self)} is zero is not known")  # a rule compares with same()

    def __add__(self, other: Dim) -> Dim:
        return make([*self.terms, *_terms(other)])

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return make((m, -k) for m, k in self.terms)

    def __sub__(self, other: Dim) -> Dim:
        return self + -other

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        return make((_times(m, n), k * j) for m, k in self.terms for n, j in _terms(other))

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        return floor_div(self, other)

    def __rfloordiv__(self, other: int) -> Dim:
        return floor_div(other, self)

    def __mod__(self, other: Dim) -> Dim:
        return self - floor_div(self, other) * other

    def __str__(self) -> str:
        return formula(self)


Dim: TypeAlias = int | Poly

BATCH = Poly(((((Symbol("batch", "batch", free=True), 1),), 1),))


def symbol(name: str, origin: object = None, *, free: bool = False) -> Dim:
    """The dimension that is one unknown; ``origin`` defaults to the name."""
    return Poly(((((Symbol(name, name if origin is None else origin, free), 1),), 1),))


def _terms(dim: Dim) -> tuple[tuple[Monomial, int], ...]:
    return dim.terms if isinstance(dim, Poly) else (((), dim),)


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: _atom_key(item[0])))


def make(terms: Iterable[tuple[Monomial, int]]) -> Dim:
    """The normal form of a sum of terms: an ``int`` if it is constant."""
    total: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        total[monomial] = total.get(monomial, 0) + coefficient
    kept = [(m, k) for m, k in total.items() if k]
    if not kept:
        return 0
    if len(kept) == 1 and kept[0][0] == ():
        return kept[0][1]
    kept.sort(key=lambda item: (-sum(p for _, p in item[0]), [_atom_key(a) for a, _ in item[0]]))
    return Poly(tuple(kept))


def divide_exactly(top: Dim, bottom: Dim) -> Dim | None:
    """``top / bottom`` where ``bottom`` is one term that divides every term of ``top``; else None."""
    if isinstance(top, int) and isinstance(bottom, int):
        return top // bottom if bottom and top % bottom == 0 else None
    if top == bottom:
        return 1
    divisors = _terms(bottom)
    if len(divisors) != 1 or not divisors[0][1]:
        return None
    (below, factor), quotient = divisors[0], []
    for monomial, coefficient in _terms(top):
        powers = dict(monomial)
        for atom, power in below:
            powers[atom] = powers.get(atom, 0) - power
        if coefficient % factor or any(p < 0 for p in powers.values()):
            return None
        quotient.append((tuple((a, p) for a, p in powers.items() if p), coefficient // factor))
    return make(quotient)


def floor_div(top: Dim, bottom: Dim) -> Dim:
    """``floor(top / bottom)``. Raises ZeroDivisionError where ``bottom`` is 0."""
    if isinstance(top, int) and isinstance(bottom, int):
        return top // bottom
    if bottom == 0:
        raise ZeroDivisionError("division of a dimension by zero")
    exact = divide_exactly(top, bottom)
    if exact is not None:
        return exact
    whole: Dim = 0
    rest: Dim = top
    if isinstance(bottom, int):  # floor((k*b*x + r) / b) = k*x + floor(r / b)
        whole = make((m, k // bottom) for m, k in _terms(top))
        rest = make((m, k % bottom) for m, k in _terms(top))
        if isinstance(rest, int):
            return whole + rest // bottom
        inner = _single_floor(rest)
        if inner is not None and bottom > 0:  # floor((floor(p / q) + c) / b) = floor((p + c*q) / (q*b))
            floor, constant = inner
            return whole + floor_div(floor.top + constant * floor.bottom, floor.bottom * bottom)
    return whole + make([(((Floor(rest, bottom), 1),), 1)])


def _single_floor(dim: Poly) -> tuple[Floor, int] | None:
    """The parts of ``floor(p / q) + c`` with a positive number ``q``; None for any other dimension."""
    constant, floors = 0, []
    for monomial, coefficient in dim.terms:
        if not monomial:
            constant = coefficient
        elif coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Floor):
            floors.append(monomial[0][0])
        else:
            return None
    if len(floors) != 1 or not isinstance(floors[0].bottom, int) or floors[0].bottom < 1:
        return None
    return floors[0], constant


def ceil_div(top: Dim, bottom: Dim) -> Dim:
    """``ceil(top / bottom)`` for a positive ``bottom``."""
    return floor_div(top + bottom - 1, bottom)


def product(dims: Iterable[Dim]) -> Dim:
    """The product of all dimensions; 1 for none."""
    return math.prod(dims)


def bounds(dim: Dim) -> tuple[float, float]:
    """An interval that holds every value of the dimension, given that symbols are at least 1."""
    if isinstance(dim, int):
        return dim, dim
    low = high = 0.0
    for monomial, coefficient in dim.terms:
        small, large = 1.0, 1.0
        for atom, power in monomial:
            a, b = (1.0, math.inf) if isinstance(atom, Symbol) else _floor_bounds(atom)
            if a < 0:
                return -math.inf, math.inf
            small, large = small * a**power, (0.0 if b == 0 or large == 0 else large * b**power)
        ends = (small * coefficient, large * coefficient)
        low, high = low + min(ends), high + max(ends)
    return low, high


def _floor_bounds(atom: Floor) -> tuple[float, float]:
    (top_low, top_high), (low, high) = bounds(atom.top), bounds(atom.bottom)
    if low < 1 or top_low < 0:
        return -math.inf, math.inf
    least = 0.0 if high == math.inf else float(math.floor(top_low / high))
    return least, top_high if top_high == math.inf else float(math.floor(top_high / low))


def same(left: Dim, right: Dim) -> bool | None:
    """Whether two dimensions are equal: True, False, or None where that is not known."""
    difference = left - right
    if isinstance(difference, int):
        return difference == 0
    low, high = bounds(difference)
    return False if low > 0 or high < 0 else None


def at_least(dim: Dim, number: int) -> bool | None:
    """Whether a dimension is at least ``number``: True, False, or None where that is not known."""
    low, high = bounds(dim)
    return True if low >= number else False if high < number else None


def symbols(dim: Dim) -> tuple[Symbol, ...]:
    """The symbols of a dimension, each once, in the order in which they are printed."""
    found: dict[Symbol, None] = {}
    for monomial, _ in dim.terms if isinstance(dim, Poly) else ():
        for atom, _power in monomial:
            inner = (atom,) if isinstance(atom, Symbol) else (*symbols(atom.top), *symbols(atom.bottom))
            found.update(dict.fromkeys(inner))
    return tuple(found)


def bulk(dim: Dim) -> int:
    """How large a formula is: how many symbols and quotients it has, those in others included; at least 1."""
    return 1 + sum(1 if isinstance(atom, Symbol) else atom.bulk for monomial, _ in _terms(dim) for atom, _ in monomial)


def show(dim: Dim, names: Mapping[Symbol, str] | None = None) -> str:
    """The dimension for readers: a formula (``512*n + 66048``), shortened if it is long."""
    return brief(formula(dim, names))


def formula(dim: Dim, names: Mapping[Symbol, str] | None = None) -> str:
    """The whole formula; ``names`` overrides how symbols are printed."""
    if isinstance(dim, int):
        return str(dim)
    parts: list[str] = []
    for monomial, coefficient in dim.terms:
        several = len(monomial) > 1 or coefficient != 1
        number = [str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []
        factors = [*number, *(_factor(atom, power, several, names) for atom, power in monomial)]
        parts.append(f" {'-' if coefficient < 0 else '+'} {'*'.join(factors)}")
    text = "".join(parts)
    return text[3:] if text.startswith(" + ") else "-" + text[3:]


def _factor(atom: Atom, power: int, several: bool, names: Mapping[Symbol, str] | None) -> str:
    if isinstance(atom, Floor):
        text = f"floor({grouped(formula(atom.top, names), ' */%')}/{grouped(formula(atom.bottom, names), ' */%')})"
    else:
        text = (names or {}).get(atom, atom.name)
    if power > 1:
        return f"{grouped(text, ' */%-')}**{power}"
    return grouped(text, " /%") if several else text
