"""Which file of the project an import means. Only files are read; nothing is imported."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from kerlint.text.document import Document

MARKERS = frozenset([".git", "pyproject.toml", "setup.py", "setup.cfg", "kerlint.toml", ".kerlint.toml"])
INIT = "__init__.py"
LARGEST = 2_000_000  # bytes: what is larger is data, not code


class Imports:
    """``imports("..helpers", "src/pkg/model.py")`` is that file as a document, or None; each is read once."""

    def __init__(self) -> None:
        self._documents: dict[str, Document | None] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._listed: dict[str, frozenset[str]] = {}

    def __call__(self, dotted: str, importer: str) -> Document | None:
        """The file that ``dotted`` means in the file ``importer``."""
        name = dotted.lstrip(".")
        parts = name.split(".") if name else []
        if not all(part.isidentifier() for part in parts):
            return None
        folder = os.path.dirname(os.path.abspath(importer))
        level = len(dotted) - len(name)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        for root in (folder,) if level else self._searched(folder):
            found = _file(root, parts) if self._begins(root, parts) else None
            if found is not None:
                return self._read(found, importer)
        return None

    def _searched(self, folder: str) -> tuple[str, ...]:
        if folder not in self._roots:
            self._roots[folder] = tuple(dict.fromkeys(_roots(folder, self._names)))
        return self._roots[folder]

    def _begins(self, root: str, parts: list[str]) -> bool:
        """Whether a folder has what a name begins with: most imports are of no file of the project."""
        return not parts or not {parts[0], f"{parts[0]}.py"}.isdisjoint(self._names(root))

    def _names(self, folder: str) -> frozenset[str]:
        """What is in a folder."""
        found = self._listed.get(folder)
        if found is None:
            try:
                found = frozenset(os.listdir(folder))
            except OSError:
                found = frozenset()
            self._listed[folder] = found
        return found

    def _read(self, path: str, importer: str) -> Document | None:
        """The document, called as the files of the run are: relative where the importing one is."""
        shown = path if os.path.isabs(importer) else os.path.relpath(path)
        if shown not in self._documents:
            self._documents[shown] = _document(path, shown)
        return self._documents[shown]


def _document(path: str, shown: str) -> Document | None:
    try:
        if os.path.getsize(path) > LARGEST:
            return None
        with open(path, "rb") as file:
            found = Document.parse(file.read(), shown)
    except OSError:
        return None
    return found if isinstance(found, Document) else None


def _file(root: str, parts: list[str]) -> str | None:
    """A module, or a package's ``__init__``."""
    base = os.path.join(root, *parts)
    found = [os.path.join(base, INIT), *([f"{base}.py"] if parts else [])]
    return next((path for path in found if os.path.isfile(path)), None)


def _roots(folder: str, names: Callable[[str], frozenset[str]]) -> Iterator[str]:
    """Where absolute imports may start: beside the file (a script), and above it up to the project's root.

    Without a sign of a project: as far as the folders are packages. ``src`` in the root is a root as well.
    ``names`` gives what is in a folder.
    """
    above = [folder]
    while os.path.dirname(above[-1]) != above[-1] and MARKERS.isdisjoint(names(above[-1])):
        above.append(os.path.dirname(above[-1]))
    packages = [INIT in names(each) for each in above]
    if MARKERS.isdisjoint(names(above[-1])):
        above = above[: packages.index(False) + 1 if False in packages else len(above)]
    yield folder
    yield from sorted(above[1:], key=lambda each: INIT in names(each))  # a package is that only if it is run inside
    yield os.path.join(above[-1], "src")
