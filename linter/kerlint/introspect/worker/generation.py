"""Keras 2 under the name that programs of its time import."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any


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


def as_keras(tf_keras: ModuleType) -> None:
    """From now on ``import keras`` gives it, as ``tensorflow.keras`` does with TF_USE_LEGACY_KERAS."""
    sys.modules["keras"] = tf_keras
    sys.meta_path.insert(0, _Finder())
