"""Ways through ``try`` that hang on something outside: each is looked at, where layers hang on it."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from tests.evaluate.seen import evaluated, lines

from kerlint.graph import count

HEAD = """\
import keras
from keras import Sequential
from keras.layers import Dense
def build(n): return Sequential([keras.Input((4,)), Dense(n)])
"""


def counts(source: str) -> dict[tuple[str, ...], list[Any]]:
    """The parameters of the models of each context, by what it assumes."""
    contexts = [c for c in evaluated(HEAD + source).contexts if not c.generic]
    return {c.assumptions: [count.parameters(m.graph) for m in c.models if m.graph.complete] for c in contexts}


def test_a_handler_is_a_way() -> None:
    source = "try:\n    m = keras.models.load_model('a')\nexcept OSError:\n    m = build(3)\n"
    assert counts(source) == {
        ("not: keras.models.load_model('a') fails",): [],
        ("keras.models.load_model('a') fails",): [15],
    }


WAYS = """\
units = 1
try:
    steps = 5
    import {package}
    flag = True
    units += 10
except {kind}:
    units += 100
    {handler}
else:
    units += 1000
finally:
    units += 10000
m = build(units)
"""


@pytest.mark.parametrize("present", [True, False])
def test_each_way_gives_what_python_gives(present: bool) -> None:
    package = "colorsys" if present else "no_such_package"
    names: dict[str, Any] = {}
    exec(HEAD + WAYS.format(package=package, kind="ImportError", handler="pass"), names)
    found = counts(WAYS.format(package="no_such_package", kind="ImportError", handler="pass"))
    word = "not: import" if present else "import"
    assert found[f"{word} no_such_package fails",] == [names["m"].count_params()]


@pytest.mark.parametrize(
    "source",
    [
        WAYS.format(package="no_such_package", kind="ImportError", handler="raise SystemError"),
        WAYS.format(package="no_such_package", kind="ValueError", handler="pass"),
        WAYS.format(package="math", kind="ImportError", handler="pass"),
        "try:\n    from tensorflow.keras.layers import Dense\nexcept ImportError:\n    from keras.layers import Dense\nm = build(1)\n",
        "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\nm = build(1)\n",
        "try:\n    import extra as e\nexcept ImportError:\n    print('no')\n    import extra as e\nm = build(1)\nm.add(e.L())\n",
        "m = build(1)\ntry:\n    m.load_weights('w')\nexcept OSError:\n    print('none')\n    m.fit(x, y)\n",
        "m = build(1)\ntry:\n    m.fit(x, y)\nexcept KeyboardInterrupt:\n    m = build(2)\n",
        "import inspect\nm = build(1)\ntry:\n    n = inspect.signature(d)\nexcept ValueError:\n    m = build(2)\n",
    ],
)
def test_what_does_not_matter_is_not_asked(source: str) -> None:
    assert [c.assumptions for c in evaluated(HEAD + source).contexts if not c.generic] == [()]


def test_each_handler_is_a_way_and_skips_what_is_behind() -> None:
    source = """\
def size(path):
    n = 7
    try:
        n = 8
        with open(path) as f:
            return 9
    except IOError as e:
        return n
    except ValueError:
        pass
    return 6
m = build(size('a'))
"""
    assert sorted(p for each in counts(source).values() for p in each) == [30, 40, 45]


def test_a_layer_that_another_stands_for_is_a_way() -> None:
    source = "try:\n    from keras.layers import CuDNNLSTM\nexcept ImportError:\n    CuDNNLSTM = Dense\nm = build(2)\n"
    assert ("import keras.layers fails",) in counts(source)


@pytest.mark.parametrize("inner", ["KeyError:\n        n = 2", "Exception:\n        raise SystemError"])
def test_what_the_nearest_try_does_not_end_reaches_the_next(inner: str) -> None:
    source = f"n = 3\ntry:\n    try:\n        import no_such\n    except {inner}\nexcept Exception:\n    n = 4\nm = build(n)\n"
    assert counts(source) == {("not: import no_such fails",): [15], ("import no_such fails",): [20]}


def test_a_failing_call_leaves_inner_functions_and_unfinished_models() -> None:
    source = """\
def load():
    m = Sequential([keras.Input((4,)), Dense(50)])
    m.add(unpack(fetch('w')))
    return m
try:
    m = load()
except Exception:
    m = build(2)
