"""The texts that the editor has open: files and cells of notebooks, as the last notification left them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from lsprotocol import types
from pygls.uris import to_fs_path

from kerlint.lsp.convert import Positions
from kerlint.text.document import Cell, Document

Changes: TypeAlias = Iterable[types.TextDocumentContentChangeEvent]


@dataclass
class Opened:
    """What is checked as one document: a file, or a notebook with its cells in order.

    ``stamp`` changes with every change; who looks at an older one looks at something that is gone.
    """

    uri: str
    texts: dict[str, types.TextDocumentItem] = field(default_factory=dict)
    cells: list[str] | None = None  # the uris of a notebook's code cells; None: a file
    stamp: int = 0

    @property
    def path(self) -> str:
        """The file's path; a text that lies nowhere is called by the last part of its uri."""
        return path_of(self.uri) or self.uri.rpartition(":")[2].rpartition("/")[2] or "untitled"

    def snapshot(self) -> Snapshot:
        """The document as it is now, and which text with which version each of its cells is."""
        if self.cells is None:
            text = self.texts[self.uri]
            return Snapshot(self.stamp, Document.of(text.text, self.path), {None: (self.uri, text.version)})
        cells: list[Cell] = []
        parts: dict[int | None, tuple[str, int]] = {}
        for index, uri in enumerate(self.cells):
            cell = self.texts.get(uri)
            if cell is not None and cell.language_id in ("python", "ipython"):
                cells.append(Cell.of(index, cell.text))
                parts[index] = (uri, cell.version)
        whole = Document.of("\n".join(c.source for c in cells))
        return Snapshot(self.stamp, Document(self.path, tuple(cells), newline=whole.newline), parts)


@dataclass(frozen=True)
class Snapshot:
    """A document at one moment. ``parts`` gives the uri and version of each cell (None: of the file)."""

    stamp: int
    document: Document
    parts: dict[int | None, tuple[str, int]]

    def cell(self, uri: str) -> int | None:
        """The cell that a uri names. Raises KeyError if there is none."""
        return {own: index for index, (own, _) in self.parts.items()}[uri]


class Texts:
    """Everything that is open, by uri."""

    def __init__(self) -> None:
        self.positions = Positions()
        self._opened: dict[str, Opened] = {}
        self._owners: dict[str, Opened] = {}  # of every text, also of cells

    def __iter__(self) -> Iterator[Opened]:
        return iter(list(self._opened.values()))

    def find(self, uri: str) -> Opened | None:
        """The document that a text belongs to, or that is a notebook of this uri."""
        return self._owners.get(uri) or self._opened.get(uri)

    def at(self, path: str) -> str | None:
        """The text of a file that is open; other files may import it before it is saved."""
        for opened in list(self._opened.values()):
            if opened.cells is None and path_of(opened.uri) == path:
                return opened.texts[opened.uri].text
        return None

    def open(self, item: types.TextDocumentItem) -> Opened:
        """A file is open."""
        opened = self._opened[item.uri] = Opened(item.uri)
        self._add(opened, item)
        return opened

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> Opened:
        """A notebook is open."""
        book = params.notebook_document
        opened = self._opened[book.uri] = Opened(book.uri, cells=_uris(book.cells))
        for item in params.cell_text_documents:
            self._add(opened, item)
        return opened

    def change(self, found: types.VersionedTextDocumentIdentifier, changes: Changes) -> Opened | None:
        """A text was edited. None for one that is not open."""
        opened = self._owners.get(found.uri)
        if opened is not None:
            text = opened.texts[found.uri]
            text.text = self.positions.changed(text.text, changes)
            text.version = found.version
            opened.stamp += 1
        return opened

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> Opened | None:
        """Cells were edited, added, removed or moved."""
        opened = self._opened.get(params.notebook_document.uri)
        cells = params.change.cells
        if opened is None or opened.cells is None or cells is None:
            return opened
        if cells.structure is not None:
            array = cells.structure.array
            opened.cells[array.start : array.start + array.delete_count] = _uris(array.cells or ())
            for item in cells.structure.did_open or ():
                self._add(opened, item)
            for gone in cells.structure.did_close or ():
                opened.texts.pop(gone.uri, None)
                self._owners.pop(gone.uri, None)
        for content in cells.text_content or ():
            self.change(content.document, content.changes)
        opened.stamp += 1
        return opened

    def close(self, uri: str) -> Opened | None:
        """A file or a notebook is closed."""
        opened = self._opened.pop(uri, None)
        for own in opened.texts if opened else ():
            self._owners.pop(own, None)
        return opened

    def _add(self, opened: Opened, item: types.TextDocumentItem) -> None:
        opened.texts[item.uri] = item
        self._owners[item.uri] = opened
        opened.stamp += 1


def _uris(cells: Iterable[types.NotebookCell]) -> list[str]:
    return [cell.document for cell in cells]


def path_of(uri: str) -> str | None:
    """The path of a ``file:`` uri."""
    path = to_fs_path(uri)
    return os.path.normpath(path) if path else None
