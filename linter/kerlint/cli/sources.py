"""The files that a command line means, with the configuration of each. On the path of every run: light."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property

from kerlint import project
from kerlint.cli.flags import Flags
from kerlint.config import Config, Configs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kerlint.imports import Imports
    from kerlint.text.document import Document, Problem

SETTINGS = (
    "exclude", "extend_exclude", "force_exclude", "fix", "unsafe_fixes", "output_format", "fail_on", "baseline",
    "cache_dir",
)  # fmt: skip


class Sources(project.Files):
    """Iterate for paths of files. Paths with reasons: ``problems`` cannot be read, ``strange`` is worth a word."""

    def __init__(self, flags: Flags, paths: list[str]) -> None:
        given = {name: value for name in SETTINGS if (value := getattr(flags, name)) is not None}
        changes = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        super().__init__(Configs(flags.config, isolated=flags.isolated, **changes))
        self.paths = paths or ["."]

    def __iter__(self) -> Iterator[str]:
        return self.walk(self.paths)

    def config(self, path: str) -> Config:
        """The configuration of a file. Raises ConfigError."""
        return self.configs.of(os.path.dirname(path) or ".")

    @property
    def top(self) -> Config:
        """What holds for the run as a whole: the configuration of the first path."""
        first = self.paths[0]
        return self.config(os.path.join(first, "x") if os.path.isdir(first) else first)

    def document(self, path: str) -> Document | Problem | None:
        """A file; None if it cannot speak of Keras."""
        from kerlint.text.document import Document, Problem

        try:
            data = project.read(path)
            if data is None and path in self.paths:
                data = self.through_imports(path)
        except OSError as error:
            return Problem.at(path, f"cannot be read: {error.strerror or error}")
        return None if data is None else Document.parse(data, path)

    def through_imports(self, path: str) -> bytes | None:
        """The bytes of a file that does not name Keras, if it imports one of the project that does."""
        if not self.load.speaks(path):
            return None
        with open(path, "rb") as file:
            return file.read()

    @cached_property
    def load(self) -> Imports:
        """What an import in one of the files means."""
        from kerlint.imports import Imports

        return Imports()
