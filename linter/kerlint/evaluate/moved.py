"""Imports from where things no longer are, as facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kerlint.layers.former import ADVICE, NO_ALIAS, UTILITIES, moved, todays_home

if TYPE_CHECKING:
    from kerlint.evaluate.names import Frame
    from kerlint.evaluate.state import Run

BOTH_WAYS = "the program tries one import and then another"
VERSION = "__version__"
BY_VERSION = "the program asks for the version of Keras first"


def note_import(run: Run, node: ast.Import, frame: Frame) -> None:
    """``import keras.layers.core as core``."""
    for alias in node.names:
        place = moved(alias.name, ())
        if place is not None and place[1]:
            package, below = place
            home = f"{package}.{below.partition('.')[0]}"
            why = f"what is used of {alias.name} has to be written as {home} at its place"
            if alias.asname:
                why = _scattered(frame, alias.asname, below)
            _fact(run, node, frame, alias.name, home, (why,) if why else ())


def _scattered(frame: Frame, name: str, below: str) -> str:
    """Why a module under a name of its own has no single home today; empty if it has."""
    used = set(re.findall(rf"\b{re.escape(name)}\.(\w+)", _text(frame)))
    homes = {todays_home(below, attribute) for attribute in used}
    there = {home[0] for home in homes if home is not None}
    gone = [attribute for attribute in sorted(used) if todays_home(below, attribute) is None]
    if gone:
        return f"{', '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone"
    return "" if there <= {below.partition(".")[0]} else "what is used of it has several homes today"


def note_import_from(run: Run, node: ast.ImportFrom, frame: Frame) -> None:
    """``from keras.layers.core import Dense``."""
    if node.level or node.module is None:
        return
    names = [alias.name for alias in node.names]
    place = moved(node.module, names)
    if place is None:
        _gone(run, node, frame)
        return
    package, below = place
    found = {name: todays_home(below, name) for name in names}
    if names == ["*"] and below.startswith("layers."):
        found = {"*": ("layers", "*")}
    homes = dict.fromkeys(".".join(filter(None, (package, h[0]))) for h in found.values() if h is not None)
    lost = [name for name, home in found.items() if home is None and _used(frame, name)]
    why = tuple(f"{name} is gone{': ' + ADVICE[name] if name in ADVICE else ''}" for name in lost)
    old, new = node.module, " and ".join(homes)
    if below == "utils":
        old, new = next(f"{old}.{name}" for name in names if name in UTILITIES), old
    _fact(run, node, frame, old, new, why)


def _fact(run: Run, node: Any, frame: Frame, old: str, new: str, why: tuple[str, ...]) -> None:
    source = frame.source
    span = statement = source.span(node)
    start = source.document.cell(source.cell).source.find(old, span.start, span.end)
    if start >= 0:
        span = type(span)(span.path, span.cell, start, start + len(old))
    guard = _guard(run.trees.get(id(frame.module), []), node)
    run.fact("moved-import", span, old=old, new=new, statement=statement, why=why, guard=guard or "")


def _guard(block: Iterable[Any], node: ast.stmt) -> str | None:
    """Why an import may fail: it is in a ``try``, or under a question for the version. None: it is not in here."""
    for statement in block:
        if statement is node:
            return ""
        parts = [getattr(statement, field, ()) for field in ("body", "orelse", "finalbody")]
        parts += [handler.body for handler in getattr(statement, "handlers", ())]
        for part in parts if not isinstance(statement, ast.expr) else ():
            found = _guard(part, node)
            if found is not None:
                asked = isinstance(statement, ast.If) and "version" in ast.unparse(statement.test)
                return found or (BOTH_WAYS if isinstance(statement, ast.Try) else BY_VERSION if asked else "")
    return None


def for_one_version(run: Run, node: ast.AST, frame: Frame) -> bool:
    """Whether a node stands under a question for the version of Keras, asked there or kept in a name of the module."""
    if VERSION not in _text(frame):
        return False
    around = [frame.function.node] if frame.function is not None else run.trees.get(id(frame.module), ())
    return any(
        isinstance(part, ast.If) and _of_version(part.test, frame) and any(inner is node for inner in ast.walk(part))
        for tree in around
        for part in ast.walk(tree)
    )


def _of_version(test: ast.expr, frame: Frame) -> bool:
    names = frame.module.names
    return VERSION in ast.unparse(test) or any(
        VERSION in getattr(names.get(part.id), "key", "") for part in ast.walk(test) if isinstance(part, ast.Name)
    )


def _used(frame: Frame, name: str) -> bool:
    """Whether the document has the word anywhere but in one place."""
    return len(re.findall(rf"\b{re.escape(name)}\b", _text(frame))) > 1


def _text(frame: Frame) -> str:
    return "\n".join(cell.source for cell in frame.source.document.cells)


def _gone(run: Run, node: ast.ImportFrom, frame: Frame) -> None:
    """A name that keras.layers no longer has, and that nothing uses: without it the module can be imported again."""
    if node.module not in ("keras.layers", "tensorflow.keras.layers"):
        return
    for alias in node.names:
        known = alias.name in ADVICE or alias.name in NO_ALIAS
        if known and todays_home("layers", alias.name) is None and not _used(frame, alias.name):
            run.fact(
                "removed-layer", frame.source.span(alias), name=alias.name, unused=True, edits=(), why=(), told=(),
                advice="nothing here uses it",
            )  # fmt: skip
