"""Source in, models out: name, output shape and parameters, for what people write."""

import pytest
from tests.evaluate.seen import evaluated, layers, lines, models, params

from kerlint.graph import count

K = "from keras.models import Sequential, Model\nfrom keras.layers import *\n"

SEEDS = [
    (
        "m = Sequential()\nm.add(Conv1D(128, kernel_size=1, activation='relu', input_shape=(1000, 1)))\n"
        "m.add(Flatten())\nm.add(Dense(100))\nm.add(Dense(1))",
        ["m: (None, 1) 12800457"],
    ),
    ("m = Sequential([LocallyConnected1D(8, 1, 1, input_shape=(10, 4))])", ["m: (None, 10, 8) 400"]),
    ("m = Sequential([Conv1D(8, 1, 1, input_shape=(10, 4))])", ["m: (None, 10, 8) 40"]),
    (
        "import pandas as pd\ntrain = pd.read_csv('t.csv')\ni = Input(shape=(1, train.shape[1]))\nm = Model(i, LSTM(128)(i))",
        ["m: (None, 128) 512*train.shape[1] + 66048"],
    ),
]

IMPORTS = [
    "from tensorflow.keras.layers import *\nfrom tensorflow.keras import Sequential\n",
    "import tensorflow as tf\nDense, Input, Sequential = tf.keras.layers.Dense, tf.keras.Input, tf.keras.models.Sequential\n",
    "from keras import layers as L, Sequential, Input\nDense = L.Dense\n",
    "from keras.layers.core import Dense\nfrom keras.layers import Input\nfrom keras.models import Sequential\n",
    "from tensorflow.python.keras.layers import Dense, Input\nfrom tensorflow.python.keras.models import Sequential\n",
    "import keras\nfrom keras.layers import Dense\nInput, Sequential = keras.Input, keras.Sequential\n",
    "import tensorflow.keras.layers as kl\nfrom tensorflow import keras\nDense, Input, Sequential = kl.Dense, kl.Input, keras.Sequential\n",
]

# What a function that TensorFlow calls does with tensors is not followed, but whether it has weights is.
CAPSULES = """from keras import backend as K
class Capsules(Layer):
    def __init__(self):
        super().__init__()
        self.inner = Dense(7)
    def build(self, shape):
        self.w = self.add_weight(shape=(4, 7, 3), name="w")
        self.built = True
    def call(self, x):
        return K.map_fn(lambda v: {}, elems=x)
    def compute_output_shape(self, shape):
        return shape[0], 7
i = Input((4, 3))
m = Model(i, Capsules()(i))"""

EACH = """import tensorflow as tf
class Each(Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(5, 2, shape[-1]), name="w")
    def call(self, x):
        parts = tf.map_fn(lambda v: tf.matmul(self.w, v), x[:, :, None, :, None])
        return tf.squeeze(parts, -1)
i = Input(({}))
m = Model(i, Each()(i))"""
BATCH_DOT = "from keras import backend as K\ndef dot(a):\n    return K.batch_dot(a[0], a[1], [2, 2])\n"

