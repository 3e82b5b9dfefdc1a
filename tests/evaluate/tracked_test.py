"""Which layers Keras counts of an object of the program's own class: those it finds among its attributes."""

from __future__ import annotations

import pytest
from tests.evaluate.seen import lines, models, params

from kerlint.graph import count

HEAD = """\
import keras
from keras import layers
shared = layers.Dense(7)
class Holder:
    def __init__(self, n): self.d = layers.Dense(n)
    def __call__(self, x): return self.d(x)
"""
OWN = """\
class M(keras.Model):
    common = layers.Dense(3)
    def __init__(self):
        super().__init__()
        self.holder = Holder(5)
        self.nested = {'a': [layers.Dense(6), (layers.Dense(8),)]}
        self.out = layers.Dense(2)
    def call(self, x):
        return self.out(FOUND(x))
m = M()
m(keras.ops.zeros((1, 4)))
"""
LISTS = """\
class M(keras.Model):
    def __init__(self):
        super().__init__()
        PUT
    def call(self, x):
        for layer in (*self.all, *self.more.get('a', ())): x = layer(x)
        return x
m = M()
m(keras.ops.zeros((1, 4)))
"""
KEPT = "self.all, self.more = [layers.Dense(3)], {}\n        "
LAYER = """\
class L(layers.Layer):
    def call(self, x): return shared(x)
i = keras.Input((4,))
m = keras.Model(i, L()(i))
"""
FUNCTIONAL = """\
class Net(keras.Model):
    def __init__(self):
        i = keras.Input((8,))
        x = layers.Dense(3)(i)
        super().__init__(i, x)
        self.first = i
        self.extra = layers.Dense(11)
        self.extra(x)
        self.part = keras.Model(i, x)
        self.head = keras.Model(i, layers.Dense(4)(x))
m = Net()
"""
VAE = """\
i = keras.Input((6,))
encoder = keras.Model(i, layers.Dense(2)(i))
j = keras.Input((2,))
decoder = keras.Model(j, layers.Dense(10)(j))
decoder.trainable = False
class VAE(keras.Model):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder, self.both = encoder, decoder, [decoder]
    def call(self, x): return self.encoder(x)
vae = VAE(encoder, decoder)
vae(keras.ops.zeros((1, 6)))
"""


@pytest.mark.parametrize(
    ("found", "total"),
    [("self.nested['a'][0]", "44"), ("self.nested['a'][1][0]", "58"), ("self.holder", "?"), ("shared", "?"),
     ("self.common", "?")],
)  # fmt: skip
def test_a_layer_counts_that_an_attribute_holds(found: str, total: str) -> None:
    """In lists, too; not in a plain object, at the module or at the class (Keras 3.15, tf_keras 2.21)."""
    [model] = models(HEAD + OWN.replace("FOUND", found))
    assert params(model) == total
    assert bool(model.graph.unresolved) == (total == "?")


def test_a_layer_of_the_program_counts_what_its_attributes_hold() -> None:
    [model] = models(HEAD + LAYER)
    [lost] = model.graph.unresolved
    assert "dense is no attribute of the object that calls it" in lost.reason


def test_attributes_of_a_functional_model_count() -> None:
    """A layer beside its graph, and a model with one; 27 are those of the graph, 44 and 16 beside them."""
    assert [params(m) for m in models(HEAD + FUNCTIONAL) if m.name == "Net"] == ["87"]


def test_a_model_that_is_held_counts_without_being_applied() -> None:
    """The decoder, once: it calculates nothing where the encoder alone is asked for."""
    [vae] = [m for m in models(HEAD + VAE) if m.name == "VAE"]
    counts = count.model(vae.graph)
    assert vae.graph.complete and counts == count.Counts(44, 14, 12)


def test_a_weight_that_is_told_apart_from_its_layer_leaves_open_how_many_train() -> None:
    source = """\
class Scale(layers.Layer):
    def build(self, shape): self.g = self.add_weight(shape=(shape[-1],))
    def call(self, x): return x * self.g
i = keras.Input((4,))
scale = Scale(trainable=False)
m = keras.Model(i, scale(i))
scale.g.trainable = True
"""
    [model] = models(HEAD + source)
    assert "whether a weight trains is set apart from its layer" in {u.reason for u in model.graph.unresolved}


