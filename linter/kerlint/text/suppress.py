"""Comments that silence findings, and which of them silenced none."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kerlint.text.document import Cell, Document
from kerlint.text.span import Lines, Span

_LIST = r"[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*"
# A list that is not well formed makes no comment that ignores everything: nothing is ignored then.
_IGNORE = re.compile(rf"#[ \t]*kerlint:[ \t]*ignore(?![\w-])(?:[ \t]*\[[ \t]*({_LIST})[ \t]*,?[ \t]*\]|(?![ \t]*\[))")
_SKIP = re.compile(r"#[ \t]*kerlint:[ \t]*skip-file\b")
_NOQA = re.compile(r"#[ \t]*noqa\b(?:[ \t]*:[ \t]*([A-Z]+[0-9]+(?:[, \t]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_CODE = re.compile(r"[\w-]+")
_PREFIX = re.compile(r"[A-Z]+\d{0,2}")


@dataclass(frozen=True)
class Ignore:
    """One comment. ``line`` is the line it speaks of; no codes means all rules."""

    span: Span
    text: str
    line: int
    codes: tuple[tuple[str, Span], ...]
    foreign: bool = False  # a noqa: other linters read it too, so that it may serve them


class Suppressions:
    """The ignore comments of a document; remembers which were used."""

    def __init__(self, ignores: Sequence[Ignore], skip_file: bool) -> None:
        self.skip_file = skip_file
        self._by_line: dict[tuple[int | None, int], list[Ignore]] = {}
        self._ignores = ignores
        self._used: set[tuple[Span, str]] = set()
        self._existing: tuple[str, ...] = ()
        for ignore in ignores:
            self._by_line.setdefault((ignore.span.cell, ignore.line), []).append(ignore)

    @classmethod
    def of(cls, document: Document) -> Suppressions:
        """The comments of all cells. Strings that look like comments are none."""
        ignores: list[Ignore] = []
        skip = False
        for cell in document.cells:
            folded = cell.code.casefold()
            if "kerlint:" not in folded and "noqa" not in folded:
                continue
            for ignore in _comments(document.path, cell, document.lines(cell.index)):
                skip = skip or ignore is None
                ignores += [ignore] if ignore else []
        return cls(ignores, skip)

    def covers(self, first: int, last: int, cell: int | None, code: str, name: str) -> bool:
        """Whether a finding is silenced: at its first line (or alone above it) or at its last."""
        silenced = False
        for line in dict.fromkeys((first, last)):
            for ignore in self._by_line.get((cell, line), ()):
                if not ignore.codes:
                    self._used.add((ignore.span, ""))
                    silenced = True
                for word, span in ignore.codes:
                    if _means(word, code, name):
                        self._used.add((span, word))
                        silenced = True
        return silenced

    def unused(
        self, known: Iterable[str] | None = None, *, blanket: bool = True, existing: Iterable[str] = ()
    ) -> list[tuple[Span, str]]:
        """Comments, or single codes in them, that silenced nothing, with their text.

        With ``known`` (codes and names of the rules that were asked) codes of other rules are not held
        against the comment, unless ``existing`` (those of all rules) shows that no rule is called so;
        without ``blanket`` nothing is held against one that names no code.
        """
        asked = None if known is None else tuple(known)
        self._existing = tuple(existing)
        judged = [i for i in self._ignores if not i.foreign and (i.codes or blanket)]
        return [found for ignore in judged for found in self._idle(ignore, asked)]

    def _idle(self, ignore: Ignore, asked: tuple[str, ...] | None) -> Iterator[tuple[Span, str]]:
        if not ignore.codes:
            if (ignore.span, "") not in self._used:
                yield ignore.span, ignore.text
            return
        idle = [
            (span, word)
            for word, span in ignore.codes
            if (span, word) not in self._used
            and (asked is None or any(_means(word, k, k) for k in asked) or self._strange(word))
        ]
        if len(idle) == len(ignore.codes):
            yield ignore.span, ignore.text
        else:
            yield from idle

    def _strange(self, word: str) -> bool:
        """Whether no rule there is can be meant."""
        return bool(self._existing) and not any(_means(word, k, k) for k in self._existing)


def _means(word: str, code: str, name: str) -> bool:
    """Whether a word in a comment names a rule: by name, by code, or by the beginning of a code."""
    return word in (name, code) or (bool(_PREFIX.fullmatch(word)) and code.startswith(word))


def _comments(path: str, cell: Cell, lines: Lines) -> Iterator[Ignore | None]:
    """The ignores of a cell; None stands for a skip-file."""
    for line, column, text in _tokens(lines):
        if _SKIP.search(text):
            yield None
        start = lines.offset(line, column + 1)
        alone = not lines.line(line)[:column].strip()
        for match in _IGNORE.finditer(text):
            yield _ignore(path, cell, match, start, _next(lines, line) if alone else line)
        for match in _NOQA.finditer(text):
            yield _ignore(path, cell, match, start, line, foreign=True)


def _ignore(path: str, cell: Cell, match: re.Match[str], start: int, line: int, *, foreign: bool = False) -> Ignore:
    def place(first: int, last: int) -> Span:
        return Span(path, cell.index, start + first, start + last)

    codes: list[tuple[str, Span]] = []
    if match.group(1):
        base = match.start(1)
        for code in _CODE.finditer(match.group(1)):
            word = code.group().upper() if foreign else code.group()
            codes.append((word, place(base + code.start(), base + code.end())))
    return Ignore(place(match.start(), match.end()), match.group(), line, tuple(codes), foreign)


def _next(lines: Lines, line: int) -> int:
    """The line that a comment on a line of its own speaks of: the next that is not such a comment."""
    while line < lines.count and lines.line(line).lstrip().startswith("#"):
        line += 1
    return line


def _tokens(lines: Lines) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of every comment, as far as the text can be read as Python."""
    import tokenize  # only documents that seem to hold such a comment pay for it

    # Lines, not io.StringIO: a lone carriage return ends a line for Python and for us.
    text = "".join(f"{lines.line(number)}\n" for number in range(1, lines.count + 1))
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1], token.string
    except (tokenize.TokenError, SyntaxError):
        return
