"""Code of the program that others run: what it may change is not known afterwards, and nothing else is lost."""

import pytest
from tests.evaluate.seen import lines

HEAD = """
import functools, threading
from collections import defaultdict, deque
from keras import Input, Sequential, callbacks, layers
from keras.layers import Dense
import numpy as np
import outside

words = open("words.txt").read().split()
m = Sequential([Input((4,)), Dense(2), Dense(3)])
sizes, named, n = [5], {"n": 5}, 5


class Box:
    n = 5

    def __init__(self):
        self.held, self.sizes = 5, [5]

    def put(self, *_):
        self.held += 1
        self.sizes.append(2)


box = Box()
"""
END = "\nk = Sequential([Input((1,)), Dense({})])\n"
CALLING = [
    "outside.call(put)",
    "outside.call([put])",
    "outside.call(functools.partial(put, 3))",
    "outside.call(lambda: put())",
    "outside.thing.call(on_end=put)",
    "outside.frame.apply(put)",
    "job = threading.Thread(target=put)\njob.start()",
    "np.vectorize(put)(words)",
    "list(map(put, words))",
    "list(filter(put, words))",
    "sorted(words, key=put)",
    "max(words, key=put)",
    "words.sort(key=put)",
    "functools.reduce(put, words)",
    "[put(w) for w in words]",
    "{w: put(w) for w in words}",
    "sum(put(w) for w in words)",
    "[put(w + v) for v in 'ab' for w in words]",
    "@outside.command\ndef main():\n    put()\nmain()",
    "class Late:\n    def __call__(self):\n        put()\noutside.call(Late())",
    "class Job(threading.Thread):\n    def run(self):\n        put()\nJob().start()",
    "class Each(callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        put()\nm.fit(np.zeros((2, 4)), callbacks=[Each()])",
]
CHANGES = {
    "a model": ("m.add(Dense(7))", ""),
    "a layer of a model": ("for layer in m.layers:\n        layer.trainable = False", ""),
    "a layer, by a helper": ("freeze(m.layers[-1])", ""),
    "a list": ("sizes.append(8)", "len(sizes)"),
    "a list by another name": ("other = sizes\n    other[0] = 8", "sizes[0]"),
    "a dictionary": ("named['n'] = 8", "named['n']"),
    "a dictionary that counts": ("named.setdefault(a, len(named))", "len(named)"),
    "a global name": ("global n\n    n += 1", "n"),
    "a class": ("Box.n = 8", "Box.n"),
    "an object": ("box.held = 8", "box.held"),
    "an object, by its method": ("box.put()", "box.held"),
    "what an object holds": ("box.put()", "len(box.sizes)"),
    "what is set by its name": ("setattr(box, 'held', 8)", "box.held"),
    "what is gone": ("del sizes[0]", "len(sizes)"),
}


def whether(source: str) -> list[bool]:
    """Of each model, whether its count is a number."""
    return [line.rpartition(") ")[2].isdigit() for line in lines(HEAD + source) if not line.startswith("put")]


def program(change: str, call: str, size: str) -> str:
    helper = "def freeze(layer):\n    layer.trainable = False\n"
    return f"{helper}def put(a=0, b=0):\n    {change}\n    return a\n{call}\n{END.format(size) if size else ''}"


@pytest.mark.parametrize("call", CALLING)
@pytest.mark.parametrize("what", CHANGES)
def test_what_code_changes_that_others_run_is_not_known(what: str, call: str) -> None:
    change, size = CHANGES[what]
    known = whether(program(change, call, size))
    assert known[-1] is False, lines(HEAD + program(change, call, size))


READING = {
    "what it reads": "print(named['n'], len(sizes), n, box.held)\n    m.summary()",
    "what is its own": "own, seen = {}, []\n    own['n'] = named['n']\n    seen.append(sizes[0])\n    n = 3",
    "what it makes": "k = Sequential([Input((1,)), Dense(named['n'])])\n    k.add(Dense(n))",
    "what it trains": "m.fit(words)\n    m.save_weights('x')\n    m.stop_training = True",
    "what it learns": "outside.step(zip(outside.grads, m.trainable_variables), m.optimizer, m(words), m.predict(words))",
}


@pytest.mark.parametrize("call", CALLING)
@pytest.mark.parametrize("what", READING)
def test_what_it_only_reads_is_known(what: str, call: str) -> None:
    size = "named['n'] + len(sizes) + n + box.held + box.n + len(box.sizes)"
    assert all(whether(program(READING[what], call, size)))


def test_a_dictionary_that_makes_its_entries_has_no_known_size() -> None:
    source = "ids = defaultdict(lambda: len(ids))\nseen = [ids[w] for w in words]\n"
    assert not whether(source + END.format("len(ids) + 1"))[-1]


PAST = [
    "m.layers[0].kernel.trainable = False",
    "m.layers[0].weights[0]._trainable = False",
    "bias = m.layers[0].bias\nbias.trainable = False",
    "for w in m.weights:\n    w.trainable = False",
    "for layer in m.layers:\n    for w in layer.trainable_weights:\n        setattr(w, 'trainable', False)",
    "def freeze(w):\n    w.trainable = False\nlist(map(freeze, m.trainable_variables))",
    "k = layers.LSTM(3)\nm = Sequential([Input((4, 2)), k])\nk.cell.kernel.trainable = False",
    "m.layers[0]._trainable = False",
]


@pytest.mark.parametrize("source", PAST)
def test_whether_a_weight_trains_is_not_known_where_it_is_told_so_itself(source: str) -> None:
    assert not all(whether(source))


def test_weights_that_are_read_train() -> None:
    assert all(
        whether("for w in m.trainable_variables:\n    print(w.path, w.trainable)\nm.layers[0].kernel.assign(0)\n")
    )


HIDDEN = [
    "class C:\n    def __getattribute__(self, name):\n        return 8\nc = C()",
    "class C:\n    n = 5\n    def __getattribute__(self, name):\n        return object.__getattribute__(self, name) + 1\nc = C()",
    "class B:\n    def __getattribute__(self, name):\n        return 8\nclass C(B):\n    n = 5\nc = C()",
]


@pytest.mark.parametrize("source", HIDDEN)
def test_what_a_class_makes_of_its_own_attributes_is_not_known(source: str) -> None:
    assert not any(whether(source + END.format("c.n"))[1:])


OWN = [
    ("def __getattr__(self, name):\n        raise AttributeError\nc = C()", "getattr(c, 'n', 7)", "14"),
    (
        "n = 5\n    def __init__(self):\n        self.n = 7\n    def __delattr__(self, name):\n        pass\nc = C()\ndel c.n",
        "c.n",
        "14",
    ),
    (
        "n = 5\n    def __init__(self):\n        self.n = 7\n    def __delattr__(self, name):\n        super().__delattr__(name)\nc = C()\ndel c.n",
        "c.n",
        "10",
    ),
]


@pytest.mark.parametrize(("body", "size", "params"), OWN)
def test_what_a_class_does_with_its_attributes_itself(body: str, size: str, params: str) -> None:
    assert lines(f"{HEAD}class C:\n    {body}{END.format(size)}")[-1].endswith(f" {params}")


@pytest.mark.parametrize("way", ["object.__setattr__(self, 'a', Dense(3))", "vars(self).update(a=Dense(3))"])
def test_a_layer_that_is_set_past_keras_is_not_counted(way: str) -> None:
    source = f"""
import keras
from keras.layers import Dense
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        {way}
    def call(self, x):
        return self.a(x)
m = Net()
m(keras.Input((4,)))
"""
    assert lines(source) == ["Net: (None, 3) ?"]
