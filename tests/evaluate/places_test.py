"""Spans, facts and contexts: where things stand, what was translated, for whom it holds."""

import json

import pytest
from sites import sites
from tests.evaluate.seen import document, evaluated, shape

from kerlint.evaluate.run import evaluate
from kerlint.graph.dim import show
from kerlint.text.document import Document

K = "from keras.models import Sequential, Model\nfrom keras.layers import *\n"


def facts(source: str, kind: str, keras: int | None = None) -> list[tuple[str, dict[str, object]]]:
    doc = document(source)
    found = [f for c in evaluate(doc, keras=keras).contexts if not c.generic for f in c.facts if f.kind == kind]
    return [(doc.text(f.span), dict(f.data)) for f in found]


def test_spans_are_exact_in_code_points() -> None:
    source = (
        K
        + "m = Sequential()\nm.add(Dense(8, activation='relu', name='größe', input_shape=(4,)))  # 🙂\nx = 'ü🙂'; m.add(Dense(units=2))\n"
    )
    doc = document(source)
    nodes = evaluate(doc).models[0].graph.nodes
    assert [doc.text(n.layer.made_at)[:8] for n in nodes] == ["Dense(8,", "Dense(un"]
    assert [doc.text(n.applied_at)[:6] for n in nodes] == ["m.add(", "m.add("]
    assert [n.form for n in nodes] == ["add", "add"]
    assert {k: doc.text(s) for k, s in nodes[1].layer.written.items()} == {"units": "2"}
    assert {k: doc.text(s) for k, s in nodes[0].layer.written.items()} == {
        "units": "8", "activation": "'relu'", "name": "'größe'", "input_shape": "(4,)",
    }  # fmt: skip


def test_elements_of_a_list_and_merging_functions() -> None:
    source = (
        K + "m = Sequential([Dense(3, input_shape=(4,)),\n  Dense(2)])\ni = Input((4,))\nk = Model(i, add([i, i]))\n"
    )
    doc = document(source)
    first, second = evaluate(doc).models
    assert [(n.form, doc.text(n.applied_at)) for n in first.graph.nodes][1] == ("element", "Dense(2)")
    merge = second.graph.nodes[-1]
    assert merge.layer.made_at == merge.applied_at
    assert doc.text(merge.applied_at) == "add([i, i])"


def test_nothing_is_written_by_a_dictionary_of_arguments() -> None:
    doc = document(K + "kw = {'units': 3}\nm = Sequential([Dense(**kw, use_bias=False, input_shape=(4,))])")
    layer = evaluate(doc).models[0].graph.nodes[0].layer
    assert sorted(layer.written) == ["input_shape", "use_bias"]


def test_old_arguments_and_imports() -> None:
    source = "from keras.layers.core import Dense\nfrom keras.models import Sequential\nm = Sequential([Dense(output_dim=3, init='uniform', input_dim=4)])"
    ((text, data),) = facts(source, "old-argument")
    assert text == "Dense(output_dim=3, init='uniform', input_dim=4)"
    assert data["told"] == ("output_dim is units", "init is kernel_initializer", "input_dim is input_shape")
    assert [(t, d["new"]) for t, d in facts(source, "moved-import")] == [("keras.layers.core", "keras.layers")]


def test_removed_ignored_and_refused() -> None:
    assert (
        facts(K + "m = Sequential([LocallyConnected1D(8, 1, input_shape=(4, 4))])", "removed-layer")[0][1]["name"]
        == "LocallyConnected1D"
    )
    ignored = facts(K + "m = Sequential([Dense(3, input_shape=(4,)), Dense(2, input_shape=(9,))])", "ignored-argument")
    assert [(t, d["argument"], d["value"]) for t, d in ignored] == [("input_shape=(9,)", "input_shape", (9,))]
    refused = facts(K + "m = Sequential([LSTM(3, input_shape=(4, 4)), LSTM(2)])", "refused")
    assert [t for t, _ in refused] == ["LSTM(2)"]
    assert [t for t, _ in facts(K + "x = Dropout(50)", "refused")] == ["Dropout(50)"]


def test_a_layer_in_no_model() -> None:
    body = "i = Input((4,))\nx = Dense(64)(i)\nx = Dense(3)(i)\nm = Model(i, x)\nd = Dense(9)\n"
    source = K + "def build():\n    " + body.replace("\n", "\n    ")
    assert [t for t, _ in facts(source, "in-no-model")] == ["Dense(64)(i)", "Dense(9)"]
    escaped = source.replace("x = Dense(3)", "thing(x); x = Dense(3)")
    assert [t for t, _ in facts(escaped, "in-no-model")] == ["Dense(9)"]


