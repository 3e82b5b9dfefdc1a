"""What several evaluations need of a file is worked out once, and never for another text or under other settings."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evaluate.seen import document

from kerlint.callers import evaluated
from kerlint.engine import check
from kerlint.evaluate.flow import flow_through, said
from kerlint.evaluate.loops import changes_of
from kerlint.evaluate.run import evaluate
from kerlint.evaluate.trees import parsed, read_in
from kerlint.imports import Imports
from kerlint.merge import Options
from kerlint.rule.load import load
from kerlint.text.document import Document

RULES = load().rules
HEAD = "from keras import Input, Model\nfrom keras.layers import Conv1D, Dense\n"
HELPER = f"{HEAD}def head(x):\n    return Conv1D(8, 1)(x)\n"
CALLER = f"{HEAD}from helper import head\nx = Input((10, 4))\nm = Model(x, head(x))\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A helper, and two files that call it."""
    (tmp_path / "setup.py").write_text("")
    for name, text in {"helper": HELPER, "one": CALLER, "two": CALLER}.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def read(path: Path) -> Document:
    """A file as the command line reads it."""
    return document(path.read_text(), str(path))


def codes(found: Document, imports: Imports, **options: str) -> set[str]:
    """The rules that find something."""
    asked = Options(load=imports, callers=imports.importers, **options)  # type: ignore[arg-type]
    return {checked.finding.rule.code for checked in check(found, RULES, asked).checked}


def test_each_file_of_a_run_is_evaluated_once(project: Path) -> None:
    """By itself and as a caller of those that it imports, whichever comes first."""
    imports, before = Imports(), evaluated.cache_info().misses
    for name in ("one", "helper", "two"):
        codes(imports.known(read(project / f"{name}.py")), imports)
    assert evaluated.cache_info().misses == before + 3


def test_an_edited_text_is_not_the_file(project: Path) -> None:
    """The callers are asked about the text as it is in the editor, and about the file again when that is checked."""
    imports, path = Imports(), project / "helper.py"
    path.write_text(HELPER.replace("(8, 1)", "(8, 3)"))
    file, edited = imports.known(read(path)), document(HELPER, str(path))
    assert imports.known(edited) is edited
    for found, holds in [(file, False), (edited, True), (file, False)]:
        assert ("KER101" in codes(found, imports)) is holds


CASES = """import sys
from keras import Input, Model
from keras.layers import Conv1D, Dense

def build(n=1):
    i = Input((8, n))
    return Model(i, Conv1D(4, 1)(i))

build()
i = Input((2,))
Model(i, Dense(3 if len(sys.argv) > 1 else 4)(i))
"""


def test_figures_of_another_caller_hang_on_no_assumption_made_here(project: Path) -> None:
    """What differs because it is called otherwise elsewhere, differs whatever is assumed."""
    (project / "helper.py").write_text(CASES)
    (project / "one.py").write_text("from helper import build\nbuild(5)\n")
    imports = Imports()
    asked = Options(load=imports, callers=imports.importers)
    (said,) = check(imports.known(read(project / "helper.py")), RULES, asked).checked
    assert (said.finding.rule.code, said.finding.assumptions) == ("KER101", ())


def test_what_stands_in_the_file_now_counts(project: Path) -> None:
    """Another run reads the files anew."""
    assert "KER101" in codes(read(project / "helper.py"), Imports())
    (project / "one.py").write_text("")
    (project / "two.py").write_text("")
    assert "KER101" not in codes(read(project / "helper.py"), Imports())


def test_what_is_checked_is_imported_if_it_is_what_stands_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what comes on standard input in its name, nor what is too large to be read for others."""
    path, imports = project / "helper.py", [Imports(), Imports(), Imports()]
    file, edited = read(path), document(HELPER.replace("8", "9"), str(path))
    assert imports[0].known(file) is file is imports[0](".helper", str(project / "one.py"))
    assert imports[1].known(edited) is edited is not imports[1](".helper", str(project / "one.py"))
    monkeypatch.setattr("kerlint.imports.LARGEST", 10)
    assert imports[2].known(file) is file
    assert imports[2](".helper", str(project / "one.py")) is None


@pytest.mark.parametrize("order", [1, -1])
def test_other_settings_are_another_evaluation(project: Path, order: int) -> None:
    """Of the file, and of those that call it: with the channels first, a convolution is no Dense layer."""
    imports = Imports()
    file = imports.known(read(project / "helper.py"))
    expected = {"channels_last": True, "channels_first": False}
    for layout in [*expected][::order]:
        assert ("KER101" in codes(file, imports, data_format=layout)) is expected[layout]


def test_generic_contexts_are_made_once() -> None:
    """Whoever asks again gets the same: a second run would have another budget."""
    evaluation = evaluate(document(HELPER.replace("(x)", "(x, units=8)", 1)))
    assert evaluation.vetted().contexts == evaluation.vetted().contexts != evaluation.contexts


def test_only_its_own_time_is_taken_from_an_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generic contexts are made when they are asked for, perhaps after other files, in another thread."""
    long = HELPER.replace("(x):", "(x, units=8):\n    for i in range(400):\n        n = i + 1")
    evaluation, now = evaluate(document(long)), time.thread_time()
    monkeypatch.setattr(time, "thread_time", lambda: now + 1_000)
    assert evaluation.vetted().contexts[-1].trace.nodes


def test_a_file_parses_wherever_it_is_imported() -> None:
    """An evaluation goes deeper than what reads a file by itself: that allows no deeper nesting."""
    text = f"n = {' + '.join(['1'] * 4_000)}\n"
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(12_000)
        deep = parsed(document(text))
    finally:
        sys.setrecursionlimit(limit)
    assert bool(deep[1]) is bool(parsed(document(text))[1])


@pytest.mark.parametrize("kept", [parsed, said, flow_through, changes_of, read_in, evaluated])
def test_what_is_kept_is_bounded(kept: Callable[..., object]) -> None:
    assert kept.cache_info().maxsize  # type: ignore[attr-defined]