"""
    found = evaluated(HEAD + source)
    (failed,) = [c for c in found.contexts if c.assumptions == ("fetch('w') fails",)]
    assert [count.parameters(m.graph) for m in failed.models] == [10]
    assert not [f for f in failed.facts if f.kind == "in-no-model"]


def test_else_is_not_caught_and_finally_always_runs() -> None:
    source = """\
n = 1
try:
    try:
        n += 1
    except KeyError:
        n += 100
    else:
        n += {}['a']
    finally:
        n += 10
except KeyError:
    n += 1000
m = build(n)
"""
    names: dict[str, Any] = {}
    exec(HEAD + source, names)
    assert isinstance(names["m"], keras.Model)
    assert lines(HEAD + source) == [f"build: (None, 1012) {names['m'].count_params()}"]


CLASSES = "class Base(ValueError): pass\nclass Own(Base): pass\nclass Other(Exception): pass\n"


@pytest.mark.parametrize(
    ("body", "units"),
    [
        (
            "try:\n    try:\n        raise KeyError('k')\n    except ValueError:\n        v = 1\nexcept KeyError:\n    v = 3\n",
            3,
        ),
        (
            "try:\n    try:\n        v = {}['k']\n    except (ValueError, IndexError):\n        v = 1\nexcept LookupError:\n    v = 3\n",
            3,
        ),
        ("try:\n    v = int('x')\nexcept KeyError:\n    v = 1\nexcept ValueError:\n    v = 3\n", 3),
        ("try:\n    try:\n        assert False\n    except OSError:\n        v = 1\nexcept:\n    v = 3\n", 3),
        ("class Own(Exception):\n    pass\ntry:\n    raise Own\nexcept Own:\n    v = 3\n", 3),
        (f"{CLASSES}try:\n    raise Own('x')\nexcept (Other, KeyError):\n    v = 1\nexcept Base as e:\n    v = 3\n", 3),
        (f"{CLASSES}try:\n    raise Own\nexcept Other:\n    v = 1\nexcept ValueError:\n    v = 3\n", 3),
        (f"{CLASSES}try:\n    {{}}['k']\nexcept Own:\n    v = 1\nexcept LookupError:\n    v = 3\n", 3),
    ],
)
def test_a_handler_catches_what_it_names(body: str, units: int) -> None:
    found = lines(f"{HEAD}{body}m = Sequential([keras.Input((4,)), Dense(v)])\n")
    assert [line for line in found if line.startswith("m:")] == [f"m: (None, {units}) {5 * units}"]


@pytest.mark.parametrize(
    ("body", "units"),
    [
        ("import contextlib\nv = 3\nwith contextlib.suppress(KeyError):\n    {}['x']\n    v = 4\n", [3]),
        ("from contextlib import suppress\nv = 3\nwith open('f') as f, suppress(ValueError):\n    v = int('4')\n", [4]),
        ("try:\n    from keras.layers import CuDNNGRU\n    v = 3\nexcept ImportError:\n    v = 4\n", [3, 4]),
        ("try:\n    from keras.models import Model\n    v = 3\nexcept ImportError:\n    v = 4\n", [3]),
    ],
)
def test_what_is_suppressed_or_gone_is_a_way(body: str, units: list[int]) -> None:
    found = lines(f"{HEAD}{body}m = Sequential([keras.Input((4,)), Dense(v)])\n")
    assert sorted(line for line in found if line.startswith("m:")) == [f"m: (None, {n}) {5 * n}" for n in units]


@pytest.mark.parametrize(
    ("body", "kind", "units"),
    [
        ("os.environ['UNITS']", "KeyError", [3, 4]),
        ("config['units']", "KeyError", [3, 4]),
        ("dict(a=1).pop('b')", "KeyError", [4]),
        ("del {}['a']", "KeyError", [4]),
        ("len(5)", "TypeError", [4]),
        ("int([])", "TypeError", [4]),
        ("a, b = 5", "TypeError", [4]),
        ("a, b = 1, 2, 3", "ValueError", [4]),
        ("(5)[0]", "TypeError", [4]),
        ("(5)()", "TypeError", [4]),
        ("sorted([1, 'a'])", "TypeError", [4]),
        ("'{}{}'.format(1)", "IndexError", [4]),
        ("(lambda a: a)(1, 2)", "TypeError", [4]),
        ("(lambda a: a)()", "TypeError", [4]),
        ("(lambda a: a)(b=1)", "TypeError", [4]),
        ("(lambda *a, **b: a)(1, b=2)", "TypeError", [3]),
        ("(lambda **b: b)(**(1, 2))", "TypeError", [4]),
        ("(lambda **b: b)(**(1, 2))", "OSError", [3]),
        ("(lambda **b: b)(**Own())", "OSError", [3]),
        ("getattr([1], 'foo')", "AttributeError", [4]),
        ("'text'.decode()", "AttributeError", [4]),
        ("Own().net", "AttributeError", [4]),
        ("Own().size", "AttributeError", [3]),
        ("undefined", "NameError", [3, 4]),
        ("keras.layers.Foo", "AttributeError", [3, 4]),
        ("keras.layers.ThresholdedReLU(1.0)", "AttributeError", [3, 4]),
        ("keras.layers.Dense(1)", "AttributeError", [3]),
        ("from keras.utils import np_utils", "ImportError", [3, 4]),
        ("from keras.utils import to_categorical", "ImportError", [3]),
    ],
)
def test_what_python_refuses_is_caught(body: str, kind: str, units: list[int]) -> None:
    head = f"{HEAD}import os\nclass Own:\n    size = 1\nconfig = load()\n"
    found = lines(f"{head}try:\n    {body}\n    v = 3\nexcept {kind}:\n    v = 4\nm = build(v)\n")
    assert sorted(found) == [f"build: (None, {n}) {5 * n}" for n in units]


def test_what_no_handler_waits_for_stops_nothing() -> None:
    assert lines(HEAD + "try:\n    v = 3\n    len(5)\nexcept OSError:\n    v = 4\nm = build(v)\n") == [
        "build: (None, 3) 15"
    ]


def test_the_name_of_an_exception_is_gone_behind_its_handler() -> None:
    source = "v = 3\ntry:\n    raise KeyError\nexcept KeyError as v:\n    pass\ntry:\n    v\n    n = 1\nexcept NameError:\n    n = 2\n"
    assert "build: (None, 2) 10" in lines(HEAD + source + "m = build(n)\n")


def test_what_was_done_before_a_later_failure_stays_done() -> None:
    source = "n = 1\ntry:\n    a = ext.f()\n    n = 2\n    b = ext.g(a)\n    n = 3\nexcept Exception:\n    pass\nm = build(n)\n"
    assert sorted(lines(HEAD + "import ext\n" + source)) == [f"build: (None, {n}) {5 * n}" for n in (1, 2, 3)]
    one = "n = 1\ntry:\n    a = ext.f()\n    b = ext.g(a)\n    n = 3\nexcept Exception:\n    pass\nm = build(n)\n"
    assert evaluated(HEAD + "import ext\n" + one).decisions == (1, 1)


def test_what_was_done_with_the_values_of_a_generator_before_it_fails_is_done() -> None:
    source = """\
