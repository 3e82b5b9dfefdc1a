"""Known findings: a run with a baseline tells only what is not in it.

An entry is the file, the rule, and the text of the line that the finding begins at, with a count: so that
lines may move, and the third finding of a kind is new where two are known. The message is not part of it: its
figures follow from other lines.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kerlint.config import ConfigError

VERSION = 1


@dataclass(frozen=True, order=True)
class Known:
    """What a finding is recognised by; ``path`` is relative to the baseline file."""

    path: str
    rule: str  # its name, which outlives its code
    line: str


def known(file: str, path: str, rule: str, line: str) -> Known:
    """The entry of a finding in the baseline at ``file``."""
    home = os.path.dirname(os.path.abspath(file))
    return Known(os.path.relpath(os.path.abspath(path), home).replace(os.sep, "/"), rule, " ".join(line.split()))


class Baseline:
    """The entries that are not yet used up."""

    def __init__(self, entries: Iterable[tuple[Known, int]]) -> None:
        self._left: Counter[Known] = Counter(dict(entries))

    @classmethod
    def read(cls, file: str) -> Baseline:
        """The baseline in a file. Raises ConfigError where it is none."""
        try:
            with open(file, encoding="utf-8") as source:
                data = json.load(source)
            if data["version"] != VERSION:
                raise ConfigError(f"{file}: a baseline of version {data['version']}, not {VERSION}: write it anew")
            return cls((Known(e["path"], e["rule"], e["line"]), int(e["count"])) for e in data["known"])
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise ConfigError(f"{file}: not a baseline: write it anew with --write-baseline") from None

    def takes(self, entry: Known) -> bool:
        """Whether a finding is known; each entry answers for as many findings as it counts."""
        self._left[entry] -= 1
        return self._left[entry] >= 0


def write(entries: Iterable[Known]) -> str:
    """The text of a baseline file: sorted, one entry a line, so that its changes can be read."""
    counted = sorted(Counter(entries).items())
    rows = [json.dumps({**vars(entry), "count": number}, ensure_ascii=False) for entry, number in counted]
    body = ",\n  ".join(rows)
    return f'{{"version": {VERSION}, "known": [{chr(10) + "  " + body + chr(10) if rows else ""}]}}\n'
