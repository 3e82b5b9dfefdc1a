"""What the last line and the complaints say: that they name what to do next."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.faces.conftest import POINTWISE, Run, write

from kerlint.prove.client import Prover
from kerlint.prove.proof import not_run

SINGLE_STEP = """\
from keras.layers import LSTM, Dense, Input
from keras.models import Model

inp = Input((1, 20))
m = Model(inp, Dense(3)(LSTM(10)(inp)))
"""


@pytest.fixture
def without_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing can be proved."""
    monkeypatch.setattr(Prover, "prove", lambda *_: not_run("no Keras found", no_keras=True))
    monkeypatch.setattr(Prover, "why_not", "no Keras found")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fial-on", "error"), "--fial-on (did you mean '--fail-on'?)"),
        (("--selct=KER101",), "(did you mean '--select'?)"),
        (("summary", "--fromat", "json"), "(did you mean '--format'?)"),
        (("--jobs", "many"), "'many' is not a number"),
        (("--select", ""), "argument --select: '' names nothing"),
    ],
)
def test_a_wrong_flag_is_told_in_two_lines(words: tuple[str, ...], said: str, kerlint: Run) -> None:
    done = kerlint(*words)
    assert done.status == 2
    first, second = done.err.splitlines()
    assert said in first
    assert second.endswith("--help lists all flags")


def test_why_fixes_that_were_asked_for_are_not_applied(here: Path, kerlint: Run, without_keras: None) -> None:
    write(here / "model.py", SINGLE_STEP)
    last = kerlint("model.py").err.splitlines()[-1]
    assert last.endswith("1 fixable with --fix --unsafe-fixes")
    write(here / "other.py")
    assert kerlint(".").err.endswith("; 1 fixable with --fix; 1 more with --fix --unsafe-fixes\n")
    last = kerlint("model.py", "--fix", "--unsafe-fixes").err.splitlines()[-1]
    assert last.endswith("1 fix not applied: not proved (--no-prove applies unproved fixes)")
    assert kerlint("model.py", "--fix", "--unsafe-fixes", "--no-prove").err.startswith("kerlint: 1 fixed")


def test_a_required_proof_that_is_missing_is_said(here: Path, kerlint: Run, without_keras: None) -> None:
    write(here / "model.py", POINTWISE)
    write(here / "kerlint.toml", 'prove = "require"\n')
    done = kerlint("model.py", "--fix")
    assert done.status == 1
    assert "1 fix not applied: not proved" in done.err
    assert "fixable" not in done.err


def test_how_many_findings_the_baseline_holds(here: Path, kerlint: Run) -> None:
    write(here / "model.py", POINTWISE)
    assert "1 finding written" in kerlint("model.py", "--no-prove", "--write-baseline", "known.json").err
    done = kerlint("model.py", "--no-prove", "--baseline", "known.json")
    assert done.status == 0
    assert done.err.endswith("1 more in the baseline\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[rules.pointwise-conv]\nranks = ["a"]\n', "ranks = ['a'] is not a list of int"),
        ("[rules.pointwise-conv]\nranks = 1\n", "ranks = 1 is not a list of int"),
        ("[rules.pointwise-conv]\nranks = [true]\n", "is not a list of int"),
        ('[tool.kerlint]\nselect = ["KER1"]\n', "the keys stand without [tool.kerlint]"),
    ],
)
def test_a_value_that_a_rule_cannot_use(text: str, said: str, here: Path, kerlint: Run) -> None:
    write(here / "model.py", POINTWISE)
    write(here / "kerlint.toml", text)
    done = kerlint("model.py", "--no-prove")
    assert done.status == 2
    assert said in done.err


