"""Places in text as editors count them. The only file that knows of UTF-8 and UTF-16 code units.

kerlint counts lines and columns from 1, in code points; the protocol counts from 0, in the units that
client and server agreed on. pygls has its own conversion, which splits lines as ``str.splitlines`` does
(also at form feeds, which are common in old Python sources) and is therefore not used.
"""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from kerlint.text.document import Document
from kerlint.text.edit import Edit
from kerlint.text.span import BREAK, Lines, Span


class Positions:
    """Conversion to and from one position encoding."""

    def __init__(self, encoding: str = "utf-16") -> None:
        self.encoding = str(getattr(encoding, "value", encoding))

    def position(self, lines: Lines, offset: int) -> types.Position:
        """Where an offset is for the editor."""
        line, column = lines.position(offset)
        return types.Position(line - 1, self._units(lines.line(line)[: column - 1]))

    def offset(self, lines: Lines, position: types.Position) -> int:
        """The offset of a position; what lies behind the end of a line or of the text goes to that end."""
        number = position.line + 1
        return lines.offset(number, self._column(lines.line(number), position.character) + 1)

    def range(self, document: Document, span: Span) -> types.Range:
        """A span of a document."""
        lines = document.lines(span.cell)
        return types.Range(self.position(lines, span.start), self.position(lines, span.end))

    def edit(self, document: Document, edit: Edit) -> types.TextEdit:
        """An edit, with the line breaks that the document uses."""
        text = BREAK.sub("\n", edit.text).replace("\n", document.newline)
        return types.TextEdit(self.range(document, edit.span), text)

    def changed(self, text: str, changes: Iterable[types.TextDocumentContentChangeEvent]) -> str:
        """A text after the changes of the editor, each of which speaks of the text that the last one left."""
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                lines = Lines(text)
                start = self.offset(lines, change.range.start)
                end = self.offset(lines, change.range.end)
                text = f"{text[:start]}{change.text}{text[max(start, end) :]}"
            else:
                text = change.text
        return text

    def _units(self, text: str) -> int:
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def _column(self, text: str, units: int) -> int:
        """How many whole characters fit into a number of units."""
        if self.encoding == "utf-32" or text.isascii():
            return min(units, len(text))
        done = 0
        for column, character in enumerate(text):
            done += self._units(character)
            if done > units:
                return column
        return len(text)
