"""How a file spells the class of a new layer."""

from __future__ import annotations

import json

import pytest
from tests.fix.rewrites import fixed, gates, pointwise, refusal

from kerlint.fixing import Policy, fix
from kerlint.merge import Options
from kerlint.rule.load import load
from kerlint.text.document import Document

USE = "x = keras.Input((10, 4))\nx = {}(8, {})(x)\n"

CASES: dict[str, tuple[str, str, str, str]] = {
    # before the model, the callee before; after it, the callee after
    "the module's prefix": ("import keras\n", "keras.layers.Conv1D", "import keras\n", "keras.layers.Dense"),
    "another prefix": (
        "import keras\nimport tensorflow as tf\n",
        "tf.keras.layers.Conv1D",
        "import keras\nimport tensorflow as tf\n",
        "tf.keras.layers.Dense",
    ),
    "a short prefix": (
        "import keras\nfrom keras import layers as L\n",
        "L.Conv1D",
        "import keras\nfrom keras import layers as L\n",
        "L.Dense",
    ),
    "an alias of a module": (
        "import keras\nL = keras.layers\n",
        "L.Conv1D",
        "import keras\nL = keras.layers\n",
        "L.Dense",
    ),
    "an alias of the class": (
        "import keras\nConv = keras.layers.Conv1D\n",
        "Conv",
        "import keras\nConv = keras.layers.Conv1D\n",
        "keras.layers.Dense",
    ),
    "imported already": (
        "import keras\nfrom keras.layers import Conv1D, Dense\n",
        "Conv1D",
        "import keras\nfrom keras.layers import Conv1D, Dense\n",
        "Dense",
    ),
    "imported already, by another name": (
        "import keras\nfrom keras.layers import Conv1D, Dense as D\n",
        "Conv1D",
        "import keras\nfrom keras.layers import Conv1D, Dense as D\n",
        "D",
    ),
    "a star": ("import keras\nfrom keras.layers import *\n", "Conv1D", "import keras\nfrom keras.layers import *\n", "Dense"),
    "at the end of a list that is not sorted": (
        "import keras\nfrom keras.layers import LSTM, Conv1D  # all\n",
        "Conv1D",
        "import keras\nfrom keras.layers import LSTM, Conv1D, Dense  # all\n",
        "Dense",
    ),
    "in its place in a sorted list": (
        "import keras\nfrom keras.layers import Conv1D, Flatten\n",
        "Conv1D",
        "import keras\nfrom keras.layers import Conv1D, Dense, Flatten\n",
        "Dense",
    ),
    "one name a line": (
        "import keras\nfrom keras.layers import (\n    Add,\n    Conv1D,  # steps\n    Flatten,\n)\n",
        "Conv1D",
        "import keras\nfrom keras.layers import (\n    Add,\n    Conv1D,  # steps\n    Dense,\n    Flatten,\n)\n",
        "Dense",
    ),
    "one name a line, last without a comma": (
        "import keras\nfrom keras.layers import (\n\tAdd,\n\tConv1D  # steps\n)\n",
        "Conv1D",
        "import keras\nfrom keras.layers import (\n\tAdd,\n\tConv1D,  # steps\n\tDense\n)\n",
        "Dense",
    ),
    "several names a line": (
        "import keras\nfrom keras.layers import (Flatten, Add,\n                          Conv1D)\n",
        "Conv1D",
        "import keras\nfrom keras.layers import (Flatten, Add,\n                          Conv1D, Dense)\n",
        "Dense",
    ),
    "continued by a backslash": (
        "import keras\nfrom keras.layers import Conv1D, \\\n    Flatten\n",
        "Conv1D",
        "import keras\nfrom keras.layers import Conv1D, Dense, \\\n    Flatten\n",
        "Dense",
    ),
    "a part of the package": (
        "import keras\nfrom keras.layers.convolutional import Conv1D\n",
        "Conv1D",
        "import keras\nfrom keras.layers.convolutional import Conv1D\nfrom keras.layers import Dense\n",
        "Dense",
    ),
    "wherever the old one is imported": (
        "import keras\ntry:\n    from keras.layers import Conv1D\nexcept ImportError:\n"
        "    from tensorflow.keras.layers import Conv1D\n",
        "Conv1D",
        "import keras\ntry:\n    from keras.layers import Conv1D, Dense\nexcept ImportError:\n"
        "    from tensorflow.keras.layers import Conv1D, Dense\n",
        "Dense",
    ),
    "the name is taken, but a module is there": (
        "import keras\nfrom keras.layers import Conv1D\nDense = 3\n",
        "Conv1D",
        "import keras\nfrom keras.layers import Conv1D\nDense = 3\n",
        "keras.layers.Dense",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "old", "after", "new"), CASES.values(), ids=CASES.keys())
