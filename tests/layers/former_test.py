"""What left Keras and where things are today, against Keras itself."""

from __future__ import annotations

from typing import Any

import pytest

from kerlint.layers import former
from kerlint.layers.old import IDLE
from kerlint.layers.table import ALIASES, TABLE

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def test_the_names_of_layers_are_kerass_own(keras: Any) -> None:
    there = {name for name in dir(keras.layers) if not name.startswith("_")}
    ours = {name for name in (*TABLE, *ALIASES, *former.BESIDE, *former.ADVICE) if former.in_layers(name)}
    assert there - ours == set()
    assert ours - there == set()


@pytest.mark.parametrize(("module", "names"), [("models", former.MODELS), ("utils", former.UTILS)])
def test_the_names_of_other_modules_are_there(keras: Any, module: str, names: tuple[str, ...]) -> None:
    assert not [name for name in names if not hasattr(getattr(keras, module), name)]


@pytest.mark.parametrize("name", [*former.ADVICE, *former.NO_ALIAS])
def test_what_is_said_to_be_gone_is_gone(keras: Any, name: str) -> None:
    assert not hasattr(keras.layers, name)


@pytest.mark.parametrize("module", sorted(former.UTILITIES | {"core", "convolutional"} | {"engine"}))
def test_what_moved_is_no_longer_where_it_was(keras: Any, module: str) -> None:
    home = keras if module == "engine" else keras.utils if module in former.UTILITIES else keras.layers
    assert not hasattr(home, module)


@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("weights", lambda k, **a: k.layers.Dense(3, **a)),
        ("batch_input_shape", lambda k, **a: k.layers.Dense(3, **a)),
        ("dynamic", lambda k, **a: k.layers.Dense(3, **a)),
        ("mode", lambda k, **a: k.layers.BatchNormalization(**a)),
        ("fused", lambda k, **a: k.layers.BatchNormalization(**a)),
        ("input_dtype", lambda k, **a: k.layers.Dense(3, **a)),
        ("consume_less", lambda k, **a: k.layers.LSTM(3, **a)),
        ("time_major", lambda k, **a: k.layers.LSTM(3, **a)),
    ],
)
def test_arguments_that_are_gone_are_refused(keras: Any, argument: str, make: Any) -> None:
    assert argument in former.REFUSED or argument in IDLE
    make(keras)
    with pytest.raises((ValueError, TypeError)):
        make(keras, **{argument: 0})
