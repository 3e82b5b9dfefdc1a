"""What is read can be written back byte by byte; what cannot be read says where and why."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerlint.text.document import Document, Problem, replace
from kerlint.text.edit import Edit
from kerlint.text.span import Span

SOURCE = "# Modell für Ärzte\nx = Conv1D(8, 1)\ny = x\n"


def parsed(data: bytes, path: str = "m.py") -> Document:
    document = Document.parse(data, path)
    assert isinstance(document, Document), document
    return document


def refused(data: bytes, path: str = "m.py") -> Problem:
    problem = Document.parse(data, path)
    assert isinstance(problem, Problem)
    return problem


def rewritten(data: bytes, old: str, new: str) -> bytes:
    """The bytes after one edit of the text."""
    document = parsed(data)
    start = document.cells[0].source.index(old)
    return document.edited([Edit(Span("m.py", None, start, start + len(old)), new)]).to_bytes()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_newlines_and_byte_order_mark_are_kept(newline: str, bom: bytes) -> None:
    data = bom + SOURCE.replace("\n", newline).encode()
    edited = bom + SOURCE.replace("Conv1D(8, 1)", "(\n8)").replace("\n", newline).encode()
    assert parsed(data).to_bytes() == data
    assert rewritten(data, "Conv1D(8, 1)", "(\n8)") == edited


def test_mixed_newlines_stay_mixed() -> None:
    data = b"a = 1\r\nb = 2\nc = 3\r\n"
    assert rewritten(data, "b", "b\nd") == b"a = 1\r\nb\r\nd = 2\nc = 3\r\n"


def test_the_byte_order_mark_is_no_text() -> None:
    assert parsed(b"\xef\xbb\xbfx = 1").cells[0].source == "x = 1"


@pytest.mark.parametrize("head", ["# -*- coding: latin-1 -*-\n", "#!/bin/sh\n# vim: fileencoding=cp1252\r\n"])
def test_the_encoding_comes_from_the_first_two_lines(head: str) -> None:
    data = (head + SOURCE).encode("latin-1")
    assert "für Ärzte" in parsed(data).cells[0].source
    assert rewritten(data, "Conv1D", "Ö") == data.replace(b"Conv1D", b"\xd6")


def test_what_emacs_adds_to_an_encoding_is_no_part_of_it() -> None:
    assert "für" in parsed(f"# -*- coding: utf-8-unix -*-\n{SOURCE}".encode()).cells[0].source


def test_a_coding_comment_below_code_means_nothing() -> None:
    assert parsed(b"x = 1\n# coding: latin-1\ny = '\xc3\xa9'\n").cells[0].source.endswith("'é'\n")


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"ok = 1\nx = '\xc3\xa9\xff'\n", "not valid UTF-8: byte 0xff (invalid start byte)", (2, 7)),
        (b"# coding: nonsense\n", "unknown encoding 'nonsense'", (1, 11)),
        (b"# coding: rot13\n", "'rot13' is not an encoding of text", (1, 1)),
        (b"\xef\xbb\xbf# coding: latin-1\n", "a UTF-8 byte order mark but says it is latin-1", (1, 11)),
        ("x = 1\n".encode("utf-16"), "UTF-16", (1, 1)),
        (b"x = 1\n\0\0", "a binary file: it holds a null byte", (2, 1)),
        (b"# coding: utf-7\nx = '+AGE-'\n", "does not survive being written back", (1, 11)),
    ],
)
def test_what_cannot_be_read_says_where_and_why(data: bytes, message: str, place: tuple[int, int]) -> None:
    problem = refused(data)
    assert message in problem.message
    assert (problem.line, problem.column) == place


def test_an_empty_file_is_a_document() -> None:
    assert parsed(b"").to_bytes() == b""


def test_text_of_a_span_and_its_lines() -> None:
    document = Document.of("a = '😀'\nb = Dense(1)\n")
    assert document.text(Span("model.py", None, 12, 20)) == "Dense(1)"
    assert document.lines(None).position(12) == (2, 5)
    assert document.lines(None) is document.lines(None)
    with pytest.raises(KeyError, match=r"model\.py has no code cell 3"):
        document.cell(3)


def test_an_edited_document_has_its_own_lines() -> None:
    document = Document.of("a\nb\n")
    assert document.lines(None).count == 3
    assert document.edited([Edit(Span("model.py", None, 0, 2), "")]).lines(None).count == 2


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@given(TEXT, st.sampled_from(["", "\r\n", "\r", "\n"]), st.booleans())
def test_any_text_comes_back(text: str, ending: str, bom: bool) -> None:
    data = (b"\xef\xbb\xbf" if bom else b"") + f"# \n\n{text}{ending}".encode()
    assert parsed(data).to_bytes() == data


@given(st.binary(max_size=80))
def test_any_bytes_are_a_document_that_comes_back_or_a_problem(data: bytes) -> None:
    for path in ("m.py", "m.ipynb"):
        document = Document.parse(data, path)
        assert isinstance(document, Problem) or document.to_bytes() == data


def test_a_replaced_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.py", tmp_path / "link.py"
    real.write_bytes(b"old")
    real.chmod(0o750)
    link.symlink_to(real)
    replace(str(link), b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o750
    assert sorted(os.listdir(tmp_path)) == ["link.py", "real.py"]


def test_a_replacement_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "m.py"
    file.write_bytes(b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace(str(file), b"new")
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.py"]


def test_words_are_those_of_any_alphabet() -> None:
    """A name that goes with a fix may be read by another file."""
    assert Document.of("été = größe_1\n").words == {"été", "größe_1"}
