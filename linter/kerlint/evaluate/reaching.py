"""What reaches layers: from the words of layers back through all that names are made of, and that functions are given.

A set of functions, or of parameters, is a number with a bit for each: in a large project a name stands for thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import or_

Words = frozenset[str] | set[str]
ROUNDS = 32  # of names that stand for results of functions, which stand for others: programs have less than ten


@dataclass
class Told:
    """What the statements of a program say of its names."""

    sources: dict[str, set[str]] = field(default_factory=dict)  # the words that a name is made of
    parameters: dict[str, set[str]] = field(default_factory=dict)  # of functions and classes
    bound: dict[tuple[str, bool], set[str]] = field(default_factory=dict)  # the words of a name, whether of a call
    spoken: list[Words] = field(default_factory=list)  # the words of each statement
    leaving: list[Words] = field(default_factory=list)  # what decides whether the rest of the scope around it runs
    mutated: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)  # names that are modules
    seeds: set[str] = field(default_factory=set)  # words that reach a model by themselves
    effects: dict[str, set[str]] = field(default_factory=dict)  # of functions and classes: what is not their own
    mentions: dict[str, set[str]] = field(default_factory=dict)  # every word of them

    def bind(self, names: Iterable[str], words: Iterable[str], call: bool = False) -> None:
        """The names may be other names of what the words say, or of what a call gives that they say."""
        for name in names:
            self.bound.setdefault((name, call), set()).update(words)

    def give(self, names: Iterable[str], words: Iterable[str]) -> None:
        """The names are made of the words, too."""
        for name in names:
            self.sources.setdefault(name, set()).update(words)

    def add(self, other: Told) -> None:
        """What another file says, too."""
        for part, own in vars(self).items():
            more = getattr(other, part)
            if isinstance(own, dict):
                for name, words in more.items():
                    own.setdefault(name, set()).update(words)
            else:
                (own.extend if isinstance(own, list) else own.update)(more)

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
            found |= new
            while new:
                new = set().union(*(self.sources.get(name, ()) for name in new)) - found
                found |= new
            reached = _union(bits, found)
            calls = [(words, taken) for words, taken in calls if not words <= found or taken & moved & ~reached]
            new = set().union(*(words for words, taken in calls if taken & reached)) - found
            seen = reduce(or_, (taken for words, taken in calls if not named.isdisjoint(words & found)), 0)
            new |= {name for name, bit in changed.items() if bit & seen} - found
        return frozenset(found)

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
        may = {name for name, _ in self.bound}
        rows = [
            (name, _union(numbers, words), [w for w in words if w in may], call)
            for (name, call), words in self.bound.items()
        ]

        @cache
        def results(functions: int) -> int:
            return reduce(or_, (stands[f"{names[place]}()"] for place in _places(functions)), 0)

        for _ in range(ROUNDS):
            before = dict(stands)
            rows.reverse()  # a name that stands for the next one's, and so on: one of two rounds goes that way
            results.cache_clear()
            giving = _union(numbers, {name[:-2] for name in stands if name.endswith("()")})
            for name, base, words, call in rows:
                here = reduce(or_, (stands[word] for word in words if word in stands), base)
                if given := (results(here & giving) if here & giving else 0) | (0 if call else here):
                    stands[name] = stands.get(name, 0) | given
            if stands == before:
                break
        return stands


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: 1 << place for place, name in enumerate(dict.fromkeys(names))}


def _places(bits: int) -> list[int]:
    return [place for place, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def _union(bits: Mapping[str, int], names: Iterable[str]) -> int:
    return reduce(or_, (bits[name] for name in names if name in bits), 0)
