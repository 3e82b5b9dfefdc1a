"""The patch of ``--diff``: bytes, as ``git apply`` takes them."""

from __future__ import annotations

import difflib
import os
import re

PLAIN = re.compile(r"[^\x00-\x1f\x7f\"\\]*")
NO_BREAK = "\n\\ No newline at end of file\n"


def patch(path: str, before: bytes, after: bytes) -> bytes:
    """The difference in unified form; empty where there is none.

    Latin-1 maps every byte to one character and back, so the encoding of the file does not matter. A line
    ends in LF only, as git sees it: CR belongs to the line, form feeds and others are text.
    """
    told = difflib.unified_diff(_lines(before), _lines(after), _name("a", path), _name("b", path))
    return "".join(line if line.endswith("\n") else line + NO_BREAK for line in told).encode("latin-1")


def _lines(data: bytes) -> list[str]:
    *whole, rest = data.decode("latin-1").split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def _name(prefix: str, path: str) -> str:
    """The path from the directory of the run, quoted as git does where it must be."""
    name = f"{prefix}/{os.path.relpath(path).replace(os.sep, '/')}".encode("utf-8", "surrogateescape")
    text = name.decode("latin-1")
    if PLAIN.fullmatch(text):
        return text
    escaped = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\{ord(c):03o}" for c in text)
    return f'"{escaped}"'