def test_a_summary_says_in_which_cell_and_column_it_does_not_parse(here: Path, kerlint: Run) -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "source": s} for s in ("import keras", "x = 1\ny = x +")
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    write(here / "broken.ipynb", json.dumps(notebook))
    write(here / "broken.py", "import keras\nx = keras.Model(\n")
    place = kerlint("broken.ipynb", "--format", "concise").out.partition(" KER000")[0]
    assert place.startswith("broken.ipynb:cell 2:2:")
    assert kerlint("summary", "broken.ipynb").err.startswith(f"{place} KER000")
    assert kerlint("summary", "broken.py").err.startswith("broken.py:2:16: KER000")


def test_the_other_cells_of_a_notebook_are_read(here: Path, kerlint: Run) -> None:
    """What the broken one binds or is about is not known behind it; nothing is fixed."""
    sources = (
        "from keras import Input, Sequential\nfrom keras.layers import Dense, Dropout\n",
        "n = Sequential([Input((3,)), Dropout(0), Dense(2)])\n",
        "m = Sequential([Input((3,)), Dense(2)])\nwidth = 3\n",
        "width = 4\nm.add(Dense(2)\n",
        "k = Sequential([Input((width,)), Dropout(0), Dense(2)])\n",
    )
    cells: list[dict[str, Any]] = [{"cell_type": "code", "metadata": {}, "source": s} for s in sources]
    write(here / "n.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    before = (here / "n.ipynb").read_text()
    assert kerlint("n.ipynb", "--format", "json", "--fix").codes == ["KER112", "KER000", "KER112"]
    assert (here / "n.ipynb").read_text() == before
    totals = [line.strip() for line in kerlint("summary", "n.ipynb").out.splitlines() if "Total params" in line]
    assert totals == ["Total params: 8", "Total params: ?", "Total params: 2*width + 2"]


def test_settings_without_what_is_kerlints_own(here: Path, kerlint: Run) -> None:
    write(here / "kerlint.toml", 'python = "python3"\n')
    shown = kerlint("--show-settings").out
    assert "from-project" not in shown
    assert "source =" not in shown
    assert shown.startswith("# kerlint.toml\n")


def test_a_path_that_is_not_there_is_no_empty_summary(here: Path, kerlint: Run) -> None:
    done = kerlint("summary", "nothing.py")
    assert (done.status, done.out) == (1, "")
    assert done.err == "nothing.py:1:1: KER000 cannot be read: no such file or directory\n"
    write(here / "there.py", POINTWISE)
    done = kerlint("summary", "there.py:model")
    assert (done.status, "named with two colons: there.py::model" in done.err) == (2, True)
    write(here / "strange.py" / "model.py", POINTWISE)
    assert kerlint("summary").status == 0


def test_prove_says_what_it_could_not_read(here: Path, kerlint: Run) -> None:
    write(here / "broken.py", "import keras\nx = keras.Model(\n")
    assert "kerlint: broken.py:2:16: '(' was never closed" in kerlint("prove").err


def test_a_class_is_picked_by_its_name(here: Path, kerlint: Run) -> None:
    body = "".join(f"        {line}\n" if line else "\n" for line in POINTWISE.splitlines())
    write(here / "model.py", f"class Builder:\n    def make(self):\n{body}        return model\n")
    done = kerlint("summary", "model.py::Builder", "--format", "json")
    assert [model["name"] for model in done.json["models"]] == ["Builder.make"]
    assert kerlint("summary", "model.py::Build").status == 2


def test_python_m_imports_nothing_of_the_linted_tree(here: Path) -> None:
    (here / "libcst.py").write_text("open('ran', 'w').close()\n")
    write(here / "model.py")
    command = [sys.executable, "-m", "kerlint", "--no-prove", "--format", "concise", "model.py"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    assert "KER101" in done.stdout
    assert not (here / "ran").exists()


@pytest.mark.parametrize("command", [(), ("prove",)])
def test_a_python_that_is_not_there_is_no_machine_without_keras(
    here: Path, kerlint: Run, command: tuple[str, ...]
) -> None:
    write(here / "model.py", POINTWISE)
    done = kerlint(*command, "--python", "./nowhere", "model.py")
    assert done.status == 2
    assert "--python ./nowhere: there is no such program" in done.err


@pytest.mark.parametrize("words", [("--no-prove", "check"), ("--select", "KER101", "--no-prove", "check"), ("check",)])
def test_flags_may_stand_in_front_of_the_command(words: tuple[str, ...], here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    assert kerlint(*words, "model.py", "--no-prove", "--format", "json").codes == ["KER101"]


def test_why_of_a_rule_that_is_not_selected(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    words = ("model.py", "--no-prove", "--why", "KER302")
    assert "KER302 flatten-hot-spot was not asked: it is not selected" in kerlint(*words).err
    assert "was not asked" not in kerlint(*words, "--extend-select", "KER302").err


def test_introspect_why_takes_rules_and_targets_apart(here: Path, kerlint: Run) -> None:
    done = kerlint("introspect", "--why", "KER2", "missing.py")
    assert "name a target" not in done.err and "missing.py" in done.err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[rules.flatten-hot-spot]\nshare = 7.5", "share = 7.5 is not between 0 and 1"),
        ("[rules.flatten-hot-spot]\nsize = -1", "size = -1 is not between 0 and inf"),
        ("[rules.pointwise-conv]\nranks = [1, 4]", "ranks = 4 is not between 1 and 3"),
    ],
)
def test_an_option_out_of_its_range(table: str, said: str, here: Path, kerlint: Run) -> None:
    write(here / "kerlint.toml", table)
    write(here / "model.py")
    done = kerlint("--no-prove")
    assert done.status == 2 and said in done.err


def test_what_a_project_may_not_choose_is_told(here: Path, kerlint: Run) -> None:
    write(here / "kerlint.toml", 'cache-dir = "x"\npython = "y"\n')
    write(here / "model.py")
    write(here / "other.py")
    told = "kerlint.toml: cache-dir, python: not used without --trust"
    assert kerlint("--no-prove").err.count(told) == 1
    assert told not in kerlint("--no-prove", "--trust").err


def test_a_link_to_a_file_is_that_file(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    (here / "again.py").symlink_to("model.py")
    found = json.loads(kerlint("--no-prove", "--format", "json").out)
    assert [f["path"] for f in found["findings"]] == ["model.py"]
    assert found["files"]["checked"] == 1


def test_a_notebook_of_another_python_is_one_finding(here: Path, kerlint: Run) -> None:
    model = "from keras import *\nm = Sequential([Input((3,)), layers.Dropout(0), layers.Dense(2)])"
    sources = ("n = 3", "print 1", model, "print 2\nx = 3", "print 3")
    cells: list[dict[str, Any]] = [{"cell_type": "code", "metadata": {}, "source": s} for s in sources]
    write(here / "two.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    done = kerlint("two.ipynb", "--format", "concise", "--select", "KER000,KER112")
    first, second, *more = done.out.splitlines()
    assert first.startswith("two.ipynb:cell 2:1:") and first.endswith("; 3 of 5 code cells do not parse")
    assert second.startswith("two.ipynb:cell 3:") and "KER112" in second and not more
    assert kerlint("summary", "two.ipynb").err.count("KER000") == 1


def test_watching_outlives_a_configuration_that_is_being_edited(
    here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice looked at while it cannot be read: a second is soon over."""
    write(here / "model.py")
    texts = ["", "select = [", "select = ["]

    def sleep(_seconds: float) -> None:
        if not texts:
            raise KeyboardInterrupt
        write(here / "kerlint.toml", texts.pop())

    monkeypatch.setattr("kerlint.cli.watch.time.sleep", sleep)
    done = kerlint("--watch", "--no-prove", "--exit-zero")
    assert done.status == 0 and done.err.count("not valid TOML") == 2 and done.err.count("watching for changes") == 2
