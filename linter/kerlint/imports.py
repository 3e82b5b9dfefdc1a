"""Which file of the project an import means. Only files are read; nothing is imported. Light until one is parsed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from kerlint.config import EXCLUDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kerlint.text.document import Document

MARKERS = frozenset([".git", "pyproject.toml", "setup.py", "setup.cfg", "kerlint.toml", ".kerlint.toml"])
INIT = "__init__.py"
LARGEST = 2_000_000  # bytes: what is larger is data, not code
SEARCHED = 2_000  # files and folders of a project that are looked through for imports
CALLERS = 8  # files that import one, of which it is asked what they call it with: the nearest, then by name
MORE = "more files of the project import this one than are looked at"
LARGE = "the project has more files than are searched for imports of this one"
IMPORT = rb"import\b[ \t]*(\((?:[^()#]|#[^\n]*)*|[\w., \t*]*)"
BEFORE = rb"(?:^|[\s;:\"])(?:from[ \t]+([.\w]+)[ \t]*)?$"
Glance = tuple[bool, tuple[str, ...]]
_GLANCES: dict[str, tuple[tuple[int, int], Glance]] = {}  # by path, as long as the file does not change


def glance(path: str) -> Glance:
    """Whether a file names Keras, and the modules that it imports, with what may be modules."""
    try:
        state = os.stat(path)
        key = (state.st_mtime_ns, state.st_size)
        if _GLANCES.get(path, (None,))[0] != key:
            data = b"" if state.st_size > LARGEST else _bytes(path)
            lines = data.replace(b"\\n", b"\n") if path.endswith(".ipynb") else data  # JSON: perhaps all on one line
            _GLANCES[path] = key, (b"keras" in data or b"tensorflow" in data, tuple(_imported(lines)))
    except OSError:
        return False, ()
    return _GLANCES[path][1]


def _bytes(path: str) -> bytes:
    """What is in a file. Raises OSError."""
    if not os.path.getsize(path):  # a pipe, too: opening it waits for who writes
        return b""
    with open(path, "rb") as file:
        return file.read()


def _imported(data: bytes) -> Iterator[str]:
    import re

    before = re.compile(BEFORE)
    for found in re.finditer(IMPORT, data):
        start = before.search(data, max(0, found.start() - 200), found.start())
        if start is not None:
            home = (start[1] or b"").decode()
            names = re.sub(rb"#[^\n]*|[(\"]", b" ", found[1]).decode("utf-8", "replace").split(",")
            yield from [home] if home else []
            for name in (part.split()[0] for part in names if part.strip()):
                yield home + ("." if home.strip(".") else "") + name


class Imports:
    """``imports("..helpers", "src/pkg/model.py")`` is that file as a document, or None; each is read once."""

    def __init__(self) -> None:
        self._documents: dict[str, Document | None] = {}
        self._given: dict[str, Document] = {}
        self._speaks: dict[str, bool] = {}
        self._names = cache(_names)
        self._searched = cache(lambda folder: tuple(dict.fromkeys(_roots(folder, self._names))))
        self._project = cache(lambda top: {file: glance(file)[1] if file else () for file in _files(top)})  # by path

    def __call__(self, dotted: str, importer: str) -> Document | None:
        """The file that ``dotted`` means in the file ``importer``."""
        found = self._found(dotted, importer)
        return None if found is None else self._read(found, importer)

    def speaks(self, path: str) -> bool:
        """Whether a file names Keras, or imports one of the project that does."""
        path = os.path.abspath(path)
        if path not in self._speaks:
            self._speaks[path] = False  # files may import each other
            keras, names = glance(path)
            found = (self._found(name, path) for name in names)
            self._speaks[path] = keras or any(self.speaks(file) for file in found if file is not None)
        return self._speaks[path]

    def importers(self, document: Document) -> Iterator[Document | str]:
        """The first few files of the project that import this one, or one that imports it; then why not all, if so."""
        path = os.path.abspath(document.path)
        if path.endswith(".ipynb"):
            return  # nobody imports a notebook
        files = self._project(os.path.dirname(self._searched(os.path.dirname(path))[-1]))  # what they import
        near, number = [path], 0
        for target in near:
            for file in (f for f in files if f and f not in near and self._imports(files[f], f, target)):
                near.append(file)
                found = self._read(file, document.path)
                if found is not None and number == CALLERS:
                    yield MORE
                    return
                number += found is not None
                if found is not None:
                    yield found
        if None in files:
            yield LARGE

    def _imports(self, names: Iterable[str], file: str, target: str) -> bool:
        """Whether one of the names that a file imports is the target."""
        place, stem = os.path.split(target)
        stems = (os.path.basename(place), "") if stem == INIT else (stem.partition(".")[0],)
        return any(name.rpartition(".")[2] in stems and self._found(name, file) == target for name in names)

    def _found(self, dotted: str, importer: str) -> str | None:
        name = dotted.lstrip(".")
        parts = name.split(".") if name else []
        if not all(part.isidentifier() for part in parts):
            return None
        folder = os.path.dirname(os.path.abspath(importer))
        level = len(dotted) - len(name)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        roots = (folder,) if level else self._searched(folder)
        first = {f"{part}{end}" for part in parts[:1] for end in ("", ".py")}  # most imports are of no file here
        begun = (root for root in roots if not first or not first.isdisjoint(self._names(root)))
        return next(filter(None, (_file(root, parts) for root in begun)), None)

    def known(self, document: Document) -> Document:
        """The document, or the same one as it was known before. It stands for the file as long as that is the same."""
        found = self._documents.get(document.path) or self._given.setdefault(document.path, document)
        return found if found.cells == document.cells else document

    def _read(self, path: str, importer: str) -> Document | None:
        """The document, called as the files of the run are: relative where the importing one is."""
        shown = path if os.path.isabs(importer) else os.path.relpath(path)
        if shown not in self._documents:
            self._documents[shown] = _document(path, shown, self._given.get(shown))
        return self._documents[shown]


def _document(path: str, shown: str, given: Document | None) -> Document | None:
    from kerlint.text.document import Document

    try:
        if os.path.getsize(path) > LARGEST:
            return None
        data = _bytes(path)
        found = given if given is not None and given.to_bytes() == data else Document.parse(data, shown)
    except OSError:
        return None
    return found if isinstance(found, Document) else None


def _names(folder: str) -> frozenset[str]:
    """What is in a folder."""
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _files(top: str) -> Iterator[str | None]:
    """The Python files below a folder, in a stable order, of so many as are looked through; None: there are more."""
    left = SEARCHED
    for place, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if f not in EXCLUDE and not f.startswith("."))
        for name in sorted(n for n in names if n.endswith((".py", ".ipynb"))):
            left -= 1
            yield os.path.join(place, name)
        left -= 1
        if left < 0:
            yield None
            return


def _file(root: str, parts: list[str]) -> str | None:
    """A module, or a package's ``__init__``."""
    base = os.path.join(root, *parts)
    found = [os.path.join(base, INIT), *([f"{base}.py"] if parts else [])]
    return next((path for path in found if os.path.isfile(path)), None)


def _roots(folder: str, names: Callable[[str], frozenset[str]]) -> Iterator[str]:
    """Where absolute imports may start: beside the file (a script), and above it up to the project's root.

    Without a sign of a project: as far as the folders are packages, and for what is not there a little further up.
    ``src`` in the root, the last, is a root as well. ``names`` gives what is in a folder.
    """
    above = [folder]
    while os.path.dirname(above[-1]) != above[-1] and MARKERS.isdisjoint(names(above[-1])):
        above.append(os.path.dirname(above[-1]))
    packages, beyond = [INIT in names(each) for each in above], []
    if MARKERS.isdisjoint(names(above[-1])):
        end = packages.index(False) + 1 if False in packages else len(above)
        above, beyond = above[:end], above[end : end + 3]
    yield folder
    yield from sorted(above[1:], key=lambda each: INIT in names(each))  # a package is that only if it is run inside
    yield from beyond
    yield os.path.join(above[-1], "src")
