"""Notebooks: code cells only, magics out of the way, and not another byte changed."""

import ast
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerlint.text.document import Document, Problem
from kerlint.text.edit import Edit
from kerlint.text.magics import blanked
from kerlint.text.span import Span

BOOK = """{
 "cells": [
  {"cell_type": "markdown", "metadata": {}, "source": ["# Titel"]},
  {
   "cell_type": "code",
   "execution_count": 1.50,
   "metadata": {"b": 1, "a": "\\u00e9"},
   "outputs": [{"text": ["\\u0394 = 1e-05\\n"]}],
   "source": [
    "import keras\\n",
    "x = Conv1D(8, 1)  # für\\/alle"
   ]
  },
  {"cell_type": "code", "source": "y = 1\\n"}
 ],
 "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
 "nbformat": 4
}
"""


def notebook(text: str) -> Document:
    document = Document.parse(text.encode(), "n.ipynb")
    assert isinstance(document, Document), document
    return document


def edited(text: str, cell: int, old: str, new: str) -> str:
    document = notebook(text)
    start = document.cell(cell).source.index(old)
    return document.edited([Edit(Span("n.ipynb", cell, start, start + len(old)), new)]).to_bytes().decode()


def book(*sources: Any, **metadata: Any) -> str:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}, indent=1)


def test_code_cells_are_counted_over_all_cells() -> None:
    document = notebook(BOOK)
    assert [cell.index for cell in document.cells] == [1, 2]
    assert document.cell(1).source == "import keras\nx = Conv1D(8, 1)  # für/alle"


def test_an_unedited_notebook_comes_back_byte_by_byte() -> None:
    assert notebook(BOOK).to_bytes() == BOOK.encode()


def test_only_the_edited_line_changes() -> None:
    assert edited(BOOK, 1, "import keras", "import keras as k") == BOOK.replace("import keras", "import keras as k")


def test_new_lines_become_elements_in_the_same_layout() -> None:
    expected = BOOK.replace('"import keras\\n",\n', '"import keras\\n",\n    "import numpy\\n",\n')
    assert edited(BOOK, 1, "keras\n", "keras\nimport numpy\n") == expected


def test_a_source_that_is_text_stays_text() -> None:
    assert edited(BOOK, 2, "y = 1", "y = 1\nz = '\"é'") == BOOK.replace('"y = 1\\n"', '"y = 1\\nz = \'\\"é\'\\n"')


def test_a_list_of_one_line_grows_in_its_own_layout() -> None:
    grown = edited(book(["x = 1"]), 0, "x = 1", "x = 1\ny = 2")
    assert grown == book(["x = 1\n", "y = 2"])


def test_a_notebook_in_ascii_stays_in_ascii() -> None:
    text = book(["x = 'é'"])
    assert text.isascii()
    assert edited(text, 0, "x", "y") == text.replace('"x =', '"y =')


def test_an_emptied_cell_is_an_empty_list() -> None:
    assert json.loads(edited(book(["x"]), 0, "x", ""))["cells"][0]["source"] == []


def test_an_edited_cell_is_blanked_anew() -> None:
    document = notebook(book("%time\nx = 1"))
    after = document.edited([Edit(Span("n.ipynb", 0, 6, 7), "y")])
    assert after.cell(0).code == "0    \ny = 1"


