"""Colour, where it is wanted, and text that cannot command a terminal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import IO

CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
SEVERITY = {"error": "red", "warning": "yellow", "info": "cyan"}


@dataclass(frozen=True)
class Style:
    """``colour`` off: every method returns the text as it is."""

    colour: bool = False
    unicode: bool = True  # whether lines may be drawn

    def paint(self, text: str, *names: str) -> str:
        """The text in bold, red, ..."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(CODES[n] for n in names)}m{text}\x1b[0m"


def wants_colour(stream: IO[str], choice: str) -> bool:
    """``--color`` first, then FORCE_COLOR and NO_COLOR (set and not empty), then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] not in ("0", "false")
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def style_of(stream: IO[str], choice: str) -> Style:
    """How to print on a stream."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return Style(wants_colour(stream, choice), encoding.startswith("utf"))


def harmless(text: str) -> str:
    """Control characters of linted files spelled out: a source line must not move the cursor."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode("ascii") for c in text)
