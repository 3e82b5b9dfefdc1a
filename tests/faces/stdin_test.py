"""``-``: source on standard input."""

from __future__ import annotations

from pathlib import Path

from tests.faces.conftest import FIXED_LAYER, POINTWISE, Run, write


def test_findings_carry_the_name_that_was_given(here: Path, kerlint: Run) -> None:
    done = kerlint("-", "--no-prove", "--stdin-filename", "src/m.py", "--format", "concise", stdin=POINTWISE.encode())
    assert done.status == 1
    assert done.out.startswith("src/m.py:6:5: KER101 [*]")


def test_the_fixed_source_has_standard_output_for_itself(here: Path, kerlint: Run) -> None:
    done = kerlint("-", "--no-prove", "--fix", stdin=POINTWISE.encode())
    assert (done.status, done.out) == (0, FIXED_LAYER)


def test_without_keras_the_source_comes_back(here: Path, kerlint: Run) -> None:
    assert kerlint("-", "--fix", stdin=b"x = (\r\n").out == "x = (\r\n"


def test_what_does_not_parse_comes_back(here: Path, kerlint: Run) -> None:
    done = kerlint("-", "--no-prove", "--fix", stdin=b"import keras\nx = (\n")
    assert (done.status, done.out) == (1, "import keras\nx = (\n")
    assert "stdin.py:2:5: KER000" in done.err


def test_the_configuration_is_the_one_beside_the_name(here: Path, kerlint: Run) -> None:
    write(here / "src" / "kerlint.toml", 'ignore = ["KER101"]\n')
    words = ("-", "--no-prove", "--stdin-filename")
    assert kerlint(*words, "src/m.py", stdin=POINTWISE.encode()).status == 0
    assert kerlint(*words, "m.py", stdin=POINTWISE.encode()).status == 1


def test_diff_of_standard_input(here: Path, kerlint: Run) -> None:
    done = kerlint("-", "--no-prove", "--diff", "--stdin-filename", "m.py", stdin=POINTWISE.encode())
    assert done.status == 1
    assert done.out.startswith("--- a/m.py\n+++ b/m.py\n")


def test_what_is_excluded_comes_back_where_that_is_forced(here: Path, kerlint: Run) -> None:
    """What an editor sends for every file it opens."""
    words = ("-", "--no-prove", "--fix", "--exclude", "gen", "--stdin-filename", "gen/m.py")
    done = kerlint(*words, "--force-exclude", stdin=POINTWISE.encode())
    assert (done.status, done.out) == (0, POINTWISE)
    assert kerlint(*words, stdin=POINTWISE.encode()).out == FIXED_LAYER
