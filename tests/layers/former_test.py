"""What left Keras and where things are today, against Keras itself."""

from __future__ import annotations

from typing import Any

import pytest

from kerlint.layers import former
from kerlint.layers.activation import NAMED
from kerlint.layers.old import IDLE
from kerlint.layers.table import ALIASES, TABLE

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def test_the_names_of_layers_are_kerass_own(keras: Any) -> None:
    there = {name for name in dir(keras.layers) if not name.startswith("_")}
    ours = {name for name in (*TABLE, *ALIASES, *former.BESIDE, *former.GONE) if former.in_layers(name)}
    assert there - ours == set()
    assert ours - there == set()


@pytest.mark.parametrize(("module", "names"), [(name, former.HELD[name]) for name in ("models", "utils")])
def test_the_names_of_other_modules_are_there(keras: Any, module: str, names: tuple[str, ...]) -> None:
    assert not [name for name in names if not hasattr(getattr(keras, module), name)]


@pytest.mark.parametrize("name", sorted({*former.GONE, *former.NO_ALIAS}))
def test_what_is_said_to_be_gone_is_gone(keras: Any, name: str) -> None:
    assert not hasattr(keras.layers, name)


@pytest.mark.parametrize("module", sorted(former.UTILITIES | {"core", "convolutional"} | {"engine"}))
def test_what_moved_is_no_longer_where_it_was(keras: Any, module: str) -> None:
    home = keras if module == "engine" else keras.utils if module in former.UTILITIES else keras.layers
    assert not hasattr(home, module)


def trained(keras: Any, **arguments: Any) -> None:
    """A model that is fitted with these arguments."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(keras.ops.ones((1, 2)), keras.ops.ones((1, 1)), verbose=0, **arguments)


@pytest.mark.parametrize(("old", "today"), former.RENAMED.items())
def test_constraints_have_one_name_left(keras: Any, old: str, today: str) -> None:
    assert hasattr(keras.constraints, today) and not hasattr(keras.constraints, old)


def test_the_names_of_the_backend_are_there(keras: Any) -> None:
    assert not [name for name in former.HELD["backend"] if not hasattr(keras.backend, name)]


def test_an_optimizer_ignores_its_decay(keras: Any) -> None:
    with pytest.warns(UserWarning, match="no longer supported"):
        keras.optimizers.SGD(decay=0.1)
    with pytest.raises(ValueError, match="not recognized"):
        keras.optimizers.SGD(lr=0.1)


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
        ("dropout", lambda k, **a: k.layers.Embedding(3, 4, **a)),
        ("nb_val_samples", trained),
        ("workers", trained),
    ],
)
def test_arguments_that_are_gone_are_refused(keras: Any, argument: str, make: Any) -> None:
    assert argument in former.REFUSED or argument in IDLE
    make(keras)
    with pytest.raises((ValueError, TypeError)):
        make(keras, **{argument: 0})


def test_activations_go_by_the_names_that_either_keras_knows(keras: Any) -> None:
    older = pytest.importorskip("tf_keras")
    classes = {name for name in NAMED if name[0].isupper()}
    assert set(keras.src.activations.ALL_OBJECTS_DICT) <= NAMED
    for name in sorted(NAMED):
        takes = [k for k in (keras, older) if _built(k, name)]
        assert takes == [older] if name in classes else keras in takes, name
    assert not any(_built(k, name) for k in (keras, older) for name in ("rleu", "Relu", "sigmod", "LEAKY_RELU"))


def _built(keras: Any, name: str) -> bool:
    try:
        keras.layers.Dense(3, activation=name)
    except (ValueError, TypeError):
        return False
    return True


def test_initialisers_go_by_the_names_that_either_keras_knows(keras: Any) -> None:
    both = (keras, pytest.importorskip("tf_keras"))
    taken = {name for one in both for name in dir(one.initializers) if _initialised(one, name)}
    untold = {name for name in former.INITIALIZERS if name.lower().startswith("stft")}  # needs scipy
    assert taken <= former.INITIALIZERS
    assert {name for name in former.INITIALIZERS if any(_initialised(one, name) for one in both)} | untold == (
        former.INITIALIZERS
    )


def _initialised(keras: Any, name: str) -> bool:
    try:
        keras.initializers.get(name)
    except (ValueError, TypeError, KeyError, ImportError):
        return False
    return not name.startswith("_") and name.lower() not in ("get", "serialize", "deserialize")
