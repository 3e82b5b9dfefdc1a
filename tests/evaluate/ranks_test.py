"""An input shape of unknown length has the only length that Keras does not refuse."""

import pytest
from tests.evaluate.seen import evaluated, lines, models

HEAD = """
import numpy as np
from keras import Input, Model, Sequential
from keras.layers import *

"""
UNET = """
def build(input_shape):
    i = Input(input_shape)
    x = BatchNormalization()(i)
    x = Conv2D(8, 3, padding="same")(x)
    return Model(i, x)
"""


def test_a_convolution_says_how_many_sizes_a_shape_has() -> None:
    assert lines(HEAD + UNET) == [
        "build: (None, input_shape[0], input_shape[1], 8) 76*input_shape[2] + 8",
    ]


def test_entries_of_a_part_are_entries_of_the_whole() -> None:
    """``x.shape[1:]`` of three axes: what the program reads of ``x.shape`` are the same sizes."""
    source = HEAD + (
        "x = np.load('x.npy')\n"
        "m = Sequential([LSTM(4, input_shape=x.shape[1:]), Dense(x.shape[2])])\n"
        "n = Sequential([LSTM(4, input_shape=(x.shape[1], x.shape[2])), Dense(x.shape[2])])\n"
    )
    first, second = lines(source)
    assert first == "m: (None, x.shape[2]) 21*x.shape[2] + 80"
    assert first.removeprefix("m") == second.removeprefix("n")


def test_the_program_reads_the_shape_as_a_tuple_of_so_many() -> None:
    source = HEAD + (
        "def build(shape):\n    n = len(shape)\n    h, w, c = shape\n"
        "    i = Input(shape)\n    return Model(i, Conv2D(n, 1)(i))\n"
    )
    assert lines(source) == ["build: (None, shape[0], shape[1], 3) 3*shape[2] + 3"]


@pytest.mark.parametrize(
    "layer", ["Dense(3)", "Flatten()", "BatchNormalization()", "Reshape((4,))", "Activation('relu')"]
)
def test_a_layer_that_takes_several_ranks_says_nothing(layer: str) -> None:
    source = HEAD + f"def build(shape):\n    i = Input(shape)\n    return Model(i, {layer}(i))\n"
    (model,) = models(source)
    assert not model.graph.complete


def test_two_layers_may_say_it_together() -> None:
    """Embedding takes any rank and adds an axis; LSTM takes three axes."""
    source = HEAD + "def build(shape):\n    i = Input(shape)\n    return Model(i, LSTM(4)(Embedding(9, 2)(i)))\n"
    assert lines(source) == ["build: (None, 4) 130"]


def test_every_way_through_the_program_is_still_seen() -> None:
    """That the shape is known to be a tuple answers a question; the ways behind the other answer are evaluated, too."""
    source = HEAD + (
        "def build(shape, deep):\n    if shape is None:\n        shape = (9, 9, 3)\n    i = Input(shape)\n"
        "    x = Conv2D(8, 1)(i)\n    if deep:\n        x = Dense(2)(x)\n    return Model(i, x)\n"
    )
    assert sorted(lines(source)) == [
        "build: (None, 9, 9, 2) 50",
        "build: (None, 9, 9, 8) 32",
        "build: (None, shape[0], shape[1], 2) 8*shape[2] + 26",
        "build: (None, shape[0], shape[1], 8) 8*shape[2] + 8",
    ]


def test_what_is_refused_whatever_the_rank_says_nothing() -> None:
    source = HEAD + (
        "def build(shape):\n    i = Input(shape)\n    a = Conv2D(8, 1)(i)\n    b = Conv1D(8, 1)(i)\n"
        "    return Model(i, [a, b])\n"
    )
    assert lines(source) == ["build: ? ? ?"]


TAKES = ["Conv1D(2, 1)", "Conv2D(2, 1)", "LSTM(2)", "MaxPooling2D(1)", "GlobalAveragePooling2D()", "ZeroPadding2D(1)"]
TAKES += ["UpSampling2D(2)", "SeparableConv2D(2, 1)", "Bidirectional(GRU(2))", "ConvLSTM2D(2, 1)", "Cropping1D(1)"]


@pytest.mark.parametrize("layer", TAKES)
def test_keras_takes_the_demanded_rank_and_no_other(layer: str) -> None:
    import keras
    import numpy as np

    source = HEAD + f"def build(shape):\n    i = Input(shape)\n    return Model(i, {layer}(i))\n"
    (model,) = models(source)
    taken = []
    for rank in range(1, 7):
        try:
            made = eval(layer, vars(keras.layers))  # our own text
            made(np.zeros((2,) + (4,) * (rank - 1), "float32"))
            taken.append(rank)
        except (ValueError, IndexError):
            continue
    assert [model.graph.inputs[0].rank] == taken


def test_classes_of_layers_are_told_apart() -> None:
    """No run in which a layer of one class is taken for another."""
    source = HEAD + (
        "def build(layer_type=MaxPool2D):\n    m = Sequential([Input((8, 8, 3))])\n"
        "    m.add(Dense(2) if layer_type == AveragePooling2D else Dense(3))\n"
        "    m.add(Dense(4) if layer_type == MaxPooling2D else Dense(5))\n    return m\n"
    )
    assert lines(source) == ["build: (None, 8, 8, 4) 28"]


