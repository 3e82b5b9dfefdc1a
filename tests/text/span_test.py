"""Offsets, lines and columns are those that Python and an editor show."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerlint.text.span import Lines, Span

TEXTS = st.text(st.sampled_from("ab é😀\t\f\x0b\x85\u2028\r\n"), max_size=40)


def test_columns_count_code_points() -> None:
    lines = Lines("x = '😀'; y\n")
    assert lines.position(9) == (1, 10)
    assert lines.from_utf8(1, 12) == 9


def test_only_python_breaks_end_a_line() -> None:
    lines = Lines("a\x0bb\x0cc\x85d\u2028e\r\nf\rg\nh")
    assert [lines.line(n) for n in range(1, lines.count + 1)] == ["a\x0bb\x0cc\x85d\u2028e", "f", "g", "h"]


@pytest.mark.parametrize(
    ("line", "column", "offset"), [(0, 5, 0), (1, 99, 2), (2, 0, 4), (2, 2, 5), (9, 1, 6), (3, 1, 6)]
)
def test_places_outside_the_text_go_to_the_nearest_inside(line: int, column: int, offset: int) -> None:
    assert Lines("ab\r\nc\n").offset(line, column) == offset


@given(TEXTS, st.data())
def test_position_and_offset_are_inverse(text: str, data: st.DataObject) -> None:
    lines = Lines(text)
    offset = data.draw(st.integers(0, len(text)))
    line, column = lines.position(offset)
    inside_break = text[offset - 1 : offset + 1] == "\r\n"
    assert lines.offset(line, column) == (offset - 1 if inside_break else offset)


@given(st.lists(st.sampled_from(["'é'", "'😀'", "name", "'''a\n😀'''", "f(1,\r\n 2)"]), min_size=1))
def test_places_of_ast_are_places_of_the_text(words: list[str]) -> None:
    text = "; ".join(words)
    lines = Lines(text)
    for statement, word in zip(ast.parse(text).body, words, strict=True):
        assert statement.end_lineno is not None and statement.end_col_offset is not None
        start = lines.from_utf8(statement.lineno, statement.col_offset)
        end = lines.from_utf8(statement.end_lineno, statement.end_col_offset)
        assert text[start:end] == word


def test_spans_are_ordered_with_and_without_cells() -> None:
    spans = [Span("a", 1, 0, 1), Span("a", None, 5, 6), Span("a", 0, 7, 8), Span("a", None, 5, 5)]
    assert sorted(spans) == [spans[3], spans[1], spans[2], spans[0]]
    assert max(spans) is spans[0]


def test_a_span_ends_behind_its_start() -> None:
    with pytest.raises(ValueError, match=r"3\.\.2 is no span"):
        Span("a", None, 3, 2)
