"""Which file of the project an import means. Only files are read; nothing is imported."""

from __future__ import annotations

import os
from collections.abc import Iterator

from kerlint.text.document import Document

MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "kerlint.toml", ".kerlint.toml")
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
            self._roots[folder] = tuple(dict.fromkeys(_roots(folder)))
        return self._roots[folder]

    def _begins(self, root: str, parts: list[str]) -> bool:
        """Whether a folder has what a name begins with: most imports are of no file of the project."""
        if not parts:
            return True
        if root not in self._listed:
            try:
                self._listed[root] = frozenset(os.listdir(root))
            except OSError:
                self._listed[root] = frozenset()
        return parts[0] in self._listed[root] or f"{parts[0]}.py" in self._listed[root]

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
    found = [os.path.join(base, "__init__.py"), *([f"{base}.py"] if parts else [])]
    return next((path for path in found if os.path.isfile(path)), None)


def _roots(folder: str) -> Iterator[str]:
    """Where absolute imports may start: beside the file (a script), and above it up to the project's root.

    Without a sign of a project: as far as the folders are packages. ``src`` in the root is a root as well.
    """
    above = [folder]
    while os.path.dirname(above[-1]) != above[-1] and not _marked(above[-1]):
        above.append(os.path.dirname(above[-1]))
    if not _marked(above[-1]):
        above = above[: _packages(above) + 1]
    yield folder
    yield from sorted(above[1:], key=_is_package)  # a package is not where imports start, unless it is run inside of it
    yield os.path.join(above[-1], "src")


def _marked(folder: str) -> bool:
    return any(os.path.exists(os.path.join(folder, marker)) for marker in MARKERS)


def _packages(folders: list[str]) -> int:
    """How many of the folders, from the first on, are packages."""
    return next((n for n, folder in enumerate(folders) if not _is_package(folder)), len(folders) - 1)


def _is_package(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "__init__.py"))
