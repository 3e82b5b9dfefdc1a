"""Every row against real Keras: the whole product of its domain, and what no product reaches."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from tests.layers.conformance import NEEDED, Case, cases, class_of, keras_says, kerlint_says
from tests.layers.special import LOOSE, special

from kerlint.graph.layer import REQUIRED
from kerlint.layers.old import BASE
from kerlint.layers.table import LIMITS, TABLE, find, neutral

pytestmark = pytest.mark.keras

KERAS_3 = [name for name, spec in TABLE.items() if 3 in spec.generations]
KERAS_2 = [name for name, spec in TABLE.items() if spec.generations == (2,)]
CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells")
SPECIAL = ("EinsumDense", "TimeDistributed", "Bidirectional", "Lambda", "RNN", *CELLS)
TRACED = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")  # Keras traces these: 30 ms each
HERE = ("name", "dtype")  # in a few signatures, in every layer


def compared(keras: Any, many: list[Case], integers: bool = True, **bound: Any) -> list[str]:
    """The disagreements, as text; dtypes too, on floats and on integers."""
    wrong = []
    for number, case in enumerate(many):
        dtype = "int32" if integers and number % 3 == 2 else "float32"
        ours, theirs = kerlint_says(case, dtype, **bound), keras_says(keras, case, dtype)
        if ours != theirs:
            wrong.append(f"{case}\n  kerlint {ours}\n  keras   {theirs}")
    keras.backend.clear_session()
    return wrong


def real_signature(real: Any) -> list[tuple[str, Any]]:
    """The named arguments of a constructor with their defaults, in order."""
    parameters = inspect.signature(real.__init__).parameters.values()
    named = [p for p in parameters if p.name not in ("self", "kwargs")]
    return [(p.name, REQUIRED if p.default is inspect.Parameter.empty else p.default) for p in named]


@pytest.mark.parametrize("name", KERAS_3)
def test_signature(keras3: Any, name: str) -> None:
    """Names, order and defaults are those of the real class; so are its aliases."""
    real = getattr(keras3.layers, name)
    assert list(TABLE[name].signature.items()) == real_signature(real)
    for alias in TABLE[name].aliases:
        assert getattr(keras3.layers, alias, real) is real


def test_every_class_of_keras_that_is_an_alias_is_known(keras3: Any) -> None:
    """A second name of a class with a row leads to that row."""
    for name in dir(keras3.layers):
        real = getattr(keras3.layers, name)
        if inspect.isclass(real) and real.__name__ in TABLE:
            spec = find(name)
            assert spec is not None and spec.name == real.__name__, name


@pytest.mark.parametrize("name", [n for n in KERAS_3 if n not in (*SPECIAL, *TRACED)])
def test_domain(keras3: Any, name: str) -> None:
    """The whole product: refused alike, else the same shapes, dtypes and weights."""
    many = list(cases(TABLE[name]))
    assert many
    assert compared(keras3, many) == []


@pytest.mark.parametrize("name", TRACED)
def test_part_of_a_domain(keras3: Any, name: str) -> None:
    """Every 11th case, for the rows that Keras takes long to check."""
    assert compared(keras3, list(cases(TABLE[name]))[::11]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TRACED)
def test_the_rest_of_the_domain(keras3: Any, name: str) -> None:
    """All of them."""
    assert compared(keras3, list(cases(TABLE[name]))) == []


def test_special(keras3: Any) -> None:
    """Equations, wrapped layers, tuples per axis."""
    assert compared(keras3, list(special())) == []


@pytest.mark.parametrize("case", LOOSE, ids=str)
def test_looseness(keras3: Any, case: Case) -> None:
    """What the row refuses and Keras notices only when data flows: declared in LIMITS."""
    assert kerlint_says(case).refused
    assert not keras_says(keras3, case).refused
    assert any(limit.startswith(case.name) for limit in LIMITS)


@pytest.mark.parametrize("name", KERAS_2)
def test_signature_of_keras_2(keras2: Any, name: str) -> None:
    """The same for the rows of removed layers, against tf_keras."""
    assert list(TABLE[name].signature.items()) == real_signature(class_of(keras2, name))


@pytest.mark.parametrize("name", KERAS_2)
def test_domain_of_keras_2(keras2: Any, name: str) -> None:
    """The rows of removed layers against tf_keras."""
    assert compared(keras2, list(cases(TABLE[name])), integers=False, generation=2) == []


@pytest.mark.parametrize("name", list(TABLE))
def test_every_argument_has_a_domain_or_a_limit(name: str) -> None:
    """Two values at least, or neutral for shapes (initialisers, seeds), or a reason in LIMITS."""
    spec = TABLE[name]
    for argument in spec.signature:
        if len(spec.domain.get(argument, ())) >= 2 or argument in (*HERE, *BASE) or neutral(argument):
            continue
        if name in SPECIAL or argument in NEEDED:
            continue
        assert f"{name}.{argument}" in LIMITS or f"*.{argument}" in LIMITS, f"{name}.{argument} is never varied"
