"""The server: which message of the editor leads to what. ``main`` is what ``kerlint lsp`` runs."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

import kerlint
from kerlint.lsp.analysis import Analysis, Seen
from kerlint.lsp.checks import PAUSE, Checks, Proofs
from kerlint.lsp.convert import Positions
from kerlint.lsp.features import diagnostics as shown
from kerlint.lsp.features.actions import FIX_ALL, QUICK_FIX, Actions, asked
from kerlint.lsp.features.hover import hints, hover, lenses
from kerlint.lsp.settings import Asked, Settings
from kerlint.lsp.texts import Opened, Texts, path_of

WARNING = types.MessageType.Warning
CONFIG_FILES = "**/{pyproject.toml,kerlint.toml,.kerlint.toml}"
NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithCells([types.NotebookCellLanguage("python")])], save=True
)


class Server(LanguageServer):
    """One conversation with an editor."""

    def __init__(self) -> None:
        super().__init__("kerlint", kerlint.__version__, notebook_document_sync=NOTEBOOKS)
        self.texts = Texts()
        self.proofs = Proofs(lambda: self.folders)
        self.checks = Checks(self._settings, self._publish, self._failed, self.proofs.of)
        self._asked: Asked | None = None
        self._told: set[str] = set()

    @property
    def folders(self) -> list[str]:
        """The folders that are open in the editor."""
        uris = [*self.workspace.folders, *([self.workspace.root_uri] if self.workspace.root_uri else [])]
        return list(dict.fromkeys(path for uri in uris if (path := path_of(uri))))

    def log(self, message: str, kind: types.MessageType = types.MessageType.Error) -> None:
        """Tell the editor's log."""
        self.window_log_message(types.LogMessageParams(kind, message))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What goes wrong in a handler is logged: a popup at every key would not help."""
        self.log(f"kerlint: {error}")

    def _settings(self, path: str) -> Settings:
        """Called in the thread of the checks, which is therefore the one that loads the rules."""
        if self._asked is None:
            self._asked = Asked.of(self.folders)
        return self._asked.settings(path, next(iter(self.folders), os.getcwd()), self.texts.at)

    def _publish(self, opened: Opened, analysis: Analysis) -> None:
        for message in (*(self._asked.faults if self._asked else ()), *analysis.settings.problems):
            if message not in self._told:
                self._told.add(message)
                self.log(f"kerlint: {message}", WARNING)
                self.window_show_message(types.ShowMessageParams(WARNING, f"kerlint: {message}"))
        for failure in analysis.report.failures:
            self.log(f"{analysis.document.path}: {failure}")
        for cell, found in shown.diagnostics(analysis, self.texts.positions).items():
            uri, version = analysis.snapshot.parts[cell]
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))

    def _failed(self, uri: str, error: Exception) -> None:
        self.log(f"kerlint: {uri}: {''.join(traceback.format_exception(error))}")

    def end(self) -> None:
        """No more work; a worker with Keras in it must not outlive the conversation."""
        self.checks.end()
        self.proofs.end()

    def clear(self, uris: list[str]) -> None:
        """Take back the diagnostics of texts that are closed."""
        for uri in uris:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def build() -> Server:
    """The server with all that it listens to."""
    server = Server()
    for method, own in NOTIFICATIONS.items():
        # pygls keeps texts too, but takes form feeds for ends of lines; kerlint.lsp.texts does it instead.
        if method.startswith(("textDocument/", "notebookDocument/")):
            server.protocol.fm.builtin_features.pop(method, None)
        server.feature(method)(own)
    kinds = types.CodeActionOptions(code_action_kinds=[QUICK_FIX, FIX_ALL])
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)(_code_action)
    server.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(_inlay_hint)
    server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions())(_code_lens)
    return server


def initialize(ls: Server, params: types.InitializeParams) -> None:
    """The encoding is agreed on."""
    ls.texts.positions = Positions(str(ls.workspace.position_encoding or "utf-16"))


def initialized(ls: Server, _params: types.InitializedParams) -> None:
    """Ask to be told when a configuration changes, where the editor can."""
    workspace = ls.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if watching and watching.dynamic_registration:
        watchers = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(CONFIG_FILES)])
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        ls.client_register_capability(
            types.RegistrationParams([types.Registration("kerlint-configuration", method, watchers)])
        )


def check_again(ls: Server, _params: Any) -> None:
    """Others may import what was saved; a configuration has changed, or whatever else the editor watches.

    kerlint has no settings in the editor; still a user who changes some expects something to happen.
    """
    for opened in ls.texts:
        ls.checks.ask(opened)


def did_change_notebook(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells were edited, added, removed or moved."""
    opened = ls.texts.change_notebook(params)
    structure = params.change.cells.structure if params.change.cells else None
    ls.clear([gone.uri for gone in structure.did_close or ()] if structure else [])
    ls.checks.ask(opened, PAUSE)


