"""Imports from where things no longer are, as facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import Run
from kerlint.evaluate.trees import statements
from kerlint.layers.former import GONE, NO_ALIAS, OLD_HOMES, RENAMED, UTILITIES, moved, todays_home

VERSION = re.compile(r"__version__|\bversion\.VERSION\b|\bversion_info\b")


def note_import(run: Run, node: ast.Import, frame: Frame) -> None:
    """``import keras.layers.core as core``."""
    for alias in node.names:
        place = moved(alias.name, ()) if "keras" in alias.name else None
        if place is not None and place[1]:
            package, below = place
            home = f"{package}.{below.partition('.')[0]}"
            used = re.search(rf"\b{re.escape(alias.name)}\.\w", _text(frame))
            why = f"what is used of {alias.name} has to be written as {home} at its place" if used else ""
            if alias.asname:
                why = _scattered(frame, alias.asname, below)
            _fact(run, node, frame, (alias.name, home), (why,) if why else ())


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
    if node.level or node.module is None or "keras" not in node.module:
        return
    for alias in node.names if node.module.endswith("keras.constraints") else ():
        if (new := RENAMED.get(alias.name)) is not None:
            span = frame.source.span(alias)
            edit = (type(span)(span.path, span.cell, span.start, span.start + len(alias.name)), new)
            edit = edit if alias.asname else (span, f"{new} as {alias.name}")
            _fact(run, alias, frame, (alias.name, new), edits=(edit,))
    names = [alias.name for alias in node.names]
    package = node.module.removesuffix("layers")
    for alias in node.names if package in ("keras.", "tensorflow.keras.") else ():
        if alias.name in OLD_HOMES and (alias.name not in GONE or f"{alias.asname or alias.name}." in _text(frame)):
            _module(run, node, alias, frame)  # merge was a function, too
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
    why = tuple(f"{name} is gone" for name in lost)
    old, new = node.module, " and ".join(homes)
    if below == "utils" and not UTILITIES.isdisjoint(names):
        old, new = next(f"{old}.{name}" for name in names if name in UTILITIES), f"{package}.utils"
    _fact(run, node, frame, (old, new), why)


def _module(run: Run, node: ast.ImportFrom, alias: ast.alias, frame: Frame) -> None:
    """``from keras.layers import core``: the module is gone, and keras.layers has what was in it."""
    name, package = alias.asname or alias.name, str(node.module).removesuffix(".layers")
    why = _scattered(frame, name, f"layers.{alias.name}")
    if len(node.names) > 1:
        why = "other names are imported with it"
    today = f"from {package} import layers as {name}"
    names = (f"{node.module}.{alias.name}", f"{package}.layers" if why else today)
    _fact(run, node, frame, names, (why,) if why else (), () if why else ((frame.source.span(node), today),))


def note_path(run: Run, home: str, name: str, node: ast.Attribute, frame: Frame) -> None:
    """``keras.layers.core.Dense``: ``name`` is read of the module ``home``, which is written in full."""
    place, module = moved(home, (name,)), node.value
    if place is not None and isinstance(module, ast.Attribute):
        written = frame.source.text(module)
        found = todays_home(place[1], name)
        new = written.removesuffix(place[1]) + (found[0] if found else place[1].partition(".")[0])
        why = () if found else (f"{name} is gone",)
        _fact(run, module, frame, (written, new), why, ((frame.source.span(module), new),))


def _fact(run: Run, node: Any, frame: Frame, names: tuple[str, str], why: Any = (), edits: Any = ()) -> None:
    source, (old, new) = frame.source, names
    span = statement = source.span(node)
    start = source.document.cell(source.cell).source.find(old, span.start, span.end)
    if start >= 0:
        span = type(span)(span.path, span.cell, start, start + len(old))
    guard, hard = _guard(run, node, frame), "hard_sigmoid" in _text(frame)
    run.fact("moved-import", span, old=old, new=new, statement=statement, why=why, guard=guard, edits=edits, hard=hard)


def _guard(run: Run, node: ast.AST, frame: Frame) -> str:
    """Why what stands there may fail: it is in a ``try``, or under a question for the version."""
    if "try" in _text(frame):
        parts = statements(run.trees.get(id(frame.module), ()))
        tries = (part for part in parts if isinstance(part, ast.Try))
        if any(inner is node for part in tries for inner in ast.walk(part)):
            return "the program tries one import and then another"
    return "the program asks for the version of Keras first" if for_one_version(run, node, frame) else ""


def for_one_version(run: Run, node: ast.AST, frame: Frame) -> bool:
    """Whether a node stands under a question for the version of Keras, asked there or kept in a name of the module.

    What stands behind such a question is under it as well, where the one side of it ends in ``return``.
    """
    if not _asks_version(_text(frame)):
        return False
    around = [frame.function.node] if frame.function is not None else list(run.trees.get(id(frame.module), ()))
    parts = statements(around)
    blocks = [around, *(getattr(part, name, ()) for part in parts for name in ("body", "orelse", "finalbody"))]
    asked = (statement for block in blocks if isinstance(block, list) for statement in _asked(block, frame))
    return any(inner is node for statement in asked for inner in ast.walk(statement))


@lru_cache(maxsize=8)  # of a document's text, for each call in it
def _asks_version(text: str) -> bool:
    return "version" in text and VERSION.search(text) is not None


def _asked(block: list[Any], frame: Frame) -> Iterator[ast.stmt]:
    """The statements of a block that run for some versions only."""
    for number, statement in enumerate(block):
        if isinstance(statement, ast.If) and _of_version(statement.test, frame):
            leaves = isinstance(statement.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
            yield from block[number:] if leaves else (statement,)


def _of_version(test: ast.expr, frame: Frame) -> bool:
    names = frame.module.names
    kept = (getattr(names.get(part.id), "key", "") for part in ast.walk(test) if isinstance(part, ast.Name))
    return any(VERSION.search(str(text)) for text in (ast.unparse(test), *kept))


def _used(frame: Frame, name: str) -> bool:
    """Whether the document has the word anywhere but in one place."""
    return len(re.findall(rf"\b{re.escape(name)}\b", _text(frame))) > 1


def _text(frame: Frame) -> str:
    return frame.source.document.source


def _gone(run: Run, node: ast.ImportFrom, frame: Frame) -> None:
    """A name that keras.layers no longer has, and that nothing uses: without it the module can be imported again."""
    if node.module not in ("keras.layers", "tensorflow.keras.layers"):
        return
    for alias in node.names:
        known = alias.name in GONE or alias.name in NO_ALIAS
        if known and todays_home("layers", alias.name) is None and not _used(frame, alias.name):
            run.fact("removed-layer", frame.source.span(alias), name=alias.name, unused=True, edits=(), today="")
