"""Imports: modules of the project are evaluated, the rest are names."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Mapping

from kerlint.evaluate.escape import HARMLESS
from kerlint.evaluate.moved import note_import, note_import_from
from kerlint.evaluate.names import Frame, Source, canonical
from kerlint.evaluate.registry import CONSTANTS, FUNCTIONS, TABLES, words
from kerlint.evaluate.state import Raised, Run, Stopped
from kerlint.evaluate.trees import parsed
from kerlint.evaluate.tries import KERAS, may_fail
from kerlint.evaluate.values import MISSING, External, Module, Open, Value
from kerlint.layers.table import ALIASES, TABLE
from kerlint.text.document import Document

MODULES = 200  # files of the project that one run reads
OWN = "keras.src.applications"  # Keras's own builders, where they are what is evaluated


def import_module(run: Run, node: ast.Import, frame: Frame) -> None:
    """``import a.b as c``."""
    note_import(run, node, frame)
    for alias in node.names:
        module, root = _found(run, alias.name, frame), alias.name.partition(".")[0]
        if alias.asname:
            frame.set(alias.asname, module or External(canonical(alias.name)))
        elif module is not None and root != alias.name:
            _nest(run, frame, alias.name, module)
        else:
            frame.set(root, module or External(canonical(root)))


def _nest(run: Run, frame: Frame, name: str, module: Module) -> None:
    """``import a.b.c`` binds ``a``, whose ``b`` has the ``c``."""
    *around, last = name.split(".")
    scope = frame
    for part in around:
        owner = scope.get(part)
        if not isinstance(owner, Module):
            first = _project(run, part, frame) if scope is frame else None
            owner = first or Module(part, Frame(frame.source))
            scope.set(part, owner)
        scope = owner.frame
    scope.set(last, module)


def import_from(run: Run, node: ast.ImportFrom, frame: Frame) -> None:
    """``from a.b import c as d``, relative ones and stars too."""
    written = "." * node.level + (node.module or "")
    note_import_from(run, node, frame)
    module = _found(run, written, frame)
    for alias in node.names:
        if alias.name == "*":
            _star(module, written, frame)
            continue
        frame.set(alias.asname or alias.name, _member(run, module, written, alias.name, frame))


def _member(run: Run, module: Module | None, written: str, name: str, frame: Frame) -> Value:
    found = MISSING if module is None else module.frame.get(name)
    if found is not MISSING:
        return found
    inner = _project(run, f"{written}{'' if written.endswith('.') else '.'}{name}", frame)
    if inner is not None:
        return inner
    if module is not None:
        return Open(f"{module.name}.{name}", name, f"{module.name} has no {name}")
    if written == "__future__":
        return None
    full = f"{written}.{name}".lstrip(".") if written.startswith(".") else canonical(f"{written}.{name}")
    return CONSTANTS[full] if full in CONSTANTS else External(full)


def _star(module: Module | None, written: str, frame: Frame) -> None:
    if module is None:
        found: Mapping[str, Value] = star_names(canonical(written))
    else:
        held, listed = module.frame.names, module.frame.names.get("__all__")
        found = {n: held[n] for n in held if (n in listed if isinstance(listed, list) else not n.startswith("_"))}
    for name, value in found.items():
        frame.set(name, value)


def star_names(home: str) -> dict[str, External]:
    """What ``from keras.layers import *`` brings, or ``from tensorflow.math import *``."""
    found = {name: External(canonical(f"{home}.{name}")) for name in TABLES.get(f"star.{home}", ())}
    if not home.startswith("keras"):
        return found
    if home == "keras.layers" or home.startswith("keras.layers."):
        found = {n: External(canonical(f"keras.layers.{n}")) for n in (*TABLE, *ALIASES, "Input", "Layer")}
        home = "keras.layers"
    if home in ("keras", "keras.models", "keras.engine", "keras.engine.topology"):
        found |= {n: External(canonical(f"keras.models.{n}")) for n in ("Model", "Sequential", "Input", "load_model")}
    prefix = home + "."
    for full in (*FUNCTIONS, *CONSTANTS):
        if full.startswith(prefix) and "." not in full[len(prefix) :]:
            found.setdefault(full[len(prefix) :], External(full))
    if home == "keras":
        found |= {n: External(f"keras.{n}") for n in words("layers models backend optimizers regularizers ops")}
    return found


def _found(run: Run, dotted: str, frame: Frame) -> Module | None:
    """A file of the project; what is none, and not Python's own, may be missing."""
    found = _project(run, dotted, frame)
    root = dotted.strip(".").partition(".")[0]
    if found is None and run.trying and root and root not in sys.stdlib_module_names:
        may_fail(run, f"import {dotted}", root)
    return found


def _project(run: Run, dotted: str, frame: Frame) -> Module | None:
    """A file of the project, evaluated once in a run."""
    if run.load is None or len(run.modules) > MODULES:
        return None
    root = dotted.partition(".")[0]
    own = root in KERAS and dotted.startswith(OWN) and "/keras/" in frame.source.path
    if (root in HARMLESS or root in KERAS) and not own:
        return None
    document = run.load(dotted, frame.source.path)
    folder = os.path.dirname(frame.source.path)
    for path in run.searched if document is None and not dotted.startswith(".") else ():
        document = document or run.load(dotted, os.path.join(folder, path, "script.py"))
    if document is None:
        return None
    found = run.modules.get(document.path)
    if found is None:
        source = Source(document, document.cells[0].index if document.cells else None)
        found = Module(dotted.lstrip("."), Frame(source))
        run.modules[document.path] = found  # first: modules may import each other
        _evaluate(run, document, found.frame)
    return found


def _evaluate(run: Run, document: Document, frame: Frame) -> None:
    frame.names["__name__"] = "imported"
    document = run.budget.parsed.get(document.path, document)  # the one that is evaluated may be edited
    trees, problems = parsed(document)
    if problems:
        return
    run.budget.parsed[document.path] = document
    calls, trying, run.calls, run.trying = run.calls, run.trying, [], []
    try:
        for source, body in trees:
            frame.source = source
            run.trees.setdefault(id(frame), []).extend(body)
            run.execute(run, body, frame)
    except (ValueError, RecursionError, MemoryError, Raised, Stopped):
        return  # what was bound before is there; the rest is not known
    finally:
        run.calls, run.trying = calls, trying
