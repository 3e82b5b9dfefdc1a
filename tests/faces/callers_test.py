"""Helpers whose shapes only another file knows, and files that reach Keras through the project's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.faces.conftest import Run, write
from tests.faces.editor import Editor, conversation

HELPER = """\
from keras.layers import LSTM


def head(x):
    return LSTM(8)(x)
"""
CALLER = """\
import keras
from {module} import head

features = keras.Input(({steps}, 4))
model = keras.Model(features, head(features))
"""
MAKER = """\
import keras


def build_(units):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])


def build(units=2):
    return build_(units)


class Small(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = keras.layers.Dense(1)

    def call(self, x):
        return self.out(x)
"""
PROGRAM = """\
from pkg import build, makers

model = build(3)
small = makers.Small()
small.fit([[0, 0, 0, 0, 0]])
model.compile(loss="binary_crossentropy", optimizer="adam")
"""


@pytest.fixture
def project(here: Path) -> Path:
    write(here / "pkg" / "__init__.py", "from .makers import build\n")
    write(here / "pkg" / "head.py", HELPER)
    write(here / "pkg" / "makers.py", MAKER)
    write(here / "one.py", CALLER.format(module="pkg.head", steps=1))
    write(here / "pkg" / "many.py", CALLER.format(module=".head", steps=5))
    write(here / "program.py", PROGRAM)
    write(here / "other.py", "import json\n")
    return here


@pytest.mark.parametrize("paths", [["pkg/head.py"], ["."], ["pkg"], ["pkg/head.py", "one.py"]])
def test_hook_and_ci_say_the_same_of_a_helper(project: Path, kerlint: Run, paths: list[str]) -> None:
    """Whatever files a run is given: the finding stands where the layer is made, for the caller it holds for."""
    report = kerlint("check", *paths, "--select", "KER104", "--format", "json", "--no-prove").json
    (found,) = report["findings"]
    assert (found["path"], found["start"]["line"], found["model"]) == ("pkg/head.py", 5, "model")
    assert (found["fixes"], found["no_fix"]) == (
        [],
        "holds in 1 of 3 contexts (elsewhere: the sequence is longer than one timestep)",
    )


def test_a_caller_alone_is_not_blamed(project: Path, kerlint: Run) -> None:
    assert kerlint("check", "one.py", "--select", "KER104", "--no-prove").status == 0


def test_standard_input_is_checked_as_the_file_that_it_is(project: Path, kerlint: Run) -> None:
    words = ("-", "--no-prove", "--select", "KER104", "--stdin-filename", "pkg/head.py", "--format", "concise")
    assert kerlint(*words, stdin=("\n" + HELPER).encode()).out.startswith("pkg/head.py:6:12: KER104")


def test_a_fix_is_for_all_callers_or_none(project: Path, kerlint: Run) -> None:
    """Both give one step: even so nobody knows who else calls."""
    write(project / "pkg" / "many.py", CALLER.format(module=".head", steps=1))
    done = kerlint("check", ".", "--select", "KER104", "--fix", "--unsafe-fixes", "--no-prove", "--format", "json")
    assert done.codes == ["KER104"]
    assert (project / "pkg" / "head.py").read_text() == HELPER


def test_what_is_known_of_a_helper_by_itself_is_not_asked_again(project: Path, kerlint: Run) -> None:
    """With its own default it has five steps."""
    alone = HELPER.replace("def head(x):", "def head(x=keras.Input((5, 4))):").replace("from", "import keras\nfrom", 1)
    write(project / "pkg" / "head.py", alone)
    assert kerlint("check", ".", "--select", "KER104", "--no-prove").status == 0


def test_what_one_caller_does_not_need_is_no_slip_of_the_helper(project: Path, kerlint: Run) -> None:
    both = HELPER.replace("LSTM\n", "LSTM, Dropout\n").replace("    return", "    spare = Dropout(0.5)(x)\n    return")
    write(project / "pkg" / "head.py", both.replace("LSTM(8)(x)", "LSTM(8)(x), spare"))
    caller = "import keras\nfrom pkg.head import head\n\n\ndef build():\n    features = keras.Input((7, 4))\n"
    write(project / "one.py", caller + "    return keras.Model(features, head(features)[0])\n")
    assert kerlint("check", "pkg/head.py", "--select", "KER205", "--no-prove").status == 0


def test_what_a_caller_does_beside_is_no_part_of_the_file_that_is_fixed(here: Path, kerlint: Run) -> None:
    """A function of the caller's that nobody calls relies on the layers of some model: its context is the caller's."""
    write(here / "net.py", NET)
    write(here / "use.py", "from net import build\n\nm = build()\n\n\ndef show(model):\n    model.get_layer('a')\n")
    done = kerlint("check", "net.py", "--select", "KER101", "--fix", "--unsafe-fixes", "--no-prove")
    assert (done.status, "instead of" in done.err) == (0, False)
    assert "Dense(8)" in (here / "net.py").read_text()


def test_where_a_class_comes_from_is_told_of_a_star(here: Path, kerlint: Run) -> None:
    write(here / "common.py", "from keras.layers import Conv1D\n")
    write(
        here / "net.py",
        NET.replace("Conv1D, Dense", "Dense").replace("from keras import", "from common import *\nfrom keras import"),
    )
    (found,) = kerlint("check", "net.py", "--select", "KER101", "--no-prove", "--format", "json").json["findings"]
    assert found["no_fix"] == "Conv1D comes in by import * of another file"


BLOCKS = """\
from keras.layers import BatchNormalization, Dense


def blocks(size, normalised):
    layers = [Dense(size)]
    if normalised:
        layers.append(BatchNormalization())
    return layers
"""


def test_layers_that_others_apply_are_theirs(here: Path, kerlint: Run) -> None:
    """The one caller that is found normalises; who calls it otherwise needs the bias."""
    write(here / "blocks.py", BLOCKS)
    caller = "from blocks import blocks\nfrom keras import Input, Sequential\n\n"
    write(here / "use.py", caller + "m = Sequential([Input((8,)), *blocks(4, True)])\n")
    (found,) = kerlint("check", "blocks.py", "--select", "KER111", "--no-prove", "--format", "json").json["findings"]
    assert (found["model"], found["fixes"]) == ("m", [])
    assert "whether others apply the layer, and to what, is not known" in found["no_fix"]


NET = """\
from keras import Input, Sequential
from keras.layers import Conv1D, Dense

SETTINGS = {"kernel": 1}


def build():
    return Sequential([Input((10, 4)), Conv1D(8, SETTINGS["kernel"]), Dense(1)])
"""
USE = "\nSETTINGS['kernel'] = {}\nmodel = build()\n"
WHOLE = "net.SETTINGS['kernel'] = 3\nmodel = net.build()\n"
BLACK = "from pkg.net import (\n    SETTINGS,  # not (only) read\n    build,\n)"


def _notebook(source: str) -> str:
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


SILENT = "nobody calls it so"


@pytest.mark.parametrize(
    ("files", "no_fix"),
    [
        ({}, None),
        ({"one.py": "from pkg.net import SETTINGS, build" + USE.format(3)}, SILENT),
        ({"one.py": BLACK + USE.format(3)}, SILENT),
        ({"one.py": "from pkg.net import *" + USE.format(3)}, SILENT),
        ({"one.py": "import json; from pkg import net\n" + WHOLE}, SILENT),
        ({"one.py": "from pkg import (  # (one)\n    net,\n)\n" + WHOLE}, SILENT),
        ({"one.ipynb": _notebook("import json\n" + BLACK + USE.format(3))}, SILENT),
        (
            {"pkg/__init__.py": "from .net import SETTINGS, build\n", "one.py": "from pkg import *" + USE.format(3)},
            SILENT,
        ),
        ({"one.py": "from pkg.net import SETTINGS\nSETTINGS['kernel'] = int(open('size').read())\n"}, SILENT),
        ({"one.py": "from pkg.net import SETTINGS\nSETTINGS['filters'] = 3\n"}, None),
        (
            {"one.py": BLACK + USE.format(3), "two.py": BLACK + USE.format(1)},
            "holds in 2 of 3 contexts (elsewhere: kernel_size=(3,))",
        ),
        ({f"use{i}.py": BLACK + USE.format(1) for i in range(8)}, None),
        ({f"use{i}.py": BLACK + USE.format(1) for i in range(9)}, "more files of the project import this one than"),
    ],
    ids=[
        "alone",
        "plain",
        "black",
        "star",
        "module",
        "modules",
        "notebook",
        "again",
        "set",
        "set besides",
        "both",
        "eight",
        "nine",
    ],
)
def test_every_caller_is_found_or_the_fix_is_not_safe(
    here: Path, kerlint: Run, files: dict[str, str], no_fix: str | None
) -> None:
    write(here / "pkg" / "net.py", NET)
    write(here / "pyproject.toml", "")
    for name, text in files.items():
        write(here / name, text)
    report = kerlint("check", "pkg/net.py", "--select", "KER101", "--format", "json", "--no-prove").json
    if no_fix == SILENT:  # the only one who calls it has another kernel
        assert report["findings"] == []
        return
    (found,) = report["findings"]
    assert (found["no_fix"] or "").startswith(no_fix or "")
    assert [f["applicability"] for f in found["fixes"]] == ["safe"] * (no_fix is None) + ["unsafe"] * (len(files) == 9)


def test_why_no_fix_is_safe_is_true_of_the_project(here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody imports the file, but not all files are searched for who does; nobody ever imports a notebook."""
    monkeypatch.setattr("kerlint.imports.SEARCHED", 3)
    write(here / "pyproject.toml", "")
    write(here / "net.py", NET)
    write(here / "net.ipynb", _notebook(NET))
    for name in "abcd":
        write(here / f"{name}.py", "import json\n")
    report = kerlint("check", "net.py", "net.ipynb", "--select", "KER101", "--format", "json", "--no-prove").json
    why = {found["path"]: found["no_fix"] for found in report["findings"]}
    assert why == {
        "net.py": "the project has more files than are searched for imports of this one",
        "net.ipynb": None,
    }


LAST = """\
import keras


class Coder(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = keras.layers.Dense(4)
        self.drop = keras.layers.Dropout(0.1)

    def call(self, x):
        return self.drop(self.out(x))

    def predict(self, x):
        return self(x)


plain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1), keras.layers.Dropout(0.2)])
"""
TRAINED = """\
from pkg.coder import Coder, plain

plain.compile("sgd", "mse")


def test_fit(x):
    coder = Coder()
    coder.build((None, 4))
    coder.compile("adam", "mse")
    coder.{method}(x)
"""


@pytest.mark.parametrize("paths", [["pkg"], ["."], ["one.py", "pkg/coder.py"]])
def test_the_last_layer_is_reported_where_it_is_made(here: Path, kerlint: Run, paths: list[str]) -> None:
    """Whichever files train the model, and however often; not where the program only predicts."""
    write(here / "pyproject.toml", "")
    write(here / "pkg" / "coder.py", LAST)
    write(here / "one.py", TRAINED.format(method="predict"))
    words = ("--select", "KER208", "--format", "concise", "--no-prove")
    (only,) = kerlint("check", *paths, *words).out.splitlines()
    assert only.startswith("pkg/coder.py:17:69: KER208")
    for name in ("two", "three"):
        write(here / f"{name}.py", TRAINED.format(method="fit"))
    found = kerlint("check", *paths, *words).out.splitlines()
    assert [line.partition(" ")[0] for line in found] == ["pkg/coder.py:8:21:", "pkg/coder.py:17:69:"]
    assert kerlint("check", "one.py", "two.py", *words).status == 0


TRAINER = """\
class Trainer:
    hidden = None

    def schedule(self, epoch):
        if self.hidden is not None:
            self.hidden.rate = 0.5
"""
DERIVED = """\
from keras import Input, Model
from keras.layers import Dense, Dropout
from trainer import Trainer


class Net(Trainer):
    def __init__(self):
        x = i = Input((4,))
        self.hidden = Dropout(0.0)
        self.model = Model(i, Dense(1)(self.hidden(x)))
"""


def test_what_a_base_class_sets_later_is_not_known(here: Path, kerlint: Run) -> None:
    """In another file, by a method that only Keras calls; a helper that nobody derives from says nothing."""
    write(here / "pyproject.toml", "")
    write(here / "trainer.py", TRAINER)
    write(here / "net.py", DERIVED)
    words = ("--select", "KER112", "--no-prove", "--format", "json")
    assert kerlint("check", "net.py", *words).codes == []
    write(here / "net.py", DERIVED.replace("Net(Trainer)", "Net"))
    assert kerlint("check", "net.py", *words).codes == ["KER112"]


def test_keras_may_come_through_a_star(here: Path, kerlint: Run) -> None:
    write(here / "common.py", "from keras.layers import *\nfrom keras import Sequential, Input\n")
    model = "model = Sequential([Input((10,)), Dense(8), BatchNormalization(), Dense(1)])\n"
    write(here / "program.py", "from common import *\n" + model)
    assert kerlint("check", "program.py", "--no-prove", "--format", "json").codes == ["KER111"]


@conversation
async def test_the_editor_says_the_same(project: Path) -> None:
    uri = (project / "pkg" / "head.py").as_uri()
    async with Editor(folder=project) as editor:
        editor.open(uri, HELPER)
        assert "KER104" in await editor.codes(uri)
        editor.change(uri, "\n\n" + HELPER)  # where it stands in the text as it is, not in the file
        (found,) = [d for d in await editor.diagnostics(uri) if d.code == "KER104"]
        assert found.range.start.line == 6


def test_a_program_that_does_not_name_keras_has_models(project: Path, kerlint: Run) -> None:
    models = kerlint("summary", "program.py", "--format", "json").json["models"]
    assert [(m["name"], m["complete"], m["total_params"]) for m in models] == [("build_", True, 15), ("Small", True, 6)]
    assert "(6 files checked, 1 without Keras)" in kerlint("check", ".", "--no-prove").err


def test_a_file_without_keras_is_skipped_where_it_imports_none(project: Path, kerlint: Run) -> None:
    assert "1 without Keras" in kerlint("check", "other.py", "--no-prove").err


@pytest.mark.parametrize(
    ("name", "entry", "params"),
    [("model", "variable", 15), ("small", "variable", 6), ("Small", "class", 6)],
)
def test_summary_of_what_a_variable_holds(project: Path, kerlint: Run, name: str, entry: str, params: int) -> None:
    (model,) = kerlint("summary", f"program.py::{name}", "--format", "json").json["models"]
    assert (model["name"], model["entry"], model["total_params"]) == (name, entry, params)


def test_summary_of_a_function_that_only_hands_on(project: Path, kerlint: Run) -> None:
    (model,) = kerlint("summary", "pkg/makers.py::build", "--format", "json").json["models"]
    assert (model["name"], model["entry"], model["total_params"]) == ("build", "function", 10)


NAMED = """\
import keras

image = keras.Input((8, 8, 3))
pooled = keras.layers.AveragePooling2D(8)(image)
flat = keras.layers.Flatten()(pooled)
idle = keras.layers.Dropout(0)
model = keras.Model(image, keras.layers.Dense(2)(idle(flat)))
"""


@pytest.mark.parametrize(
    ("user", "lowered"),
    [
        ("from pkg.named import model, pooled, flat\n", {"KER119": "pooled would be gone: user.py may import it"}),
        ("from pkg import named\nprint(named.idle)\n", {"KER112": "idle would be gone: user.py may import it"}),
        ("from pkg.named import model, flat\n", {}),
        ("pooled = idle = 3\n", {}),
    ],
)
def test_a_name_that_another_file_imports_goes_only_unsafely(
    project: Path, kerlint: Run, user: str, lowered: dict[str, str]
) -> None:
    """It goes with the layer it stands for, or with the statement that a fix makes one with the next."""
    write(project / "pkg" / "named.py", NAMED)
    write(project / "user.py", user)
    found = kerlint("check", "pkg/named.py", "--format", "json", "--no-prove").json["findings"]
    assert {f["code"] for f in found} == {"KER112", "KER119"}
    assert {f["code"]: f["no_fix"] for f in found if f["fixes"][0]["applicability"] == "unsafe"} == lowered


def test_a_note_names_what_differs_between_the_ways_of_one_caller(here: Path, kerlint: Run) -> None:
    """That it is built at all hangs on a condition of each file: it is no condition of the finding."""
    write(here / "head.py", HELPER)
    write(here / "pyproject.toml", "")
    for name, steps in (("one", 1), ("many", 5)):
        lines = CALLER.format(module="head", steps=steps).splitlines()
        write(
            here / f"{name}.py", "\n".join([*lines[:3], f"if wanted_{name}():", *(f"    {line}" for line in lines[3:])])
        )
    report = kerlint("check", "head.py", "--select", "KER104", "--no-prove").out
    assert "= note    holds in 1 of 3 contexts\n" in report


SIZED = """\
from keras import Input, Model
from keras.layers import Add, Conv2D, UpSampling2D


class Net:
    def __init__(self, size=5):
        x = Input((size, size, 3))
        half = Conv2D(3, 3, strides=2, padding="same")(x)
        joined = Add()([x, UpSampling2D()(half)])
        self.model = Model(x, Conv2D(1, 1)(joined))
        self.model.compile("adam", "binary_crossentropy")
"""


@pytest.mark.parametrize(
    ("calls", "codes"),
    [
        ([], ["KER201"]),
        (["Net(8).model.fit(open('x'))"], ["KER204"]),
        (["Net(8).model.fit(open('x'))", "Net()"], ["KER201", "KER204"]),
        (["net = Net(8)\ni = Input((8, 8, 3))\nModel(i, Dense(1)(net.model(i))).compile('adam', 'mse')"], []),
    ],
    ids=["alone", "fits", "one does not", "a generator"],
)
def test_what_a_class_has_by_default_is_told_if_nobody_makes_it_otherwise(
    here: Path, kerlint: Run, calls: list[str], codes: list[str]
) -> None:
    """A size that Keras refuses, and a loss that never meets the output: it is trained as a part of another model."""
    write(here / "pyproject.toml", "")
    write(here / "net.py", SIZED)
    for number, call in enumerate(calls):
        imports = "from keras import Input, Model\nfrom keras.layers import Dense\nfrom net import Net\n\n"
        write(here / f"use{number}.py", f"{imports}{call}\n")
    report = kerlint("check", "net.py", "--select", "KER201,KER204", "--format", "json", "--no-prove").json
    assert [finding["code"] for finding in report["findings"]] == codes


def test_a_caller_of_whom_not_all_is_followed_may_load_weights(here: Path, kerlint: Run) -> None:
    write(here / "pyproject.toml", "")
    branches = "".join(f"    elif kind[{n}]:\n        m = Sequential([Dense({n})])\n" for n in range(1, 40))
    caller = "from keras import Sequential\nfrom keras.layers import Dense\nfrom pkg.net import build\n\n\n"
    caller += f"def get(kind, path):\n    if kind[0]:\n        m = None\n{branches}"
    caller += "    else:\n        m = build()\n    if path:\n        m.load_weights(path)\n    return m\n"
    write(here / "pkg" / "net.py", NET)
    write(here / "use.py", caller)
    report = kerlint("check", "pkg/net.py", "--select", "KER101", "--format", "json", "--no-prove").json
    (found,) = report["findings"]
    assert found["no_fix"] == "use.py relies on the structure: load_weights"


def test_a_fix_is_judged_by_what_other_files_set(here: Path, kerlint: Run) -> None:
    """The number of units is not known here: nor is it of the text with the fix."""
    write(here / "pyproject.toml", "")
    write(here / "pkg" / "net.py", NET.replace('SETTINGS["kernel"]), Dense(1)', '1), Dense(SETTINGS["kernel"])'))
    write(here / "use.py", "from pkg.net import SETTINGS\nSETTINGS['kernel'] = int(open('size').read())\n")
    done = kerlint("check", "pkg/net.py", "--select", "KER101", "--fix", "--no-prove")
    assert (done.status, done.err.partition(";")[0]) == (0, "kerlint: 1 fixed")
    assert "Dense(8), Dense(SETTINGS" in (here / "pkg" / "net.py").read_text()