def test_a_name_that_others_can_reach_may_be_used_there() -> None:
    """A module's, a class's, one that is handed outwards; an input is a model's wherever its name is known."""
    model = "i = Input((4,))\nj = Input((5,))\nm = Model([i, j], Dense(2)(i))\n"
    assert [t for t, _ in facts(K + "e = Dense(9)\n" + model, "in-no-model")] == ["Input((5,))"]
    inside = K + "def build():\n    {}e = Dense(9)\n    return Sequential([Input((4,)), Dense(2)])\n"
    assert [t for t, _ in facts(inside.format(""), "in-no-model")] == ["Dense(9)"]
    for reach in ("global e\n    ", "class Parts:\n        "):
        assert not facts(inside.format(reach), "in-no-model")


def test_the_last_round_of_a_loop_may_make_what_nobody_needs() -> None:
    """Without weights; with weights it is a slip as elsewhere."""
    loop = "rest = i = Input((4,))\ntotal = Dense(4)(i)\nfor n in range(3):\n    block = Dense(4)(rest)\n"
    source = K + loop + "    rest = subtract([rest, block])\n    total = add([total, block])\nm = Model(i, total)\n"
    assert not facts(source, "in-no-model")
    heavy = source.replace("rest = subtract([rest, block])", "rest = Dense(4)(subtract([rest, block]))")
    assert [t for t, _ in facts(heavy, "in-no-model")] == ["Dense(4)(subtract([rest, block]))"]


def test_a_chain_that_never_becomes_a_model_is_no_slip() -> None:
    """Pieces of a tutorial: they hang off no model, or off one that was made elsewhere."""
    piece = "def base():\n    i = Input((4,))\n    return Model(i, Dense(3)(i))\n"
    source = K + piece + "b = base()\nx = Dense(64)(b.output)\ny = Input((2,))\nz = Dense(5)(y)\n"
    assert not facts(source, "in-no-model")
    helper = "def block(x):\n    y = Dropout(0.1)(x)\n    return Dense(3)(x)\n"
    slip = K + helper + "def build():\n    i = Input((4,))\n    return Model(i, block(i))\n"
    assert [t for t, _ in facts(slip, "in-no-model")] == ["Dropout(0.1)(x)"]


def test_what_a_root_is_given_beyond_its_parameters_is_not_known() -> None:
    wrapper = "def conv(*args, **kwargs):\n    return Conv2D(*args, **kwargs)\n"
    assert not facts(K + wrapper, "refused")
    assert not facts(K + "def conv(**kwargs):\n    return Conv2D(filters=3, **kwargs)\n", "refused")


@pytest.mark.parametrize(
    "text",
    [
        "SeparableConv2D(8, 3, kernel_initializer='he_normal')",
        "Dense(n / 2)",
        "GaussianNoise(2.0)",
        "GRU(8, dropout=1.5)",
        "Input(shape=n)",
    ],
)
def test_what_only_keras_3_refuses_is_no_refusal_unless_it_is_asked_for(text: str) -> None:
    assert not facts(K + f"n = 16\nx = {text}\n", "refused")
    assert [t for t, _ in facts(K + f"n = 16\nx = {text}\n", "refused", keras=3)] == [text]


def test_relying_on_the_structure() -> None:
    source = (
        K + "m = Sequential([Dense(3, input_shape=(4,))])\nm.load_weights('w')\nm.layers[0]\nm.get_layer('dense')\n"
    )
    assert [d["what"] for _, d in facts(source, "relies-on-structure")] == [
        "load_weights",
        "layers[...]",
        "get_layer",
    ]


def notebook(sources: list[str]) -> Document:
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s} for s in sources
    ]
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    doc = Document.parse(json.dumps(book).encode(), "n.ipynb")
    assert isinstance(doc, Document)
    return doc


def test_what_one_cell_decides_another_reads() -> None:
    doc = notebook([K + "n = 3\nif thing():\n    n = 4\n", "m = Sequential([Dense(n, input_shape=(4,))])"])
    assert [shape(m.graph.outputs[0]) for m in evaluate(doc).models] == ["(None, 4)", "(None, 3)"]


def test_a_notebook_is_one_module_with_spans_by_cell() -> None:
    sources = [
        "%matplotlib inline\n" + K,
        "def head(n):\n    return Dense(n)\n",
        "m = Sequential([Input((4,)), head(3)])",
        "m = Sequential([Input((4,)), head(5)])",
    ]
    doc = notebook(sources)
    found = evaluate(doc).models
    assert [(m.name, m.made_at.cell, doc.text(m.graph.nodes[-1].layer.made_at)) for m in found] == [
        ("m", 2, "Dense(n)"),
        ("m", 3, "Dense(n)"),
    ]
    assert found[0].graph.nodes[-1].layer.made_at.cell == 1


def test_functions_nobody_called_run_with_defaults_and_generically() -> None:
    found = evaluated(K + "def build(n=3, k=None):\n    i = Input((4,))\n    return Model(i, Dense(n)(i))\n")
    assert [(c.root, c.generic, len(c.models)) for c in found.contexts] == [
        ("<module>", False, 0),
        ("build", False, 1),
        ("build", True, 0),
    ]


