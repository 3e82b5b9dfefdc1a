"""Programs as they lie around: notebooks, scripts with data that is not there, code of Keras 2's first years."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from tests.introspect.conftest import Run

from kerlint.cli.comparing import compare
from kerlint.cli.flags import Flags
from kerlint.cli.sources import Sources
from kerlint.host.find import Interpreter
from kerlint.introspect.client import Introspection, NotIntrospected, Wish
from kerlint.introspect.target import BadTarget, parse

pytestmark = pytest.mark.keras

CELLS = [
    "%matplotlib inline\nimport keras\nfrom keras import layers\nfrom IPython.display import Image\nfiles = !ls",
    "display(Image('figure.png'))\nmodel = keras.Sequential([layers.Input((10, 4))])",
    "# a comment with ü\nmodel.add(layers.Conv1D(5, 1))\nmodel.add(layers.Dense(len(files)))\nmodel.summary()",
    "def build(n):\n    x = keras.Input((n,))\n    return keras.Model(x, layers.Dense(2)(x))\n\nbuild(3)",
]


def notebook(path: Path, cells: list[str]) -> Path:
    rows = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in ("%time", *cells)]
    path.write_text(json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def rows(interpreter: Interpreter, target: str, **wish: Any) -> list[tuple[str, int, bool, list[str]]]:
    sources = Sources(Flags([]), [target.partition(":")[0]])
    with Introspection(interpreter, parse(target), Wish(**wish)) as one:
        found, _text, _fine = compare(sources, one.outcome())
    return [(row["name"], row["line"], row["complete"], row["differences"]) for row in found]


def test_a_notebook_is_run_cell_by_cell(tmp_path: Path, interpreter: Interpreter) -> None:
    path = notebook(tmp_path / "book.ipynb", CELLS)
    with Introspection(interpreter, parse(str(path))) as one:
        outcome = one.outcome()
    sites = [row["site"][1:3] for row in outcome.data["layers"] if row["class"] in ("Conv1D", "Dense")]
    assert sites == [[3, 2], [3, 3], [4, 3]]  # cell and line
    assert outcome.data["raised"] is None
    assert rows(interpreter, f"{path}:build(7)") == [("build", 3, True, [])]


def test_a_cell_that_raises_is_named(tmp_path: Path, interpreter: Interpreter) -> None:
    path = notebook(tmp_path / "book.ipynb", [*CELLS[:1], "x = 1\n1 / 0"])
    with Introspection(interpreter, parse(str(path))) as one, pytest.raises(NotIntrospected) as error:
        one.outcome()
    assert str(error.value).endswith("book.ipynb:cell 3:2)")


def test_what_is_no_notebook_is_no_target(tmp_path: Path, interpreter: Interpreter) -> None:
    (tmp_path / "book.ipynb").write_text("{}")
    with (
        pytest.raises(BadTarget, match="it has no 'cells'"),
        Introspection(interpreter, parse(f"{tmp_path}/book.ipynb")) as one,
    ):
        one.outcome()


SCRIPT = """
import argparse, csv, os, sys
import keras
import numpy as np
from keras import layers
from keras.datasets import mnist

sys.path.append("helpers")
import widths

parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, default=6)

def first():
    with open("table.csv") as table:
        header = next(csv.reader(table))
    model = keras.Sequential([layers.Input((len(header),)), layers.Dense(widths.WIDTH)])
    model.compile("adam", "mse")
    return model