def close(ls: Server, uri: str) -> None:
    """A file, or a notebook with its cells, is closed."""
    opened = ls.texts.close(uri)
    ls.checks.forget(uri)
    ls.clear(list(opened.texts) if opened else [])


NOTIFICATIONS: dict[str, Callable[..., None]] = {
    types.INITIALIZE: initialize,
    types.INITIALIZED: initialized,
    types.SHUTDOWN: lambda ls, _params: ls.end(),
    types.TEXT_DOCUMENT_DID_OPEN: lambda ls, params: ls.checks.ask(ls.texts.open(params.text_document)),
    types.TEXT_DOCUMENT_DID_CHANGE: lambda ls, params: ls.checks.ask(
        ls.texts.change(params.text_document, params.content_changes), PAUSE),
    types.TEXT_DOCUMENT_DID_CLOSE: lambda ls, params: close(ls, params.text_document.uri),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: lambda ls, params: ls.checks.ask(ls.texts.open_notebook(params)),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: did_change_notebook,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: lambda ls, params: close(ls, params.notebook_document.uri),
    **dict.fromkeys((types.TEXT_DOCUMENT_DID_SAVE, types.NOTEBOOK_DOCUMENT_DID_SAVE), check_again),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: check_again, types.WORKSPACE_DID_CHANGE_CONFIGURATION: check_again,
}  # fmt: skip


# --- requests: each answer waits for the check that is under way, never for more ---------------------------


async def _code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    opened = ls.texts.find(params.text_document.uri)
    analysis = await ls.checks.last(opened) if opened else None
    if opened is None or analysis is None or analysis.snapshot.stamp != opened.stamp:
        return []
    workspace = ls.client_capabilities.workspace
    edits = workspace.workspace_edit if workspace else None
    actions = Actions(analysis, ls.texts.positions, versioned=bool(edits and edits.document_changes))
    if asked(FIX_ALL, params.context.only):
        await ls.checks.work(lambda: analysis.fixed)  # checks the document several times over
    return actions.at(params.text_document.uri, params.range, params.context.only)


async def _hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    seen = await _seen(ls, params.text_document.uri)
    told = ls.client_capabilities.text_document
    formats = told.hover.content_format if told and told.hover else None
    markdown = not formats or types.MarkupKind.Markdown in formats
    uri, place = params.text_document.uri, params.position
    return hover(seen, uri, place, ls.texts.positions, markdown=markdown) if seen else None


async def _inlay_hint(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
    seen = await _seen(ls, params.text_document.uri)
    return hints(seen, params.text_document.uri, params.range, ls.texts.positions) if seen else []


async def _code_lens(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
    seen = await _seen(ls, params.text_document.uri)
    return lenses(seen, params.text_document.uri, ls.texts.positions) if seen else []


async def _seen(ls: Server, uri: str) -> Seen | None:
    """The last analysis of a text that could be read; None for a text that is not open or not checked."""
    opened = ls.texts.find(uri)
    seen = await ls.checks.seen(opened) if opened else None
    return seen if seen and any(uri == own for own, _ in seen.now.parts.values()) else None


def main() -> None:
    """Serve on standard input and output until the editor ends it."""
    conversation = sys.stdout.buffer
    sys.stdout = sys.stderr  # a plugin that prints must not end up in the conversation
    server = build()
    try:
        server.start_io(sys.stdin.buffer, conversation)
    finally:
        server.end()
