"""What the editor asks: each answer waits for the check that is under way, never for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from kerlint.lsp.analysis import Seen
from kerlint.lsp.features.actions import FIX_ALL, QUICK_FIX, Actions, asked
from kerlint.lsp.features.hints import hints
from kerlint.lsp.features.hover import hover
from kerlint.lsp.features.lenses import lenses

if TYPE_CHECKING:
    from kerlint.lsp.server import Server


def register(server: Server) -> None:
    """Tell the server's protocol which requests it answers."""
    kinds = types.CodeActionOptions(code_action_kinds=[QUICK_FIX, FIX_ALL])
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)(_code_action)
    server.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(_inlay_hint)
    server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions())(_code_lens)


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