@pytest.mark.parametrize("metadata", [{"kernelspec": {"name": "ir"}}, {"language_info": {"name": "julia"}}])
def test_other_kernels_have_no_code_for_us(metadata: dict[str, Any]) -> None:
    assert notebook(book("x <- 1", **metadata)).cells == ()


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": None}, {"kernelspec": {"name": "conda-env-tf-py"}}])
def test_a_notebook_that_does_not_say_otherwise_is_python(metadata: dict[str, Any]) -> None:
    assert len(notebook(book("x = 1", **metadata)).cells) == 1


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('{\n "cells": [,]\n}', "not a notebook: Expecting value", (2, 12)),
        ("[]", "it has no 'cells'", (1, 1)),
        ('{"worksheets": []}', "formats before 4 are not read", (1, 1)),
        ('{"cells": [3]}', "cell 0 is not an object", (1, 1)),
        ('{"cells": [{"cell_type": "code", "source": [1]}]}', "neither text nor a list of lines", (1, 1)),
        ("[" * 100_000, "nested too deeply", (1, 1)),
        ("", "not a notebook: Expecting value", (1, 1)),
    ],
)
def test_what_is_no_notebook_says_so(text: str, message: str, place: tuple[int, int]) -> None:
    problem = Document.parse(text.encode(), "n.ipynb")
    assert isinstance(problem, Problem)
    assert message in problem.message
    assert (problem.line, problem.column) == place


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("%matplotlib inline\nx = 1", "0                 \nx = 1"),
        ("% matplotlib inline\nx = 7 \\\n % 4", "0                  \nx = 7 \\\n % 4"),
        ("!pip install keras\r\nx = 1\r\n", "0                 \r\nx = 1\r\n"),
        ("if x:\n    !ls\n", "if x:\n    0  \n"),
        ("files = !ls *.py\n", "files = ________\n"),
        ("t = %timeit -o f()\n", "t = ______________\n"),
        ("%time model = build()\n", "0;    model = build()\n"),
        ("model.fit?\n", "0         \n"),
        ("?model", "0     "),
        ("ls ./data/train\nx = 1", "0              \nx = 1"),
        ("pip install -q keras\ncd ..\nrm -r old\nls -1\n", "0                   \n0    \n0        \n0    \n"),
        ("ls = 3\nls\ncd in x\nrm (1)\ncat, rm = 1, 2\n", "ls = 3\nls\ncd in x\nrm (1)\ncat, rm = 1, 2\n"),
        ("!echo \"it's\nx = 1", "0          \nx = 1"),
        ("!pip install \\\n  keras\nx = 1", "0             \n       \nx = 1"),
        ("%%time\nx = 1", "      \nx = 1"),
        ("%%bash\nx = 1\necho", "      \n     \n    "),
        ("%%capture out\n!ls\nx = 1", "             \n0  \nx = 1"),
        ("# comment\n%%time\nx = 1", "         \n      \nx = 1"),
        ("# comment\n\n%%bash\necho", "         \n\n      \n    "),
        ("x = 1\n%%time\ny = 2", "x = 1\n0     \ny = 2"),
        (" x = 1\n y = 2", "\fx = 1\n\fy = 2"),
        ("\n  for x in y:\n    z\n  !ls\nw", "\n\f\ffor x in y:\n\f\f  z\n\f\f0  \nw"),
        (" s = '''\n  t'''\n", "\fs = '''\n  t'''\n"),
        ("x = (7\n  % 4)\n", "x = (7\n  % 4)\n"),
        ("s = '''\n%matplotlib\n!ls\n'''\n", "s = '''\n%matplotlib\n!ls\n'''\n"),
        ("x = 7 \\\n % 4\n", "x = 7 \\\n % 4\n"),
        ("x != y  # what?\n", "x != y  # what?\n"),
        ("s = 'a\ud800b'", "s = 'a?b'"),
    ],
)
def test_what_is_not_python_is_replaced_at_equal_length(source: str, code: str) -> None:
    assert blanked(source) == code
    ast.parse(code)


def test_a_value_from_the_shell_is_not_known() -> None:
    value = ast.parse(blanked("n = !nproc")).body[0]
    assert isinstance(value, ast.Assign) and isinstance(value.value, ast.Name)


PIECES = ["%", "!", "?", "x", "=", " ", "\n", "\r\n", "\\", "'", '"""', "(", ")", "#", "ls", "%%time", "\0"]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_blanking_keeps_length_and_lines(source: str) -> None:
    code = blanked(source)
    assert len(code) == len(source)
    assert [c for c in code if c in "\r\n"] == [c for c in source if c in "\r\n"]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_any_notebook_comes_back_and_takes_edits(sources: list[str], ascii_only: bool, indent: Any) -> None:
    cells = [{"cell_type": "code", "source": source.splitlines(keepends=True)} for source in sources]
    text = json.dumps({"cells": cells}, ensure_ascii=ascii_only, indent=indent)
    if any("\ud800" <= c <= "\udfff" for c in text):
        return
    assert notebook(text).to_bytes().decode() == text
    after = notebook(text).edited([Edit(Span("n.ipynb", 0, 0, 0), "new\n")])
    expected = [after.cells[0].source, *sources[1:]]
    assert ["".join(c["source"]) for c in json.loads(after.to_bytes())["cells"]] == expected
