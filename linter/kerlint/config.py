"""Configuration: the nearest kerlint.toml, .kerlint.toml or pyproject.toml, checked key by key.

Stands on the path of every run, also of those that find no Keras: it imports neither dataclasses nor typing
(20 ms together) and reads TOML only where a file speaks of kerlint. It knows no rules; they are passed in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType

NAMES = (".kerlint.toml", "kerlint.toml", "pyproject.toml")  # in this order where several lie side by side
GUARDED = ("cache_dir", "python", "plugins")  # what a project may not choose for its reader without --trust
FORMATS = ("full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "html")
SEVERITIES = ("error", "warning", "info")
# The directories that ruff leaves out, too.
EXCLUDE = (
    *(".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox"),
    *(".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode"),
    *("__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv"),
)


class ConfigError(Exception):
    """A configuration that cannot be used; names the file, the key and the nearest valid one."""


class Config:
    """All settings of one configuration file, or the defaults. Frozen: ``changed`` makes another one."""

    select: tuple[str, ...] | None = None  # None: every rule that is on by default
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    exclude: tuple[str, ...] = EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    fix: bool = False
    unsafe_fixes: bool = False
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    prove: bool | str = True  # or "require"
    python: str | None = None
    output_format: str = "full"
    fail_on: str = "warning"
    baseline: str | None = None
    cache_dir: str | None = None
    models: tuple[str, ...] = ()
    keras: str | int = "auto"  # or 2 or 3
    rules: Mapping[str, Mapping[str, object]] = MappingProxyType({})
    plugins: tuple[str, ...] = ()

    root: str = "."  # the directory that patterns and paths are relative to
    source: str | None = None  # the file these settings are from
    own: Mapping[str, object] = MappingProxyType({})  # what the user's own file says of the guarded keys
    from_project: frozenset[str] = frozenset()  # the guarded keys that the linted project set

    def __init__(self, **values: object) -> None:
        unknown = values.keys() - Config.__annotations__.keys()
        if unknown:
            raise TypeError(f"no settings: {', '.join(sorted(unknown))}")
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: a Config is not changed; changed() makes another one")

    def changed(self, **values: object) -> Config:
        """The same settings but for some (what the command line says)."""
        return Config(**{**self.__dict__, **values})

    def settings(self) -> dict[str, object]:
        """Every setting with its value."""
        return {name: getattr(self, name) for name in Config.__annotations__}

    @property
    def generation(self) -> int | None:
        """The major version of Keras that is named, if one is."""
        return self.keras if isinstance(self.keras, int) else None

    def untrusted(self) -> Config:
        """The settings without what a project may not choose: the user's own stand there instead."""
        own = {key: self.own.get(key, getattr(Config, key)) for key in self.from_project}
        return self.changed(**own, from_project=frozenset())


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of strings")
    return tuple(value)


def _a(kind: type, told: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, kind):
            raise ValueError(told)
        return value

    return check