def test_spelling(before: str, old: str, after: str, new: str) -> None:
    found = fixed(before + USE.format(old, "kernel_size=1"), pointwise)
    assert found.text == after + USE.format(new, "kernel_size=1").replace(", kernel_size=1", "")


def test_an_import_counts_for_its_scope() -> None:
    source = (
        "from keras import Input\ndef other():\n    from keras.layers import Dense\n    return Dense\n"
        "def model():\n    from keras.layers import Conv1D\n    return Conv1D(8, 1)(Input((10, 4)))\nmodel()\n"
    )
    after = source.replace("import Conv1D", "import Conv1D, Dense").replace("Conv1D(8, 1)", "Dense(8)")
    assert fixed(source, pointwise).text == after


def test_several_names_at_once() -> None:
    source = "from keras.layers import LSTM, Input\nx = Input((1, 4))\ny = LSTM(8)(x)\n"
    lines = fixed(source, gates).text.splitlines()
    assert lines[0] == "from keras.layers import LSTM, Activation, Dense, Flatten, Input, Multiply"


def test_an_import_in_an_earlier_cell() -> None:
    cells = [
        "from keras.layers import Conv1D, Input\n%matplotlib inline",
        "x = Input((10, 4))\ny = Conv1D(8, 1)(x)",
    ]
    rest: dict[str, object] = {"cell_type": "code", "metadata": {}, "execution_count": None}
    code = [{**rest, "outputs": list[object](), "source": source} for source in cells]
    book = json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    found = fixed(book, pointwise, "model.ipynb")
    assert [c.source for c in found.document.cells] == [
        "from keras.layers import Conv1D, Dense, Input\n%matplotlib inline",
        "x = Input((10, 4))\ny = Dense(8)(x)",
    ]


REFUSED = {
    "the name is taken": (
        "from keras.layers import Conv1D, Input\nfrom mine import Dense\nx = Conv1D(8, 1)(Input((10, 4)))\n",
        "the name Dense is taken in this file",
    ),
    "the name may come from a star": (
        "from keras.layers import Conv1D, Input\nfrom mine import *\nx = Conv1D(8, 1)(Input((10, 4)))\ny = Dense\n",
        "the name Dense is taken in this file",
    ),
    "the class is a value": (
        "from keras.layers import Conv1D, Input\ndef f(layer):\n    return layer(8, 1)(Input((10, 4)))\nf(Conv1D)\n",
        "Conv1D is not named where the layer is made",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(source: str, reason: str) -> None:
    assert refusal(source, pointwise) == reason


def test_a_notebook_may_have_many_cells() -> None:
    """The names of the first cell are found from the last one, however many there are."""
    first = "from keras import Sequential\nfrom keras.layers import Input, Conv2D, MaxPooling2D, Flatten\n"
    last = "m = Sequential([Input((6, 6, 3)), Conv2D(4, 3), MaxPooling2D(4), Flatten()])\n"
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": [text]}
        for text in (first, *(f"a{n} = {n}\n" for n in range(40)), last)
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    document = Document.parse(text.encode(), "many.ipynb")
    assert isinstance(document, Document)
    report = fix(document, load().rules, Options(), Policy())
    assert not report.failures and report.fixed == 1 and report.document is not None
    assert [cell.source for cell in report.document.cells if "GlobalMaxPooling2D" in cell.source] == [
        first.replace("Flatten", "Flatten, GlobalMaxPooling2D"),
        last.replace("MaxPooling2D(4), Flatten()", "GlobalMaxPooling2D()"),
    ]
