"""Keras 2 under the name that programs of its time import, and what TensorFlow had then."""

from __future__ import annotations

import contextlib
import importlib
import sys
from types import ModuleType
from typing import Any

from .inert import TABLES
from .missing import Finder

ROOMS = ("layers", "models", "utils", "backend")  # where the names of modules live today that are gone


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


def _is_gone(name: str) -> bool:
    room, _, last = name.removeprefix("tf_keras.").rpartition(".")
    return name.startswith("tf_keras.") and last in TABLES["gone"].get(room, ())


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
    keras = Finder(lambda name: name.partition(".")[0] == "keras", lambda name: importlib.import_module(f"tf_{name}"))
    sys.meta_path.insert(0, keras)  # ``keras.layers`` is ``tf_keras.layers``
    sys.meta_path.append(Finder(_is_gone, _Former))  # what nobody else finds has whatever its Keras has by now
    tensorflow = importlib.import_module("tensorflow")
    for name in [n for n in dir(tensorflow.compat.v1) if not hasattr(tensorflow, n)]:  # of its first years
        setattr(tensorflow, name, getattr(tensorflow.compat.v1, name))
