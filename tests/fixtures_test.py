"""Every fixture says beside its lines what kerlint finds there; nothing here knows a rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.harness import (
    asked,
    differences,
    expected,
    fixed,
    fixed_name,
    name_of,
    observed,
    programs,
    report,
    source,
    text_of,
)

ALL = programs()
INPUTS = programs(fixed=False)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_fixture(path: Path) -> None:
    """What a file says beside its lines is what kerlint finds there: no more, no less."""
    problems = differences(expected(path), observed(path))
    assert not problems, "\n".join([f"{name_of(path)}:", *problems])


@pytest.mark.parametrize("path", INPUTS, ids=name_of)
def test_fixed(path: Path) -> None:
    """The file after --fix --unsafe-fixes is the one beside it; without one, nothing is fixed."""
    done = fixed(source(path), str(path), asked(path))
    assert not done.failures, done.failures
    beside = fixed_name(path)
    assert text_of(done) == (source(beside) if beside.exists() else source(path))
    if beside.exists():
        assert done.fixed, f"{name_of(beside)} is there, but nothing is fixed"


@pytest.mark.parametrize("path", [p for p in ALL if p not in INPUTS], ids=name_of)
def test_fixed_is_stable(path: Path) -> None:
    """What is fixed parses, and has nothing left to fix."""
    compile(source(path), str(path), "exec")
    left = [c for c in report(path).checked if c.fix is not None]
    assert not left, [f"{c.finding.rule.code}: {c.fix.title}" for c in left if c.fix]


def test_fixtures_are_unique() -> None:
    """No program is there twice."""
    texts = [source(path) for path in ALL]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("path", INPUTS, ids=name_of)
def test_order_of_rules_does_not_matter(path: Path) -> None:
    """All rules together come to the same text, whichever is asked first."""
    assert text_of(fixed(source(path), str(path), asked(path)[::-1])) == text_of(
        fixed(source(path), str(path), asked(path))
    )
