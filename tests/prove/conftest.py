"""One TensorFlow for all proofs of the test run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kerlint.prove.cache import Cache
from kerlint.prove.client import Prover


class Memory(Cache):
    """A cache that lasts as long as the test, and counts."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.hits = 0

    def get(self, key: str) -> Any:
        self.hits += key in self.kept
        return self.kept.get(key)

    def put(self, key: str, value: object) -> None:
        self.kept[key] = json.loads(json.dumps(value))


@pytest.fixture(scope="session")
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def prover(memory: Memory) -> Iterator[Prover]:
    with Prover(cache=memory) as found:
        if found.why_not is not None:
            pytest.skip(found.why_not)
        yield found
        assert found.starts == 1, "proofs of one run share one worker"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A linted project, which is the working directory."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n")
    monkeypatch.chdir(root)
    return root
