"""What is run: ``pkg.module:build_model``, ``path.py:build_model(128, classes=3)``, ``path.py``, ``book.ipynb``."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerlint.host.find import tree_of
from kerlint.text.document import Document

PATH = re.compile(r"(?P<place>.+?\.(?:py|ipynb))(?::(?P<expression>.+))?", re.S)
MODULE = re.compile(r"(?P<place>[A-Za-z_][\w.]*):(?P<expression>.+)", re.S)

INSTALLED = {"site-packages", "dist-packages"}


class BadTarget(Exception):
    """What was named cannot be run; says why."""


@dataclass(frozen=True)
class Target:
    """``path`` or a dotted ``name``, and what to evaluate there; nothing: whatever models the module makes.

    ``arguments`` is what the program finds on its command line, ``folder`` where it was named: its working directory.
    """

    written: str
    path: str | None
    name: str | None
    expression: str
    arguments: tuple[str, ...] = ()
    folder: str = "."

    @property
    def search(self) -> list[str]:
        """Where its imports are looked for, besides the interpreter's own packages."""
        where = os.path.realpath(self.folder)
        if self.path is None:
            return [where]
        folder = os.path.dirname(self.path)
        root = folder
        while os.path.isfile(os.path.join(root, "__init__.py")) and os.path.dirname(root) != root:
            root = os.path.dirname(root)
        run_from = [where] if Path(folder).is_relative_to(where) else []
        return list(dict.fromkeys((root, folder, str(tree_of(Path(folder))), *run_from)))

    @property
    def roots(self) -> list[str]:
        """The folders of the program's source; of an installed package only the file's own."""
        installed = self.path is not None and not INSTALLED.isdisjoint(self.path.split(os.sep))
        return [os.path.dirname(self.path)] if self.path is not None and installed else self.search

    def plain(self) -> dict[str, Any]:
        """For the worker. A file inside of a package is imported by its full name."""
        name = self.name
        if self.path is not None:
            inner = os.path.relpath(self.path, self.search[0]).removesuffix(".py")
            name = ".".join(inner.split(os.sep)) if os.sep in inner else None
        plain = {"path": self.path, "name": name, "expression": self.expression, "search": self.search}
        return plain | {"cells": self.cells, "arguments": list(self.arguments)}

    @property
    def cells(self) -> list[tuple[int, str]] | None:
        """The code of a notebook by cells, which are run as one module; None for anything else. Raises BadTarget."""
        if self.path is None or not self.path.endswith(".ipynb"):
            return None
        found = Document.parse(Path(self.path).read_bytes(), self.path)
        if not isinstance(found, Document):
            raise BadTarget(f"{self.written!r}: {found.message}")
        return [(cell.index, cell.code) for cell in found.cells if cell.index is not None]


def parse(text: str, folder: str | None = None) -> Target:
    """The target that the text names, relative to ``folder``. Raises BadTarget."""
    found = PATH.fullmatch(text) or MODULE.fullmatch(text)
    if found is None:
        raise BadTarget(f"{text!r}: no target: name pkg.module:build_model, path.py:build_model(128) or path.py")
    place, expression = found["place"], (found["expression"] or "").strip()
    if expression.startswith(":"):
        raise BadTarget(f"{text!r}: a builder is named with one colon: {place}:{expression.lstrip(':')}")
    try:
        ast.parse(expression or "None", mode="eval")
    except SyntaxError as error:
        raise BadTarget(f"{text!r}: {expression!r} is no expression: {error.msg}") from None
    if not place.endswith((".py", ".ipynb")):
        return Target(text, None, place, expression, folder=folder or ".")
    path = os.path.realpath(os.path.join(folder or ".", place))
    if not os.path.isfile(path):
        raise BadTarget(f"{text!r}: there is no file {place}")
    return Target(text, path, None, expression, folder=folder or ".")
