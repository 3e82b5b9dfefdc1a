"""Where in the user's source each layer is made, applied and compiled: recorded while the program runs."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any

# path, cell, first line, first column, last line, last column; columns in bytes of UTF-8, None before Python 3.11
Site = tuple[str, "int | None", int, "int | None", "int | None", "int | None"]
# Python's own files, and the worker's, which may lie below the program's folder as well.
FOREIGN = tuple(os.path.join(os.path.dirname(os.path.realpath(file)), "") for file in (os.__file__, __file__))


class Sites:
    """The places of one program; ``roots`` are the folders of its source."""

    def __init__(self, roots: Sequence[str]) -> None:
        self.roots = [os.path.join(os.path.realpath(root), "") for root in roots]
        self.made: dict[int, tuple[Any, Site | None]] = {}  # by identity; the object is kept so that it stays one
        self.applied: dict[int, tuple[Any, Site | None]] = {}  # of Keras's nodes
        self.inner: set[int] = set()  # models that a Sequential makes of itself
        self.compiled: dict[int, tuple[Any, Site | None]] = {}
        self.cells: dict[str, tuple[str, int]] = {}  # what the code of a notebook's cell is called: path and cell

    def open(self, folder: str) -> None:
        """One more folder of the program's source."""
        root = os.path.join(os.path.realpath(folder), "")
        if root not in self.roots:
            self.roots.append(root)

    def here(self) -> Site | None:
        """The innermost call in the user's source."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not self.is_users(frame.f_code.co_filename):
            frame = frame.f_back
        return None if frame is None else self._site(frame)

    def _site(self, frame: FrameType) -> Site:
        code = frame.f_code
        path, cell = self.cells.get(code.co_filename, (code.co_filename, None))
        positions = getattr(code, "co_positions", None)  # since Python 3.11
        if positions is not None:
            line, last, column, end = next(itertools.islice(positions(), frame.f_lasti // 2, None), (None,) * 4)
            if line is not None:
                return path, cell, line, column, last, end
        return path, cell, frame.f_lineno, None, None, None

    def within_sequential(self) -> bool:
        """Whether a Sequential is at work, and no call of the user's since."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and not self.is_users(frame.f_code.co_filename):
            if frame.f_code.co_filename.endswith(("models/sequential.py", "engine/sequential.py")):
                return True
            frame = frame.f_back
        return False

    def is_users(self, path: str) -> bool:
        """Whether a file is source of the program: no package that happens to lie below it."""
        real = os.path.realpath(path)
        if path.startswith("<") or real.startswith(FOREIGN):
            return False
        inside = next((real[len(root) :] for root in self.roots if real.startswith(root)), None)
        return inside is not None and "site-packages" not in inside.split(os.sep)

    def watch(self, keras: Any) -> None:
        """Records from now on what is made of this Keras's classes."""
        if keras.__version__.startswith("2."):  # every layer passes the first one's ``__new__``
            layer, node = keras.layers.Layer, import_module(f"{keras.__package__}.src.engine.node").Node
        else:
            layer, node = keras.Operation, sys.modules["keras.src.ops.node"].Node
        owner = next(kind for kind in keras.Model.__mro__ if "compile" in vars(kind))  # Keras asks who overrides it
        new, init, compile_ = layer.__new__, node.__init__, owner.compile

        def making(kind: Any, *args: Any, **kwargs: Any) -> Any:
            made = object.__new__(kind) if new is object.__new__ else new(kind, *args, **kwargs)
            if id(made) not in self.made:
                self.made[id(made)] = (made, self.here())
                if kind.__name__ == "Functional" and self.within_sequential():
                    self.inner.add(id(made))
            return made

        def applying(node: Any, *args: Any, **kwargs: Any) -> None:
            self.applied[id(node)] = (node, self.here())
            init(node, *args, **kwargs)

        def compiling(model: Any, *args: Any, **kwargs: Any) -> Any:
            self.compiled[id(model)] = (model, self.here())
            return compile_(model, *args, **kwargs)

        layer.__new__, node.__init__, owner.compile = making, applying, compiling

    def of(self, table: dict[int, tuple[Any, Site | None]], thing: Any) -> Site | None:
        """Where the thing was met, or None."""
        return table.get(id(thing), (None, None))[1]
