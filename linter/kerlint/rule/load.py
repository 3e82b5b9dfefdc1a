"""Rules come in through the entry point group ``kerlint.rules``, the built-in ones by the same door."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from kerlint.rule.rule import Rule

GROUP = "kerlint.rules"
KERLINT = str(Path(__file__).parent.parent)
PYTHON = (importlib.__file__, importlib.metadata.__file__, pkgutil.__file__)


@dataclass(frozen=True)
class Fault:
    """Something wrong with a plugin, with file and line where they are known."""

    plugin: str
    message: str


@dataclass(frozen=True)
class Rules:
    """The rules by code, and what was wrong with those that could not be loaded."""

    rules: tuple[Rule, ...]
    faults: tuple[Fault, ...] = ()

    def find(self, name: str) -> Rule | None:
        """The rule of this code, name or former name."""
        return next((r for r in self.rules if name in (r.code, r.name, *r.aliases)), None)


def load(linted: Sequence[str] = (), *, trust: bool = False, plugins: Sequence[str] = ()) -> Rules:
    """All rules of all installed plugins; a plugin that lies in the linted tree only with ``trust``.

    Where ``plugins`` are named, these and kerlint's own rules; one that is not installed is a fault.
    """
    found: list[Rule] = []
    entries = sorted(importlib.metadata.entry_points(group=GROUP), key=_of_a_guest)
    missing = dict.fromkeys(name for name in plugins if name not in {e.name for e in entries})
    faults = [Fault(name, f"is not installed: no entry point {GROUP} has this name") for name in missing]
    for entry in entries:
        if plugins and entry.name not in plugins and _of_a_guest(entry)[0]:
            continue
        if not trust and _lies_in(entry, linted):
            faults.append(Fault(entry.name, "lies in the linted project; --trust loads it"))
            continue
        try:
            for module in _modules(entry.load()):
                _collect(module, entry.name, found, faults)
        except Exception as error:
            faults.append(Fault(entry.name, _where(error)))
    return Rules(tuple(sorted(found, key=lambda r: (r.code, r.name))), tuple(faults))


def _collect(module: ModuleType, plugin: str, found: list[Rule], faults: list[Fault]) -> None:
    for rule in vars(module).values():
        if not isinstance(rule, Rule) or rule in found or rule.function.__module__ != module.__name__:
            continue
        taken = next((r for r in found if r.code == rule.code or r.name == rule.name), None)
        if taken is None:
            found.append(rule)
        else:
            path, line = rule.place
            told = f"{rule.code} {rule.name} is taken by {taken.code} {taken.name}"
            faults.append(Fault(plugin, f"{path}:{line}: {told}"))


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    """A module, or a package with all modules below it."""
    yield module
    for info in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        yield importlib.import_module(info.name)


def _of_a_guest(entry: importlib.metadata.EntryPoint) -> tuple[bool, str]:
    """kerlint's own rules first: no plugin takes a code from them."""
    return entry.dist is None or entry.dist.name != "kerlint", entry.name


def _lies_in(entry: importlib.metadata.EntryPoint, linted: Sequence[str]) -> bool:
    """Whether a plugin's code, other than kerlint's own, stands in the linted tree."""
    dist = entry.dist
    if dist is None or dist.name == "kerlint":
        return False
    try:
        spec = importlib.util.find_spec(entry.module.partition(".")[0])  # of a package alone: nothing is imported
    except (ImportError, ValueError):
        spec = None
    home = Path(spec.origin if spec and spec.origin else str(dist.locate_file(""))).resolve()
    installed = (Path(sysconfig.get_paths()[kind]).resolve() for kind in ("purelib", "platlib"))
    if any(home.is_relative_to(place) for place in installed):  # where kerlint itself is run from
        return False
    return any(home.is_relative_to(Path(root).resolve()) for root in linted)


def _where(error: Exception) -> str:
    """An error with its place in the plugin: where the syntax is wrong, else the last line that is not kerlint's."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {type(error).__name__}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if not f.filename.startswith((KERLINT, "<")) and f.filename not in PYTHON]
    place = f"{theirs[-1].filename}:{theirs[-1].lineno}: " if theirs else ""
    return f"{place}{type(error).__name__}: {error}"
