"""What symbols are called in formulas: an identifier keeps its name, an expression gets n, m, p, ..."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from kerlint.graph.dim import Dim, Symbol, formula, show, symbols
from kerlint.graph.formula import brief
from kerlint.graph.layer import Unknown
from kerlint.graph.weight import show_shape
from kerlint.layers.shapes import is_free

LETTERS = "nmpqrstuvwxyz"
WORD = re.compile(r"[^\W\d]\w*")


class Names:
    """One name per symbol for one finding or one model, given in the order of first appearance."""

    def __init__(self, dims: Iterable[Dim]) -> None:
        found = list(dict.fromkeys(s for dim in dims for s in symbols(dim)))
        own: dict[str, Symbol] = {}
        for symbol in found:  # of two unknowns with one name, the first keeps it
            if symbol.name.isidentifier() and not symbol.free:
                own.setdefault(symbol.name, symbol)
        every = (f"{letter}{n}" for n in itertools.chain([""], itertools.count(2)) for letter in LETTERS)
        letters = (letter for letter in every if letter not in own)
        times = (f"T{n}" for n in itertools.count(1))
        self._names: dict[Symbol, str] = {}
        for symbol in found:
            kept = symbol.origin == "batch" or own.get(symbol.name) == symbol
            self._names[symbol] = symbol.name if kept else next(times if symbol.free else letters)

    def count(self, value: Dim | Unknown | None) -> int | str | None:
        """A count: an integer, a formula, or None where it is not known."""
        if value is None or isinstance(value, Unknown):
            return None
        return value if isinstance(value, int) else formula(value, self._names)

    def shape(self, shape: object) -> str:
        """A shape in formulas, as Keras would print it: what is free is None."""
        if not isinstance(shape, tuple):
            return "(not known)"
        return show_shape(shape, lambda d: "None" if is_free(d) else show(d, self._names))

    @property
    def symbols(self) -> dict[str, str]:
        """Each name with the user's own expression."""
        return {name: symbol.name for symbol, name in self._names.items() if symbol.origin != "batch"}

    def explained(self, *texts: str) -> str:
        """``n = train.shape[1]`` for every name in the texts that is not the user's own."""
        words = set(WORD.findall(" ".join(texts)))
        told = {n: e for n, e in self.symbols.items() if n in words and n != e}
        again = {n for n, e in told.items() if n != next(first for first, said in told.items() if said == e)}
        return ", ".join(f"{n} = {'another ' * (n in again)}{e}" for n, e in told.items())


def plain_shape(shape: object) -> list[int | str | None] | None:
    """A shape for JSON: null where a dimension is free, the user's own expression where it has a name."""
    if not isinstance(shape, tuple):
        return None
    return [d if isinstance(d, int) else None if is_free(d) else formula(d) for d in shape]


def grouped(value: int | str | None) -> str:
    """A count for a reader: 12,800,457; a formula, shortened if it is long; ``?`` where it is not known."""
    if value is None:
        return "?"
    return f"{value:,}" if isinstance(value, int) else brief(value)
