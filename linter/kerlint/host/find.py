"""Which interpreter proves: the user's own, never one that the linted project brings along unasked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

# Looks, without importing: Keras takes seconds. -I keeps the working directory and PYTHONPATH out of it.
PROBE = """
import importlib.metadata as m, importlib.util as u, json
def version(module, *distributions):
    if u.find_spec(module) is None: return None
    for name in distributions:
        try: return m.version(name)
        except m.PackageNotFoundError: pass
    return "unknown"
known = {"keras": "keras-nightly", "tf_keras": "tf-keras", "jax": "", "torch": "",
         "tensorflow": "tensorflow-cpu tensorflow-intel tensorflow-macos tf-nightly"}
print(json.dumps({module: version(module, module, *names.split()) for module, names in known.items()}))
"""
PROBE_SECONDS = 20
MARKERS = (".git", "pyproject.toml", "kerlint.toml", ".kerlint.toml", "setup.py", "setup.cfg")
PROGRAMS = ("python3", "python") if os.name != "nt" else ("python.exe",)
BESIDE = (".venv", "venv")  # environments that projects keep beside their sources
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}  # Keras runs on others, too: no gradients
INSTALL = "install one beside your models (pip install tensorflow) or name it with --python"


@dataclass(frozen=True)
class Interpreter:
    """A Python that has Keras, with the versions that its installed packages declare."""

    path: str
    keras: str | None
    tf_keras: str | None
    tensorflow: str | None
    jax: str | None = None
    torch: str | None = None
    backend: str = "tensorflow"  # of Keras 3

    @property
    def missing(self) -> str | None:
        """What it would need to run its backend; None if it can."""
        if self.backend not in BACKENDS:
            return f"the backend {self.backend} has no gradients: KERAS_BACKEND can be {', '.join(BACKENDS)}"
        asked = f" (KERAS_BACKEND={self.backend})" if self.backend != "tensorflow" else ""
        lacking = f"{shown(self.path)} has Keras, but no {BACKENDS[self.backend]}{asked}"
        return None if getattr(self, self.backend) else lacking

    def runs_on(self, generations: Sequence[int]) -> tuple[str, str | None]:
        """The backend that a proof names, with its version: Keras 2 has TensorFlow only."""
        backend = self.backend if 3 in generations else "tensorflow"
        return backend, getattr(self, backend)

    def lacks(self, generations: Sequence[int]) -> str | None:
        """Why it cannot run these major versions of Keras; None if it can."""
        if 2 in generations and not self.tf_keras and not (self.keras or "").startswith("2."):
            return f"needs Keras 2: {self.path} has no tf_keras"
        if 2 in generations and not self.tensorflow:
            return f"needs Keras 2: {self.path} has no TensorFlow"
        if 3 in generations and not self.keras:
            return f"needs Keras 3: {self.path} has tf_keras only"
        return None

    def keras_for(self, generations: Sequence[int]) -> str:
        """The version of Keras that a proof names."""
        both = [self.keras or "unknown"] if 3 in generations or not self.tf_keras else []
        if 2 in generations and self.tf_keras:
            both.append(self.tf_keras if not both else f"tf_keras {self.tf_keras}")
        return ", ".join(both)

    @property
    def circumstances(self) -> tuple[str, ...]:
        """What a cached proof depends on beside the question."""
        versions = (f"{name} {getattr(self, name)}" for name in ("keras", "tf_keras", "tensorflow", self.backend))
        return (*versions, f"backend {self.backend}")


@dataclass(frozen=True)
class Search:
    """What was looked for where. ``asked`` was named on the command line or in the user's own configuration;
    ``project`` by a file of the linted project."""

    asked: str | None = None
    project: str | None = None
    trust: bool = False
    roots: tuple[Path, ...] = ()  # what is linted
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    backend: str = field(default_factory=lambda: chosen_backend(os.environ))  # that the interpreter must have

    def find(self) -> tuple[Interpreter | None, str | None]:
        """The interpreter, or None and why there is none."""
        if self.asked is not None:
            return self._asked(self.asked)
        withheld: list[str] = []
        for path, by_project in self._candidates():
            why = None if self.trust else self._withheld(path, by_project)
            if why is not None:
                withheld.append(why)
            elif (found := self._probed(str(path))) is not None:
                if found.missing is None:
                    return found, None
                withheld.append(found.missing)
        return None, withheld[0] if withheld else f"no Keras found: {INSTALL}"

    def _asked(self, name: str) -> tuple[Interpreter | None, str | None]:
        """What the user names is run, wherever it lies, and nothing else is."""
        path = shutil.which(name, path=self.environ.get("PATH"))
        found = self._probed(os.path.abspath(path)) if path else None
        if found is None:
            return None, f"{name} " + ("has no Keras" if path else "is no program")
        return (found, None) if found.missing is None else (None, found.missing)

    def _probed(self, path: str) -> Interpreter | None:
        found = probe(path)
        return found and replace(found, backend=self.backend)

    def _candidates(self) -> Iterator[tuple[Path, bool]]:
        """Programs in the order in which they are asked, and whether a project's file names them."""
        if self.project is not None:
            named = shutil.which(self.project) if os.sep not in self.project else self.project
            yield Path(os.path.abspath(named or self.project)), True
        for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            prefix = self.environ.get(variable)
            if prefix and not _own(Path(prefix)):
                yield from ((path, False) for path in _programs(Path(prefix)))
        yield from ((path, False) for tree in self.trees for name in BESIDE for path in _programs(tree / name))
        yield from ((path, False) for path in self._on_path())
        yield Path(sys.executable), False

    def _on_path(self) -> Iterator[Path]:
        """The first Python on PATH that may be run, after those that may not, which are named."""
        for folder in self.environ.get("PATH", "").split(os.pathsep):
            if not os.path.isabs(folder) or _own(Path(folder).parent):
                continue  # a relative folder is the working directory's, which is linted as a rule
            for name in PROGRAMS:
                path = Path(folder, name)
                if os.access(path, os.X_OK) and path.is_file():
                    yield path
                    if self.trust or self._withheld(path, False) is None:
                        return

    @property
    def trees(self) -> tuple[Path, ...]:
        """The projects that are linted: the folder with their files, not only the paths given."""
        return tuple(dict.fromkeys(tree_of(root) for root in self.roots))

    def _withheld(self, path: Path, by_project: bool) -> str | None:
        """Why a program is not run unasked; None if it may be."""
        if by_project:
            return f"{shown(path)} is named by the linted project; --trust uses it"
        if os.path.abspath(path) == os.path.abspath(sys.executable):
            return None  # kerlint itself runs on it: nothing new is trusted
        places = {path, Path(os.path.realpath(path)), Path(os.path.realpath(path.parent), path.name)}
        places |= {place.parent.parent for place in places if place.parent.name in ("bin", "Scripts")}
        for tree in self.trees:
            both = (tree, Path(os.path.realpath(tree)))
            if any(place == part or part in place.parents for place in places for part in both):
                return f"{shown(path)} lies in the linted project; --trust uses it"
        return None