PROGRAMS = [
    ("m = Sequential(layers=[Input((4,)), Dense(3)])", ["m: (None, 3) 15"]),
    ("m = Sequential()\nm.add(Dense(3, input_dim=4))\nm.add(Dense(2))\nm.pop()", ["m: (None, 3) 15"]),
    ("m = Sequential([Embedding(10, 4, input_length=7), Flatten(), Dense(1)])", ["m: (None, 1) 69"]),
    ("m = Sequential([Dense(3)])", ["m: ? ?"]),
    ("m = Sequential([Flatten(), Dense(3, input_dim=4)])", ["m: ? ?"]),
    ("m = Sequential([Flatten(), Dense(3, input_dim=4)])\nm.build((None, 4, 4))", ["m: (None, 3) 51"]),
    ("m = Sequential([Dense(3), Dense(2)])\nm.build((None, 4))", ["m: (None, 2) 23"]),
    ("a = Sequential([Dense(3, input_shape=(4,))])\nb = Sequential([a, Dense(2)])", ["a: (None, 3) 15", "b: (None, 2) 23"]),
    ("i = Input((4,))\nm = Model(inputs=i, outputs=[Dense(3)(i), Dense(2)(i)])", ["m: (None, 3) (None, 2) 25"]),
    ("a, b = Input((4,)), Input((2,))\nm = Model([a, b], concatenate([a, b]))", ["m: (None, 6) 0"]),
    ("i = Input((4,))\nm = Model(input=i, output=Dense(output_dim=3)(i))", ["m: (None, 3) 15"]),
    ("i = Input((4,))\nm = Model(i, {'a': Dense(3)(i)})", ["m: (None, 3) 15"]),
    ("d = Dense(4)\ni = Input((4,))\nm = Model(i, d(d(i)))", ["m: (None, 4) 20"]),
    ("i = Input((8, 8, 3))\nx = Convolution2D(16, 3, 3, border_mode='same')(i)\nm = Model(i, x)", ["m: (None, 8, 8, 16) 448"]),
    ("i, w = Input((1, 8)), Input((4,))\nm = Model([i, w], MultiHeadAttention(2, 4)(i, i, attention_mask=Dense(1)(w)))", ["m: (None, 1, 8) 293"]),
    ("i, w = Input((5, 8)), Input((3,))\nm = Model([i, w], MultiHeadAttention(2, 4)(i, i, i, Dense(5)(w)))", ["m: (None, 5, 8) 308"]),
    ("i = Input((8,))\nx = i * 2 + 1\nm = Model(i, Dense(1)(x))", ["m: (None, 1) 9"]),
    ("i = Input((5, 8))\nm = Model(i, Dense(1)(i[:, -1]))", ["m: (None, 1) 9"]),
    ("i = Input((5, 8))\nm = Model(i, Lambda(lambda t: t[:, -1, :])(i))", ["m: (None, 8) 0"]),
    ("from keras import backend as K\ni = Input((5, 8))\nm = Model(i, Lambda(lambda t: K.mean(t, axis=1))(i))", ["m: (None, 8) 0"]),
    ("import tensorflow as tf\ndef size(s):\n    return s[0], s[1] // 2, s[2] // 2, 4 * s[3]\ni = Input((8, 6, 3))\nm = Model(i, Lambda(lambda t: tf.nn.space_to_depth(t, 2), output_shape=size)(i))", ["m: (None, 4, 3, 12) 0"]),
    ("def body(x):\n    y = Conv2D(8, 3)(Conv2D(4, 3)(x))\n    base = Model(x, y)\n    return Model(x, Flatten()(base.layers[1].output))", ["body: (None, x.shape[1] - 4, x.shape[2] - 4, 8) 36*x.shape[3] + 300", "body: (None, 4*x.shape[1]*x.shape[2] - 8*x.shape[1] - 8*x.shape[2] + 16) 36*x.shape[3] + 4"]),
    ("def body(x, z):\n    y = Dense(5)(concatenate([Flatten()(x), z]))\n    base = Model([x, z], y)\n    return Model([x, z], Dense(2)(base.layers[1].output))", ["body: ? ?", "body: ? ?"]),
    ("from tensorflow.keras.layers.experimental import SyncBatchNormalization\nm = Sequential([Input((4,)), SyncBatchNormalization()])", ["m: (None, 4) 16"]),
    ("from keras import backend as K, initializations\nclass Scale(Layer):\n    def __init__(self, axis=-1, **kw):\n        self.axis, self.init = axis, initializations.get('one')\n        super(Scale, self).__init__(**kw)\n    def build(self, shape):\n        self.input_spec = [InputSpec(shape=shape)]\n        self.gamma = K.variable(self.init((int(shape[self.axis]),)))\n        self.trainable_weights = [self.gamma]\n    def call(self, x, mask=None):\n        shape = [1] * len(self.input_spec[0].shape)\n        shape[self.axis] = self.input_spec[0].shape[self.axis]\n        return K.reshape(self.gamma, shape) * x\ni = Input((4, 4, 6))\nm = Model(i, Scale()(i))", ["m: (None, 4, 4, 6) 6"]),
    ("from keras import backend as K\nclass Past(Layer):\n    def call(self, x):\n        n = K.arange(0, 5)\n        return x - 1e4 * K.expand_dims(K.cast(n > K.expand_dims(n, -1), 'float32'), 0)\ni = Input((5, 5))\nm = Model(i, Past()(i))", ["m: (None, 5, 5) 0"]),
    ("m = Sequential([Deconv2D(5, 3, strides=2, input_shape=(4, 4, 2))])", ["m: (None, 9, 9, 5) 95"]),
    (CAPSULES.format("K.batch_dot(v, self.w, [1, 2])"), ["m: (None, 7) 84"]),
    (EACH.format("4, 6"), ["m: (None, 4, 5, 2) 60"]),
    (EACH.format("None, 6"), ["m: ? ?"]),
    ("from keras.layers import K\ni = Input((4,))\nm = Model(i, Lambda(lambda t: K.sum(t, axis=-1))(i))", ["m: (None,) 0"]),
    ("from keras import ops\ni = Input((4,))\nm = Model(i, Dense(2)(ops.where(ops.isnan(i), 0.0, i)))", ["m: (None, 2) 10"]),
    (BATCH_DOT + "from keras.engine import Layer\ni, j = Input((4, 9)), Input((4, 9, 3))\nm = Model([i, j], Lambda(dot)([i, j]))", ["m: ? ?"]),
    (BATCH_DOT + "from keras import ops\ni, j = Input((4, 9)), Input((4, 9, 3))\nm = Model([i, j], Lambda(dot)([i, j]))", ["m: (None, 4, 4, 3) 0"]),
    (CAPSULES.format("self.inner(v)"), ["m: (None, 7) ?"]),
    (CAPSULES.format("elsewhere(v)"), ["m: (None, 7) ?"]),
    ("i = Input((None, 8))\nx = Bidirectional(LSTM(4, return_sequences=True))(i)\nm = Model(i, TimeDistributed(Dense(2))(x))", ["m: (None, None, 2) 434"]),
    ("e = Input((3, 8))\nx, h, c = LSTM(4, return_state=True)(e)\nd = Input((2, 8))\ny = LSTM(4)(d, initial_state=[h, c])\nm = Model([e, d], y)", ["m: (None, 4) 416"]),
    ("def block(x, f, **kw):\n    return Dense(f, **kw)(x)\ndef build(n=3, *sizes):\n    i = x = Input((4,))\n    for s in (n, *sizes):\n        x = block(x, s, use_bias=False)\n    return Model(i, x)\nbuild(3, 2)", ["build: (None, 2) 18"]),
    ("a = Conv1D(8, 3)\nn = a.compute_output_shape((None, 10, 4))[1]\nt = Concatenate().compute_output_shape([(None, None, 2), (None, None, n)])\ni = Input(t[1:])\nm = Model(i, a(i))", ["m: (None, None, 8) 248"]),
    ("n = Conv1D(8, 30).compute_output_shape((None, 10, 4))[1]\ni = Input((4,))\nm = Model(i, Dense(n)(i))", ["m: (None, n) 5*n"]),
    ("class Net(Layer):\n    def build(self, shape):\n        self.a, self.cut = Dense(3), Lambda(lambda x: x[:, -1])\n        self.a.build(shape)\n        self.cut.build(shape)\n    def call(self, x):\n        return self.a(x)\ni = Input((4, 2))\nm = Model(i, Net()(i))", ["m: (None, 4, 3) 9"]),
    ("import operator\nfrom functools import reduce\ni = Input((4, 3))\nm = Model(i, Reshape((reduce(operator.mul, i.shape[1:], 1),))(i))", ["m: (None, 12) 0"]),
    ("from functools import partial, reduce\ndense = partial(Dense, 3)\ni = Input((4,))\nm = Model(i, reduce(lambda x, f: f(x), [dense(), Dense(2)], i))", ["m: (None, 2) 23"]),
    ("class Net:\n    def __init__(self, n):\n        self.n = n\n        self.model = self.make()\n    @property\n    def size(self):\n        return self.n + 1\n    def make(self):\n        return Sequential([Dense(self.size, input_shape=(4,))])\nNet(2)", ["Net.make: (None, 3) 15"]),
    ("class Net(Model):\n    def __init__(self):\n        super().__init__()\n        self.a = Dense(3)\n        self.b = Dense(2)\n    def call(self, x, training=None):\n        return self.b(self.a(x))\nm = Net()\nm.build((None, 4))", ["Net: (None, 2) ?"]),
    ("class Scale(Layer):\n    def build(self, s):\n        self.w = self.add_weight(shape=(s[-1],), name='w')\n    def call(self, x):\n        return x * self.w\ni = Input((4,))\nm = Model(i, Scale()(Dense(3)(i)))", ["m: (None, 3) 18"]),
    ("i = Input((4,))\nb = backbone(input_tensor=i)\nm = Model(i, [b.get_layer(n).output for n in ('a', 'b')])", ["m: ? ? ?"]),
    ("import tensorflow as tf\nclass Odd(Layer):\n    def call(self, x):\n        return tf.nn.fractional(x)\n    def compute_output_shape(self, s):\n        return [(None, 1)]\ni = Input((4,))\nm = Model(i, Odd()(Dense(3)(i)))", ["m: (None, 1) 15"]),
    ("import tensorflow as tf\nclass Odd(Layer):\n    def call(self, x):\n        return tf.nn.fractional(x)\n    def compute_output_shape(self, s):\n        return None, None, 7\ni = Input((4,))\nm = Model(i, TimeDistributed(Dense(3))(Odd()(i)))", ["m: (None, None, 3) 24"]),
    ("import tensorflow as tf\nclass Odd(Layer):\n    def call(self, x):\n        return tf.nn.fractional(x)\n    def compute_output_shape(self, s):\n        return s[0], None, s[2]\ni = Input((4, 7))\nm = Model(i, TimeDistributed(Dense(3))(Odd()(i)))", ["m: (None, None, 3) 24"]),
    ("import json, keras\nf = json.load(open('k'))['f']\nassert f in {'channels_first', 'channels_last'}\nkeras.backend.set_image_data_format(f)\ni = Input((28, 28, 1))\nm = Model(i, Conv2D(2, 3)(i))", ["m: (None, 26, 26, 2) 20", "m: ? ?"]),
    ("import tensorflow as tf\nclass Step(Layer):\n    def step(self, y):\n        return y\n    def call(self, x):\n        return tf.while_loop(lambda y: True, self.step, x)\n    def compute_output_shape(self, s):\n        return [(None, 1)]\ni = Input((4,))\nm = Model(i, Step()(Dense(3)(i)))", ["m: (None, 1) ?"]),
    ("import tensorflow as tf\nclass Two(Layer):\n    def call(self, x):\n        return tf.while_loop(x)\n    def compute_output_shape(self, s):\n        return [(None, 1), (None, 2)]\ni = Input((4,))\nm = Model(i, Two()(Dense(3)(i)))", ["m: ? ?"]),
    ("import numpy as np\nx = np.zeros((100, 7, 2))\nm = Sequential([LSTM(3, input_shape=x.shape[1:])])", ["m: (None, 3) 72"]),
    ("from keras.datasets import mnist\n(x, y), _ = mnist.load_data()\nx = x.reshape(60000, 784).astype('float32') / 255\nm = Sequential([Dense(2, input_shape=(x.shape[1],))])", ["m: (None, 2) 1570"]),
    ("m = Sequential([Dense(units, input_shape=(4,))])\n", ["m: (None, units) 5*units"]),
    ("i = Input((4,))\nm = Model(i, thing(Dense(3)(i)))", ["m: ? ?"]),
    ("i = Input((4,))\nx = Dense(3)(i)\nthing(x)\nm = Model(i, x)", ["m: (None, 3) ?"]),
    ("i = x = Input((4,))\nfor _ in range(n):\n    x = Dense(4)(x)\nm = Model(i, x)", ["m: (None, 4) ?"]),
    ("s = [4, 8]\nm = Sequential([Input((5,))])\nfor n in s:\n    m.add(Dense(n))\n    if len(s) < 4:\n        s.append(n + 1)", ["m: (None, 9) 163"]),
    ("s = [4, 8, 16]\nm = Sequential([Input((5,))])\nfor n in s:\n    m.add(Dense(n))\n    s.remove(n)", ["m: (None, 16) 104"]),
    ("import keras\nclass D(keras.layers.Dense):\n    def __init__(self, n):\n        super().__init__(2 * n)\nkeras.layers.Dense = D\nm = Sequential([Input((4,)), keras.layers.Dense(3)])", ["m: (None, 6) ?"]),
    ("m = Sequential([Input((4,)), Dense(3, trainable=False)])\nm.trainable = True", ["m: (None, 3) ?"]),
    ("try:\n    raise KeyError(1)\nexcept ValueError:\n    n = 3\nexcept KeyError:\n    n = 4\nm = Sequential([Dense(n, input_shape=(4,))])", ["m: (None, 4) 20"]),
    ("for _ in range(n):\n    m = Sequential([Dense(3, input_shape=(4,))])", ["m: (None, 3) 15"]),
    ("s = []\nfor k in range(n):\n    s.append(k)\nm = Sequential([Dense(len(s), input_shape=(4,))])", ["m: (None, len(s)) 5*len(s)"]),
    ("sizes = {'a': 3}\nm = Sequential([Dense(sizes['a'], input_shape=(4,), name=f'd_{1:02d}')])", ["m: (None, 3) 15"]),
    ("m = Sequential([Dense(int(7 / 2), input_shape=(4,))])", ["m: (None, 3) 15"]),
    ("def b(n):\n    return Sequential([Dense(int(len(n) / 2), input_shape=(4,))])", ["b: (None, floor(len(n)/2)) 5*floor(len(n)/2)"]),
    ("def b(n):\n    return Sequential([Dense(int(round(len(n) / 2)), input_shape=(4,))])", ["b: (None, round(len(n)/2)) 5*round(len(n)/2)"]),
    ("def b(n):\n    return Sequential([Dense(int((n / 2) ** 2), input_shape=(4,))])", ["b: (None, int((n/2)**2)) 5*int((n/2)**2)"]),
    ("def b(n, m):\n    return Sequential([Dense(n % (m * 2), input_shape=(4,))])", ["b: (None, n%(m*2)) 5*(n%(m*2))"]),
    ("def b(n, m):\n    return Sequential([Dense(8 - round(n / (m - (n - 1))), input_shape=(4,))])", ["b: (None, -round(n/(m - (n - 1))) + 8) -5*round(n/(m - (n - 1))) + 40"]),
    ("def b(t):\n    i, j, h = Input((t.shape[1],)), None, Input((3,))\n    t.pop('y')\n    j = Input((t.shape[1],))\n    return Model([i, j, h], add([Dense(int(x.shape[1] * 0.5))(h) for x in (i, j)]))", ["b: ? ?"]),
    ("def b(n):\n    return Sequential([Dense(round(2 * len(n) / 2), input_shape=(4,))])", ["b: (None, len(n)) 5*len(n)"]),
    ("if __name__ == '__main__':\n    m = Sequential([Dense(3, input_shape=(4,))])", ["m: (None, 3) 15"]),
    ("from keras import backend as K\nK.set_image_data_format('channels_first')\nm = Sequential([Conv2D(2, 3, input_shape=(3, 8, 8))])", ["m: (None, 2, 6, 6) 56"]),
    ("def block(x, n=None):\n    return Dense(3 if n is None else n)(x)\ndef b(n):\n    i = Input((4,))\n    return Model(i, block(i, n * 2))", ["b: (None, n*2) 5*n*2"]),
    ("def b(n):\n    k = n * 2\n    return Sequential([Dense(3 if k is None else k, input_shape=(4,))])", ["b: (None, n*2) 5*n*2"]),
    ("class M(Model):\n    def __init__(self):\n        super().__init__()\n        self.d = Dense(3)\n    def call(self, xs):\n        look(xs)\n        return self.d(xs[0])\na, b = Input((4,)), Input((4,))\nm = Model([a, b], M()([a, b]))", ["M: (None, 3) 15", "m: (None, 3) 15"]),
    ("class L(Layer):\n    def __init__(self):\n        super().__init__()\n        self.c, self.d = Conv2D(4, 3), Dense(7)\n    def call(self, x):\n        return [self.c(self.d(x))]\ni = Input((16, 16, 3))\nm = Model(i, L()(i)[-1])", ["m: (None, 14, 14, 4) 284"]),
    ("class L(Layer):\n    def __init__(self):\n        super().__init__()\n        self.c, self.d = Conv2D(4, 3), Dense(7)\n    def call(self, x):\n        return {'z': self.c(x), 'a': self.d(x)}\ni = Input((16, 16, 3))\nm = Model(i, L()(i)['a'])", ["m: (None, 16, 16, 7) 140"]),
    ("class L(Model):\n    def __init__(self):\n        super().__init__()\n        self.c, self.d = Conv2D(4, 3), Dense(7)\n    def call(self, x):\n        return (self.c(self.d(x)),)\ni = Input((16, 16, 3))\nm = Model(i, L()(i)[0])", ["L: (None, 14, 14, 4) 284", "m: (None, 14, 14, 4) 284"]),
    ("match 2:\n    case 1:\n        n = 1\n    case 2 | 3:\n        n = 3\nm = Sequential([Dense(n, input_shape=(4,))])", ["m: (None, 3) 15"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), SEEDS + PROGRAMS)
def test_a_program_gives_its_models(source: str, expected: list[str]) -> None:
    assert lines(K + source) == expected


@pytest.mark.parametrize("body", ["Sequential([m, Dense(3)])", "Model(i, add([m(i), m(i)]))"])
def test_models_in_models_take_no_longer_than_they_must(body: str) -> None:
    """Each is counted once, not once a path (exponential) or a level (cubic)."""
    source = f"i = Input((3,))\nm = Sequential([i, Dense(3)])\nfor k in range(60):\n    m = {body}"
    found = models(K + source)[-1]
    assert params(found) == ("732" if "Dense" in body else "12")


@pytest.mark.parametrize("imports", IMPORTS)
def test_every_way_to_import_means_the_same(imports: str) -> None:
    assert lines(imports + "m = Sequential([Input((4,)), Dense(3)])") == ["m: (None, 3) 15"]


def test_a_name_without_import_is_nobodys() -> None:
    assert lines("m = Sequential()\nm.add(Dense(3))") == []


def test_layers_have_the_names_that_keras_gives() -> None:
    model = models(
        K
        + "m = Sequential([Conv1D(2, 1, input_shape=(4, 4)), Conv1D(2, 1), GlobalMaxPooling1D(), Dense(1, name='out')])"
    )[0]
    assert layers(model) == ["conv1d", "conv1d_1", "global_max_pooling1d", "out"]


def test_layers_stand_in_the_order_of_keras() -> None:
    source = "i = Input((4,))\na = Dense(3, name='a')(i)\nb = Dense(3, name='b')(i)\nb = Dense(3, name='c')(b)\nm = Model(i, add([a, b]))"
    assert layers(models(K + source)[0]) == ["input_layer", "b", "a", "c", "add"]


@pytest.mark.parametrize(
    ("change", "trainable"),
    [
        ("", 23),
        ("m.output.trainable = False", 23),  # the result of a layer is not the layer
        ("m.trainable = False", 0),
        ("m.layers[0].trainable = False", 8),
        ("for l in m.layers[:-1]:\n    l.trainable = False", 8),
        ("m.trainable = False\nm.layers[-1].trainable = True", 0),
        ("for l in m.layers:\n    l.trainable = False\nm.get_layer('out').trainable = True", 8),
    ],
)
def test_what_does_not_train(change: str, trainable: int) -> None:
    source = "m = Sequential([Dense(3, input_shape=(4,)), Dense(2, name='out')])\n" + change
    graph = models(K + source)[0].graph
    assert count.of(graph.nodes, graph.frozen).trainable == trainable


def test_a_frozen_model_inside_another_does_not_train() -> None:
    source = (
        "d = Sequential([Dense(3, input_shape=(4,))])\nd.compile('adam', 'mse')\nd.trainable = False\n"
        "i = Input((2,))\ngan = Model(i, d(Dense(4)(i)))"
    )
    gan = models(K + source)[1].graph
    counts = count.of(gan.nodes, gan.frozen)
    assert (counts.params, counts.trainable) == (27, 12)


def test_compile_is_recorded_in_canonical_names() -> None:
    source = "import keras\nm = Sequential([Dense(3, input_shape=(4,))])\nm.compile(keras.optimizers.Adam(0.1), loss=keras.losses.mse, metrics=['accuracy'])"
    found = models(K + source)[0].graph.compile
    assert found is not None
    assert (found.loss, found.metrics) == ("mse", ("accuracy",))


def test_equal_text_is_not_equal_value() -> None:
    source = (
        "import pandas as pd\ndf = pd.read_csv('x')\na = Input((df.shape[1],))\nb = Input((df.shape[1],))\n"
        "df.pop('y')\nc = Input((df.shape[1],))\nm = Model([a, b, c], [a, b, c])"
    )
    first, second, third = (t.shape for t in models(K + source)[0].graph.outputs)
    assert first == second
    assert first != third


TIED = """class Tied(Layer):
    def __init__(self):
        super().__init__()
        self.table = Embedding(10, 4)
    def call(self, ids, reverse=False):
        if reverse:
            return tf.matmul(ids, tf.transpose(self.table.embeddings))
        return self.table(ids)
i = Input((None,))
tied = Tied()
m = Model(i, {})
"""


@pytest.mark.parametrize("outputs", ["tied(tied(i), reverse=True)", "tied(tied(i))", "tied(i, True)"])
def test_a_layer_of_the_program_that_is_called_in_another_way_is_not_known(outputs: str) -> None:
    """What call() does for the first call says nothing of one with other arguments, or of another shape."""
    found = evaluated(K + "import tensorflow as tf\n" + TIED.replace("{}", outputs))
    assert not found.models[0].graph.complete
    assert not [fact for context in found.contexts for fact in context.facts if fact.kind == "refused"]


@pytest.mark.parametrize(
    ("condition", "params"),
    [
        ("l.__class__.__name__ == 'Dense'", 15 + 12 + 4),
        ("type(l).__name__ != 'Conv1D'", 15 + 12 + 4),
        ("isinstance(l, Dropout)", 0),
        ("isinstance(l, (Convolution1D, Dense))", 15 + 12 + 4),
    ],
)
def test_the_class_of_a_layer_is_known(condition: str, params: int) -> None:
    """A program that chooses among the layers of a model by their class leaves nothing to assume."""
    stack = "Dense(3, input_shape=(4,)), Dense(3), Dropout(0.5), Dense(1)"
    chosen = f"m = Sequential([{stack}])\nn = Sequential([Input((4,)), *[l for l in m.layers if {condition}]])"
    found = evaluated(K + chosen)
    assert found.decisions == (0, 0)
    assert count.of(found.models[1].graph.nodes).params == params


@pytest.mark.parametrize(
    "output", ["[thing.output]", "[Dense(2)(i), thing.output]", "[Activation('relu')(thing.output)]"]
)
def test_a_model_with_an_unknown_output_is_not_complete(output: str) -> None:
    (model,) = models(K + f"i = Input((4,))\nthing = unknown(3)\nm = Model(i, {output})\n")
    assert not model.graph.complete


def test_the_constructor_of_a_class_that_nobody_calls_runs_once() -> None:
    source = "class N(Model):\n    def __init__(self, n):\n        i = Input((4,))\n        super().__init__(i, Dense(n)(i))\n"
    (model,) = models(K + source)
    assert [node.layer.name for node in model.graph.nodes] == ["input_layer", "dense"]