@pytest.mark.parametrize(("given", "trainable"), [("True", 4), ("False", 0), ("trainable=False", 0), ("{}", None)])
def test_whether_a_layer_trains_is_the_first_argument_of_its_base(given: str, trainable: int | None) -> None:
    """Keras 3 takes it by name alone; what is no bool, Keras refuses since 2.4 and took as one before."""
    source = f"""\
class Scale(layers.Layer):
    def __init__(self): super().__init__({given})
    def build(self, shape): self.g = self.add_weight(shape=(shape[-1],))
    def call(self, x): return x * self.g
i = keras.Input((4,))
m = keras.Model(i, Scale()(i))
"""
    [model] = models(HEAD + source)
    found = count.model(model.graph)
    assert (found.trainable if isinstance(found, count.Counts) and model.graph.complete else None) == trainable


def test_a_weight_of_a_model_itself_is_never_left_out() -> None:
    """Keras counts 3 more than the layer's 15."""
    source = OWN.replace("self.holder = Holder(5)", "self.w = self.add_weight(shape=(3,))").replace("FOUND(x)", "x")
    [model] = models(HEAD + source)
    assert params(model) == "?"
    assert [u.reason for u in model.graph.unresolved] == ["a weight of the model itself is not counted"]


@pytest.mark.parametrize(
    ("put", "found"),
    [
        (f"{KEPT}self.all.append(layers.Dense(2))", 23),
        (f"{KEPT}self.all += [layers.Dense(2)]", 23),
        (f"{KEPT}self.more['a'] = [layers.Dense(2)]", 23),
        (f"{KEPT}self.more.update(dict(a=(layers.Dense(2),)))", 23),
        (f"{KEPT}self.all.extend(layers.Dense(u) for u in (2, 3))", 32),
        # Keras 3 does not see these
        ("made = [layers.Dense(3)]\n        self.all, self.more = made, {}\n        made.append(layers.Dense(2))", "?"),
        (f"{KEPT}self.all[0] = layers.Dense(2)", "?"),
        (f"{KEPT}self.more['a'] = []\n        self.more['a'].append(layers.Dense(2))", "?"),
        (f"{KEPT}self.__dict__['more'] = {{'a': [layers.Dense(2)]}}", "?"),
        (f"{KEPT}self.all = collections.deque([layers.Dense(2)])", "?"),
    ],
)
def test_what_lists_and_dictionaries_get_later(put: str, found: object) -> None:
    """Each case was run with Keras 3, whose own lists track what they get, but not by index, and no other list."""
    source = HEAD.replace("import keras\n", "import collections\nimport keras\n") + LISTS.replace("PUT", put)
    (model,) = models(source)
    assert params(model) == str(found)
    if "made" in put:  # Keras 3 has its own list, Keras 2 the same
        assert [params(models(source, keras=version)[0]) for version in (2, 3)] == ["23", "15"]


def test_what_is_not_known_may_be_put_into_a_dictionary_that_an_object_keeps() -> None:
    code = "sizes = {'n': 3}\nclass M(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    code += "        self.sizes, self.d = sizes, layers.Dense(3)\n    def call(self, x): return self.d(x)\n"
    code += "net = M()\nsizes['b'] = first / second\ni = keras.Input((4,))\nm = keras.Model(i, net(i))"
    assert lines(HEAD + code)[-1] == "m: (None, 3) 15"


def test_a_named_tuple_among_others_stays_what_it_is() -> None:
    code = "from collections import namedtuple\nR = namedtuple('R', 'a b')\nrows = [R(4, 2), R(3, 4)]\n"
    code += "rows.append(unknown())\nchange(rows[unknown()])\na, b = rows[0]\n"
    code += "i = keras.Input((a,))\nm = keras.Model(i, layers.Dense(b)(i))"
    assert lines(HEAD + code) == ["m: (None, 2) 10"]