def _own(prefix: Path) -> bool:
    return os.path.realpath(prefix) == os.path.realpath(sys.prefix)


def _programs(prefix: Path) -> list[Path]:
    """The interpreter of an environment, if it is one."""
    folders, names = ("bin", "Scripts", "."), ("python", "python3", "python.exe")
    found = [prefix / folder / name for folder in folders for name in names]
    return [path for path in found if path.is_file() and os.access(path, os.X_OK)][:1]


def shown(path: str | Path) -> str:
    """A path as the user would write it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def tree_of(root: Path) -> Path:
    """The project that a linted path belongs to: the nearest folder above it with a project's file."""
    path = Path(os.path.abspath(root))
    folder = path if path.is_dir() else path.parent
    return next((f for f in (folder, *folder.parents) if any((f / m).exists() for m in MARKERS)), folder)


@cache
def probe(path: str) -> Interpreter | None:
    """What an interpreter has, without importing it; None if it has no Keras, or does not run."""
    try:
        with tempfile.TemporaryDirectory(prefix="kerlint-") as scratch:
            done = subprocess.run(
                [path, "-I", "-B", "-c", PROBE], capture_output=True, check=False, timeout=PROBE_SECONDS, cwd=scratch,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if not isinstance(found, dict) or not (found.get("keras") or found.get("tf_keras")):
        return None
    versions: dict[str, Any] = {name: found.get(name) for name in ("keras", "tf_keras", "tensorflow", "jax", "torch")}
    return Interpreter(path, **versions)


def chosen_backend(environ: Mapping[str, str]) -> str:
    """The backend of Keras 3, as Keras finds it: KERAS_BACKEND, else its own file of settings, else TensorFlow."""
    home = environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        settings = json.loads(Path(home, "keras.json").read_bytes())
    except (OSError, ValueError):
        settings = None
    written = settings.get("backend") if isinstance(settings, dict) else None
    return environ.get("KERAS_BACKEND") or str(written or "tensorflow")
