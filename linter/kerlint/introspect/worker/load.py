"""Running what the user names: a module, and in it a builder, a model, or whatever models it makes."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import re
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from .sites import Sites

COLOURS = re.compile(r"\x1b\[[\d;]*m")


class Raised(Exception):
    """The user's program raised; says what and where."""


class NoModel(Exception):
    """The program ran, and no model came out."""


def run(target: dict[str, Any], sites: Sites, base: type) -> tuple[list[Any], str, dict[int, str]]:
    """The models of the target, the path of its source, names of models by identity. Raises Raised or NoModel.

    ``base`` is Keras's Model. Without an expression, all models count that the module makes.
    """
    try:
        module = _module(target)
        path = _origin(module, target["expression"])
        sites.open(os.path.dirname(path))
        wanted: Any = None
        if target["expression"]:
            wanted = eval(target["expression"], vars(module))
            if callable(wanted) and not isinstance(wanted, base):
                wanted = wanted()
    except SystemExit as stop:
        raise Raised(f"the program ends with sys.exit({stop.code})") from stop
    except MemoryError:
        raise
    except Exception as error:
        raise Raised(_words(error, sites)) from error
    if target["expression"]:
        found = list(_models(wanted, base))
        if not found:
            raise NoModel(f"{target['expression']} gives {_kind(wanted)}, not a model")
        return found, path, {}
    made = [made for made, site in sites.made.values() if isinstance(made, base) and site is not None]
    found = [model for model in made if id(model) not in sites.inner]
    if not found:
        raise NoModel("the module makes no model by itself: name a builder (path.py:build_model)")
    return found, path, {id(value): name for name, value in vars(module).items() if isinstance(value, base)}


def _module(target: dict[str, Any]) -> ModuleType:
    sys.path[:0] = [path for path in target["search"] if path not in sys.path]
    if target["name"]:
        return importlib.import_module(target["name"])
    spec = importlib.util.spec_from_file_location("kerlint_target", target["path"])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kerlint_target"] = module
    spec.loader.exec_module(module)
    return module


def _origin(module: ModuleType, expression: str) -> str:
    """The file that the builder is written in: a package may only hand it on."""
    builder = vars(module).get(re.split(r"[^\w]", expression, maxsplit=1)[0]) if expression else None
    try:
        found = inspect.getsourcefile(inspect.unwrap(builder)) if callable(builder) else None
    except TypeError:
        found = None
    return os.path.realpath(found or module.__file__ or "")


def _models(value: Any, base: type, depth: int = 3) -> Iterator[Any]:
    """The models in a builder's result: alone, in containers, or as attributes of an object."""
    if isinstance(value, base):
        yield value
    elif depth and isinstance(value, dict):
        for part in value.values():
            yield from _models(part, base, depth - 1)
    elif depth and isinstance(value, (list, tuple)):
        for part in value:
            yield from _models(part, base, depth - 1)
    elif depth == 3 and hasattr(value, "__dict__") and not isinstance(value, type):
        yield from _models(vars(value), base, 1)


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _words(error: Exception, sites: Sites) -> str:
    """The error with the innermost line of the user's source."""
    plain = COLOURS.sub("", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    text = f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
    if len(lines) > 1 and lines[0].startswith("Exception encountered"):
        text += f" {lines[1]}"
    frames = traceback.extract_tb(error.__traceback__)
    users = [f for f in frames if any(os.path.realpath(f.filename).startswith(root) for root in sites.roots)]
    return f"{text} ({users[-1].filename}:{users[-1].lineno})" if users else text