def test_a_function_without_defaults_runs_once() -> None:
    found = evaluated(K + "def head(x, n):\n    return Dense(n)(x)\n")
    assert [(c.root, c.generic) for c in found.contexts] == [("<module>", False), ("head", False)]


def test_a_called_function_runs_generically_too() -> None:
    found = evaluated(K + "def head(x, n):\n    return Dense(n)(x)\ni = Input((4,))\nm = Model(i, head(i, 3))\n")
    assert [(c.root, c.generic) for c in found.contexts] == [("<module>", False), ("head", True)]


def test_sites_are_counted_whether_or_not_they_are_understood() -> None:
    source = K + "class Net(Model):\n    pass\ndef f():\n    return unknown(Model(a, b), Net())\nm = Sequential()\n"
    found = sites(document(source))
    assert [source[s.start : s.end] for s in found] == ["Model(a, b)", "Net()", "Sequential()"]
    assert sites(document("class Model:\n    pass\nm = Model()\n")) == []  # of its own, none of Keras's


def test_a_site_of_another_library_is_none_and_an_unknown_one_is() -> None:
    head = "import torch\nimport tensorflow as tf\nfrom cntk.layers import Sequential\nfrom keras_contrib import zoo\n"
    none = "a = torch.nn.Sequential()\nb = Sequential([])\n"
    some = "c = tf.keras.Sequential()\nd = zoo.Model(i, o)\ne = models.Model(i, o)\n"
    assert sites(document(head + none)) == []
    assert len(sites(document(head + none + some))) == 3
    both = "from cntk.layers import Sequential\nfrom keras.models import Sequential\nSequential()\n"
    assert len(sites(document(both))) == 1


def test_what_does_not_parse_is_a_problem() -> None:
    assert "Python 2?" in evaluated("print 'x'\n").problems[0].reason
    assert evaluated("def f(:\n").problems[0].line == 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = y z\nprint 'x'\n", "Python 2?"),  # the first error is another one
        ("def f(:\n", ""),
        ("class='cats'\n", ""),
        ("type X = = 3\n", "newer than Python"),
    ],
)
def test_another_python_is_named_where_the_code_looks_like_it(source: str, words: str) -> None:
    reason = evaluated(source).problems[0].reason
    assert words in reason and ("Python" in reason) == bool(words)


def test_names_of_a_cell_that_does_not_parse_are_called_by_their_names() -> None:
    """And are two unknown sizes, not one."""
    cells = [K, "ROWS = 20\né = 3\nCOLUMNS = 1\nprint ROWS\n", "m = Model(i := Input((ROWS, COLUMNS)), i)"]
    (model,) = evaluate(notebook(cells)).models
    shape = model.graph.outputs[0].shape
    assert isinstance(shape, tuple)
    assert [show(size) for size in shape[1:]] == ["ROWS", "COLUMNS"] and shape[1] != shape[2]


def test_project_files_are_followed() -> None:
    files = {"layers_of_mine": document(K + "SIZE = 3\ndef head(x):\n    return Dense(SIZE)(x)\n", "layers_of_mine.py")}
    source = document(K + "from layers_of_mine import head, SIZE\ni = Input((4,))\nm = Model(i, head(i))\n")
    found = evaluate(source, load=lambda name, _path: files.get(name))
    assert found.models[0].graph.nodes[-1].layer["units"] == 3
    assert found.models[0].graph.nodes[-1].layer.made_at.path == "layers_of_mine.py"


@pytest.mark.parametrize("call", ["v, k = ops.top_k(i, 3)", "v, k = ops.moments(i, [1])", "v, k = ops.split(i, 2, 1)"])
def test_one_of_the_results_of_a_call_may_be_left(call: str) -> None:
    source = f"from keras import Input, Model, ops\nfrom keras.layers import Dense\ni = Input((8, 4))\n{call}\nm = Model(i, Dense(2)(v))\n"
    assert [fact.kind for context in evaluate(document(source)).contexts for fact in context.facts] == []


def test_after_a_cell_that_raises_the_next_is_run_all_the_same() -> None:
    doc = notebook([K + "n = 3", "raise ValueError(n)", "m = Sequential([Dense(n, input_shape=(4,))])"])
    (model,) = evaluate(doc).models
    assert model.graph.complete
    assert [node.layer["units"] for node in model.graph.nodes] == [3]


def test_guards_are_passed_whatever_they_ask() -> None:
    guards = "".join(f"if not (ready({n}) or isinstance({n}, str)):\n    raise ValueError({n})\n" for n in range(20))
    found = evaluate(document(K + guards + "m = Sequential([Dense(3, input_shape=(4,))])")).models
    assert found
    assert all(model.graph.complete for model in found)
