"""What .gitignore files leave out: the nearest file that speaks of a path decides, as in git.

Written out here because a library for it takes 40 ms to import, as long as linting a thousand files may take.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache

Test = Callable[[str, str], bool]  # of name, and path relative to the .gitignore


class Gitignore:
    """The patterns of one directory, behind those of the directories above it."""

    def __init__(self, folder: str, text: str, above: Gitignore | None = None) -> None:
        self._folder = os.path.abspath(folder)
        self._above = above
        self._patterns = [p for p in map(_pattern, re.split(r"\r?\n", text)) if p is not None]
        self._patterns.reverse()  # the last that matches decides

    @classmethod
    def of(cls, folder: str, above: Gitignore | None) -> Gitignore | None:
        """The file in a folder, if it can be read."""
        try:
            with open(os.path.join(folder, ".gitignore"), "rb") as file:
                return cls(folder, file.read().decode("utf-8", "replace"), above)
        except OSError:
            return above

    def covers(self, path: str, folder: bool) -> bool:
        """Whether a path is ignored. Of what lies in an ignored directory nobody asks."""
        inside = os.path.abspath(path)[len(self._folder.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
        name = os.path.basename(path)
        for test, ignores, folders_only in self._patterns:
            if (folder or not folders_only) and test(name, inside):
                return ignores
        return self._above is not None and self._above.covers(path, folder)


def _pattern(line: str) -> tuple[Test, bool, bool] | None:
    """A line as a test, whether it ignores or brings back, and whether it speaks of directories only."""
    line = re.sub(r"(?<!\\)((?:\\\\)*)[ \t]+$", r"\1", line)
    if not line or line.startswith("#"):
        return None
    ignores = not line.startswith("!")
    line = line.removeprefix("!")
    folders_only = line.endswith("/")
    line = line.removesuffix("/")  # one: what ends in two is the path of nothing
    if not line:
        return None
    return _test(line), ignores, folders_only


def _test(line: str) -> Test:
    # Compiling a hundred patterns takes longer than the walk: most are a name or an ending.
    if not re.search(r"[*?\[\\]", line):
        if "/" not in line:
            return lambda name, inside: name == line
        plain = line.removeprefix("/")
        return lambda name, inside: inside == plain
    if line[0] == "*" and not re.search(r"[*?\[\\/]", line[1:]):
        ending = line[1:]
        return lambda name, inside: name.endswith(ending)
    return lambda name, inside: _compiled(line).fullmatch(inside) is not None


_PIECE = re.compile(r"\A\*\*/|/\*\*/|/\*\*\Z|\*+|\?|\[[!^]?\]?(?:\\.|[^\]\\])*\]|\\.|.", re.DOTALL)
_SPECIAL = {"**/": "(?:.*/)?", "/**/": "/(?:.*/)?", "/**": "/.+", "?": "[^/]"}


@cache
def _compiled(line: str) -> re.Pattern[str]:
    anchored = "/" in line
    line = line.removeprefix("/")
    # git compares what comes before the first sign by itself: in "a**/b" the stars stand at the beginning, too.
    plain = re.match(r"[^*?\[\\]*", line)[0] if anchored else ""  # type: ignore[index]
    pieces = [re.escape(plain) if anchored else "(?:.*/)?"]
    rest = line[len(plain) :]
    for piece in _PIECE.findall(rest):
        if anchored and piece == rest == "**":
            pieces.append(".*")
        elif piece in _SPECIAL:
            pieces.append(_SPECIAL[piece])
        elif piece[0] == "*":
            pieces.append("[^/]*")
        elif piece[0] == "[" and len(piece) > 2:
            pieces.append(_class(piece))
        else:
            pieces.append(re.escape(piece[-1] if piece[0] == "\\" else piece))
    try:
        return re.compile("".join(pieces), re.DOTALL)
    except re.error:  # a class like [z-a], which matches nothing in git either
        return re.compile(r"(?!)")


def _class(piece: str) -> str:
    negated = piece[1] in "!^"
    body = piece[2 if negated else 1 : -1]
    body = re.sub(r"\[|&&|\|\||~~|^\]|\^", lambda match: "".join(f"\\{c}" for c in match.group()), body)
    return f"(?!/)[{'^' if negated else ''}{body}]"