def sizes():
    yield 1
    ext.load('c')
    yield 2
units = []
try:
    for u in sizes():
        units.append(u)
except Exception:
    units.append(9)
m = Sequential([keras.Input((4,)), *map(Dense, units)])
"""
    found = lines(HEAD.replace("def build", "build = lambda n: n  # ") + "import ext\n" + source)
    assert sorted(found) == ["m: (None, 2) 9", "m: (None, 9) 23"]


@pytest.mark.parametrize(
    ("body", "units"),
    [
        ("sizes.append(2)\n    ext.f()\n    sizes.append(3)", [(1, 2), (1, 2, 3)]),
        ("fill()", [(1,), (1, 2), (1, 2, 3)]),
        ("for k in (2, 3):\n        ext.f(k)\n        sizes.append(k)", [(1,), (1, 2, 3)]),
        ("other = ext.f()\n    print(other)", [(1,)]),
    ],
)
def test_what_a_failure_leaves_undone_is_a_way(body: str, units: list[tuple[int, ...]]) -> None:
    fill = "def fill():\n    ext.f()\n    sizes.append(2)\n    ext.g()\n    sizes.append(3)\n"
    source = f"import ext\nsizes = [1]\n{fill}try:\n    {body}\nexcept OSError:\n    pass\n"
    seen = evaluated(HEAD + source + "m = Sequential([keras.Input((4,)), *map(Dense, sizes)])\n")
    found = [tuple(layer["units"] for layer in m.graph.layers[1:]) for m in seen.models if m.name == "m"]
    assert sorted(found) == units
