"""Running what the user names: a module, and in it a builder, a model, or whatever models it makes."""

from __future__ import annotations

import argparse
import builtins
import difflib
import importlib
import inspect
import linecache
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from ...host.inside.framework import words
from .inert import Draws, Inert
from .sites import Sites

FOR_THE_MODULE, FOR_ALL = 0.8, 0.9  # of the time that an answer may take: it is stopped while one can be given


class Raised(Exception):
    """The user's program raised; says what and where."""


class TimeUp(BaseException):
    """The program has run for too long; no ``except Exception`` of its own stops that."""


class NoModel(Exception):
    """The program ran, and no model came out."""


@dataclass(frozen=True)
class Ran:
    """What came out: models, the path of their source, names of models by identity, and what the module raised.

    ``expression`` is the target's, with the call that it stands for.
    """

    models: list[Any]
    path: str
    expression: str
    names: dict[int, str]
    raised: str | None = None


def run(target: dict[str, Any], sites: Sites, keras: Any, draws: Draws) -> Ran:
    """Runs the target. Raises Raised or NoModel.

    Without an expression, the module is run as a program (it is ``__main__``), and all models count that it makes.
    Of one that raises, or does not end in time, those count that are finished by then (not a Sequential that is
    neither compiled nor applied: it may wait for its next layer); a builder is called that is defined by then.
    """
    module, raised = _module(target, sites, draws)
    expression = called = target["expression"]
    path = _origin(module, expression, sites)
    sites.open(os.path.dirname(path))
    if expression and not hasattr(module, first := _first(expression)) and not hasattr(builtins, first):
        near = difflib.get_close_matches(first, vars(module), 1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise Raised(raised or f"there is no {first} in {os.path.basename(path)}{hint}")
    before = len(sites.made) if expression else 0
    if expression:
        with _told(sites, target, FOR_ALL):
            wanted, called = _wanted(expression, module, keras)
        parts = list(_models(wanted, keras.Model))
        if parts:
            return Ran([model for _, model in parts], path, called, {id(model): name for name, model in parts}, raised)
    made = [made for made, site in [*sites.made.values()][before:] if site is not None]
    # What has no name was never initialised: Keras makes such objects to look at, and constructors raise.
    found = [m for m in made if isinstance(m, keras.Model) and id(m) not in sites.inner and hasattr(m, "name")]
    if raised is not None and not expression:
        found = [m for m in found if id(m) in sites.compiled or not isinstance(m, keras.Sequential) or m._inbound_nodes]
        if not found:
            raise Raised(raised)
    if not found and expression:
        raise NoModel(f"{expression} gives {_kind(wanted)}, not a model")
    if not found:
        raise NoModel("the module makes no model by itself: name a builder (path.py:build_model)")
    names = {id(value): name for name, value in vars(module).items() if isinstance(value, keras.Model)}
    if expression:
        names = {id(model): f" ({model.name})" for model in found} if len(found) > 1 else {}
    return Ran(found, path, called, names, raised)


def _wanted(expression: str, module: ModuleType, keras: Any) -> tuple[Any, str]:
    """What the expression gives, and the expression with the call that it leaves out: ``build``, ``build[0]``."""
    if isinstance(vars(module).get(_first(expression)), FunctionType):
        expression = re.sub(r"^\w+(?=[.\[])", r"\g<0>()", expression)
    value = eval(expression, vars(module))
    if callable(value) and not isinstance(value, keras.layers.Layer):
        return value(), f"{expression}()"
    return value, expression


@contextmanager
def _told(sites: Sites, target: dict[str, Any], share: float) -> Iterator[None]:
    """What the user's code raises, in words; it is stopped when this share of the time is up."""
    try:
        with _stopped(target["asked"], share * target["seconds"]):
            yield
    except SystemExit as stop:
        raise Raised(_lacking(stop) or f"the program ends with sys.exit({stop.code})") from stop
    except (MemoryError, Raised):
        raise
    except (Exception, TimeUp) as error:
        raise Raised(_words(error, sites)) from error


@contextmanager
def _stopped(since: float, seconds: float) -> Iterator[None]:
    def stop(*_signal: object) -> None:
        raise TimeUp(f"it still runs after {seconds:.0f} seconds")

    if not hasattr(signal, "setitimer"):  # Windows: then nothing is answered
        yield
        return
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(since + seconds - time.monotonic(), 0.1), 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _lacking(stop: SystemExit) -> str | None:
    """What argparse said before it ended the program."""
    for frame, _ in traceback.walk_tb(stop.__traceback__):
        if frame.f_code.co_filename == argparse.__file__ and frame.f_code.co_name == "error":
            said = frame.f_locals.get("message")
            return f"the program does not take its arguments: {said} (what stands behind -- is passed to it)"
    return None


def _module(target: dict[str, Any], sites: Sites, draws: Draws) -> tuple[ModuleType, str | None]:
    """The module, and what it raised: nothing, if it ended itself well. Raises Raised.

    One that is imported by its name has to be there as a whole.
    """
    sys.path[:0] = [path for path in target["search"] if path not in sys.path]
    sys.argv = [target["path"] or target["name"], *target["arguments"]]
    if target["name"] and target["expression"]:
        with _told(sites, target, FOR_THE_MODULE):
            return importlib.import_module(target["name"]), None
    module = ModuleType("kerlint_target" if target["expression"] and target["cells"] is None else "__main__")
    module.__file__, module.__package__ = target["path"], (target["name"] or "").rpartition(".")[0]
    sys.modules[module.__name__] = module
    try:
        with _told(sites, target, FOR_THE_MODULE):
            for code in _codes(target, sites):
                if target["cells"] is not None:
                    unknown = [name for name in code.co_names if not name.strip("_")]
                    given = {name: Inert(name, draws) for name in ("get_ipython", *unknown)}
                    vars(module).update({"display": lambda *_shown, **_how: None, **given} | vars(module))
                exec(code, vars(module))
    except Raised as error:
        ended = isinstance(error.__cause__, SystemExit) and not error.__cause__.code
        return module, None if ended else str(error)
    return module, None


def _codes(target: dict[str, Any], sites: Sites) -> Iterator[CodeType]:
    """A file as a whole; the cells of a notebook one after the other, as they are run there."""
    path = target["path"]
    if target["cells"] is None:
        with open(path, "rb") as file:
            yield compile(file.read(), path, "exec", dont_inherit=True)
    for index, text in target["cells"] or ():
        name = f"{path}:cell {index + 1}"
        sites.cells[name] = (path, index)
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        yield compile(text, name, "exec", dont_inherit=True)


def _first(expression: str) -> str:
    return re.split(r"[^\w]", expression, maxsplit=1)[0]


def _origin(module: ModuleType, expression: str, sites: Sites) -> str:
    """The file that the builder is written in: a package may only hand it on."""
    builder = vars(module).get(_first(expression)) if expression else None
    try:
        found = inspect.getsourcefile(inspect.unwrap(builder)) if callable(builder) else None
    except TypeError:
        found = None
    found = found or module.__file__ or ""
    return os.path.realpath(sites.cells.get(found, (found, None))[0])


def _models(value: Any, base: type, depth: int = 3, name: str = "") -> Iterator[tuple[str, Any]]:
    """The models in a builder's result, and where: alone, ``[0]``, ``['key']``, or ``.name`` of an object."""
    if isinstance(value, base):
        yield name, value
    elif depth and isinstance(value, (dict, list, tuple)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _models(part, base, depth - 1, f"{name}[{key!r}]")
    elif depth == 3 and hasattr(value, "__dict__") and not isinstance(value, type):
        for key, part in vars(value).items():
            yield from _models(part, base, 1, f".{key}")


def _kind(value: Any) -> str:
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _words(error: BaseException, sites: Sites) -> str:
    """The error with the innermost line of the user's source."""
    frames = traceback.extract_tb(error.__traceback__)
    users = [f for f in frames if sites.is_users(f.filename)]
    text = words(error) if not isinstance(error, TimeUp) else f"{error} (--timeout)"
    if isinstance(error, TypeError) and not users:
        text += ": what a builder takes is written in the target, as in path.py:build(128)"
    if isinstance(error, ModuleNotFoundError):
        text += f" in {sys.executable} (--python names another)"
    return f"{text} ({users[-1].filename}:{users[-1].lineno})" if users else text
