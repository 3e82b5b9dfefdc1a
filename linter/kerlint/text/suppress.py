"""Comments that silence findings, and which of them silenced none."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
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
    """One comment. ``line`` is the line it speaks of; one for all rules has one code, which is empty."""

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
        for ignore in ignores:
            self._by_line.setdefault((ignore.span.cell, ignore.line), []).append(ignore)

    @classmethod
    def of(cls, document: Document) -> Suppressions:
        """The comments of all cells. Strings that look like comments are none."""
        found: list[Ignore | None] = []
        for cell in document.cells:
            folded = cell.code.casefold()
            if "kerlint:" in folded or "noqa" in folded:
                found += _comments(document.path, cell, document.lines(cell.index))
        return cls([ignore for ignore in found if ignore], None in found)

    def covers(self, first: int, last: int, cell: int | None, code: str, name: str) -> bool:
        """Whether a finding is silenced: at its first line (or alone above it) or at its last."""
        met = {
            (span, word)
            for line in (first, last)
            for ignore in self._by_line.get((cell, line), ())
            for word, span in ignore.codes
            if _means(word, code, name)
        }
        self._used |= met
        return bool(met)

    def unused(
        self, asked: Collection[str], *, blanket: bool = True, existing: Collection[str] = ()
    ) -> list[tuple[Span, str]]:
        """Comments, or single codes in them, that silenced nothing, with their text.

        Codes of other rules than those ``asked`` (codes and names) are not held against the comment, unless
        ``existing`` (those of all rules) shows that no rule is called so; without ``blanket`` nothing is held
        against one that names no code.
        """
        judged = [i for i in self._ignores if not i.foreign and (blanket or i.codes[0][0])]
        return [found for ignore in judged for found in self._idle(ignore, asked, existing)]

    def _idle(self, ignore: Ignore, asked: Collection[str], every: Collection[str]) -> Iterator[tuple[Span, str]]:
        idle = [(span, word) for word, span in ignore.codes if (span, word) not in self._used]
        idle = [(span, word) for span, word in idle if not word or _counts(word, asked, every)]
        if len(idle) == len(ignore.codes):
            yield ignore.span, ignore.text
        else:
            yield from idle


def _counts(word: str, asked: Collection[str], every: Collection[str]) -> bool:
    """Whether a word names a rule that was asked, or none that there is."""
    return any(_means(word, k, k) for k in asked) or (bool(every) and not any(_means(word, k, k) for k in every))


def _means(word: str, code: str, name: str) -> bool:
    """Whether a word in a comment names a rule: by name, by code, by the beginning of a code; no word names all."""
    return word in ("", name, code) or (bool(_PREFIX.fullmatch(word)) and code.startswith(word))


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

    whole = place(match.start(), match.end())
    named = [(code.group(), place(*code.span())) for code in _CODE.finditer(match.string, *match.span(1))]
    codes = tuple((word.upper() if foreign else word, span) for word, span in named)
    return Ignore(whole, match.group(), line, codes or (("", whole),), foreign)


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
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1], token.string
