"""Names: frames, where a piece of syntax stands, imports, and Keras's canonical names."""

from __future__ import annotations

import builtins
from functools import cache, lru_cache
from typing import Any

from kerlint.evaluate.pretrained import NAMES
from kerlint.evaluate.registry import TABLES, words
from kerlint.evaluate.values import MISSING, External, Function, Value
from kerlint.text.document import Document
from kerlint.text.span import Span

OLDER = words("unicode xrange raw_input basestring long reduce get_ipython display")
BUILTINS = {n: External(f"builtins.{n}") for n in (*vars(builtins), *OLDER) if not n.startswith("__")}


class Source:
    """One cell of a document: turns positions of ``ast`` into spans and text."""

    __slots__ = ("cell", "document", "lines", "path")

    def __init__(self, document: Document, cell: int | None) -> None:
        self.document, self.cell = document, cell
        self.path = document.path
        self.lines = document.lines(cell)

    def span(self, node: Any) -> Span:
        """The span of an expression or statement."""
        return Span(self.path, self.cell, *self.lines.extent(node))

    def whole(self, node: Any) -> str:
        """The lines that a node stands in."""
        return self.document.cell(self.cell).source[self.lines.whole(node.lineno, node.end_lineno or node.lineno)]

    def text(self, node: Any, limit: int = 60) -> str:
        """The text of an expression in one line, for messages."""
        if node.lineno > self.lines.count:
            return "..."
        line = self.lines.line(node.lineno)
        part = slice(node.col_offset, node.end_col_offset if node.end_lineno == node.lineno else None)
        text = line[part] if line.isascii() else line.encode("utf-8", "replace")[part].decode("utf-8", "replace")
        text = text.strip()
        if node.end_lineno != node.lineno:
            text += " ..."
        return text if len(text) <= limit else text[: limit - 4] + " ..."


class Names(dict[Any, Any]):
    """The names of a module: ``globals()`` gives them."""

    lost: Any = None  # where that was: which of them is set there may not be known


class Frame:
    """The names of a module, function or class body. Reading goes outwards, as in Python."""

    __slots__ = words("bound cls declared during function is_class module names parent receiver source within")

    def __init__(
        self, source: Source, module: Frame | None = None, parent: Frame | None = None, function: Function | None = None
    ) -> None:
        self.source = source
        self.module = module if module is not None else self
        self.parent = parent  # the enclosing function's frame
        self.function = function
        self.names: dict[str, Value] = Names() if module is None else {}
        self.declared: dict[str, Frame] = {}  # global and nonlocal names
        self.bound: frozenset[str] = frozenset()  # of a function: the names that are its own wherever they are read
        self.cls: Any = None  # the class whose body or method this is
        self.receiver: Value = None  # self, in a method
        self.is_class = False
        self.within: Frame | None = None  # of a comprehension: what it stands in
        self.during: Any = None  # what runs where it yields: the body of a with, or whoever waits for a value

    def get(self, name: str) -> Value:
        """The value of a name, or MISSING."""
        found = MISSING if self.declared else self.names.get(name, MISSING)
        return self.home(name).names.get(name, MISSING) if found is MISSING else found

    def home(self, name: str) -> Frame:
        """The frame that a name is read from, as the compiler says: it may not be bound there so far."""
        frame: Frame | None = self.declared.get(name, self)
        while frame is not None and name not in frame.names and name not in frame.bound:
            frame = frame.parent
        return frame or self.module

    def set(self, name: str, value: Value) -> None:
        """Binds a name here, or where ``global`` and ``nonlocal`` say."""
        (self.declared.get(name, self) if self.declared else self).names[name] = value

    def drop(self, name: str) -> None:
        """Unbinds a name."""
        self.declared.get(name, self).names.pop(name, None)

    def closure(self) -> Frame | None:
        """The frame that functions defined here close over: a class body is no scope for its methods."""
        if self.module is self:
            return None
        return self.parent if self.is_class else self


# --- Keras's names -----------------------------------------------------------------------------------------

ROOTS = words("tensorflow.python.keras tensorflow.keras tensorflow.contrib.keras tf_keras keras.src keras.api")
MODELS = frozenset({"Model", "Sequential", "Functional"})
ENGINE = frozenset({"engine", "legacy", "experimental"})


@cache
def canonical(name: str) -> str:
    """The canonical qualified name: one name for a thing, however it was imported."""
    if name.startswith("tensorflow.compat.v"):
        name = "tensorflow" + name[len("tensorflow.compat.v1") :]
    root = next((root for root in ROOTS if f"{name}.".startswith(f"{root}.")), None)
    name = name if root is None else "keras" + name[len(root) :]
    found = _in_keras(name.split(".")) if name.startswith("keras.") else name
    return SAME.get(found, found)


@lru_cache(maxsize=4096)
def outside(name: str) -> External:
    """What has this name in another package."""
    return External(canonical(name))


def _in_keras(parts: list[str]) -> str:
    last = parts[-1]
    upper = last[:1].isupper()
    if last in MODELS and len(parts) != 3:
        return f"keras.models.{last}"
    if parts[1] == "applications" and last in NAMES:
        return f"keras.applications.{last}"
    if parts[1] in ENGINE and upper and len(parts) > 2:
        return f"keras.layers.{last}"
    if parts[1] in ("layers", "backend", "ops") and len(parts) > 3:
        return f"keras.{parts[1]}.{last}"
    return ".".join(parts)


SAME: dict[str, str] = TABLES["names.same"]
