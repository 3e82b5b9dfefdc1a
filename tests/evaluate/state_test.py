"""What functions change outside of themselves: seen by the functions they call, by no other run."""

import pytest
from tests.evaluate.seen import document, models

K = "import sys\nfrom keras import layers, Input, Sequential\nv = '--v' in sys.argv\n"
NET = "return Sequential([Input((9, 4)), layers.Conv1D(8, {})])"


def kernels(source: str, *, function: str = "") -> list[int]:
    """The kernel sizes of the models that each run makes, of all functions or of one."""
    found = [m for m in models(K + source) if m.name.startswith(function)]
    return [layer["kernel_size"][0] for m in found for layer in m.graph.layers if layer.kind == "Conv1D"]


@pytest.mark.parametrize(
    ("state", "change", "value"),
    [
        ("class Cfg:\n    k = 3", "Cfg.k = 1", "Cfg.k"),
        ("class Cfg:\n    k = 3\nc = Cfg()", "c.k = 1", "c.k"),
        ("class Cfg:\n    k = [3]\nc = Cfg()", "c.k[0] = 1", "c.k[0]"),
        ("c = {'net': {'k': 3}}", "c['net']['k'] = 1", "c['net']['k']"),
        ("a = [3]\nb = (a, 'x')", "a[0] = 1", "b[0][0]"),
        ("def c():\n    pass\nc.k = 3", "c.k = 1", "c.k"),
        ("def inner():\n    k = [3]\n    return lambda: k\nget = inner()", "get()[0] = 1", "get()[0]"),
        ("k = 3\ndef change():\n    global k\n    k = 1\ndef get():\n    return k", "change()", "get()"),
        ("def get(k=[3]):\n    return k", "get()[0] = 1", "get()[0]"),
        ("import functools\nget = functools.partial(lambda k: k, [3])", "get()[0] = 1", "get()[0]"),
    ],
)
def test_every_run_starts_from_what_the_module_left(state: str, change: str, value: str) -> None:
    """A run that changes something before another one: that one must not see it, whoever holds it."""
    build = f"{state}\ndef build():\n    if v:\n        {change}\n    {NET.format(value)}\n"
    assert sorted(kernels(build)) == [1, 3]
    two = f"{state}\ndef one():\n    {change}\n    {NET.format(value)}\ndef other():\n    {NET.format(value)}\n"
    assert kernels(two) == [1, 3]


def test_a_model_of_the_module_is_the_same_for_each_run() -> None:
    """What a function adds to it is there for what the function calls, and gone for the next run."""
    source = """
from keras import Model
m = Sequential([Input((4,))])
def add():
    m.add(layers.Dense(3))
def build():
    add()
    if v:
        add()
    return Model(m.inputs, layers.Dense(1)(m.output))
"""
    assert sorted(len(m.graph.layers) for m in models(K + source) if m.name == "build") == [3, 4]


def test_what_a_layer_was_given_stays_when_the_state_goes_back() -> None:
    """A graph holds no list of the program."""
    given = kernels("k, s = [3], [4, 2]\ndef build():\n    if v:\n        k[0] = 1\n    " + NET.format("k"))
    assert sorted(given) == [1, 3]


def test_a_function_that_only_changes_the_state_and_calls_a_builder_is_run() -> None:
    """It makes what nothing else shows; the builder's name may be that of a method of Keras."""
    for name in ("build", "net"):
        source = (
            f"k = 1\ndef {name}():\n    {NET.format('k')}\ndef wide():\n    global k\n    k = 3\n    return {name}()"
        )
        assert sorted(kernels(source)) == [1, 3]
    net = f"class Net:\n    k = 1\n    def build(self):\n        {NET.format('self.k')}\n"
    assert sorted(kernels(f"{net}def wide():\n    Net.k = 3\n    return Net().build()\n")) == [1, 3]


@pytest.mark.parametrize(
    ("base", "derived"),
    [
        ("k = 1", "k = 3"),
        ("def size(self):\n        return 1", "def size(self):\n        return 3"),
        ("def __init__(self):\n        self.k = 1", "def __init__(self):\n        self.k = 3"),
    ],
)
def test_a_method_is_run_for_derived_classes_too(base: str, derived: str) -> None:
    """As far as they bring something that their base class speaks of."""
    value = "self.size()" if "size" in base else "self.k"
    net = f"class Net:\n    {base}\n    def build(self):\n        {NET.format(value)}\n"
    assert kernels(net) == [1]
    assert kernels(f"{net}class Wide(Net):\n    {derived}\n") == [1, 3]
    assert kernels(f"{net}class Same(Net):\n    def other(self):\n        return 3\n") == [1]
    assert kernels(f"{net}class Wide(Net):\n    {derived}\nWide().build()\n") == [3]  # Net's own is generic: only asked
    assert kernels(f"{net}class Other:\n    {derived}\nclass Wide(Other, Net):\n    pass\n") == [1, 3]


def test_the_state_of_other_files_and_their_classes_count_too() -> None:
    """A class derived from that of another file, and what a function there sets."""
    net = (
        K
        + f"k = [1]\ndef wide():\n    k[0] = 3\nclass Net:\n    size = 1\n    def make(self):\n        {NET.format('{}')}\n"
    )
    derived = "from net import Net\nclass Wide(Net):\n    size = 3\n"
    changed = f"import net\ndef make():\n    if v:\n        net.wide()\n    {NET.format('net.k[0]')}\n"
    for source, value in ((derived, "self.size"), (K + changed, "k")):
        other = document(net.format(value), "net.py")
        found = models(source, load=lambda name, path, other=other: other if name == "net" else None)
        made = [layer["kernel_size"][0] for m in found for layer in m.graph.layers if layer.kind == "Conv1D"]
        assert sorted(made) == ([3] if source is derived else [1, 3])


@pytest.mark.parametrize(
    ("state", "change", "value"),
    [
        ("k = [1]", "k[0] = 3", "k[0]"),
        ("k = {'net': [1]}", "k['net'][0] = 3", "k['net'][0]"),
        ("k = [1]\ndef other(x=k):\n    return x", "k[0] = 3", "k[0]"),
    ],
)
def test_a_builder_that_was_called_in_another_state_is_called_again(state: str, change: str, value: str) -> None:
    source = f"{state}\ndef build():\n    {NET.format(value)}\ndef wide():\n    {change}\n    return build()\n"
    assert sorted(kernels(source)) == [1, 3]
