"""``kerlint explain``: a rule's page."""

from __future__ import annotations

import pytest
from tests.faces.conftest import Run


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


def test_the_beginning_of_several_codes_is_said(kerlint: Run) -> None:
    done = kerlint("explain", "ker10")
    assert (done.status, done.out) == (2, "")
    assert "ker10 is the beginning of several rules: KER101, KER102, " in done.err
