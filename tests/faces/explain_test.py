"""``kerlint explain``: a rule's page."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faces.conftest import POINTWISE, Run, write


@pytest.mark.parametrize("name", ["KER101", "pointwise-conv", "ker101"])
def test_a_page(name: str, kerlint: Run) -> None:
    done = kerlint("explain", name)
    assert done.status == 0
    assert done.out.startswith("KER101 pointwise-conv\nwarning, identical, its fix is safe\n")
    assert '    x = Conv1D(128, kernel_size=1, activation="relu")(x)\n' in done.out
    assert "[tool.kerlint.rules.pointwise-conv]" in done.out


def test_the_catalogue(kerlint: Run) -> None:
    report = kerlint("explain", "--all", "--format", "json").json
    rules = {rule["code"]: rule for rule in report["rules"]}
    assert list(rules) == sorted(rules)
    assert {"KER000", "KER001", "KER101", "KER104"} <= set(rules)
    assert rules["KER101"] == kerlint("explain", "KER101", "--format", "json").json
    for rule in rules.values():
        assert rule["summary"] == rule["page"].partition("\n")[0]
        assert rule["severity"] in ("error", "warning", "info")
    assert len(kerlint("explain", "--all").out.splitlines()) == len(rules)


def test_a_page_says_what_its_example_gives(kerlint: Run) -> None:
    out = kerlint("explain", "single-step-lstm").out
    assert "Found in the example\n    LSTM(128) runs on a single timestep: " in out
    assert "    params  70144 -> 3456" in out


def test_a_page_says_when_its_rule_is_asked(kerlint: Run) -> None:
    assert "; asked of code for Keras 3, or where it is selected by name\n" in kerlint("explain", "KER402").out
    assert kerlint("explain", "KER402", "--format", "json").json["since"] == 3


def test_each_silence_is_told_at_its_line(here: Path, kerlint: Run) -> None:
    """Near misses of one rule, of one line; and of a rule that speaks to code for another Keras."""
    source = POINTWISE.replace("Dense(1)", "Dense(output_dim=1)")
    write(here / "m.py", source.replace("Conv1D(8, 1,", "Conv1D(8, 2,"))
    done = kerlint("--no-prove", "--why", "KER101", "KER402", "m.py")
    assert "m.py:6: KER101 pointwise-conv stayed silent: kernel_size=(2,)\n" in done.out
    assert "m.py:8: KER402 renamed-argument stayed silent: nothing says that the code is for Keras 3: " in done.out
    done = kerlint("--no-prove", "--why", "m.py:6")
    assert "KER101" in done.out and "KER402" not in done.out


def test_the_beginning_of_several_codes_is_said(kerlint: Run) -> None:
    done = kerlint("explain", "ker10")
    assert (done.status, done.out) == (2, "")
    assert "ker10 is the beginning of several rules: KER101, KER102, " in done.err
