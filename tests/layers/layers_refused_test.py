"""What a refusal says: the class, what is wrong, and every shape that arrives. No Keras."""

from __future__ import annotations

from typing import Any

import pytest
from tests.layers.conformance import known, symbolic
from tests.layers.domains import some
from tests.layers.special import special
from tests.layers.values import VALUES, values_of

from kerlint.graph.dim import BATCH
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import Config, Layer, Refused, Silent
from kerlint.layers.bind import bind
from kerlint.layers.shapes import printed
from kerlint.layers.table import TABLE


def config_of(name: str, arguments: dict[str, Any]) -> Config | None:
    """The configuration; None where the constructor itself refuses."""
    spec = TABLE[name]
    try:
        return bind(spec, (), {k: known(v) for k, v in arguments.items()}, generation=max(spec.generations)).config
    except (Refused, Silent):
        return None


@pytest.mark.parametrize("name", [n for n in TABLE if n != "InputLayer"])
def test_a_refused_input_is_shown(name: str) -> None:
    """Both sides of the disagreement: the layer with what it wants, the shapes that it gets."""
    spec = TABLE[name]
    found = [case for case in special() if case.name == name] or (some(spec, 60) if values_of(spec) else [])
    for case in found:
        config = config_of(name, case.arguments)
        if config is None:
            continue
        shapes = tuple(symbolic(s, n) for n, s in enumerate(case.inputs))
        try:
            spec.output(config, shapes if spec.many else shapes[0])
        except Silent:
            continue
        except Refused as refused:
            for part in (name, *map(printed, shapes)):
                assert part in str(refused), (str(case), str(refused))


@pytest.mark.parametrize("name", [n for n in TABLE if VALUES.get(n)])
def test_a_refused_argument_is_named(name: str) -> None:
    """A constructor's refusal names the class and one of the arguments that are wrong."""
    spec = TABLE[name]
    for case in some(spec, 60):
        try:
            bind(spec, (), {k: known(v) for k, v in case.arguments.items()}, generation=max(spec.generations))
        except Refused as refused:
            words = [a for a in (*case.arguments, "shape", "implementation") if a in str(refused)]
            assert name in str(refused) and words, (str(case), str(refused))


@pytest.mark.parametrize(
    ("name", "arguments", "inputs", "message"),
    [
        ("Dense", {"units": 3}, ((None, None),), "Dense: the last axis of the input must be defined, not None: (None, None)"),
        ("LSTM", {"units": 3}, ((None, 4),), "LSTM takes an input of rank 3, not 2: (None, 4)"),
        ("Concatenate", {}, ((None, 5, 4), (None, 6, 3)), "Concatenate: (None, 5, 4) and (None, 6, 3) differ in axis 1, not only in axis 2"),
        ("Conv1D", {"filters": 2, "kernel_size": 7}, ((None, 5, 4),), "Conv1D: a window of 7 does not fit into 5 (given (None, 5, 4))"),
        ("Reshape", {"target_shape": (5, -1)}, ((None, 12),), "Reshape: (12,) to (5, -1): 12 entries cannot be divided by 5 (given (None, 12))"),
        ("Add", {}, ((None, 4), (None, 3)), "Add: (None, 4) and (None, 3): 4 is not 3"),
    ],
)  # fmt: skip
def test_messages(name: str, arguments: dict[str, Any], inputs: tuple[Any, ...], message: str) -> None:
    config = config_of(name, arguments)
    assert config is not None
    shapes = tuple(symbolic(s, n) for n, s in enumerate(inputs))
    with pytest.raises(Refused) as refused:
        TABLE[name].output(config, shapes if TABLE[name].many else shapes[0])
    assert str(refused.value) == message


DENSE = Layer(TABLE["Dense"], bind(TABLE["Dense"], (), {"units": 3}).config, "dense")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("Bidirectional", {"layer": DENSE}), ("Pipeline", {"layers": ()}), ("Pipeline", {"layers": 3})],
)
def test_a_layer_that_cannot_hold_what_it_holds_is_refused_where_it_is_applied(
    name: str, arguments: dict[str, Any]
) -> None:
    """Its mask and its dtype are those of what is inside: not known, and no failure of kerlint."""
    node = Node(Layer(TABLE[name], bind(TABLE[name], (), arguments).config, "outer"), (Tensor((BATCH, 5, 3)),))
    assert node.refused is not None and name in str(node.refused)


@pytest.mark.parametrize(
    ("name", "arguments", "since"),
    [
        ("Dense", {"units": DENSE}, 1),
        ("Conv1D", {"filters": 2, "kernel_size": DENSE}, 1),
        ("SpatialDropout1D", {"rate": DENSE}, 3),
        ("BatchNormalization", {"momentum": DENSE}, 3),
    ],
)
def test_a_layer_is_no_number(name: str, arguments: dict[str, Any], since: int) -> None:
    """Keras 2 did not look at a rate before it trains; sizes it always looked at."""
    with pytest.raises(Refused, match="is a number, not a layer: Dense") as refused:
        bind(TABLE[name], (), arguments)
    assert refused.value.since == since


def test_numbers_that_keras_takes_whatever_they_are() -> None:
    bind(TABLE["Masking"], (), {"mask_value": DENSE})
