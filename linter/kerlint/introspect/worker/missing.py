"""Data on disk and in other packages: files, what reads them, packages that are not installed. All of it is inert."""

from __future__ import annotations

import builtins
import contextlib
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from .inert import TABLES, Draws, Inert
from .sites import Sites

HERE = os.path.dirname(__file__)
READERS, SIFTERS, PLOTS, PACKAGES = (TABLES[name] for name in ("readers", "sifters", "plots", "packages"))
LOST = {"load_model": (OSError, ValueError)}  # what it raises for a file that is not there; programs catch it


class _InertModule(ModuleType):
    """A package that is not installed."""

    def __init__(self, name: str, draws: Draws) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self._draws = draws

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert(f"{self.__name__}.{name}", self._draws)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules that are made of what is there already: which these are, and how one is made, by their names."""

    def __init__(self, knows: Callable[[str], bool], make: Callable[[str], ModuleType]) -> None:
        self.knows, self.make = knows, make

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """A package, whatever it is: there may be more below it."""
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if self.knows(name) else None

    def create_module(self, spec: Any) -> ModuleType:
        """The module."""
        return self.make(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class Missing(Finder):
    """Stands last among the finders, for the user's source: modules beside it, then data packages, which are inert.

    Stands first as well, for packages that only draw.
    """

    def __init__(self, draws: Draws, sites: Sites) -> None:
        super().__init__(lambda name: self.inert(name, PACKAGES), lambda name: _InertModule(name, draws))
        self.sites = sites
        self.stood_in: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """What nobody else has found."""
        beside = [os.path.join(r, p) for p in sys.path if not os.path.isabs(p) for r in self.sites.roots]
        if path is None and (found := importlib.machinery.PathFinder.find_spec(name, beside)) is not None:
            return found  # programs say "..", and mean it from where they lie
        return super().find_spec(name, path, target)

    def inert(self, name: str, packages: Iterable[str]) -> bool:
        """Whether it is one of these packages, or in one, for which something inert stands in the user's source."""
        package = next((p for p in packages if f"{name}.".startswith(f"{p}.")), None)
        if package == name:
            asked = self._asked_by_user()
            self.stood_in += [name] if asked else []
            return asked
        return package in self.stood_in

    def _asked_by_user(self) -> bool:
        frame: Any = sys._getframe(3)
        while frame is not None and ("importlib" in (path := frame.f_code.co_filename) or path.startswith(HERE)):
            frame = frame.f_back
        return frame is not None and self.sites.is_users(frame.f_code.co_filename)


class Readers(importlib.abc.MetaPathFinder):
    """Stands first among the finders: a module that reads data no longer does once it is imported."""

    def __init__(self, wrap: Callable[[ModuleType], None], missing: Missing) -> None:
        self.wrap, self.missing = wrap, missing

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The module as it is, with its readers wrapped after it has run; what only draws is inert."""
        if self.missing.inert(name, PLOTS):
            return importlib.machinery.ModuleSpec(name, self.missing, is_package=True)
        spec = importlib.machinery.PathFinder.find_spec(name, path) if name in READERS or name in SIFTERS else None
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            self.wrap(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def without_data(draws: Draws, sites: Sites) -> Missing:
    """Readers of data become inert for the user's source, files that are not there and missing data packages too."""
    draws.readers = frozenset(f"{module}.{function}" for module in READERS for function in READERS[module])

    def wrap(module: ModuleType) -> None:
        name = module.__name__
        for function in (*READERS.get(name, ()), *SIFTERS.get(name, ())):
            if hasattr(module, function):
                setattr(module, function, _reader(f"{name}.{function}", getattr(module, function), draws, sites))

    for name in (n for n in (*READERS, *SIFTERS) if n in sys.modules):
        wrap(sys.modules[name])
    missing = Missing(draws, sites)
    for name in [n for n in sys.modules if n.partition(".")[0] in PLOTS]:
        del sys.modules[name]  # Keras has it already, and keeps it
    sys.meta_path.insert(0, Readers(wrap, missing))
    sys.meta_path.append(missing)
    for place, name in ((builtins, "open"), (os, "listdir")):
        setattr(place, name, opener(name, getattr(place, name), draws, sites))
    return missing


def _reader(name: str, really: Any, draws: Draws, sites: Sites) -> Any:
    """Inert for the user's source; libraries read their own files."""
    always = name in draws.readers

    if isinstance(really, type) and name in ("zipfile.ZipFile", "h5py.File"):  # libraries derive from them

        class Reader(really):  # type: ignore[misc]
            def __new__(cls, file: Any, *args: Any, **kwargs: Any) -> Any:
                asked = cls is Reader and sites.is_users(sys._getframe(1).f_code.co_filename)
                there = not always and (hasattr(file, "read") or os.path.exists(file)) and not isinstance(file, Inert)
                return really.__new__(cls) if there or not asked else draws.instead(file, f"{name}()")

        return Reader

    def read(*args: Any, **kwargs: Any) -> Any:
        if not sites.is_users(sys._getframe(1).f_code.co_filename):
            return really(*args, **kwargs)
        with contextlib.suppress(FileNotFoundError):
            if not always and not any(isinstance(value, Inert) for value in args):
                return really(*args, **kwargs)
        return draws.instead(next(iter((*args, *kwargs.values())), None), f"{name}()")

    return read


def opener(name: str, really: Any, draws: Draws, sites: Sites) -> Any:
    """What lies beside the user's source is found from there; what is nowhere is inert, but no model is."""

    def opened(*args: Any, **kwargs: Any) -> Any:
        file = next(iter((*args, *kwargs.values())), ".")
        try:
            return file if isinstance(file, Inert) and name not in LOST else really(*args, **kwargs)
        except (FileNotFoundError, *LOST.get(name, ())):
            asked = sites.is_users(sys._getframe(1).f_code.co_filename) and isinstance(file, (str, os.PathLike))
            if not asked or os.path.exists(file):
                raise
            there = (os.path.join(root, file) for root in sites.roots)
            found = next((place for place in there if os.path.exists(place)), None)
            inert = draws.instead(file, f"{name}({file!r})") if found is None else None
            if inert is not None and name in LOST:
                raise
        given = {key: found if value is file else value for key, value in kwargs.items()}
        return inert or really(*(found if value is file else value for value in args), **given)

    return opened
