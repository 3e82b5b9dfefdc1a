"""Programs as users write them, run for real: shut in, with a Keras of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kerlint.host.find import Interpreter, probe
from kerlint.host.worker import Limits
from kerlint.introspect.client import Introspection, Outcome, Wish
from kerlint.introspect.target import parse

Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    """The Python of the tests, which has Keras."""
    found = probe(sys.executable)
    assert found is not None and found.tensorflow
    return found


@pytest.fixture
def run(tmp_path: Path, interpreter: Interpreter) -> Run:
    """The models that a program's text makes; ``expression`` names a builder in it."""

    def outcome(text: str, expression: str = "", limits: Limits | None = None, **wish: object) -> Outcome:
        path = tmp_path / "program" / "builders.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        target = parse(f"{path}:{expression}" if expression else str(path))
        with Introspection(interpreter, target, Wish(limits=limits or Limits(), **wish)) as one:  # type: ignore[arg-type]
            return one.outcome()

    return outcome