if __name__ == "__main__":
    options = parser.parse_args()
    (x, y), _ = mnist.load_data()
    x = x.reshape(60000, 784).astype("float32")
    first()
    second = keras.Sequential([layers.Input(x.shape[1:]), layers.Dense(options.width), layers.Dense(len(set(y)))])
    second.compile("adam", "mse")
    array = np.array(open("numbers.txt"))
    words = [line.split() for line in open("poem.txt")]
    inner = keras.Sequential([layers.Input((3,)), layers.Dense(8)])
    inner(keras.Input((3,)))
    third = keras.Sequential([layers.Input((array.shape[1],))])
    third.add(layers.Dense(open("size.txt").read().missing.shape[0] // 0))
"""


def test_a_script_runs_as_a_program_until_it_raises(run: Run, tmp_path: Path) -> None:
    """Its arguments are their defaults, files lie beside it, models that were not finished do not count."""
    (tmp_path / "program" / "helpers").mkdir(parents=True)
    (tmp_path / "program" / "helpers" / "widths.py").write_text("WIDTH = 9")
    (tmp_path / "program" / "size.txt").write_text("3")
    outcome = run(SCRIPT)
    dense = [row["weights"][0][1] for row in outcome.data["layers"] if row["class"] == "Dense"]
    assert dense == [[12, 9], [784, 6], [6, 10], [3, 8]]
    assert outcome.data["drawn"]["len(csv.reader()[...])"] == 12
    assert outcome.data["raised"].startswith("AttributeError: 'str' object has no attribute 'missing'")


HALF = """
import keras

def build(n):
    return keras.Sequential([keras.Input((n,)), keras.layers.Dense(2)])

def train(n):
    build(n).compile("adam", "mse")

raise ValueError("no data")

def late():
    return build(3)
"""


def test_a_builder_is_called_though_its_module_raises_later(run: Run) -> None:
    outcome = run(HALF, "build(4)")
    assert outcome.models[0]["totals"]["params"] == 10
    assert outcome.data["raised"].startswith("ValueError: no data (")
    assert run(HALF, "train(4)").models[0]["totals"]["params"] == 10  # which gives nothing back
    with pytest.raises(NotIntrospected, match="no data"):
        run(HALF, "late")


OLD = """
from keras.engine.topology import Layer
from keras.layers.core import Activation, Dense
from keras.layers.normalization import BatchNormalization
from keras.models import Sequential
from keras.optimizers import SGD
from keras.utils import np_utils
from keras.utils.np_utils import to_categorical
from keras.wrappers.scikit_learn import KerasClassifier
from tensorflow.keras.optimizers import Adam
import matplotlib.pyplot as plt
from mpl_toolkits.mplot3d import Axes3D

figure, (left, right) = plt.subplots(1, 2)

model = Sequential()
model.add(Dense(to_categorical([0, 4]).shape[1], input_dim=3))
model.add(BatchNormalization())
model.layers[0].trainable = False
model.compile(SGD(lr=0.1, decay=1e-6), "mse")
model.compile(Adam(lr=0.1, decay=1e-6), "mse")
"""


def test_modules_of_early_keras_2(tmp_path: Path, interpreter: Interpreter) -> None:
    path = tmp_path / "old.py"
    path.write_text(OLD)
    assert rows(interpreter, str(path), generation=2) == [("model", 16, True, [])]
    path.write_text(OLD + "from keras.layers.core import SomethingElse\n")
    with Introspection(interpreter, parse(str(path)), Wish(2)) as one:
        assert "SomethingElse" in one.outcome().data["raised"]


OWN = """
import keras
from keras import layers

class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)
    def call(self, x):
        return self.dense(x)

class Wired(keras.Model):
    def __init__(self, n):
        x = keras.Input((n,))
        super().__init__(x, layers.Dense(2)(x))

class Listed(keras.Sequential):
    def fit(self, *data):
        raise ValueError("trained")

x = keras.Input((4,))
model = keras.Model(x, Wired(3)(Own()(x)))
other = keras.Sequential([keras.Input((4,)), Listed([layers.Dense(3)]), layers.Dense(2)])
other.layers[0].fit(1, 2)

late = keras.Sequential([layers.Dense(5), layers.Dense(1)])
late.compile("adam", "mse")
late.fit(keras.ops.zeros((20, 6)), keras.ops.zeros((20, 1)))
try:
    layers.Dense(3, nonsense=3)
    keras.Model(x)
except (TypeError, ValueError):
    pass
"""


def test_classes_of_the_users_own_and_a_model_built_by_its_data(tmp_path: Path, interpreter: Interpreter) -> None:
    path = tmp_path / "own.py"
    path.write_text(OWN)
    found = rows(interpreter, str(path))
    assert [row[0] for row in found] == ["wired", "own", "model", "listed", "other", "late"]
    assert [row[2:] for row in found] == [(True, [])] * 6


NAMED = [
    "import keras, numpy as np\nx, _ = np.zeros((5, 7)), np.zeros((5, 9))",
    "m = keras.Sequential([keras.Input((_.shape[1],)), keras.layers.Dense(2)])",
    "def show(model):\n    return display(model)\nshow(m)\nm.summary()",
    "import sys\nsys.exit(0)",
]


def test_what_a_notebook_names_is_its_own_and_a_regular_end_is_no_error(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    with Introspection(interpreter, parse(str(notebook(tmp_path / "own.ipynb", NAMED)))) as one:
        outcome = one.outcome()
    assert outcome.data["raised"] is None
    assert [row["units"] for row in (r["config"] for r in outcome.data["layers"]) if "units" in row] == [2]
    assert rows(interpreter, str(tmp_path / "own.ipynb")) == [("m", 1, True, [])]


def test_with_run_all_data_beside_the_program_is_read(tmp_path: Path, interpreter: Interpreter) -> None:
    (tmp_path / "rows.csv").write_text("1,2,3\n4,5,6\n")
    text = (
        "import keras, numpy as np\nx = np.loadtxt('rows.csv', delimiter=',')\n"
        "m = keras.Sequential([keras.Input((x.shape[1],)), keras.layers.Dense(2)])\nm.compile()\nm.save('m.keras')\n"
        "assert keras.models.load_model('m.keras').optimizer is not None\n"  # Keras asks whether compile() is its own
    )
    (tmp_path / "train.py").write_text(text)
    with Introspection(interpreter, parse(str(tmp_path / "train.py")), Wish(run_all=True)) as one:
        outcome = one.outcome()
    assert outcome.data["raised"] is None
    assert outcome.data["models"][0]["totals"]["params"] == 8
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["rows.csv", "train.py"]


def test_what_tensorflow_had_with_early_keras_2(run: Run) -> None:
    """``from tensorflow import set_random_seed`` stands in front of many a builder."""
    text = "from tensorflow import set_random_seed\nfrom keras import layers, Sequential\nset_random_seed(1)\n"
    text += "from keras.models import Input\nfrom keras.constraints import maxnorm\nfrom keras.utils import multi_gpu_model\n"
    text += "from keras.utils.layer_utils import convert_all_kernels_in_model\nimport keras\nassert keras.__name__ == 'keras'\n"
    text += "model = Sequential([layers.Dense(2, input_dim=3)])\nmodel.compile('adam')\n"
    assert run(text, generation=2).models[0]["totals"]["params"] == 8


NAMED_ENDS = """
import keras
from keras import layers

y, x = keras.Input((5,), name="y"), keras.Input((4,), name="x")
model = keras.Model({"y": y, "x": x}, {"b": layers.Dense(1)(x), "a": layers.Dense(2)(y)})
"""


def test_dictionaries_of_inputs_and_outputs_are_taken_apart_by_their_keys(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    (tmp_path / "named.py").write_text(NAMED_ENDS)
    for generation in (2, 3):
        assert rows(interpreter, f"{tmp_path}/named.py", generation=generation) == [("model", 6, True, [])]


def test_a_program_that_does_not_end_gives_what_it_has_made(run: Run) -> None:
    """A training loop that is written out is run: nobody can tell it from the making of a model."""
    loop = "while True:\n    try:\n        model.trainable_variables\n    except Exception:\n        pass\n"
    made = "import keras\nmodel = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\nmodel.compile('sgd')\n"
    outcome = run(made + loop, seconds=25.0)
    assert [row["totals"]["params"] for row in outcome.models] == [3]
    assert "it still runs after 20 seconds (--timeout) (" in outcome.data["raised"]
    defined = run(f"{made}def build():\n    return model\n{loop}", "build", seconds=25.0)
    assert [row["totals"]["params"] for row in defined.models] == [3]


def test_packages_are_found_from_where_the_program_is_named(tmp_path: Path, interpreter: Interpreter) -> None:
    """As with ``python -m``: also where the root of a repository says that it is a package itself."""
    (tmp_path / "net").mkdir()
    for path in ("__init__.py", "net/__init__.py"):
        (tmp_path / path).touch()
    (tmp_path / "net" / "parts.py").write_text("import keras\n\n\ndef head(n):\n    return keras.layers.Dense(n)\n")
    source = "import keras\nfrom net.parts import head\n\n\ndef build():\n    return keras.Sequential([keras.Input((3,)), head(2)])\n"
    (tmp_path / "net" / "whole.py").write_text(source)
    with Introspection(interpreter, parse("net/whole.py:build", str(tmp_path))) as one:
        (layer,) = (row for row in one.outcome().data["layers"] if row["class"] == "Dense")
    assert layer["site"][0].endswith("parts.py")


def test_a_program_may_lie_above_the_folder_of_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interpreter: Interpreter
) -> None:
    """The worker's own files lie in the temporary folder then, below the program's: they are no source of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = "import keras\n\n\ndef build():\n    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\n"
    (tmp_path / "whole.py").write_text(source)
    with Introspection(interpreter, parse(str(tmp_path / "whole.py:build"))) as one:
        outcome = one.outcome()
    assert {row["site"][0] for row in outcome.data["layers"]} == {str(tmp_path / "whole.py")}
