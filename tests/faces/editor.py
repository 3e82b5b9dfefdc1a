"""An editor, as far as the tests need one: a real client of ``python -m kerlint lsp`` on its stdio."""

from __future__ import annotations

import asyncio
import functools
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, get_type_hints

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import default_converter

ROOT = Path(__file__).parents[2]
SECONDS = 60.0  # for a whole conversation: a machine that is busy starts Python slowly
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def conversation(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test that awaits."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        async def limited() -> None:
            await asyncio.wait_for(test(*arguments, **named), SECONDS)

        asyncio.run(limited())

    return run


class Editor:
    """Use as an async context manager. ``texts`` is what the user sees, ``settings`` their own file."""

    def __init__(
        self,
        encodings: Sequence[str] = ("utf-16",),
        *,
        folder: Path | None = None,
        settings: str = "prove = false\n",
    ) -> None:
        self.encodings, self.folder, self.settings = encodings, folder, settings
        self.home = tempfile.TemporaryDirectory()
        self.client: Any = LanguageClient("editor", "1", converter_factory=_converter)
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.logged: list[str] = []
        self.registered: list[str] = []
        self.news = asyncio.Condition()
        self.capabilities = types.ServerCapabilities()

    async def __aenter__(self) -> Editor:
        self._listen()
        paths = os.pathsep.join(str(ROOT / source) for source in ("linter", "rules"))
        home = Path(self.home.name)
        (home / "kerlint").mkdir()
        (home / "kerlint" / "kerlint.toml").write_text(self.settings)
        environment = {**os.environ, "PYTHONPATH": paths, "XDG_CONFIG_HOME": str(home)}
        environment["KERLINT_CACHE_DIR"] = str(home / "cache")
        await self.client.start_io(sys.executable, "-m", "kerlint", "lsp", env=environment)
        root = self.folder.as_uri() if self.folder else None
        found = await self.client.initialize_async(
            types.InitializeParams(
                self._abilities(),
                root_uri=root,
                workspace_folders=[types.WorkspaceFolder(root, "root")] if root else None,
            )
        )
        self.capabilities = found.capabilities
        self.client.initialized(types.InitializedParams())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()
        self.home.cleanup()

    def open(self, uri: str, text: str) -> None:
        """Open a file."""
        self.texts[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri, "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def show(self, uri: str, text: str) -> None:
        """Open a file, or replace its text if it is open."""
        (self.change if uri in self.texts else self.open)(uri, text)

    def change(self, uri: str, text: str) -> None:
        """Replace the text of a file."""
        self.send(uri, [types.TextDocumentContentChangeWholeDocument(text)])
        self.texts[uri] = text

    def send(self, uri: str, changes: list[types.TextDocumentContentChangeEvent]) -> None:
        """Edit a file."""
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    async def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """What is published for the text as it is."""
        async with self.news:
            await self.news.wait_for(lambda: self._version(uri) == self.versions[uri])
        return list(self.published[uri].diagnostics)

    async def codes(self, uri: str) -> list[Any]:
        """The codes of the diagnostics."""
        return [d.code for d in await self.diagnostics(uri)]

    async def actions(self, uri: str, place: types.Range, *only: str) -> list[types.CodeAction]:
        """The code actions at a place, of some kinds."""
        context = types.CodeActionContext([], only=list(only) or None)
        identifier = types.TextDocumentIdentifier(uri)
        found = await self.client.text_document_code_action_async(types.CodeActionParams(identifier, place, context))
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def hover(self, uri: str, line: int, character: int) -> str | None:
        """The text at a position."""
        place = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        found = await self.client.text_document_hover_async(place)
        return found.contents.value if found and isinstance(found.contents, types.MarkupContent) else None

    def after(self, action: types.CodeAction) -> str:
        """The text of the one file that an action edits, with its edits made."""
        assert action.edit is not None and action.edit.document_changes is not None
        (change,) = action.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        uri = change.text_document.uri
        assert change.text_document.version == self.versions[uri]
        edits = [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
        return applied(self.texts[uri], edits, str(self.capabilities.position_encoding))

    def _version(self, uri: str) -> int | None:
        return self.published[uri].version if uri in self.published else None

    def _abilities(self) -> types.ClientCapabilities:
        return types.ClientCapabilities(
            general=types.GeneralClientCapabilities(position_encodings=list(self.encodings)),
            workspace=types.WorkspaceClientCapabilities(
                workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
                did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
            ),
            notebook_document=types.NotebookDocumentClientCapabilities(types.NotebookDocumentSyncClientCapabilities()),
        )

    def _listen(self) -> None:
        async def published(params: types.PublishDiagnosticsParams) -> None:
            async with self.news:
                self.published[params.uri] = params
                self.news.notify_all()

        def logged(params: types.LogMessageParams) -> None:
            self.logged.append(params.message)

        def shown(params: types.ShowMessageParams) -> None:
            """Is logged as well."""

        def registered(params: types.RegistrationParams) -> None:
            self.registered += [registration.method for registration in params.registrations]

        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        self.client.feature(types.WINDOW_LOG_MESSAGE)(logged)
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(shown)
        self.client.feature(types.CLIENT_REGISTER_CAPABILITY)(registered)


def _converter() -> Any:
    """lsprotocol's own cannot read the notebooks that a server says it wants."""
    converter: Any = default_converter()  # type: ignore[no-untyped-call]
    filters = get_type_hints(types.NotebookDocumentFilterWithCells)["notebook"]
    converter.register_structure_hook(filters, lambda value, _: value)
    return converter


def applied(text: str, edits: Iterable[types.TextEdit], encoding: str = "utf-16") -> str:
    """A text with edits made, by the letter of the protocol and by other means than the server's."""
    places = [(_offset(text, e.range.start, encoding), _offset(text, e.range.end, encoding), e) for e in edits]
    for start, end, edit in sorted(places, key=lambda place: place[0], reverse=True):
        text = text[:start] + edit.new_text + text[end:]
    return text


def _offset(text: str, position: types.Position, encoding: str) -> int:
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    codec, width = UNITS[encoding]
    head = text[starts[position.line] :].encode(codec)[: position.character * width]
    return starts[position.line] + len(head.decode(codec))


def covered(text: str, place: types.Range, encoding: str = "utf-16") -> str:
    """The text in a range."""
    return text[_offset(text, place.start, encoding) : _offset(text, place.end, encoding)]
