"""A worker's life: started in a scratch directory, asked with a time limit, killed with all it started."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]
SHARED = "host/inside"
START = "import sys\nfrom box.{package} import main\nmain(*sys.argv[1:])\n"
# One user's machine may run several of these: two threads, no GPU, no oneDNN (which reorders sums).
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1",
    "TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1",
    "KERAS_BACKEND": "tensorflow", "JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu", "PYTHONHASHSEED": "0",
}  # fmt: skip
# What TensorFlow logs before anybody asks it something, and how Python says what was raised.
NOISE = re.compile(
    r"WARNING: All log messages|[IWE]\d{4} |\d{4}-\d\d-\d\d .*: [IWE] |To enable the following instructions"
)
ERROR = re.compile(r"[\w.]*(Error|Exception|Interrupt)\b")
# What a program that is not kerlint's own may see of the user's environment: nothing that could be a secret.
HARMLESS = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT", "TF_USE_LEGACY_KERAS")


class Failed(Exception):
    """The worker gave no answer; says why."""


class Late(Failed):
    """It was given no more time."""


@dataclass(frozen=True)
class Limits:
    """What a worker may use: bytes of memory, and of each file it writes."""

    memory: int = 8 * 2**30
    file: int = 64 * 2**20


@dataclass(frozen=True)
class Program:
    """A worker's code: a folder of kerlint's tree, by its path from there.

    ``sealed``: it runs a program that is not kerlint's, and sees no variables of the user's that could be secrets.
    """

    folder: str
    limits: Limits = field(default_factory=Limits)
    sealed: bool = False
    variables: tuple[tuple[str, str], ...] = ()

    @cached_property
    def hash(self) -> str:
        """Of the worker's own files: another worker may say something else."""
        digest = hashlib.sha256()
        for path in sorted(path for part in (SHARED, self.folder) for path in (ROOT / part).glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:16]

    def copy(self, into: Path) -> None:
        """Lays the files out as they lie here, so that the imports between them hold; no other of kerlint's."""
        for folder in (SHARED, self.folder):
            target = into / "box" / folder
            shutil.copytree(ROOT / folder, target, ignore=shutil.ignore_patterns("__pycache__"))
            for above in (target.parent, target.parents[1]):
                (above / "__init__.py").touch()
        package = self.folder.replace("/", ".")
        (into / "__main__.py").write_text(START.format(package=package), encoding="utf-8")

    def environment(self, home: Path) -> dict[str, str]:
        """The variables it sees; no keras.json of the user's is read."""
        own = {"KERAS_HOME": str(home)} | dict(self.variables)
        if not self.sealed:
            return os.environ | ENVIRONMENT | own
        seen = {name: os.environ[name] for name in HARMLESS if name in os.environ}
        places = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), str(home))
        return seen | ENVIRONMENT | own | places | {"MPLBACKEND": "Agg"}


class Worker:
    """One process with Keras in it. Make it, ``ask`` it, ``close`` it; after Failed it is closed."""

    def __init__(self, python: str, program: Program) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="kerlint-"))
        self.answered = 0
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        try:
            self.process = self._start(python, program)
        except OSError as error:
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise Failed(f"{python} does not start: {error.strerror}") from error
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self.close)

    def _start(self, python: str, program: Program) -> subprocess.Popen[bytes]:
        code, home = self.scratch / "code", self.scratch / "home"
        home.mkdir()
        program.copy(code)
        with open(self.scratch / "stderr", "wb") as errors:
            return subprocess.Popen(
                [python, "-I", "-B", "-X", "utf8", str(code), json.dumps(asdict(program.limits))], cwd=home,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=program.environment(home),
                start_new_session=True,
            )  # fmt: skip

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The worker's answer. Raises Failed for a crash, nonsense, or after ``seconds``."""
        try:
            return self._ask(request, seconds)
        except BaseException:  # Ctrl-C too: nobody is left to hear the answer
            self.close()
            raise

    def _ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps({"id": self.answered, "request": request}).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise Failed(f"the worker ended: {self._last_words()}") from None
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise Late(f"no answer within {seconds:g} seconds") from None
        if line is None:
            raise Failed(f"the worker ended: {self._last_words()}")
        try:
            answer = json.loads(line)
            found: dict[str, Any] = answer["answer"]
            if answer["id"] != self.answered:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise Failed(f"the worker answered nonsense: {line[:80]!r}") from None
        self.answered += 1
        return found

    def printed(self, most: int = 20_000) -> str:
        """The end of what the process printed so far."""
        try:
            return (self.scratch / "stderr").read_bytes()[-most:].decode(errors="replace")
        except OSError:
            return ""

    def _last_words(self) -> str:
        """How the process ended, with the last error that it printed, or else the last line that is its own."""
        try:
            code = self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        lines = [line.strip() for line in self.printed().splitlines() if line.strip() and not NOISE.match(line)]
        lines = [line for line in lines if ERROR.match(line)] or lines
        return f"{how}: {lines[-1][:200]}" if lines else how

    def close(self) -> None:
        """Ends the process and whatever it started; idempotent."""
        atexit.unregister(self.close)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)  # the session's leader: its group has its id
            else:
                self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


class Held:
    """A context manager that has a worker while it needs one."""

    _worker: Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker with all that it started."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()