def test_two_inputs_of_one_shape_are_asked_together() -> None:
    """A discriminator that looks at two pictures of the same size."""
    two = "    a, b = Input({0}), Input({1})\n    return Model([a, b], Conv2D(8, 1)(Concatenate()([a, b])))\n"
    assert lines(HEAD + "def build(shape):\n" + two.format("shape", "shape")) == [
        "build: (None, shape[0], shape[1], 8) 16*shape[2] + 8"
    ]
    assert lines(HEAD + "def build(shape, other):\n" + two.format("shape", "other")) == ["build: ? ?"]


def test_an_application_is_found_by_its_number() -> None:
    source = HEAD + (
        "a, b = Input((3,)), Input((3,))\nd = Dense(2)\nd(a)\ne = Dense(4)(d(b))\n"
        "m = Model(b, d.get_output_at(1))\nn = Model(a, d.get_output_at(number))\n"
    )
    first, second = lines(source)
    assert first == "m: (None, 2) 8"
    assert second.endswith("?")


BODY = "def body(inputs, n):\n    x = Conv2D(8, 3, strides=2)(inputs)\n    return Model(inputs, Dense(n)(x))\n"


def test_a_tensor_of_the_caller_has_the_axes_that_a_layer_demands() -> None:
    """The formula, calculated with the caller's tensor, is Keras's count."""
    import keras

    (line,) = lines(HEAD + BODY)
    assert line.startswith("body: (None, floor((inputs.shape[1] + 1)/2) - 1, floor((inputs.shape[2] + 1)/2) - 1, n) ")
    names: dict[str, object] = {}
    exec(HEAD + BODY + "inputs = Input((9, 11, 5))\nm = body(inputs, 3)\n", names)  # our own text
    model = names["m"]
    assert isinstance(model, keras.Model)
    assert eval(line.split("n) ", 1)[1], names | {"n": 3}) == model.count_params()


@pytest.mark.parametrize(
    "first", ["Dense(3)(inputs)", "Concatenate()(inputs)", "Conv2D(8, 3)(inputs[0])", "helper(inputs)"]
)
def test_what_is_perhaps_several_tensors_is_not_known(first: str) -> None:
    (line,) = lines(HEAD + f"def body(inputs):\n    return Model(inputs, {first})\n")
    assert line.endswith("?")


@pytest.mark.parametrize(
    ("written", "shape", "size"),
    [
        ("size + (3,)", "size[0], size[1], 8", 3),
        ("[2] + size", "2, size[0], 8", "size[1]"),
        ("(size + (2,)) + (3,)", "size[0], 2, 8", 3),
    ],
)
def test_what_is_appended_is_counted(written: str, shape: str, size: object) -> None:
    source = HEAD + f"def build(size):\n    i = Input({written})\n    return Model(i, Conv2D(8, 1)(i))\n"
    assert lines(source) == [f"build: (None, {shape}) 8*{size} + 8" if size != 3 else f"build: (None, {shape}) 32"]


def test_too_much_is_appended() -> None:
    source = HEAD + "def build(size):\n    i = Input(size + (1, 2, 3, 4))\n    return Model(i, Conv2D(8, 1)(i))\n"
    (model,) = models(source)
    assert not model.graph.complete


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("Conv1D(8, k, padding='same')", "(None, 30, 8) 24*k + 8"),
        ("Conv1D(8, 3, strides=(k,))", "(None, floor(27/k) + 1, 8) 80"),
        ("MaxPooling1D(k)", "(None, floor((-k + 30)/k) + 1, 3) 0"),
        ("MaxPooling1D(2, strides=k)", "? ?"),  # perhaps None: that is the window
    ],
)
def test_a_size_of_a_window_that_is_not_known_is_one_for_each_axis(layer: str, said: str) -> None:
    assert lines(f"{HEAD}def f(k):\n    i = Input((30, 3))\n    return Model(i, {layer}(i))\n") == [f"f: {said}"]


def test_the_sizes_of_two_axes_may_differ() -> None:
    source = HEAD + "def f(k):\n    i = Input((8, 8, 3))\n    return Model(i, Conv2D(4, k, padding='same')(i))\n"
    assert lines(source) == ["f: (None, 8, 8, 4) 12*k[0]*k[1] + 4"]


REUSED = """
sizes = Sequential([Resizing(180, 180), Rescaling(1 / 255)])
sizes(image)
moves = Sequential([RandomFlip(), RandomRotation(0.2)])
image = keras.ops.expand_dims(image, 0)
moves(image)
m = Sequential([sizes, moves, Conv2D(16, 3, padding="same"), MaxPooling2D()])
"""


def test_what_a_model_is_used_for_elsewhere_says_nothing_of_its_first_data() -> None:
    """An image by itself, and with a batch in front: both may be given to layers that take three axes or four."""
    found = evaluated(HEAD + "import keras\nimage = load()\n" + REUSED)
    assert not [f for context in found.contexts for f in context.facts if f.kind == "refused"]


@pytest.mark.parametrize("number", ["tf.convert_to_tensor(0.1)", "np.random.rand()", "tf.random.normal(())"])
def test_a_number_times_something_may_be_any_array(number: str) -> None:
    source = "import tensorflow as tf\nm = Model(i := Input((4,)), Dense(1)(i))\nm(load() * {0})\nm({0} + load())\n"
    found = evaluated(HEAD + source.format(number))
    assert not [f for context in found.contexts for f in context.facts if f.kind == "refused"]
