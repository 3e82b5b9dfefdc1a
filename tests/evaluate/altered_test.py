"""Attributes of layers that are set after they are made."""

import pytest
from tests.evaluate.seen import lines, models

from kerlint.graph.layer import Layer

K = "import sys\nimport keras\nfrom keras import Input, Model, Sequential, layers\n"
BUILT = "x = Input((9, 4))\nd = layers.Dense(5, activation='tanh')\nm = Model(x, d(x))\n"


def dense(source: str) -> Layer:
    """The only Dense of the only model."""
    (layer,) = (layer for layer in models(K + source)[-1].graph.layers if layer.kind == "Dense")
    return layer


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("d = layers.Dense(5)\nd.units = 7\nd.use_bias = False\n", "(None, 9, 7) 28"),
        ("d = layers.Conv1D(5, 3)\nsetattr(d, 'kernel_size', (2,))\n", "(None, 8, 5) 45"),
        ("d = layers.Conv1D(5, 3)\nfor n in ('kernel_size', 'strides'):\n    setattr(d, n, (2,))\n", "(None, 4, 5) 45"),
        ("d = layers.Conv1D(5, 3)\nd.kernel_size = 2\n", "? ?"),  # no tuple: Keras fails
        ("d = layers.Dense(5)\nd.units = len(sys.argv)\n", "? ?"),
        ("d = layers.Dense(5)\nd.build((None, 9, 4))\nd.units = 7\n", "? ?"),
        ("d = layers.Dropout(0.5)\nd.rate = 0.25\n", "(None, 9, 4) 0"),
        ("d = layers.LSTM(5)\nd.units = 7\n", "? ?"),  # its cell has them
        ("d = layers.Dense(5)\nfor _ in sys.argv:\n    d.units = 7\n", "? ?"),
        ("d = layers.TimeDistributed(layers.Dense(5))\nd.layer.units = 7\n", "? ?"),
        ("ds = [layers.Dense(5)]\nd = Sequential(ds)\nd.layers[int(sys.argv[1])].units = 7\n", "? ?"),
    ],
)
def test_what_is_set_before_a_layer_is_built_is_built(made: str, found: str) -> None:
    """Or it is not known: what Keras does not read there, what may be set never, on an unknown layer, or too late."""
    (line,) = [line for line in lines(f"{K}{made}m = Model(x := Input((9, 4)), d(x))\n") if line.startswith("m:")]
    assert line == f"m: {found}"


def test_what_is_set_on_a_built_layer_is_not_known() -> None:
    """Keras has the weights by then; what it makes of the rest differs."""
    for name in ("units", "use_bias"):
        (model,) = models(f"{K}{BUILT}\nm.layers[-1].{name} = 0\n")
        assert f"{name}={name} is not known: it is set in line 8" in model.graph.unresolved[0].reason
    layer = dense(f"{BUILT}m.layers[-1].kernel_regularizer = keras.regularizers.L2()\n")
    assert not layer.config.known("kernel_regularizer")
    assert models(f"{K}{BUILT}d.kernel_regularizer = 'l2'\nd.mine = 3\n")[0].graph.complete


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ("d.activation = keras.activations.relu", "relu"),
        ("m.layers[1].activation = None", "linear"),
        ("setattr(d, 'activation', keras.activations.get('relu'))", "relu"),
        (
            "for layer in m.layers:\n    if hasattr(layer, 'activation'):\n        layer.activation = keras.ops.relu",
            "relu",
        ),
        ("d.activation = 'relu'", None),  # a string cannot be called
        ("m.layers[len(sys.argv)].activation = keras.activations.relu", None),
        ("m.compile('adam', 'mse')\nd.activation = keras.activations.relu", None),  # trained with the other
        ("def f():\n    d.activation = keras.activations.relu\n    return Model(x, d(x))", None),
    ],
)
def test_an_activation_can_be_exchanged(statements: str, found: str | None) -> None:
    """It is called each time; no rule may speak of the old one, nor edit it where it is written."""
    layer = dense(f"{BUILT}{statements}\n")
    assert layer.config.known("activation") is (found is not None)
    assert found is None or layer["activation"] == found
    assert "activation" not in layer.written
    assert "units" in dense(BUILT).written


def test_what_call_reads_of_a_layer_or_model_of_the_program() -> None:
    """Once call() was followed, another value is not: before that, and of what it does not read, it is."""
    body = "    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(5)\n"
    source = f"{K}class N({{}}):\n{body}    def call(self, x):\n        return self.d(x)\nn = N()\nx = Input((4,))\n"
    for base in ("layers.Layer", "Model"):
        before = source.format(base) + "n.d = layers.Dense(7)\nm = Model(x, n(x))\nn.e = 3\n"
        assert "m: (None, 7) 35" in lines(before)
        for way in ("n", "m.layers[-1]"):
            late = source.format(base) + f"m = Model(x, n(x))\n{way}.d = layers.Dense(7)\n"
            assert "m: (None, 5) ?" in lines(late)


def test_outputs_that_are_set_are_not_followed() -> None:
    """``model.outputs = [...]`` made Keras 1 take another model."""
    assert lines(f"{K}{BUILT}m.outputs = [m.layers[0].output]\n") == ["m: (None, 9, 5) ?"]