def _lists(value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError("a table of lists of rules by pattern")
    return {pattern: _strings(rules) for pattern, rules in value.items()}


def _tables(value: object) -> Mapping[str, Mapping[str, object]]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise ValueError("a table of options by rule")
    return value


def _one_of(*choices: str | int | bool) -> Callable[[object], object]:
    def check(value: object) -> object:
        for choice in choices:  # 1 == True, so the type counts as well
            if value == choice and type(value) is type(choice):
                return choice
        told = ", ".join(str(c).lower() if isinstance(c, bool) else repr(c) for c in choices)
        near = [str(c) for c in choices if str(c) != value]  # '2' for 2 is told by its quotes
        raise ValueError(f"one of {told}{did_you_mean(str(value), near)}")

    return check


KEYS: Mapping[str, Callable[[object], object]] = {
    **dict.fromkeys(("select", "ignore", "extend-select", "exclude", "extend-exclude", "models"), _strings),
    **dict.fromkeys(("extend-safe-fixes", "extend-unsafe-fixes", "plugins"), _strings),
    **dict.fromkeys(("fix", "unsafe-fixes", "respect-gitignore", "force-exclude"), _a(bool, "true or false")),
    **dict.fromkeys(("python", "baseline", "cache-dir"), _a(str, "a string")),
    "per-file-ignores": _lists, "rules": _tables, "prove": _one_of(True, False, "require"),
    "keras": _one_of("auto", 2, 3), "output-format": _one_of(*FORMATS), "fail-on": _one_of(*SEVERITIES),
}  # fmt: skip


def did_you_mean(word: str, choices: list[str]) -> str:
    """The nearest of some words, as the end of a message; nothing if none is near."""
    import difflib

    folded = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return f" (did you mean '{folded[near[0]]}'?)" if near else ""


def parse(table: Mapping[str, object], source: str) -> Config:
    """The settings in a table of a configuration file."""
    root = os.path.dirname(os.path.abspath(source))
    values: dict[str, object] = {"root": root, "source": source}
    for key, value in table.items():
        if key not in KEYS:
            hint = " (in this file the keys stand without [tool.kerlint])" if key == "tool" else ""
            raise ConfigError(f"{source}: unknown key '{key}'{hint or did_you_mean(key, list(KEYS))}")
        try:
            values[key.replace("-", "_")] = KEYS[key](value)
        except ValueError as error:
            raise ConfigError(f"{source}: {key} = {value!r} is not {error}") from None
    for key in ("baseline", "cache_dir", "python"):
        path = values.get(key)
        # A bare `python = "python3.12"` is looked up on PATH; anything with a slash is a path.
        if isinstance(path, str) and (key != "python" or os.path.basename(path) != path):
            values[key] = os.path.normpath(os.path.join(root, os.path.expanduser(path)))
    return Config(**values)


def load(path: str) -> Config | None:
    """The settings of a file; None for a pyproject.toml that does not speak of kerlint."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    inside = os.path.basename(path) == "pyproject.toml"
    if inside and b"kerlint" not in data:
        return None
    import tomllib

    try:
        table = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    if inside:
        tool = table.get("tool", {})
        if not isinstance(tool, dict) or "kerlint" not in tool:
            return None
        table = tool["kerlint"]
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: tool.kerlint = {table!r} is not a table")
    return parse(table, path)


def user_file() -> str:
    """Where the user's own configuration lies, if there is one."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "kerlint", "kerlint.toml")


class Configs:
    """The configuration of each directory: the nearest file wins, and files are not merged.

    ``file`` (``--config``) stands for all of them, ``isolated`` reads none; ``changes`` are what the command
    line says.
    """

    def __init__(self, file: str | None = None, *, isolated: bool = False, **changes: object) -> None:
        self._changes = changes
        self._found: dict[str, Config] = {}
        own = None if isolated or not os.path.isfile(user_file()) else load(user_file())
        self._own = {key: getattr(own, key) for key in GUARDED} if own else {}
        # The user's own file holds where no project says anything; its patterns speak of where kerlint runs.
        self._fallback = self._finished(own.changed(root=os.getcwd()) if own else Config(root=os.getcwd()))
        self._only: Config | None = self._fallback if isolated else None
        if file is not None:
            # Whoever names a file has chosen it, but not necessarily read it: it is guarded like any other.
            self._only = self._finished(self._guarded(load(file) or Config(source=file)))

    def of(self, directory: str) -> Config:
        """The configuration for the files in a directory. Raises ConfigError."""
        if self._only is not None:
            return self._only
        passed: list[str] = []
        found, above = None, os.path.abspath(directory)
        while found is None and above not in passed:
            passed.append(above)
            found = self._found.get(above) or self._here(above)
            above = os.path.dirname(above)
        found = found or self._fallback
        self._found.update(dict.fromkeys(passed, found))
        return found

    def _here(self, directory: str) -> Config | None:
        for name in NAMES:
            path = os.path.join(directory, name)
            if os.path.isfile(path) and os.path.abspath(path) != os.path.abspath(user_file()):
                config = load(path)
                if config is not None:
                    return self._finished(self._guarded(config))
        return None

    def _guarded(self, config: Config) -> Config:
        """The configuration, knowing which guarded keys the project set; the user's own fill the rest."""
        named = frozenset(key for key in GUARDED if key in config.__dict__)
        return Config(**{**self._own, **config.__dict__, "own": self._own, "from_project": named})

    def _finished(self, config: Config) -> Config:
        named = config.from_project - self._changes.keys()
        return config.changed(**{**self._changes, "from_project": named})
