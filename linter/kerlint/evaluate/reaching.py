"""What reaches layers: from the words of layers back through all that names are made of, and that functions are given.

A set of functions, or of parameters, is a number with a bit for each: in a large project a name stands for thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import or_

Words = frozenset[str] | set[str]
ROUNDS = 8  # of functions that call each other: what is behind them has all effects


@dataclass
class Told:
    """What the statements of a program say of its names."""

    sources: dict[str, set[str]] = field(default_factory=dict)  # the words that a name is made of
    parameters: dict[str, set[str]] = field(default_factory=dict)  # of functions and classes
    bound: list[tuple[str, Words, bool]] = field(default_factory=list)  # names, of what words, whether that is a call
    spoken: list[Words] = field(default_factory=list)  # the words of each statement
    mutated: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)  # names that are modules

    def reaching(self, seeds: Words) -> frozenset[str]:
        """The words from which something comes to the seeds: what a function is given by another name, it is given."""
        bits = _numbered(parameter for own in self.parameters.values() for parameter in own)
        named = (self.sources.keys() | bits.keys()) - self.modules
        for name in self.mutated:  # another name of the same object sees it, too
            for source in self.sources.get(name, set()) & named:
                self.sources.setdefault(source, set()).add(name)
        given = self._given(bits)
        calls = [(words, taken) for words in self.spoken if (taken := _union(given, words))]
        changed = {name: bits[name] for name in self.mutated & bits.keys()}
        moved = _union(bits, changed.keys())
        found: set[str] = set()
        new = set(seeds)
        while new:
            found |= self._made_of(new, found)
            reached = _union(bits, found)
            calls = [(words, taken) for words, taken in calls if not words <= found or taken & moved & ~reached]
            new = set().union(*(words for words, taken in calls if taken & reached)) - found
            seen = reduce(or_, (taken for words, taken in calls if not named.isdisjoint(words & found)), 0)
            new |= {name for name, bit in changed.items() if bit & seen} - found
        return frozenset(found)

    def _made_of(self, new: set[str], found: set[str]) -> set[str]:
        every, left = set(new), list(new)
        while left:
            more = self.sources.get(left.pop(), set()) - found - every
            every |= more
            left += more
        return every

    def _given(self, bits: Mapping[str, int]) -> dict[str, int]:
        """The parameters that are given what is said together with a name: those of all functions it stands for."""
        numbers = _numbered(self.parameters)
        own = [_union(bits, parameters) for parameters in self.parameters.values()]
        found = dict(zip(self.parameters, own, strict=True))

        @cache
        def of(functions: int) -> int:
            return reduce(or_, (own[place] for place in _places(functions)), 0)

        for name, functions in self._stands(numbers).items():
            found[name] = found.get(name, 0) | of(functions)
        return found

    def _stands(self, numbers: Mapping[str, int]) -> dict[str, int]:
        """The functions that names, and the results of functions (``f()``), stand for."""
        names, stands = [*numbers], dict[str, int]()
        may = {name for name, _, _ in self.bound}
        telling = may.union(numbers)
        rows = [
            (name, _union(numbers, words), [w for w in words if w in may], call)
            for name, words, call in self.bound
            if not words.isdisjoint(telling)
        ]

        @cache
        def results(functions: int) -> int:
            return reduce(or_, (stands.get(f"{names[place]}()", 0) for place in _places(functions)), 0)

        for _ in range(ROUNDS):
            results.cache_clear()
            before = sum(map(int.bit_count, stands.values()))
            giving = _union(numbers, {name[:-2] for name in stands if name.endswith("()")})
            for name, base, words, call in rows:
                here = reduce(or_, (stands[word] for word in words if word in stands), base)
                given = results(here & giving) if here & giving else 0
                if more := given if call else here | given:
                    stands[name] = stands.get(name, 0) | more
            if sum(map(int.bit_count, stands.values())) == before:
                break
        return stands


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: 1 << place for place, name in enumerate(dict.fromkeys(names))}


def _places(bits: int) -> list[int]:
    return [place for place, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def _union(bits: Mapping[str, int], names: Iterable[str]) -> int:
    return reduce(or_, (bits[name] for name in names if name in bits), 0)
