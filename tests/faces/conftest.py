"""kerlint as a user runs it: in a directory of its own, with its own cache and configuration."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kerlint.cli.main import main

POINTWISE = """\
from keras.layers import Conv1D, Dense, GlobalMaxPooling1D, Input
from keras.models import Sequential

model = Sequential([
    Input((10, 4)),
    Conv1D(8, 1, activation="relu"),
    GlobalMaxPooling1D(),
    Dense(1),
])
"""
FIXED_LAYER = POINTWISE.replace('Conv1D(8, 1, activation="relu")', 'Dense(8, activation="relu")')
CLEAN = """\
from keras.layers import Dense, Input
from keras.models import Sequential

model = Sequential([Input((10,)), Dense(4, activation="relu"), Dense(1)])
"""


@dataclass(frozen=True)
class Done:
    """What a run left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """Of a JSON report: the code of each finding."""
        return [finding["code"] for finding in self.json["findings"]]


Run = Callable[..., Done]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory; nothing of the machine's own settings is seen."""
    home = tmp_path / "home"
    home.mkdir()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name, value in {"HOME": home, "XDG_CONFIG_HOME": home, "KERLINT_CACHE_DIR": home / "cache"}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return work


@pytest.fixture
def kerlint(here: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in this process (a tenth of a second less than another one)."""

    def run(*words: str | Path, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        status = main([str(word) for word in words])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Done(status, out.decode(), err.decode())

    return run


def process(*words: str, cwd: Path, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Done:
    """Run a command line in its own process."""
    command = [sys.executable, "-m", "kerlint", *words]
    done = subprocess.run(command, cwd=cwd, env=env, input=stdin, capture_output=True, check=False)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def write(path: Path, text: str | bytes = POINTWISE) -> Path:
    """A file below an existing or new directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
