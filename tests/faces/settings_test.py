"""What silences a finding: comments, configuration, a baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.faces.conftest import FIXED_LAYER, POINTWISE, Run, write

JSON = ("--no-prove", "--format", "json")


def commented(comment: str) -> str:
    return POINTWISE.replace('"relu"),', f'"relu"),  {comment}')


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# kerlint: ignore", []),
        ("# kerlint: ignore[KER101]", []),
        ("# kerlint: ignore[pointwise-conv]", []),
        ("# kerlint: ignore[KER102, KER101]", ["KER001"]),
        ("# noqa: KER101", []),
        ("# noqa: E501", ["KER101"]),
        ("# kerlint: ignore[KER102]", ["KER101", "KER001"]),
        ("# kerlint: ignore[KER101, KER999]", ["KER001"]),
        ("# kerlint: ignore[pointwise-cnv]", ["KER101", "KER001"]),
        ("# kerlint: skip-file", []),
    ],
)
def test_comments(comment: str, codes: list[str], here: Path, kerlint: Run) -> None:
    write(here / "model.py", commented(comment))
    assert kerlint(*JSON).codes == codes


def test_a_comment_alone_on_the_line_above(here: Path, kerlint: Run) -> None:
    write(here / "model.py", POINTWISE.replace("    Conv1D", "    # kerlint: ignore[KER101]\n    Conv1D"))
    assert kerlint(*JSON).codes == []


def test_an_unused_ignore_is_removed_by_fix(here: Path, kerlint: Run) -> None:
    path = write(here / "model.py", FIXED_LAYER.replace("    Dense(1),", "    Dense(1),  # kerlint: ignore"))
    done = kerlint("--no-prove")
    assert done.status == 1
    assert "none needed: the text changes, the graph stays the same" in done.out
    assert kerlint("--no-prove", "--fix").status == 0
    assert path.read_text() == FIXED_LAYER


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# kerlint: ignore[KER102, KER101]", "# kerlint: ignore[KER101]"),
        ("# kerlint: ignore[KER101, KER102]", "# kerlint: ignore[KER101]"),
        ("# kerlint: ignore[KER101,KER102,KER103]  # why", "# kerlint: ignore[KER101]  # why"),
    ],
)
def test_one_unused_code_is_removed_from_a_list(before: str, after: str, here: Path, kerlint: Run) -> None:
    path = write(here / "model.py", commented(before))
    assert kerlint("--no-prove", "--fix").status == 0
    assert path.read_text() == commented(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    Dense(1),  # kerlint: ignore", "    Dense(1),"),
        ("    # kerlint: ignore\n    Dense(1),", "    Dense(1),"),
        ("    Dense(1),  # kerlint: ignore  # one", "    Dense(1),  # one"),
        ("    Dense(1),  # one  # kerlint: ignore", "    Dense(1),  # one"),
        ("    Dense(1),  # kerlint: ignore[KER101] why", "    Dense(1),  # why"),
    ],
)
def test_what_is_left_of_an_unused_comment(before: str, after: str, here: Path, kerlint: Run) -> None:
    path = write(here / "model.py", FIXED_LAYER.replace("    Dense(1),", before))
    kerlint("--no-prove", "--fix")
    assert path.read_text() == FIXED_LAYER.replace("    Dense(1),", after)


def test_an_ignore_of_a_rule_that_is_not_selected_is_not_unused(here: Path, kerlint: Run) -> None:
    write(here / "model.py", commented("# kerlint: ignore[KER101]"))
    assert kerlint(*JSON, "--select", "KER2,KER001").codes == []
    write(here / "model.py", commented("# kerlint: ignore[KER101, KER999]"))
    assert kerlint(*JSON, "--select", "KER2,KER001").codes == ["KER001"], "no rule is called KER999"


def test_an_ignore_of_everything_is_judged_by_a_whole_run(here: Path, kerlint: Run) -> None:
    """``--select KER001 --fix`` would lay bare what the comments hide of other rules."""
    path = write(here / "model.py", commented("# kerlint: ignore"))
    assert kerlint(*JSON, "--select", "KER2,KER001", "--fix").codes == []
    assert path.read_text() == commented("# kerlint: ignore")
    write(here / "kerlint.toml", 'select = ["KER2", "KER001"]\n')
    assert kerlint(*JSON).codes == ["KER001"]


def test_where_nothing_is_evaluated_no_ignore_is_unused(here: Path, kerlint: Run) -> None:
    path = write(here / "model.py", commented("# kerlint: ignore[KER101]") + "x = (\n")
    assert kerlint(*JSON, "--fix").codes == ["KER000"]
    assert path.read_text().endswith("x = (\n")


def test_pyproject_and_per_file_ignores(here: Path, kerlint: Run) -> None:
    write(here / "src" / "model.py")
    write(here / "tests" / "model.py")
    write(here / "pyproject.toml", '[tool.kerlint.per-file-ignores]\n"tests/*" = ["KER101"]\n')
    assert [f["path"] for f in kerlint(*JSON).json["findings"]] == ["src/model.py"]
    assert len(kerlint(*JSON, "--isolated").json["findings"]) == 2


def test_the_nearest_file_wins(here: Path, kerlint: Run) -> None:
    write(here / "a" / "model.py")
    write(here / "b" / "model.py")
    write(here / "kerlint.toml", 'ignore = ["KER101"]\n')
    write(here / "b" / ".kerlint.toml", "")
    assert [f["path"] for f in kerlint(*JSON).json["findings"]] == ["b/model.py"]


def test_a_file_named_on_the_command_line(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    write(here / "kerlint.toml", "")
    write(here / "other.toml", 'ignore = ["KER101"]\nfail-on = "error"\n')
    assert kerlint(*JSON, "--config", "other.toml").codes == []


def test_output_format_and_fix_of_the_configuration(here: Path, kerlint: Run) -> None:
    path = write(here / "model.py")
    write(here / "kerlint.toml", 'output-format = "json"\nfix = true\nprove = false\n')
    assert kerlint("--no-fix").codes == ["KER101"]
    done = kerlint()
    assert (done.status, done.json["fixed"]) == (0, 1)
    assert path.read_text() == FIXED_LAYER


def test_rules_move_between_safe_and_unsafe(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    write(here / "kerlint.toml", 'extend-unsafe-fixes = ["KER101"]\n')
    (finding,) = kerlint(*JSON).json["findings"]
    assert finding["fixes"][0]["applicability"] == "unsafe"


def test_options_of_a_rule(here: Path, kerlint: Run) -> None:
    write(here / "model.py", POINTWISE.replace("1D", "2D").replace("(10, 4)", "(8, 8, 4)"))
    assert kerlint(*JSON).codes == []
    write(here / "kerlint.toml", "[rules.pointwise-conv]\nranks = [1, 2]\n")
    assert kerlint(*JSON).codes == ["KER101"]
    write(here / "model.py", POINTWISE.replace("    Conv1D", "    Conv1D(8, 3),\n    Conv1D"))
    assert kerlint(*JSON).codes == ["KER101"]
    write(here / "kerlint.toml", "[rules.pointwise-conv]\namong-convolutions = false\n")
    assert kerlint(*JSON).codes == []


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("rank = [1, 2]", "rules.pointwise-conv: unknown key 'rank' (did you mean 'ranks'?)"),
        ("ranks = 2", "rules.pointwise-conv: ranks = 2 is not a list of int"),
        ('ranks = [1, "2"]', "rules.pointwise-conv: ranks = [1, '2'] is not a list of int"),
        ("ranks = [true]", "rules.pointwise-conv: ranks = [True] is not a list of int"),
    ],
)
def test_a_wrong_option_of_a_rule(option: str, message: str, here: Path, kerlint: Run) -> None:
    write(here / "model.py", POINTWISE)
    write(here / "kerlint.toml", f"[rules.pointwise-conv]\n{option}\n")
    done = kerlint(*JSON)
    assert done.status == 2
    assert message in done.err


@pytest.mark.parametrize("flags", [("--exclude", "old"), ("--extend-exclude", "old,nothing")])
def test_exclude(flags: tuple[str, ...], here: Path, kerlint: Run) -> None:
    write(here / "old" / "model.py")
    write(here / "new" / "model.py")
    assert [f["path"] for f in kerlint(*JSON, *flags).json["findings"]] == ["new/model.py"]
    assert len(kerlint("old/model.py", *JSON, *flags).json["findings"]) == 1, "it was named"
    assert kerlint("old/model.py", *JSON, *flags, "--force-exclude").codes == []


def test_a_baseline_knows_what_was_there(here: Path, kerlint: Run) -> None:
    path = write(here / "model.py")
    done = kerlint("--no-prove", "--write-baseline", "known.json")
    assert (done.status, done.out) == (0, "")
    assert len(json.loads((here / "known.json").read_text())["known"]) == 1
    assert kerlint("--no-prove", "--baseline", "known.json").status == 0
    path.write_text("# moved\n" + POINTWISE.replace("    Global", "    Conv1D(4, 1),\n    Global"))
    (finding,) = kerlint(*JSON, "--baseline", "known.json").json["findings"]
    assert finding["start"]["line"] == 8


def test_add_ignore_silences_everything_and_changes_no_program(here: Path, kerlint: Run) -> None:
    text = POINTWISE.replace(
        '    Conv1D(8, 1, activation="relu"),', '    Conv1D(8, 1, name="""a\nb"""), Conv1D(\n        4, 1),'
    )
    path = write(here / "model.py", text)
    assert kerlint(*JSON).codes == ["KER101", "KER101"]
    done = kerlint("--no-prove", "--add-ignore")
    assert (done.status, done.err) == (0, "kerlint: 2 findings silenced\n")
    assert path.read_text().count("# kerlint: ignore[KER101]") == 1, "both are on one line"
    assert kerlint(*JSON).codes == []


def test_add_ignore_lists_rules_in_order_and_is_no_dry_run(here: Path, kerlint: Run) -> None:
    text = POINTWISE.replace("GlobalMaxPooling1D(),", "Flatten(),").replace("GlobalMaxPooling1D", "Flatten")
    path = write(here / "model.py", text)
    done = kerlint("--no-prove", "--add-ignore", "--diff")
    assert (done.status, path.read_text()) == (2, text)
    kerlint("--no-prove", "--add-ignore")
    assert "# kerlint: ignore[KER101, KER301]" in path.read_text()


def test_add_ignore_extends_a_list(here: Path, kerlint: Run) -> None:
    path = write(here / "model.py", commented("# kerlint: ignore[KER2]"))
    kerlint("--no-prove", "--add-ignore")
    assert "# kerlint: ignore[KER2, KER101]" in path.read_text()


def test_show_files_and_settings(here: Path, kerlint: Run) -> None:
    write(here / "a.py")
    write(here / "b.txt")
    write(here / "kerlint.toml", 'select = ["KER2"]\n')
    assert kerlint("--show-files").out == "a.py\n"
    out = kerlint("--show-settings").out
    assert out.startswith("# kerlint.toml\n")
    assert 'select = ["KER2"]' in out
    assert "KER202  softmax-over-one" in out and "KER101" not in out


def test_why(here: Path, kerlint: Run) -> None:
    write(here / "model.py", POINTWISE.replace("Conv1D(8, 1", "Conv1D(8, 3"))
    out = kerlint("--no-prove", "--why", "KER101", "model.py:6").out
    assert out == "model.py:6: KER101 pointwise-conv stayed silent: kernel_size=(3,)\n"
    assert kerlint("--no-prove", "--why", "pointwise-conv", "--", "model.py").out == out
    assert "KER101 pointwise-conv stayed silent" in kerlint("model.py", "--no-prove", "--why").out
    nothing = kerlint("--no-prove", "--why", "KER101", "model.py:1")
    assert (nothing.out, nothing.err.splitlines()[-2]) == (
        "",
        "kerlint: no rule stayed silent there (KER101 model.py:1)",
    )
    assert kerlint("--no-prove", "--why", "KER104,pointwise-conv", "model.py:6").out == out
    unknown = kerlint("--no-prove", "--why", "pointwise", "model.py")
    assert (unknown.status, unknown.out) == (2, "") and "unknown rule 'pointwise'" in unknown.err


OLD = (
    "from keras.layers.core import Dense\nfrom keras.models import Sequential\nm = Sequential([Dense(output_dim=1)])\n"
)


@pytest.mark.parametrize(
    ("words", "config", "source", "codes"),
    [
        ((), "", OLD, []),
        ((), "keras = 3\n", OLD, ["KER403", "KER402"]),
        ((), "keras = 2\n", OLD + "import keras.ops\n", []),
        ((), "", OLD + "from keras import ops\n", ["KER403", "KER402"]),
        (("--select", "KER4"), "", OLD, ["KER403", "KER402"]),
        (("--select", "KER4"), "keras = 2\n", OLD, ["KER403", "KER402"]),
        (("--extend-select", "renamed-argument"), "", OLD, ["KER402"]),
        ((), 'extend-select = ["KER403"]\n', OLD, ["KER403"]),
        (("--select", "ALL"), "", OLD, []),
        (("--select", "KER"), "", OLD, []),
    ],
    ids=[
        "nothing-said",
        "configured",
        "configured-2",
        "evidence",
        "selected",
        "selected-for-2",
        "by-name",
        "file",
        "all",
        "own",
    ],
)
def test_rules_for_a_keras_speak_to_code_for_it(
    here: Path, kerlint: Run, words: tuple[str, ...], config: str, source: str, codes: list[str]
) -> None:
    write(here / "m.py", source)
    write(here / "kerlint.toml", config)
    assert kerlint("--no-prove", "--format", "json", *words).codes == codes
