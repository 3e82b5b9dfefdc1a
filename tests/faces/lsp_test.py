"""The language server, driven by a real client: diagnostics, what can be done about them, columns."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from tests.faces.editor import Editor, conversation, covered

URI = "untitled:Untitled-1"
LAYER = 'Conv1D(8, 1, activation="relu")'
MODEL = f"""from keras import Sequential
from keras.layers import Conv1D, Dense, Input, LSTM

model = Sequential([
    Input((10, 4)),
    {LAYER},
    LSTM(3),
])
"""
FIXED = MODEL.replace(LAYER, 'Dense(8, activation="relu")')


@conversation
async def test_a_finding_is_fixed() -> None:
    """From opening a text without a file to the text that the quick fix leaves."""
    async with Editor() as editor:
        editor.open(URI, MODEL)
        (found,) = await editor.diagnostics(URI)
        assert (found.code, found.source) == ("KER101", "kerlint")
        assert found.severity is types.DiagnosticSeverity.Warning
        assert covered(MODEL, found.range) == LAYER
        assert found.message.splitlines()[1] == "40 -> 40 parameters"
        assert found.data and found.data["rule"] == "pointwise-conv"
        fix, ignore = await editor.actions(URI, found.range, "quickfix")
        assert fix.title == "Replace with Dense(8) (40 -> 40 parameters, safe)"
        assert fix.is_preferred and fix.diagnostics and fix.diagnostics[0].code == "KER101"
        assert editor.after(fix) == FIXED
        assert ignore.title == "Ignore KER101 (pointwise-conv) on this line"
        ignored = editor.after(ignore)
        assert ignored == MODEL.replace(f"{LAYER},", f"{LAYER},  # kerlint: ignore[pointwise-conv]")
        editor.change(URI, ignored)
        assert await editor.codes(URI) == []
        editor.change(URI, FIXED)
        assert await editor.codes(URI) == []
        assert await editor.actions(URI, found.range) == []


@conversation
async def test_all_safe_fixes_at_once() -> None:
    two = MODEL.replace(f"    {LAYER},\n", f"    {LAYER},\n    Conv1D(4, 1),\n")
    async with Editor() as editor:
        editor.open(URI, two)
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        for only in ((), ("source.fixAll",), ("source.fixAll.kerlint",)):
            (action,) = await editor.actions(URI, start, *only)
            assert action.kind == "source.fixAll.kerlint"
            assert action.title == "Apply all safe fixes of kerlint (2)"
            assert editor.after(action) == two.replace("Conv1D(4, 1)", "Dense(4)").replace(
                LAYER, 'Dense(8, activation="relu")'
            )
        assert await editor.actions(URI, start, "refactor") == []


@pytest.mark.keras
@pytest.mark.slow
@conversation
async def test_proofs_come_later() -> None:
    """The diagnostics are there before Keras is; then the fix says that it is proved."""
    settings = f"python = {json.dumps(sys.executable)}\n"
    async with Editor(settings=settings) as editor:
        editor.open(URI, MODEL)
        (found,) = await editor.diagnostics(URI)
        assert found.data and found.data["fixes"][0]["proof"] is None
        async with editor.news:
            await editor.news.wait_for(lambda: proof(editor) is not None)
        assert proof(editor)["status"] == "proved"
        fix, *_ = await editor.actions(URI, found.range, "quickfix")
        assert fix.title == "Replace with Dense(8) (40 -> 40 parameters, safe, proved)"


def proof(editor: Editor) -> Any:
    (found,) = editor.published[URI].diagnostics
    return found.data["fixes"][0]["proof"] if found.data else None


@conversation
async def test_what_does_not_parse() -> None:
    """One diagnostic for the error; what was known of the layers is still shown."""
    async with Editor() as editor:
        editor.open(URI, MODEL)
        assert await editor.codes(URI) == ["KER101"]
        typed = MODEL.replace("model = ", "broken = (\nmodel = ")
        editor.change(URI, typed)
        (error,) = await editor.diagnostics(URI)
        assert error.code == "KER000" and error.severity is types.DiagnosticSeverity.Error
        assert await editor.actions(URI, error.range) == []
        told = await editor.hover(URI, 7, 6)
        assert told is not None and "**LSTM**" in told
        editor.change(URI, MODEL)
        assert await editor.codes(URI) == ["KER101"]


@conversation
async def test_diagnostics_go_when_the_text_is_closed() -> None:
    async with Editor() as editor:
        editor.open(URI, MODEL)
        assert await editor.codes(URI) == ["KER101"]
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(URI)))
        async with editor.news:
            await editor.news.wait_for(lambda: not editor.published[URI].diagnostics)


@conversation
async def test_saving_checks_again(tmp_path: Path) -> None:
    """A file that others import is saved."""
    (tmp_path / "sizes.py").write_text("KERNEL = 1\n")
    text = MODEL.replace("Conv1D(8, 1,", "Conv1D(8, KERNEL,").replace("model =", "from sizes import KERNEL\nmodel =")
    uri = (tmp_path / "network.py").as_uri()
    async with Editor(folder=tmp_path) as editor:
        editor.open(uri, text)
        assert await editor.codes(uri) == ["KER101"]
        (tmp_path / "sizes.py").write_text("KERNEL = 3\n")
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
        async with editor.news:
            await editor.news.wait_for(lambda: not editor.published[uri].diagnostics)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@conversation
async def test_columns(encoding: str) -> None:
    """Emoji, letters of two and three bytes and a form feed in front of what is found."""
    text = MODEL.replace(f"    {LAYER},", f'    *(["😀é漢"] and [{LAYER}]),').replace("model", "\f\nmodel")
    async with Editor([encoding]) as editor:
        assert editor.capabilities.position_encoding == encoding
        editor.open(URI, text)
        (found,) = await editor.diagnostics(URI)
        assert covered(text, found.range, encoding) == LAYER
        fix, *_ = await editor.actions(URI, found.range, "quickfix")
        assert editor.after(fix) == text.replace(LAYER, 'Dense(8, activation="relu")')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@conversation
async def test_incremental_changes(encoding: str) -> None:
    """Edits in the editor's units, one after the other, behind an emoji and a form feed."""
    text = MODEL.replace("model =", '\f\nnote = "😀"; model =')
    wide = {"utf-8": 4, "utf-16": 2}[encoding]
    async with Editor([encoding]) as editor:
        editor.open(URI, text)
        assert await editor.codes(URI) == ["KER101"]
        behind = len('note = "') + wide + len('"; ')
        rename = types.Range(types.Position(4, behind), types.Position(4, behind + len("model")))
        kernel = types.Range(types.Position(6, len("    Conv1D(8, ")), types.Position(6, len("    Conv1D(8, 1")))
        first = types.TextDocumentContentChangePartial(rename, "renamed")
        editor.send(URI, [first, types.TextDocumentContentChangePartial(kernel, "3")])
        assert await editor.codes(URI) == []
        editor.send(URI, [types.TextDocumentContentChangePartial(kernel, "1")])
        (found,) = await editor.diagnostics(URI)
        assert found.data and found.data["model"] == "renamed"


@conversation
async def test_windows_line_ends() -> None:
    written = 'Conv1D(\n        8,\n        1,\n        activation="relu",\n    )'
    text = MODEL.replace(LAYER, written).replace("\n", "\r\n")
    async with Editor() as editor:
        for number in range(2):
            editor.show(URI, text)
            (found,) = await editor.diagnostics(URI)
            assert (found.range.start.line, found.range.end.line) == (5, 9)
            action = (await editor.actions(URI, found.range, "quickfix"))[number]
            after = editor.after(action)
            assert after != text and after.replace("\r\n", "").count("\n") == 0
            editor.show(URI, after)
            assert await editor.codes(URI) == [], action.title
