"""What a loop over data fills has an unknown size; a container that unknown code or an unknown key changed, too."""

import pytest
from tests.evaluate.seen import evaluated, lines, models

from kerlint.graph.count import parameters

K = "from keras.models import Sequential\nfrom keras.layers import *\nfrom collections import defaultdict, deque\n"
END = "\nm = Sequential([Dense({size}, input_shape=(4,))])\n"

GROWN = [
    ("d = {}\nfor w in words:\n    d[w] = 1", "len(d)"),
    ("d = {'a': 0}\nfor w in words:\n    d['b'] = w", "len(d)"),
    ("d = {}\nfor w in words:\n    d.setdefault(w, 1)", "len(d)"),
    ("d = {}\nd.update(words)", "len(d)"),
    ("d = {}\nd[words[0]] = 1\nd[words[1]] = 1", "len(d)"),
    ("d = {words[0]: 1, words[1]: 2}", "len(d)"),
    ("d = {w.lower(): 1 for w in [words[0], words[1]]}", "len(d)"),
    ("d = defaultdict(int)\nfor w in words:\n    d[w] += 1", "len(d)"),
    ("d = {'n': 3}\nfor k in words:\n    d[k] = 5", "d['n']"),
    ("d = {'n': 3}\nfor w in words:\n    d['n'] += 1", "d['n']"),
    ("d = {'n': 3, 'k': 2}\ndel d[words[0]]", "len(d)"),
    ("d = {'n': 3}\nsomething(d)", "len(d)"),
    ("s = set()\nfor w in words:\n    s.add(w)", "len(s)"),
    ("s = set()\ns.update(words)", "len(s)"),
    ("s = set()\ns.add(words[0])\ns.add(words[1])", "len(s)"),
    ("s = {words[0], words[1]}", "len(s)"),
    ("s = set([words[0], words[1]])", "len(s)"),
    ("s = {w for w in [words[0], words[1]]}", "len(s)"),
    ("s = {1, 2}\ns.discard(words[0])", "len(s)"),
    ("s = {1, 2}\ns.intersection_update(words)", "len(s)"),
    ("s = []\nfor w in words:\n    s += [w]", "len(s)"),
    ("s = []\nfor w in words:\n    s = s + [w]", "len(s)"),
    ("s = [1]\ns.insert(words[0], 2)\ns.insert(0, 1)\ndel s[words[0]]", "len(s)"),
    ("s = deque(words)", "len(s)"),
    ("s = deque([1, 2, 3], 2)", "len(s)"),
    ("def see(d, w):\n    d[w] = 1\nd = {}\nfor w in words:\n    see(d, w)", "len(d)"),
    ("def see(w):\n    s.append(w)\ns = []\nfor w in words:\n    see(w)", "len(s)"),
    (
        "class Words:\n    def __init__(self):\n        self.n = 2\n        self.d = {}\n    def see(self, w):\n"
        "        self.n += 1\n        self.d[w] = self.n\nx = Words()\nfor w in words:\n    x.see(w)",
        "x.n",
    ),
    ("n = 1\ndef see(w):\n    global n\n    n += 1\nfor w in words:\n    see(w)", "n"),
    ("s = []\nt = [s.append(w) for w in words]", "len(s)"),
    ("s = {}\nt = [[s.setdefault(w + v, len(s)) for v in 'ab'] for w in words]", "len(s)"),
    ("n = 1\nt = [n := n + 1 for w in words]", "n"),
    ("import random\ns = [1, 2]\nrandom.shuffle(s)", "s[0]"),
    ("import numpy as np\ns = [1, 2]\nnp.random.shuffle(s)", "s[0]"),
    ("import random\ns = [1, 2]\nrandom.Random(3).shuffle(s)", "s[0]"),
    ("class Words:\n    d = {}\nx = Words()\nx.n = 1\nwhile words:\n    x.n = x.n * 2", "x.n"),
]


@pytest.mark.parametrize(("program", "size"), GROWN, ids=range(len(GROWN)))
def test_what_grows_an_unknown_number_of_times_has_no_known_size(program: str, size: str) -> None:
    (line,) = lines(K + program + END.format(size=size))
    assert not line.rpartition(" ")[2].isdigit(), line


