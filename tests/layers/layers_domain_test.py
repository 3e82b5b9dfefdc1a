"""Every row against real Keras: the domains it declares, and what no product reaches.

A sample of each domain runs with every test run; the whole of it with ``pytest -m whole tests/layers``.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from tests.layers.conformance import applied, class_of, compared, keras_says, kerlint_says, real
from tests.layers.domains import Case, alone, cases, some
from tests.layers.limits import DECLINED, LIMITS
from tests.layers.neutral import tried
from tests.layers.special import LOOSE, special, varied
from tests.layers.values import values_of

from kerlint.graph.layer import REQUIRED
from kerlint.layers.table import TABLE, find

pytestmark = pytest.mark.keras

KERAS_3 = [name for name, spec in TABLE.items() if 3 in spec.generations]
KERAS_2 = [name for name, spec in TABLE.items() if spec.generations == (2,)]
FOREIGN = [name for name in TABLE if name in DECLINED]
CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells")
WRAPPERS = ("TimeDistributed", "Bidirectional", "SpectralNormalization", "Pipeline")
SPECIAL = ("EinsumDense", "Lambda", "RNN", *WRAPPERS, *CELLS, *FOREIGN)
PRODUCT = [name for name in KERAS_3 if name not in SPECIAL]
HERE = ("name", "dtype")  # in a few signatures, in every layer
SAMPLE = 120  # cases of a domain that run each time


def real_signature(real: Any) -> list[tuple[str, Any]]:
    """The named arguments of a constructor with their defaults, in order."""
    parameters = inspect.signature(real.__init__).parameters.values()
    named = [p for p in parameters if p.name not in ("self", "kwargs")]
    return [(p.name, REQUIRED if p.default is inspect.Parameter.empty else p.default) for p in named]


def public_classes(keras: Any) -> dict[str, Any]:
    """Each public name in ``keras.layers`` that is a class."""
    return {name: found for name in dir(keras.layers) if inspect.isclass(found := getattr(keras.layers, name))}


@pytest.mark.parametrize("name", KERAS_3)
def test_signature(keras3: Any, name: str) -> None:
    """Names, order and defaults are those of the real class; so are its aliases."""
    real = class_of(keras3, name)
    assert real.__name__ == name
    assert list(TABLE[name].signature.items()) == real_signature(real)
    for alias in TABLE[name].aliases:
        assert getattr(keras3.layers, alias, real) is real


def without_row(public: dict[str, Any]) -> list[str]:
    """The classes that have neither a row of their own name nor a reason in DECLINED."""
    missing = []
    for name, found in public.items():
        spec = find(name)
        if not (name in DECLINED or (spec is not None and spec.name == found.__name__)):
            missing.append(name)
    return missing


def test_every_public_class_has_a_row(keras3: Any) -> None:
    """A new release of Keras with another layer fails here, and the failure names the layer."""
    missing = without_row(public_classes(keras3))
    assert not missing, f"keras.layers has classes without a row: {', '.join(missing)} (or a reason in DECLINED)"


def test_a_class_that_keras_adds_is_named(keras3: Any) -> None:
    added = public_classes(keras3) | {"Dense4D": type("Dense4D", (keras3.layers.Layer,), {})}
    assert without_row(added) == ["Dense4D"]


def test_what_is_declined_exists(keras3: Any, keras2: Any) -> None:
    """A reason for a class that no Keras has any more is a reason too many."""
    public = {**public_classes(keras2), **public_classes(keras3)}
    assert DECLINED.keys() <= public.keys()
    assert not [key for key in LIMITS if (name := key.split(".")[0]) != "*" and name not in TABLE]


@pytest.mark.parametrize("name", PRODUCT)
def test_part_of_a_domain(keras3: Any, name: str) -> None:
    """A sample of the product: refused alike, else the same shapes, dtypes and weights."""
    many = some(TABLE[name], SAMPLE)
    assert compared(keras3, many) == []
    assert any(not answer.refused and not answer.declined for answer in map(kerlint_says, many))


@pytest.mark.whole
@pytest.mark.parametrize("name", PRODUCT)
def test_whole_domain(keras3: Any, name: str) -> None:
    """All of the product."""
    assert compared(keras3, cases(TABLE[name])) == []


@pytest.mark.parametrize("name", PRODUCT)
def test_neutral_arguments(keras3: Any, name: str) -> None:
    """What is declared to change nothing changes nothing, each value of each argument by itself."""
    many = list(alone(TABLE[name]))
    assert compared(keras3, many, integers=False) == []
    accepted = [answer for case in many if not (answer := kerlint_says(case)).refused]
    assert len({(answer.shapes, answer.weights) for answer in accepted}) <= 1


def test_special(keras3: Any) -> None:
    """Equations, wrapped layers, tuples per axis."""
    assert compared(keras3, special()) == []


@pytest.mark.parametrize("case", LOOSE, ids=str)
def test_looseness(keras3: Any, case: Case) -> None:
    """What the row refuses and Keras notices only when data flows."""
    assert kerlint_says(case).refused
    assert not keras_says(keras3, case).refused
    layer = class_of(keras3, case.name)(**{k: real(keras3, v) for k, v in case.arguments.items()})
    with pytest.raises(Exception, match=r"(?s)."):  # Keras refuses with many types
        applied(layer, case.name, [keras3.ops.zeros(shape) for shape in case.inputs])


@pytest.mark.parametrize("name", KERAS_2)
def test_signature_of_keras_2(keras2: Any, name: str) -> None:
    """The same for the rows of removed layers, against tf_keras."""
    assert list(TABLE[name].signature.items()) == real_signature(class_of(keras2, name))


@pytest.mark.parametrize("name", KERAS_2)
def test_part_of_a_domain_of_keras_2(keras2: Any, name: str) -> None:
    """The rows of removed layers against tf_keras."""
    assert compared(keras2, some(TABLE[name], SAMPLE), integers=False, generation=2) == []


@pytest.mark.whole
@pytest.mark.parametrize("name", KERAS_2)
def test_whole_domain_of_keras_2(keras2: Any, name: str) -> None:
    assert compared(keras2, cases(TABLE[name]), integers=False, generation=2) == []


@pytest.mark.parametrize("name", [n for n in TABLE if n not in FOREIGN])
def test_every_argument_has_a_domain_or_a_limit(name: str) -> None:
    """Two values at least, in the product or by itself, or a reason in LIMITS."""
    spec = TABLE[name]
    for argument in spec.signature:
        if len(values_of(spec).get(argument, ())) >= 2 or tried(argument) or argument in varied(name):
            continue
        if argument in HERE or f"{name}.{argument}" in LIMITS or f"*.{argument}" in LIMITS:
            continue
        raise AssertionError(f"{name}.{argument} is never varied: give it a domain or a reason in LIMITS")
