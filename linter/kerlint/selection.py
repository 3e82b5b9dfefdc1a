"""Which rules are asked: codes, prefixes and names against the rules there are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from kerlint.config import Config, ConfigError, did_you_mean

TYPE_CHECKING = False  # on the path of every run, see config.py
if TYPE_CHECKING:
    from kerlint.rule.rule import Rule

# The settings that are rules, or have a table for each.
NAMING = ("select", "extend-select", "ignore", "extend-safe-fixes", "extend-unsafe-fixes", "rules")


def selected(
    config: Config,
    known: Sequence[Rule],
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> list[Rule]:
    """The rules to ask, by the configuration and then by what the command line says.

    A more precise selector beats a wider one (``ignore = ["KER1"]``, ``select = ["KER101"]``), of equals
    the one that ignores. A selection on the command line starts anew; an unknown rule there is an error.
    """
    demand((*(select or ()), *extend_select, *ignore), known)
    layers = [(select, extend_select, ignore)]
    if select is None:
        layers.insert(0, (config.select, config.extend_select, config.ignore))
    return [rule for rule in known if _chosen(rule, layers)]


def demand(words: Iterable[str], known: Sequence[Rule]) -> None:
    """Words of the command line have to name rules. Raises ConfigError."""
    for word in words:
        if not any(matches(word, rule) for rule in known):
            raise ConfigError(f"unknown rule '{word}'{did_you_mean(word, _words(known))}")


def _chosen(rule: Rule, layers: Iterable[tuple[Sequence[str] | None, Sequence[str], Sequence[str]]]) -> bool:
    chosen = rule.default
    for select, extend, ignore in layers:
        if select is not None:
            chosen = False
        wanted, unwanted = _best(rule, (*(select or ()), *extend)), _best(rule, ignore)
        if max(wanted, unwanted) > 0:
            chosen = wanted > unwanted
    return chosen


def named(
    config: Config, known: Sequence[Rule], select: Sequence[str] | None = None, extend_select: Sequence[str] = ()
) -> frozenset[str]:
    """The names of the rules that are meant in particular: by name, code or a family's code, not with all others."""
    chosen = (*config.extend_select, *(config.select or ())) if select is None else select
    particular = [w for w in (*chosen, *extend_select) if not w.isupper() or any(c.isdigit() for c in w)]
    return names(particular, known)


def matches(word: str, rule: Rule) -> int:
    """How precisely a selector means a rule: 0 not at all, by prefix the longer the better, by name most."""
    if word in rule.words:
        return 100
    if word == "ALL":
        return 1
    return 1 + len(word) if word.isalnum() and word.isupper() and rule.code.startswith(word) else 0


def names(words: Sequence[str], known: Sequence[Rule]) -> frozenset[str]:
    """The names of the rules that some selectors mean (``extend-safe-fixes``)."""
    return frozenset(rule.name for rule in known if _best(rule, words))


def _best(rule: Rule, words: Iterable[str]) -> int:
    return max((matches(word, rule) for word in words), default=0)


def _words(known: Sequence[Rule]) -> list[str]:
    return [word for rule in known for word in (rule.code, rule.name)]


def unknown(config: Config, known: Sequence[Rule]) -> list[str]:
    """A warning for each unknown rule in a file: the same file may serve other versions of kerlint."""
    told: dict[str, Iterable[str]] = {key: getattr(config, key.replace("-", "_")) or () for key in NAMING}
    told["per-file-ignores"] = [word for words in config.per_file_ignores.values() for word in words]
    return [
        f"{config.source}: unknown rule '{word}' in {key}{did_you_mean(word, _words(known))}"
        for key, words in told.items()
        for word in dict.fromkeys(words)
        if not any(matches(word, rule) for rule in known)
    ]


def options(config: Config, known: Sequence[Rule]) -> dict[str, Mapping[str, object]]:
    """The options of each rule by its name, with the keys as the rule spells them. Raises ConfigError."""
    found: dict[str, Mapping[str, object]] = {}
    for word, table in config.rules.items():
        for rule in known:
            if matches(word, rule) == 100:
                # TOML has lists where a rule's option is a tuple.
                values = {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}
                found[rule.name] = {key.replace("-", "_"): value for key, value in values.items()}
                _check(f"{config.source}: rules.{word}", found[rule.name], rule)
    return found


def _check(where: str, given: Mapping[str, object], rule: Rule) -> None:
    defaults = rule.options
    for key, value in given.items():
        shown = key.replace("_", "-")
        if key not in defaults:
            names = [name.replace("_", "-") for name in defaults]
            raise ConfigError(f"{where}: unknown key '{shown}'{did_you_mean(shown, names)}")
        default = defaults[key]
        if not _is_like(value, default):
            told = list(value) if isinstance(value, tuple) else value
            whole = f"of type {type(default).__name__}"
            kind = f"a list of {type(default[0]).__name__}" if isinstance(default, tuple) else whole
            raise ConfigError(f"{where}: {shown} = {told!r} is not {kind}")
        least, most = rule.bounds.get(key, (float("-inf"), float("inf")))
        for number in value if isinstance(value, tuple) else (value,):
            if key in rule.bounds and not least <= number <= most:
                raise ConfigError(f"{where}: {shown} = {number} is not between {least} and {most}")


def _is_like(value: object, default: object) -> bool:
    """An int will do where a float is asked for; a bool is an int only to Python."""
    if isinstance(value, tuple) and isinstance(default, tuple):
        return all(_is_like(item, default[0]) for item in value)
    return type(value) is type(default) or (isinstance(default, float) and type(value) is int)


def per_file(config: Config, path: str) -> tuple[str, ...]:
    """The selectors that per-file-ignores name for a file. ``!pattern`` speaks of all files but those."""
    if not config.per_file_ignores:
        return ()
    from fnmatch import fnmatchcase

    relative = os.path.relpath(path, config.root).replace(os.sep, "/")
    names = (relative, os.path.basename(path), os.path.abspath(path).replace(os.sep, "/"))
    found: list[str] = []
    for pattern, words in config.per_file_ignores.items():
        plain = pattern.removeprefix("!")
        hit = any(fnmatchcase(name, plain) or fnmatchcase(name, f"{plain.rstrip('/')}/*") for name in names)
        if hit != pattern.startswith("!"):
            found += words
    return tuple(found)
