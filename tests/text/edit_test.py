"""Fixes are made whole or not at all, and never run into each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerlint.text.edit import Applicability, Edit, Fix, apply, select
from kerlint.text.span import Span


def edit(start: int, end: int, text: str, path: str = "m.py", cell: int | None = None) -> Edit:
    return Edit(Span(path, cell, start, end), text)


def fix(*edits: Edit) -> Fix:
    return Fix("Do it", edits, Applicability.SAFE)


def test_edits_are_made_wherever_they_stand_in_the_list() -> None:
    assert apply("Conv1D(8, 1)", [edit(10, 11, "2"), edit(0, 6, "Conv2D"), edit(7, 7, "4 * ")]) == "Conv2D(4 * 8, 2)"


def test_the_same_edit_is_made_once() -> None:
    assert apply("x", [edit(0, 0, "import a\n"), edit(0, 0, "import a\n")]) == "import a\nx"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap at offset 2"):
        apply("abcdef", [edit(0, 3, "x"), edit(2, 4, "y")])


def test_an_edit_behind_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="offset 9 of 3"):
        apply("abc", [edit(2, 9, "x")])


def test_of_two_fixes_that_meet_the_first_is_taken() -> None:
    first, second, third = fix(edit(0, 3, "a")), fix(edit(3, 5, "b")), fix(edit(6, 7, "c"))
    assert select([third, second, first]) == ([first, third], [second])


def test_a_fix_waits_as_a_whole() -> None:
    first, second = fix(edit(0, 3, "a")), fix(edit(2, 4, "b"), edit(9, 9, "c"))
    assert select([first, second]) == ([first], [second])


def test_fixes_may_share_an_added_import() -> None:
    line = edit(0, 0, "from keras.layers import Dense\n")
    one, two = fix(line, edit(40, 50, "Dense(8)")), fix(line, edit(60, 70, "Dense(16)"))
    assert select([two, one]) == ([one, two], [])


def test_fixes_that_add_different_imports_at_one_place_wait() -> None:
    one = fix(edit(0, 0, "import a\n"), edit(40, 50, "x"))
    two = fix(edit(0, 0, "import b\n"), edit(60, 70, "y"))
    assert select([two, one]) == ([one], [two])


def test_fixes_may_share_what_they_say_is_shared() -> None:
    name, other = edit(0, 6, "Conv2D"), edit(20, 26, "Conv2D")
    one = Fix("Do it", (name, edit(8, 9, "x"), other), Applicability.SAFE, shared=frozenset([name, other]))
    two = Fix("Do it", (name, other, edit(28, 29, "y")), Applicability.SAFE, shared=frozenset([name, other]))
    assert select([two, one]) == ([one, two], [])
    assert select([fix(*one.edits), fix(*two.edits)]) == ([fix(*one.edits)], [fix(*two.edits)])


def test_of_two_equal_fixes_one_is_enough() -> None:
    one, two = fix(edit(0, 0, "x"), edit(4, 5, "y")), fix(edit(0, 0, "x"), edit(4, 5, "y"))
    assert select([one, two]) == ([one], [two])


def test_the_same_offsets_in_other_cells_and_files_are_other_places() -> None:
    fixes = [fix(edit(0, 3, "a")), fix(edit(0, 3, "a", cell=1)), fix(edit(0, 3, "a", path="n.py"))]
    assert len(select(fixes)[0]) == 3


@pytest.mark.parametrize(
    "edits",
    [
        (),
        (edit(0, 2, "a"), edit(2, 3, "b")),
        (edit(5, 6, "a"), edit(0, 1, "b")),
        (edit(0, 1, "a"), edit(5, 6, "b", path="n.py")),
    ],
)
def test_a_fix_is_some_edits_in_order_in_one_document(edits: tuple[Edit, ...]) -> None:
    with pytest.raises(ValueError, match="Do it"):
        fix(*edits)


def test_applicability_is_ordered() -> None:
    assert Applicability.DISPLAY < Applicability.UNSAFE < Applicability.SAFE
    assert [a.label for a in Applicability] == ["display", "unsafe", "safe"]


SPANS = st.tuples(st.integers(0, 30), st.integers(0, 4)).map(lambda t: (t[0], t[0] + t[1]))


@given(st.lists(SPANS, max_size=12))
def test_what_is_selected_can_be_applied_and_the_rest_has_a_reason(places: list[tuple[int, int]]) -> None:
    fixes = [fix(edit(a, b, f"<{n}>")) for n, (a, b) in enumerate(places)]
    taken, postponed = select(fixes)
    assert {id(f) for f in taken} | {id(f) for f in postponed} == {id(f) for f in fixes}
    result = apply("." * 40, [e for f in taken for e in f.edits])
    assert all(e.text in result for f in taken for e in f.edits)
    for waiting in postponed:
        assert any(waiting.edits[0].span.touches(f.edits[0].span) for f in taken)
