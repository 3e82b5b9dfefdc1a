"""Keras 2 under the name that programs of its time import, and what TensorFlow had then."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any

from .inert import TABLES

ROOMS = ("layers", "models", "utils", "backend")  # where the names of modules live today that are gone


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """``keras.layers`` is ``tf_keras.layers``."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Keras and what is below it."""
        if name.partition(".")[0] != "keras":
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        """The module of the other name."""
        return importlib.import_module(f"tf_{spec.name}")

    def exec_module(self, module: ModuleType) -> None:
        """It has been run under its own name."""


class _Gone(_Finder):
    """Stands last among the finders: a module that is gone has whatever its Keras has by now."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """What nobody else has found of Keras."""
        room, _, last = name.removeprefix("tf_keras.").rpartition(".")
        if not name.startswith("tf_keras.") or last not in TABLES["gone"].get(room, ()):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        """A module without names of its own."""
        return _Former(spec.name)


class _Former(ModuleType):
    """A module that is gone."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        rooms = [getattr(sys.modules["tf_keras"], room) for room in ROOMS]
        with contextlib.suppress(ImportError):
            rooms.insert(0, importlib.import_module(self.__name__.replace("tf_keras", "tf_keras.src", 1)))
        for room in rooms:
            if hasattr(room, name):
                return getattr(room, name)
        raise AttributeError(f"{self.__name__} has no {name}")


def as_keras(tf_keras: ModuleType) -> None:
    """From now on ``import keras`` gives it, as ``tensorflow.keras`` does with TF_USE_LEGACY_KERAS."""
    sys.modules["keras"] = tf_keras
    tf_keras.__name__ = "keras"  # programs ask which Keras they have
    former = {n: c for n, c in vars(tf_keras.optimizers.legacy).items() if isinstance(c, type)}
    former |= {name.lower(): cls for name, cls in former.items()}  # what optimizers of its time took: lr, decay
    for name in ("tf_keras", "tf_keras.api._v2.keras", "tensorflow.keras"):  # one copy for each name
        with contextlib.suppress(ImportError):
            vars(importlib.import_module(f"{name}.optimizers")).update(former)
    vars(tf_keras.models).update(Input=tf_keras.Input)
    vars(tf_keras.constraints).update(maxnorm=tf_keras.constraints.MaxNorm)
    vars(tf_keras.utils).update(dict.fromkeys(TABLES["idle"], lambda *_, **__: None))
    sys.meta_path.insert(0, _Finder())
    sys.meta_path.append(_Gone())
    tensorflow = importlib.import_module("tensorflow")
    for name in [n for n in dir(tensorflow.compat.v1) if not hasattr(tensorflow, n)]:  # of its first years
        setattr(tensorflow, name, getattr(tensorflow.compat.v1, name))
