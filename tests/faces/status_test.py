"""Exit status, and what goes to which stream."""

import os
from pathlib import Path
from typing import Any

import pytest
from tests.faces.conftest import CLEAN, FIXED_LAYER, POINTWISE, Run, process, write

from kerlint.cli.flags import COMMANDS
from kerlint.graph.answer import Note
from kerlint.text.document import Document

PLAIN = ("--no-prove", "--output-format", "concise")


def test_clean_files_are_silent_on_standard_output(here: Path, kerlint: Run) -> None:
    write(here / "model.py", CLEAN)
    done = kerlint(*PLAIN)
    assert (done.status, done.out) == (0, "")
    assert done.err == "kerlint: nothing found (1 file checked, 0 without Keras)\n"


def test_findings_are_status_one(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    done = kerlint(*PLAIN)
    assert done.status == 1
    assert done.out.startswith("model.py:6:5: KER101 [*] Conv1D(8) ")
    assert "1 fixable with --fix" in done.err


def test_quiet_says_findings_only(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    done = kerlint(*PLAIN, "-q")
    assert (done.status, done.err) == (1, "")
    assert done.out


def test_files_without_keras_are_skipped(here: Path, kerlint: Run) -> None:
    write(here / "other.py", "this is no Python and nobody looks at it\n")
    done = kerlint(".")
    assert (done.status, done.out) == (0, "")
    assert kerlint(".", "--format", "json").json["files"] == {"checked": 0, "skipped": 1}


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ((), 1),
        (("--exit-zero",), 0),
        (("--fail-on", "error"), 0),
        (("--fail-on", "info"), 1),
        (("--ignore", "KER101"), 0),
        (("--ignore", "pointwise-conv"), 0),
        (("--ignore", "KER1"), 0),
        (("--select", "KER2"), 0),
        (("--select", "KER2,pointwise-conv"), 1),
        (("--select", "KER2", "--extend-select", "KER101"), 1),
        (("--fix",), 0),
        (("--fix", "--exit-non-zero-on-fix"), 1),
        (("--diff",), 1),
    ],
)
def test_flags_and_status(flags: tuple[str, ...], status: int, here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    assert kerlint(*PLAIN, *flags).status == status


def test_fix_writes_and_a_second_run_changes_nothing(here: Path, kerlint: Run) -> None:
    path = write(here / "model.py")
    done = kerlint(*PLAIN, "--fix", "--show-fixes")
    assert path.read_text() == FIXED_LAYER
    assert "fixed in model.py:\n    1 x KER101 pointwise-conv\n" in done.err
    before = path.stat().st_mtime_ns
    assert kerlint(*PLAIN, "--fix").status == 0
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--select", "KER9"), "unknown rule 'KER9'"),
        (("--select", "pointwise-cnv"), "did you mean 'pointwise-conv'?"),
        (("--ignore", "no-such-rule"), "unknown rule"),
        (("--nonsense",), "unrecognized arguments: --nonsense"),
        (("--format", "yaml"), "invalid choice: 'yaml'"),
        (("--config", "missing.toml"), "missing.toml: cannot be read"),
        (("--baseline", "missing.json"), "missing.json: cannot be read"),
        (("-", "model.py"), "goes with no other path"),
        (("explain", "KER999"), "no rule 'KER999'"),
        (("explain", "pointwise-konv"), "did you mean pointwise-conv?"),
        (("explain",), "explain takes one rule"),
        (("summary", "model.py::nobody"), "no model 'nobody' in model.py; there is model"),
        (("introspect",), "name a target"),
        (("introspect", "nowhere.py:build"), "there is no file nowhere.py"),
        (("introspect", "model.py:build("), "is no expression"),
        (("introspect", "notes.ipynb:build"), "there is no file notes.ipynb"),
        (("--introspect",), "set models = [...]"),
        (("introspect", "--compare", "--dead-weights", "model.py"), "not allowed with argument --compare"),
    ],
)
def test_usage_is_status_two(words: tuple[str, ...], told: str, here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    done = kerlint(*words)
    assert (done.status, done.out) == (2, "")
    assert told in done.err
    assert "Traceback" not in done.err


def test_configuration_errors_name_file_and_key(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    write(here / "kerlint.toml", 'slect = ["KER1"]\n')
    done = kerlint()
    assert done.status == 2
    assert "kerlint.toml: unknown key 'slect' (did you mean 'select'?)" in done.err


def test_an_unknown_rule_in_a_file_is_a_warning(here: Path, kerlint: Run) -> None:
    write(here / "model.py")
    write(here / "kerlint.toml", 'ignore = ["future-rule"]\n')
    done = kerlint(*PLAIN)
    assert done.status == 1
    assert "warning" in done.err and "unknown rule 'future-rule'" in done.err


def test_a_path_called_like_a_command(here: Path, kerlint: Run) -> None:
    write(here / "summary" / "model.py")
    assert kerlint("./summary", "--no-prove", "-q").status == 1


def test_version_and_help(kerlint: Run) -> None:
    assert kerlint("--version").out.startswith("kerlint 0.")
    done = kerlint("--help")
    assert done.status == 0
    assert all(command in done.out for command in COMMANDS)


def test_colour_only_where_it_is_wanted(here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / "model.py")
    assert "\x1b[" not in kerlint("--no-prove").out
    assert "\x1b[" in kerlint("--no-prove", "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in kerlint("--no-prove").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in kerlint("--no-prove").out


def test_the_order_of_files_is_stable(here: Path, kerlint: Run) -> None:
    for name in ("b.py", "a/z.py", "a/a.py", "c.py"):
        write(here / name)
    done = kerlint(*PLAIN)
    paths = dict.fromkeys(line.partition(":")[0] for line in done.out.splitlines())
    assert list(paths) == ["a/a.py", "a/z.py", "b.py", "c.py"]


def test_as_a_module_in_its_own_process(here: Path) -> None:
    write(here / "model.py")
    done = process("--no-prove", "--format", "concise", cwd=here)
    assert done.status == 1
    assert done.out.startswith("model.py:6:5: KER101")


@pytest.mark.parametrize("words", [(), ("check", "--fix", "--force-exclude")])
def test_a_run_without_keras_imports_next_to_nothing(words: tuple[str, ...], here: Path) -> None:
    """A hook sees every commit: dataclasses alone would double the time."""
    import subprocess
    import sys

    write(here / "other.py", "import os\n")
    code = "import sys; from kerlint.cli.main import main; main(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "other.py"], cwd=here, capture_output=True, check=True, text=True
    )
    loaded = set(done.stdout.split())
    heavy = {"dataclasses", "inspect", "ast", "json", "libcst", "numpy", "keras", "tomllib", "pathlib"}
    heavy |= set() if words else {"argparse"}
    assert not loaded & heavy
    assert not {n for n in loaded if n.startswith(("kerlint.graph", "kerlint.report", "kerlint.rule"))}


def test_statistics(here: Path, kerlint: Run) -> None:
    write(here / "a.py", POINTWISE)
    write(here / "b.py", POINTWISE)
    done = kerlint("--no-prove", "--statistics", "--select", "KER101")
    assert (done.status, done.out) == (1, "2  KER101  [*] pointwise-conv\n")


def test_a_crash_in_a_rule_is_named_and_the_run_goes_on(
    here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from kerlint.cli import session
    from kerlint.rule.load import load

    def faulty(conv: object) -> Note:
        """Raises."""
        raise KeyError("oops")

    loaded = load()
    rules = tuple(replace(r, function=faulty) if r.code == "KER101" else r for r in loaded.rules)
    monkeypatch.setattr(session, "load", lambda *_, **__: replace(loaded, rules=rules))
    write(here / "model.py")
    write(here / "bad.py", "import keras\nx = (\n")
    done = kerlint("--no-prove", "--format", "json")
    assert done.status == 2
    assert done.codes == ["KER000"]
    (error,) = done.json["errors"]
    assert error["path"] == "model.py"
    assert error["message"].startswith("KER101 pointwise-conv: KeyError: 'oops'")


def test_a_crash_in_a_file_is_named_and_the_run_goes_on(
    here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kerlint import engine
    from kerlint.evaluate.run import evaluate

    def crashing(document: object, **options: object) -> object:
        if getattr(document, "path", "") == "a.py":
            raise RecursionError("too deep")
        return evaluate(document, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "evaluated", crashing)
    write(here / "a.py")
    write(here / "b.py")
    done = kerlint("--no-prove", "--format", "json")
    assert done.status == 2
    assert [f["path"] for f in done.json["findings"]] == ["b.py"]
    assert [e["path"] for e in done.json["errors"]] == ["a.py"]


def test_several_processes_say_the_same(here: Path, kerlint: Run) -> None:
    texts = [
        CLEAN,
        POINTWISE,
        "import keras\nx = (\n",
        CLEAN.replace("Dense(1)", "Dense(1, activation='softmax')"),
    ]
    for number in range(12):
        write(here / f"m{number:02}.py", texts[number % 4])
    one = kerlint("--no-prove", "--format", "json", "--jobs", "1")
    assert kerlint("--no-prove", "--format", "json", "--jobs", "3") == one
    assert {f["code"] for f in one.json["findings"]} == {"KER000", "KER101", "KER202"}


def test_a_process_that_dies_takes_nothing_with_it(here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerlint import engine
    from kerlint.evaluate.run import evaluate

    first = os.getpid()

    def dying(document: Document, **options: Any) -> object:
        if document.path == "b.py" and os.getpid() != first:
            os._exit(9)
        return evaluate(document, **options)

    monkeypatch.setattr(engine, "evaluated", dying)
    for name in "abc":
        write(here / f"{name}.py")
    done = kerlint("--no-prove", "--format", "json", "--jobs", "2")
    assert (done.status, done.codes, done.json["errors"]) == (1, ["KER101"] * 3, [])


def test_verbose_says_what_was_not_understood(here: Path, kerlint: Run) -> None:
    write(here / "model.py", CLEAN.replace("Dense(1)", "somebody_elses()"))
    write(here / "kerlint.toml", "")
    assert kerlint(*PLAIN).err.count("\n") == 1
    done = kerlint(*PLAIN, "-v")
    assert (done.status, done.out) == (0, "")
    assert "model.py:4: not understood: " in done.err
    assert "configuration: kerlint.toml" in done.err


def test_an_internal_error_is_status_two(here: Path, kerlint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerlint.cli import check

    def broken(_flags: object) -> int:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(check, "once", broken)
    done = kerlint(".")
    assert (done.status, done.out) == (2, "")
    assert "ZeroDivisionError: oops" in done.err
    assert done.err.endswith("kerlint: internal error, please report it with the lines above\n")
