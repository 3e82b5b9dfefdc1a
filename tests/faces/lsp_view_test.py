"""The language server, driven by a real client: hover, hints, lenses, notebooks, configuration, failures."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from tests.faces.editor import Editor, conversation

URI = "untitled:Untitled-1"
MODEL = """from keras import Input, Model
from keras.layers import Conv1D, Dense, Dropout, Flatten, LSTM


def build(train):
    inp = Input((1, train.shape[1]))
    x = LSTM(8, return_sequences=True)(inp)
    return Model(inp, Dense(2)(Flatten()(x)))


def head(classes=3):
    inp = Input((10, 4))
    x = inp
    for filters in (4, 8):
        x = Conv1D(filters, 3)(x)
    return Model(inp, Dense(classes)(Flatten()(x)))
"""


@conversation
async def test_hover() -> None:
    async with Editor() as editor:
        editor.open(URI, MODEL)
        assert await editor.hover(URI, 6, 9) == (
            "**LSTM** `lstm` in `build`\n\n"
            "- input `(None, 1, n)`\n- output `(None, 1, 8)`\n- params `32*n + 288`\n- MACs `32*n + 256`\n\n"
            "where `n = train.shape[1]`"
        )
        dense = await editor.hover(URI, 15, 23)
        assert dense is not None and "- params 147, 48.5 % of 303" in dense, dense
        flatten = await editor.hover(URI, 15, 39)
        assert flatten is not None and flatten.startswith("**Flatten**")
        loop = await editor.hover(URI, 14, 14)
        assert loop is not None and loop.count("**Conv1D**") == 2
        assert await editor.hover(URI, 0, 3) is None


@conversation
async def test_hints_and_lenses() -> None:
    async with Editor() as editor:
        editor.open(URI, MODEL)
        document = types.TextDocumentIdentifier(URI)
        lines = types.Range(types.Position(11, 0), types.Position(16, 0))
        hints = await editor.client.text_document_inlay_hint_async(types.InlayHintParams(document, lines))
        found = [(h.position.line, h.position.character, h.label) for h in hints or []]
        assert (14, 33, "(None, 8, 4) | (None, 6, 8)") in found
        assert found[-2:] == [(15, 49, "(None, 48)"), (15, 50, "(None, 3)")]
        lenses = await editor.client.text_document_code_lens_async(types.CodeLensParams(document))
        told = [lens.command.title for lens in lenses or [] if lens.command]
        assert told[-1] == "head: 303 parameters, 1,104 MACs", told
        assert told[0].startswith("build: 32*n + 306 parameters")


def _cell(uri: str, text: str) -> types.TextDocumentItem:
    return types.TextDocumentItem(uri, "python", 1, text)


@conversation
async def test_a_notebook() -> None:
    """Cells see each other; a finding stands in its own cell, in lines of that cell."""
    book, first, second = "file:///nowhere/a.ipynb", "vscode-notebook-cell:a#1", "vscode-notebook-cell:a#2"
    layers = "%matplotlib inline\nfrom keras import Sequential\nfrom keras.layers import Conv1D, Input, LSTM\n"
    model = "# 😀\nmodel = Sequential([Input((9, 2)), Conv1D(4, 1), LSTM(3)])\n"
    cells = [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in (first, second)]
    async with Editor() as editor:
        editor.texts.update({first: layers, second: model})
        editor.versions.update({first: 1, second: 1})
        editor.client.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(book, "jupyter-notebook", 1, cells),
                [_cell(first, layers), _cell(second, model)],
            )
        )
        (found,) = await editor.diagnostics(second)
        assert found.code == "KER101" and found.range.start == types.Position(1, 35)
        assert await editor.codes(first) == []
        fix, *_ = await editor.actions(second, found.range, "quickfix")
        assert fix.edit is not None and fix.edit.document_changes is not None
        edited = [c.text_document.uri for c in fix.edit.document_changes if isinstance(c, types.TextDocumentEdit)]
        assert edited == [first, second]  # the import goes where the others are
        hover = await editor.hover(second, 1, 36)
        assert hover is not None and "`(None, 9, 4)`" in hover
        kernel = types.Range(types.Position(1, 45), types.Position(1, 46))
        assert model.splitlines()[1][45] == "1"
        editor.versions[second] = 2
        change = types.NotebookDocumentCellContentChanges(
            types.VersionedTextDocumentIdentifier(2, second),
            [types.TextDocumentContentChangePartial(kernel, "3")],
        )
        editor.client.notebook_document_did_change(
            types.DidChangeNotebookDocumentParams(
                types.VersionedNotebookDocumentIdentifier(2, book),
                types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[change])),
            )
        )
        assert await editor.codes(second) == []


@conversation
async def test_configuration(tmp_path: Path) -> None:
    """The nearest file counts, also when it changes; a mistake in it is told, and does not stop."""
    uri = (tmp_path / "src" / "network.py").as_uri()
    text = MODEL.replace("Conv1D(filters, 3)", "Conv1D(filters, 1)")
    config = tmp_path / "kerlint.toml"
    config.write_text('ignore = ["pointwise-conv"]\n')
    (tmp_path / "src").mkdir()

    def changed(text: str) -> None:
        config.write_text(text)
        editor.published.clear()
        event = types.FileEvent(config.as_uri(), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    async with Editor(folder=tmp_path) as editor:
        editor.open(uri, text)
        assert "KER101" not in await editor.codes(uri)
        assert editor.registered == ["workspace/didChangeWatchedFiles"]
        changed("")
        assert "KER101" in await editor.codes(uri)
        changed("ignroe = []\n")
        assert "KER101" in await editor.codes(uri)
        assert any("unknown key 'ignroe'" in line for line in editor.logged)
        changed('extend-exclude = ["src"]\n')
        await editor.codes(uri)  # what is published late would be taken for the answer to the next change
        (tmp_path / "src" / "network.py").write_text(text)
        changed('extend-exclude = ["src"]\n')
        assert await editor.codes(uri) == []


@conversation
async def test_nothing_stops_the_server() -> None:
    """Requests for texts that are not open, texts that hold anything at all."""
    async with Editor() as editor:
        assert await editor.hover(URI, 0, 0) is None
        for text in (
            "",
            "\0keras",
            "keras = " + "(" * 5000,
            "import keras\n" + "x = " + "-" * 50_000 + "1\n",
            "keras \ud800",
        ):
            editor.show(URI, text)
            await editor.diagnostics(URI)
            await editor.hover(URI, 100, 100)
        editor.show(URI, MODEL)
        assert await editor.hover(URI, 6, 9) is not None
