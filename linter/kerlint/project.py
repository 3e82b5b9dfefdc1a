"""The files of a run: walking paths, what is left out, and the byte search that spares most files a parse.

Like config.py on the path of every run: a thousand files without Keras are done in a tenth of a second.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from kerlint.config import Configs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kerlint.gitignore import Gitignore

SUFFIXES = (".py", ".ipynb")
MAGIC = ("*", "?", "[")


def read(path: str) -> bytes | None:
    """The bytes of a file that may speak of Keras, None for any other. Raises OSError."""
    with open(path, "rb", buffering=0) as file:
        data = file.read()
    return data if b"keras" in data or b"tensorflow" in data else None


class Files:
    """What a walk found: files in a stable order; what could not be taken, and what is only strange, with reasons."""

    def __init__(self, configs: Configs) -> None:
        self.configs = configs
        self.problems: list[tuple[str, str]] = []
        self.strange: list[tuple[str, str]] = []
        self._seen: set[str] = set()
        self._excluded = cache(lambda config: _Patterns((*config.exclude, *config.extend_exclude), config.root))

    def walk(self, paths: Iterable[str]) -> Iterator[str]:
        """The files below some paths; a file that is named is taken whatever it is called."""
        for path in map(os.path.normpath, paths or (".",)):
            if os.path.isdir(path):
                if not self.left_out(path):
                    yield from self._directory("" if path == "." else path, self._ignored(path))
            elif not os.path.exists(path):
                self._unreadable(path)
            elif self._new(path) and not self.left_out(path):
                yield path

    def _directory(self, directory: str, ignored: Gitignore | None) -> Iterator[str]:
        try:
            with os.scandir(directory or ".") as found:
                entries = sorted(found, key=lambda entry: (entry.is_symlink(), entry.name))  # a file before links to it
        except OSError as error:
            self.problems.append((directory or ".", f"cannot be read: {error.strerror or error}"))
            return
        config = self.configs.of(directory or ".")
        if config.respect_gitignore and any(entry.name == ".gitignore" for entry in entries):
            from kerlint.gitignore import Gitignore

            ignored = Gitignore.of(directory or ".", ignored)
        excluded = self._excluded(config)
        for entry in entries:
            path = os.path.join(directory, entry.name)
            if excluded.leave_out(entry.name, path):
                continue
            folder = entry.is_dir(follow_symlinks=False)
            if not folder and not entry.name.endswith(SUFFIXES):
                continue
            if ignored is not None and ignored.covers(path, folder):
                continue
            yield from self._entry(entry, path, folder, ignored)

    def _entry(self, entry: os.DirEntry[str], path: str, folder: bool, ignored: Gitignore | None) -> Iterator[str]:
        if folder:
            if entry.name.endswith(SUFFIXES):
                self.strange.append((path, "a directory with the name of a file; the files in it are checked"))
            yield from self._directory(path, ignored)
        elif os.path.isfile(path) if entry.is_symlink() else entry.is_file():  # which raises for links in a circle
            if self._new(os.path.realpath(path) if entry.is_symlink() else path):
                yield path
        elif not (entry.is_symlink() and os.path.isdir(path)):  # what that leads to has its own place, or is a loop
            self._unreadable(path)

    def _unreadable(self, path: str) -> None:
        why = "not a regular file"
        if not os.path.exists(path):
            dangling = os.path.islink(path)
            why = f"a dangling symbolic link to {os.readlink(path)}" if dangling else "no such file or directory"
        self.problems.append((path, why))

    def _new(self, path: str) -> bool:
        key = os.path.abspath(path)
        new = key not in self._seen
        self._seen.add(key)
        return new

    def left_out(self, path: str) -> bool:
        """Whether a path that was named is left out all the same (``force-exclude``)."""
        config = self.configs.of(path if os.path.isdir(path) else os.path.dirname(path) or ".")
        if not config.force_exclude:
            return False
        excluded = self._excluded(config)
        inside = os.path.relpath(path, config.root)
        # Above the configuration nothing is excluded: the whole project may lie in a directory called build.
        while inside not in ("", ".") and not inside.startswith(os.pardir):
            if excluded.leave_out(os.path.basename(inside), os.path.join(config.root, inside)):
                return True
            inside = os.path.dirname(inside)
        return False

    def _ignored(self, path: str) -> Gitignore | None:
        """What the .gitignore files above a path say, up to the root of the repository."""
        above: list[str] = []
        folder = os.path.abspath(path)
        while not os.path.exists(os.path.join(folder, ".git")):
            parent = os.path.dirname(folder)
            if parent == folder:
                return None  # no repository
            folder = parent
            if os.path.isfile(os.path.join(folder, ".gitignore")):
                above.append(folder)
        if not above or not self.configs.of(path).respect_gitignore:
            return None
        from kerlint.gitignore import Gitignore

        found: Gitignore | None = None
        for folder in reversed(above):
            found = Gitignore.of(folder, found)
        return found


class _Patterns:
    """What the patterns of a configuration leave out."""

    def __init__(self, patterns: Sequence[str], root: str) -> None:
        plain = [p.rstrip("/") for p in patterns if not any(sign in p for sign in MAGIC)]
        self._names = frozenset(p for p in plain if "/" not in p)
        self._paths = frozenset(os.path.normpath(os.path.join(root, p)) for p in plain if "/" in p)
        self._globs = [p.rstrip("/") for p in patterns if any(sign in p for sign in MAGIC)]
        self._root = root

    def leave_out(self, name: str, path: str) -> bool:
        """Whether a name anywhere, or a path relative to the configuration, is meant."""
        if name in self._names:
            return True
        if not self._paths and not self._globs:
            return False
        full = os.path.abspath(path)
        if full in self._paths:
            return True
        from fnmatch import fnmatchcase

        inside = os.path.relpath(full, self._root).replace(os.sep, "/")
        shown = full.replace(os.sep, "/")
        return any(fnmatchcase(text, glob) for glob in self._globs for text in (name, inside, shown))
