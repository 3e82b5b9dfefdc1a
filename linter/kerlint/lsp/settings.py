"""What is asked of a document: the rules and options of the configuration that is nearest to it.

Configuration files are read again for every check: it costs a few calls of ``stat``, and a change counts at
once, also in editors that do not tell of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kerlint import selection
from kerlint.config import Config, ConfigError, Configs
from kerlint.imports import Imports
from kerlint.merge import Options
from kerlint.project import Files
from kerlint.rule.load import load
from kerlint.rule.own import OWN
from kerlint.rule.rule import Rule
from kerlint.text.document import Document

OpenText = Callable[[str], "str | None"]  # of a path, what the editor has of it


@dataclass(frozen=True)
class Settings:
    """Of one document. ``problems`` are messages for the user."""

    rules: tuple[Rule, ...]
    options: Options
    config: Config
    excluded: bool = False
    problems: tuple[str, ...] = ()


@dataclass
class Asked:
    """The rules there are; what lies in the opened folders brings no plugin (as without ``--trust``)."""

    known: tuple[Rule, ...]
    faults: tuple[str, ...]
    _last: dict[str, Config] = field(default_factory=dict)  # by folder, the last that could be read

    @classmethod
    def of(cls, folders: Sequence[str]) -> Asked:
        """Load the rules."""
        loaded = load(folders)
        return cls((*OWN, *loaded.rules), tuple(f"plugin {f.plugin}: {f.message}" for f in loaded.faults))

    def settings(self, path: str, folder: str, opened: OpenText) -> Settings:
        """The settings of a document; ``folder`` is where one without a path is thought to lie."""
        place = os.path.dirname(path) if os.path.isabs(path) else folder
        try:
            configs = Configs(force_exclude=True)
            config = configs.of(place)
            options = selection.options(config, self.known)
            excluded = os.path.exists(path) and not any(Files(configs).walk([path]))
            self._last[place] = config
            problems = selection.unknown(config, self.known)
        except ConfigError as error:  # while it is being written, what was said last goes on
            problems, excluded = [str(error)], False
            config = self._last.get(place, Config(root=place))
            options = selection.options(config, self.known)
        imports, current = Imports(), _current(opened)
        silenced = selection.names(selection.per_file(config, path), self.known)
        rules = [r for r in selection.selected(config, self.known) if r.name not in silenced]
        asked = Options(
            keras=config.generation, rules=options, safe=selection.names(config.extend_safe_fixes, self.known),
            unsafe=selection.names(config.extend_unsafe_fixes, self.known),
            selected=selection.named(config, self.known),
            existing=frozenset(() if self.faults else (word for rule in self.known for word in rule.words)),
            load=lambda name, path: None if (found := imports(name, path)) is None else current(found),
            callers=lambda document: (d if isinstance(d, str) else current(d) for d in imports.importers(document)),
        )  # fmt: skip
        return Settings(tuple(rules), asked, config, excluded, tuple(problems))


def _current(opened: OpenText) -> Callable[[Document], Document]:
    """Other files of the project, as they stand in the editor where they are open."""
    found: dict[str, Document] = {}  # one object a file: contexts compare documents by identity

    def read(document: Document) -> Document:
        text = opened(document.path)
        return document if text is None else found.setdefault(document.path, Document.of(text, document.path))

    return read
