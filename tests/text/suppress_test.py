"""Ignore comments: which findings they silence, and which of them silence none."""

import json

import pytest

from kerlint.text.document import Document
from kerlint.text.suppress import Suppressions

CODE, NAME = "KER101", "pointwise-conv"


def suppressions(text: str) -> Suppressions:
    return Suppressions.of(Document.of(text))


def silenced(text: str, first: int = 1, last: int | None = None) -> bool:
    return suppressions(text).covers(first, last or first, None, CODE, NAME)


@pytest.mark.parametrize(
    "comment",
    [
        "# kerlint: ignore",
        "#kerlint:ignore",
        "# kerlint: ignore[KER101]",
        "# kerlint: ignore[KER104, KER101]",
        "# kerlint: ignore[ pointwise-conv , ]",
        "# kerlint: ignore[KER1]",
        "# type: ignore  # kerlint: ignore[KER101]  # why not",
        "# noqa: KER101",
        "# noqa:E501,KER101",
        "# NOQA",
        "# noqa: ker101",
    ],
)
def test_comments_that_silence(comment: str) -> None:
    assert silenced(f"x = 1  {comment}\n")


@pytest.mark.parametrize(
    "comment",
    [
        "# kerlint: ignore[KER104]",
        "# kerlint: ignore[KER101",
        "# kerlint: ignore[]",
        "# kerlint: ignored",
        "# kerlint: ignore-next",
        "# kerlint: ignore[pointwise]",
        "# noqa: E501",
        "# '# kerlint'",
    ],
)
def test_comments_that_do_not(comment: str) -> None:
    assert not silenced(f"x = 1  {comment}\n")


def test_a_string_is_no_comment() -> None:
    assert not silenced("x = '# kerlint: ignore'\n")
    assert not suppressions("'''\n# kerlint: skip-file\n'''\n").skip_file


def test_alone_on_a_line_it_speaks_of_the_next() -> None:
    text = "# kerlint: ignore[KER101]\n# the kernel will grow\nx = 1\ny = 2  # kerlint: ignore\nz = 3\n"
    assert [line for line in range(1, 6) if silenced(text, line)] == [3, 4]


def test_a_noqa_speaks_of_its_own_line_only() -> None:
    assert not silenced("# noqa: KER101\nx = 1\n", 2)


def test_a_call_over_several_lines_is_silenced_at_its_first_or_last() -> None:
    text = "x = Conv1D(  #\n    8,  #\n    1,\n)  #\n"
    for line, expected in ((0, True), (1, False), (3, True)):
        lines = text.splitlines()
        lines[line] = lines[line].replace("#", "# kerlint: ignore")
        assert silenced("\n".join(lines), 1, 4) is expected


def test_a_file_can_be_skipped_as_a_whole() -> None:
    assert suppressions("x = 1\n\n# kerlint: skip-file\n").skip_file


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\x0c"])
def test_lines_are_counted_as_everywhere(newline: str) -> None:
    assert silenced(newline.join(["a = '😀\u2028'", "b = 1", "c = 1  # kerlint: ignore"]), 3)


def test_a_file_that_does_not_parse_still_has_comments_before_the_error() -> None:
    assert silenced("x = 1  # kerlint: ignore\n  y = (\n")


def test_what_silenced_nothing_is_known() -> None:
    document = Document.of(
        "a = 1  # kerlint: ignore\nb = 1  # kerlint: ignore[KER101, KER104]\nc = 1  # noqa: KER101\n"
    )
    found = Suppressions.of(document)
    both = ("KER101", "KER104")
    assert [text for _, text in found.unused(both)] == ["# kerlint: ignore", "# kerlint: ignore[KER101, KER104]"]
    found.covers(2, 2, None, CODE, NAME)
    assert [(document.text(span), text) for span, text in found.unused(both)] == [
        ("# kerlint: ignore", "# kerlint: ignore"),
        ("KER104", "KER104"),
    ]
    found.covers(1, 1, None, CODE, NAME)
    assert [text for _, text in found.unused(["KER101", NAME])] == []


def test_cells_of_a_notebook_have_their_own_comments() -> None:
    cells = [{"cell_type": "code", "source": s} for s in ("!ls\nx = 1", "%time\nx = 1  # kerlint: ignore")]
    document = Document.parse(json.dumps({"cells": cells}).encode(), "n.ipynb")
    assert isinstance(document, Document)
    found = Suppressions.of(document)
    assert not found.covers(2, 2, 0, CODE, NAME)
    assert found.covers(2, 2, 1, CODE, NAME)
