"""Documents: bytes to cells and back, byte-exact where nothing was edited."""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import replace as changed
from functools import cached_property

from kerlint.text.edit import Edit, apply
from kerlint.text.span import BREAK, Lines, Span

# PEP 263: in the first line, or in the second if the first holds nothing but a comment.
COOKIE = re.compile(rb"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
WORD = re.compile(r"[^\W\d]\w*")
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True)
class Cell:
    """Source that belongs together: a whole file (index None) or one code cell of a notebook.

    ``code`` is what parses: as long as ``source``, with what is not Python blanked out.
    """

    index: int | None
    source: str
    code: str

    @classmethod
    def of(cls, index: int | None, source: str) -> Cell:
        """The cell with this source."""
        if index is None:
            return cls(None, source, source)
        from kerlint.text.magics import blanked

        return cls(index, source, blanked(source))


@dataclass(frozen=True)
class Problem:
    """Why a file could not be read, and where."""

    span: Span
    message: str
    line: int = 1
    column: int = 1

    @classmethod
    def at(cls, path: str, message: str, before: str = "") -> Problem:
        """A problem behind the given text."""
        line, column = Lines(before).position(len(before))
        return cls(Span(path, None, len(before), len(before)), message, line, column)


@dataclass(frozen=True, eq=False)
class Document:
    """A file as its cells, and what is needed to write it back. Each time it is read, it is another one."""

    path: str
    cells: tuple[Cell, ...]
    encoding: str = "utf-8"
    bom: bool = False
    newline: str = "\n"
    raw: str | None = None  # the JSON text of a notebook
    _lines: dict[int | None, Lines] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, data: bytes, path: str) -> Document | Problem:
        """The document that these bytes are; what it is follows from the suffix."""
        if path.endswith(".ipynb"):
            return _notebook(data, path)
        return _source(data, path)

    @classmethod
    def of(cls, text: str, path: str = "model.py") -> Document:
        """A document of Python source that is already text."""
        return cls(path, (Cell.of(None, text),), newline=_newline(text))

    def cell(self, index: int | None) -> Cell:
        """The cell with this index (in a notebook all cells count, also those without code)."""
        for cell in self.cells:
            if cell.index == index:
                return cell
        raise KeyError(f"{self.path} has no code cell {index}")

    @cached_property
    def source(self) -> str:
        """The source of all cells, one below the other."""
        return "\n".join(cell.source for cell in self.cells)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the source that may be a name."""
        return frozenset(WORD.findall(self.source))

    def text(self, span: Span) -> str:
        """The source that a span covers."""
        return self.cell(span.cell).source[span.start : span.end]

    def lines(self, cell: int | None) -> Lines:
        """The lines of a cell."""
        if cell not in self._lines:
            self._lines[cell] = Lines(self.cell(cell).source)
        return self._lines[cell]

    def edited(self, edits: Iterable[Edit]) -> Document:
        """The document with edits made; the breaks in their text become the document's own."""
        by_cell: dict[int | None, list[Edit]] = {}
        for edit in edits:
            text = BREAK.sub("\n", edit.text).replace("\n", self.newline)
            by_cell.setdefault(edit.span.cell, []).append(Edit(edit.span, text))
        new = {index: apply(self.cell(index).source, group) for index, group in by_cell.items()}
        cells = tuple(Cell.of(c.index, new[c.index]) if c.index in new else c for c in self.cells)
        raw = self.raw
        if raw is not None:
            from kerlint.text.notebook import write

            raw = write(raw, {i: text for i, text in new.items() if i is not None})
        return changed(self, cells=cells, raw=raw, _lines={})

    def to_bytes(self) -> bytes:
        """What stands in the file. Raises UnicodeEncodeError where the encoding cannot hold the text."""
        text = self.cells[0].source if self.raw is None else self.raw
        return (codecs.BOM_UTF8 if self.bom else b"") + text.encode(self.encoding)


def _source(data: bytes, path: str) -> Document | Problem:
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[3:] if bom else data
    cookie = COOKIE.match(body)
    encoding = _plain(cookie.group(1).decode("ascii")) if cookie else "utf-8"
    before = body[: cookie.start(1)].decode("latin-1") if cookie else ""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return Problem.at(path, f"unknown encoding {encoding!r}", before)
    if bom and name != "utf-8":
        return Problem.at(path, f"the file has a UTF-8 byte order mark but says it is {encoding}", before)
    text = _decoded(body, path, encoding, name)
    if isinstance(text, Problem):
        return text
    if "\0" in text:
        return Problem.at(path, "a binary file: it holds a null byte", text[: text.index("\0")])
    # Rare encodings can spell one text in two ways; such a file would not come back byte by byte.
    if name != "utf-8" and text.encode(encoding) != body:
        return Problem.at(path, f"{encoding} text that does not survive being written back", before)
    return Document(path, (Cell.of(None, text),), encoding, bom, _newline(text))


def _plain(encoding: str) -> str:
    """An encoding without what Emacs adds about newlines (utf-8-unix), as Python reads it."""
    folded = encoding.lower().replace("_", "-")
    known = ("utf-8", "latin-1", "iso-8859-1", "iso-latin-1")
    return next((name for name in known if folded.startswith(f"{name}-")), encoding)


def _decoded(body: bytes, path: str, encoding: str, name: str) -> str | Problem:
    if body.startswith(WIDE):
        return Problem.at(path, "not UTF-8 but UTF-16 or UTF-32, which Python does not read either")
    try:
        return str(body, encoding)
    except LookupError:
        return Problem.at(path, f"{encoding!r} is not an encoding of text")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        what = "UTF-8" if name == "utf-8" else encoding
        return Problem.at(path, f"not valid {what}: byte 0x{body[error.start]:02x} ({error.reason})", before)


def _notebook(data: bytes, path: str) -> Document | Problem:
    from kerlint.text.notebook import read_cells

    bom = data.startswith(codecs.BOM_UTF8)
    raw = _decoded(data[3:] if bom else data, path, "utf-8", "utf-8")
    if isinstance(raw, Problem):
        return raw
    try:
        sources = read_cells(raw)
    except ValueError as error:  # json.JSONDecodeError is one, and knows where
        place = getattr(error, "pos", 0)
        return Problem.at(path, f"not a notebook: {getattr(error, 'msg', error)}", raw[:place])
    except RecursionError:
        return Problem.at(path, "not a notebook: nested too deeply")
    cells = tuple(Cell.of(index, text) for index, text in sources)
    return Document(path, cells, bom=bom, newline=_newline("".join(text for _, text in sources)), raw=raw)


def _newline(text: str) -> str:
    """The break that the text uses most, the first of equals."""
    if "\r" not in text:
        return "\n"
    found: list[str] = BREAK.findall(text)
    return max(dict.fromkeys(found), key=found.count)


def replace(path: str, data: bytes) -> None:
    """Put new bytes in a file's place at one stroke: at any time either the old or the new are there.

    A symbolic link stays one (its target is replaced), the mode is kept. Raises OSError.
    """
    real = os.path.realpath(path)
    if not os.access(real, os.W_OK):  # os.replace would succeed: it asks the directory, not the file
        raise PermissionError(13, "the file is write-protected", path)
    mode = stat.S_IMODE(os.stat(real).st_mode)
    folder, name = os.path.split(real)
    scratch = os.path.join(folder, f".{name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, mode)
        os.replace(scratch, real)
    except BaseException:
        os.unlink(scratch)
        raise