FREEZING = [
    ("for l in m.layers[:n]:\n    l.trainable = False", "?"),
    ("for l in m.layers[n:]:\n    if not isinstance(l, Dropout):\n        l.trainable = False", "?"),
    ("for i, l in enumerate(m.layers[:n]):\n    l.trainable = False", "?"),
    ("m.layers[n].trainable = False", "?"),
    ("for l in m.layers[:n]:\n    l.trainable = False\nm.trainable = True", "7"),
    ("for l in m.layers[:n]:\n    print(l.name)", "7"),
    ("for l in m.layers[:1]:\n    l.trainable = False", "7"),
]


@pytest.mark.parametrize(("program", "params"), FREEZING, ids=range(len(FREEZING)))
def test_which_of_the_layers_train_is_not_known(program: str, params: str) -> None:
    made = "m = Sequential([Dense(2, input_shape=(1,)), Dense(1)])\nn = int(input())\n"
    for found in models(K + made + program):
        shown = "?" if not found.graph.complete else str(parameters(found.graph))
        assert shown == params, found.graph.unresolved


KNOWN = [
    ("d = {}\nfor w in 'ab':\n    d[w] = 1", "len(d)", 10),
    ("d = defaultdict(list)\nfor w in 'aab':\n    d[w].append(1)", "len(d)", 10),
    ("d = {'a': 1}\nd.update({'b': 2})\nd.update([('c', 3)], e=1)", "len(d)", 20),
    ("for w in words:\n    d = {}\n    for k in 'ab':\n        d[k] = 1", "len(d)", 10),
    ("def see():\n    s = []\n    s.append(1)\n    return s\nfor w in words:\n    s = see()", "len(s)", 5),
    ("s = {1, 2}\ns.discard(1)\ns.add(3)\ns.update([3, 4])", "len(s)", 15),
    ("s = {'a': 1, 'b': 2}\ns['c'] = words[0]", "len([k for k, v in s.items()])", 15),
    ("class A:\n    def __init__(self):\n        self.n = 1\nfor w in words:\n    x = A()\n    x.n = 3", "x.n", 15),
    ("s = deque([1, 2])", "len(s)", 10),
]


@pytest.mark.parametrize(("program", "size", "count"), KNOWN, ids=range(len(KNOWN)))
def test_what_a_program_fills_itself_has_a_known_size(program: str, size: str, count: int) -> None:
    assert lines(K + program + END.format(size=size))[0].rpartition(" ")[2] == str(count)


def test_one_hot_of_data_of_an_unknown_rank_is_not_known() -> None:
    source = (
        "import keras\nimport tensorflow as tf\nm = keras.Sequential([keras.layers.LSTM(2, input_shape=(None, 7))])\n"
    )
    (line,) = lines(source + "n = keras.Model(m.inputs, m(tf.one_hot(data, 7)))\n")[:1]
    assert line == "m: (None, 2) 80"


def test_an_argument_that_only_keras_2_takes_is_no_refusal() -> None:
    source = "from tensorflow.keras.layers import *\ni = Input((5, 8))\nx = Attention(causal=True)([i, i])\n"
    source += "from tensorflow.keras import Model\nm = Model(i, x)\n"
    assert "refuses" not in str(lines(source, keras=2))
    assert lines(source, keras=2) == ["m: (None, 5, 8) 0"]
    assert lines(source) == lines(source, keras=2)  # if the program runs, it does so with Keras 2
    assert lines(source, keras=3) == ["m: ? ?"]


@pytest.mark.parametrize(
    "program",
    [
        "d = {'units': 3}\nd.update(kwargs)",
        "d = {'units': 3}\nd[words[0]] = 3",
        "d = {'units': 3}\nunknown(d)",
    ],
)
def test_an_unknown_key_is_no_argument(program: str) -> None:
    source = K + program + "\nm = Sequential([Input((4,)), Dense(**d)])\n"
    assert not any(f.kind == "refused" for c in evaluated(source).contexts for f in c.facts)


def test_what_an_unknown_key_may_be_is_not_missing() -> None:
    (line,) = lines(K + "d = {}\nd[words[0]] = 3\nn = d.get('n', 7)" + END.format(size="n"))
    assert not line.endswith(" 35")
