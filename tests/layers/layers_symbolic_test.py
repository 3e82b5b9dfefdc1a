"""Rows on named sizes: the formula, at drawn values, is the number. No Keras."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.layers.conformance import known
from tests.layers.domains import Case, cases
from tests.layers.limits import DECLINED, LIMITS
from tests.layers.special import special

from kerlint.graph.count import at
from kerlint.graph.dim import Dim, Symbol, symbol, symbols
from kerlint.graph.layer import Refused, Silent
from kerlint.layers.bind import bind
from kerlint.layers.table import TABLE

# How many cases of a row are tried; a row may be silent on named sizes for at most this share of them.
SAMPLE, SHARE_SILENT = 150, 0.35
UNDERIVED = ("InputLayer", "Lambda", "RandomHeight", "RandomWidth", *DECLINED)
EVERY = [n for n in TABLE if n not in UNDERIVED and not n.endswith(("Cell", "Cells"))]


def some_cases(name: str, rng: random.Random) -> list[Case]:
    """A sample of the row's cases with every free size replaced by a number."""
    if name in ("EinsumDense", "TimeDistributed", "Bidirectional", "RNN", "SpectralNormalization", "Pipeline"):
        found = [c for c in special() if c.name == name]
    else:
        found = list(cases(TABLE[name]))
    numbered = []
    for case in rng.sample(found, min(SAMPLE, len(found))):
        sizes = tuple(tuple(rng.randint(2, 7) if d is None else d for d in s) for s in case.inputs)
        batch = max((s[0] for s in sizes if s), default=1)
        numbered.append(Case(name, case.arguments, tuple((batch, *s[1:]) for s in sizes)))
    return numbered


def derived(case: Case, shapes: tuple[Any, ...]) -> tuple[Any, list[Any], Any]:
    """Output shapes, weight shapes and MACs."""
    spec = TABLE[case.name]
    arguments = {k: known(v) for k, v in case.arguments.items()}
    config = bind(spec, (), arguments, generation=max(spec.generations)).config
    incoming = shapes if spec.many else shapes[0]
    output = spec.output(config, incoming)
    outputs = output if spec.outputs(config) > 1 else (output,)
    weights = [w.shape for w in spec.weights(config, incoming).values()]
    return outputs, weights, spec.macs(config, incoming, outputs[0])


def named(case: Case, rng: random.Random) -> tuple[tuple[Any, ...], dict[Symbol, int]]:
    """The inputs with about half of the sizes named (equal sizes of one axis by one name), and the values."""
    values: dict[Symbol, int] = {}
    chosen: dict[tuple[int, int], bool] = {}

    def name(size: int, axis: int) -> Dim:
        if not chosen.setdefault((axis, size), rng.random() < 0.5):
            return size
        found = symbol(f"n{axis}_{size}")
        values[symbols(found)[0]] = size
        return found

    return tuple(tuple(name(d, axis) for axis, d in enumerate(s)) for s in case.inputs), values


def valued(found: Any, values: dict[Symbol, int]) -> Any:
    return tuple(valued(f, values) for f in found) if isinstance(found, (tuple, list)) else at(found, values)


NO_ANSWER = "no answer on numbers"


def disagreement(case: Case, rng: random.Random) -> str:
    """Where the formulas, at the values, are not the numbers: as text. "" where they are.

    Raises Silent where the formulas decline. NO_ANSWER: refused, declined or left open on numbers too.
    """
    try:
        exact = valued(derived(case, case.inputs), {})
    except (Refused, KeyError):  # KeyError: the output has a size that Keras leaves open
        return NO_ANSWER
    except Silent:  # declined whatever the sizes are
        assert any(limit.startswith(f"{case.name}.") for limit in LIMITS)
        return NO_ANSWER
    shapes, values = named(case, rng)
    again = valued(derived(case, shapes), values)
    return "" if again == exact else f"{case} on {shapes}: {again}, not {exact}"


@pytest.mark.parametrize("name", EVERY)
def test_named_sizes(name: str) -> None:
    """Shapes, weights and MACs as formulas give the numbers; nothing is refused that a number would allow."""
    rng = random.Random(name)
    tried = silent = 0
    for case in some_cases(name, rng):
        try:
            wrong = disagreement(case, rng)
        except Silent:
            wrong, silent = "", silent + 1
        if wrong == NO_ANSWER:
            continue
        tried += 1
        assert not wrong
    assert tried, "no case of the row is accepted"
    assert silent <= SHARE_SILENT * tried, f"{silent} of {tried} cases are silent on named sizes"


def test_a_definite_violation_is_refused_on_named_sizes() -> None:
    """A named size is at least 1: what fits no size is refused, what fits some is not."""
    n = symbol("n")
    conv = TABLE["Conv1D"]
    config = bind(conv, (4, 3), {"groups": 2}).config
    assert conv.output(config, (n, n + 1, 2 * n))[2] == 4
    with pytest.raises(Refused):
        conv.output(config, (n, 2, 4))
    pool = TABLE["Cropping1D"]
    with pytest.raises(Refused):
        pool.output(bind(pool, ((1, 2),), {}).config, (n, 3, n))
    assert pool.output(bind(pool, ((1, 2),), {}).config, (n, n, n)) == (n, n - 3, n)


def test_an_undecided_broadcast_is_silent() -> None:
    """Whether n is m decides the shape of their sum."""
    add = TABLE["Add"]
    n, m = symbol("n"), symbol("m")
    config = bind(add, (), {}).config
    with pytest.raises(Silent):
        add.output(config, ((n, m), (n, n)))
    assert add.output(config, ((n, m), (n, m))) == (n, m)
    assert add.output(config, ((n, m), (n, 1))) == (n, m)
    with pytest.raises(Silent):  # n may be 1
        add.output(config, ((m, n), (m, n + 1)))
    with pytest.raises(Refused):  # no n makes them equal, and neither is 1
        add.output(config, ((m, n + 1), (m, n + 2)))
