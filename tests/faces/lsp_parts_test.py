"""Parts of the language server that a conversation reaches only by luck."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from kerlint.config import Config
from kerlint.engine import check
from kerlint.fixing import prove_all
from kerlint.graph.answer import Rewrite
from kerlint.lsp.analysis import Analysis, moved
from kerlint.lsp.checks import Checks
from kerlint.lsp.convert import Positions
from kerlint.lsp.features.actions import Actions, asked, differences
from kerlint.lsp.features.diagnostics import diagnostics
from kerlint.lsp.settings import Asked, Settings
from kerlint.lsp.texts import Opened, Snapshot, Texts
from kerlint.merge import Options
from kerlint.prove.proof import Proof
from kerlint.rule.ignore import ignore
from kerlint.rule.load import load
from kerlint.text.document import Document
from kerlint.text.span import Lines

HEAD = "from keras import Sequential\nfrom keras.layers import Conv1D, Dense, Input, LSTM\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_every_offset_goes_there_and_back(encoding: str) -> None:
    text = "aé😀\r\n\f漢\x0b\u2028b\r\r\n\ud800c"
    lines, positions = Lines(text), Positions(encoding)
    inside = [offset for offset in range(len(text) + 1) if text[offset - 1 : offset + 1] != "\r\n" or not offset]
    for offset in inside:
        assert positions.offset(lines, positions.position(lines, offset)) == offset
    assert positions.position(lines, 3).character == {"utf-8": 7, "utf-16": 4, "utf-32": 3}[encoding]


def test_positions_outside() -> None:
    lines, positions = Lines("é😀x\nab"), Positions("utf-16")
    places = [(0, 2, 1), (0, 99, 3), (1, 99, 6), (9, 0, 6)]  # the first lies inside the emoji
    for line, character, offset in places:
        assert positions.offset(lines, types.Position(line, character)) == offset


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ("abc", "abXc", [0, 1, 2, 4]),
        ("abc", "ac", [0, 1, 1, 2]),
        ("abc", "xyz", [0, None, None, 3]),
        ("aa", "aaa", [0, 1, 2]),
    ],
)
def test_where_places_went(before: str, after: str, places: list[int | None]) -> None:
    assert [moved(before, after, offset) for offset in range(len(before) + 1)] == places


@pytest.mark.parametrize(
    ("line", "ignored"),
    [
        ("    Conv1D(8, 1),", "    Conv1D(8, 1),  # kerlint: ignore[pointwise-conv]"),
        ("    Conv1D(8, 1),  # why  ", "    Conv1D(8, 1),  # why  # kerlint: ignore[pointwise-conv]"),
        (
            "    Conv1D(8, 1),  # kerlint: ignore[KER207]",
            "    Conv1D(8, 1),  # kerlint: ignore[KER207, pointwise-conv]",
        ),
        (
            '    Conv1D(8, 1, name="""\na"""), """\n""",',
            '    # kerlint: ignore[pointwise-conv]\n    Conv1D(8, 1, name="""\na"""), """\n""",',
        ),
        ("    Conv1D(\\\n8, 1),", "    Conv1D(\\\n8, 1),  # kerlint: ignore[pointwise-conv]"),
    ],
)
def test_ways_to_ignore(line: str, ignored: str) -> None:
    document = Document.of(f"{HEAD}model = Sequential([\n    Input((9, 4)),\n{line}\n    LSTM(2),\n])\n")
    rules = load().rules
    (found,) = (c.finding for c in check(document, rules).checked if c.finding.rule.code == "KER101")
    edit = ignore(document, found, found.rule.name)
    assert edit is not None
    edited = document.edited([edit])
    assert edited.cell(None).source == document.cell(None).source.replace(line, ignored)
    assert all(c.finding.rule.code != "KER101" for c in check(edited, rules).checked)


def test_differences_are_lines() -> None:
    before, after = Document.of("a\nb\nc\nd"), Document.of("a\nB\nc\nd\ne")
    edits = list(differences(before, after))
    assert [(e.span.start, e.span.end, e.text) for e in edits] == [(2, 4, "B\n"), (6, 7, "d\ne")]
    assert before.edited(edits).cell(None).source == "a\nB\nc\nd\ne"


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        (None, True),
        (["source"], True),
        (["source.fixAll"], True),
        (["source.fixAll.kerlint"], True),
        (["source.fixAll.ruff"], False),
        (["source.fix"], False),
        (["quickfix"], False),
        ([""], True),
    ],
)
def test_kinds_of_actions(only: list[str] | None, wanted: bool) -> None:
    assert asked("source.fixAll.kerlint", only) is wanted


def test_a_check_that_fails_is_told_and_the_next_one_works() -> None:
    """Trap 21: what cannot happen names the document, and nothing else is lost."""
    done: list[Analysis] = []
    told: list[str] = []
    broken = [True]

    def settings(path: str) -> Settings:
        if broken:
            raise RuntimeError(f"no settings for {path}")
        return asked_rules.settings(path, ".", lambda _: None)

    async def unproved(_analysis: Analysis) -> None:
        pass

    def failed(uri: str, error: Exception) -> None:
        told.append(f"{uri}: {error}")

    async def talk() -> None:
        checks = Checks(settings, lambda _, found: done.append(found), failed, unproved)
        texts = Texts()
        opened = texts.open(types.TextDocumentItem("untitled:a", "python", 1, "import keras\n"))
        checks.ask(opened)
        assert await checks.last(opened) is None
        broken.clear()
        checks.ask(opened)
        assert await checks.last(opened) is not None
        checks.end()

    asked_rules = Asked.of([])
    asyncio.run(talk())
    assert told == ["untitled:a: no settings for a"] and len(done) == 1


@pytest.mark.parametrize(
    ("status", "required", "offered", "preferred", "all_at_once"),
    [
        (None, False, True, True, True),
        (None, True, True, False, False),
        ("not-run", False, True, True, True),
        ("not-run", True, True, False, False),
        ("unprovable", False, True, False, False),
        ("refuted", False, False, False, False),
        ("proved", True, True, True, True),
        ("proved, starts otherwise", True, True, False, False),
    ],
)
def test_what_a_proof_allows(
    status: str | None, required: bool, offered: bool, preferred: bool, all_at_once: bool
) -> None:
    document = Document.of(f"{HEAD}model = Sequential([Input((9, 4)), Conv1D(8, 1), LSTM(2)])\n")
    report = check(document, load().rules)
    word, _, starts = (status or "").partition(", ")
    proof = Proof(word, max_error=0.0, starts=starts or None) if word else None
    if proof is not None:
        report = prove_all(report, lambda *_: proof)
    settings = Settings(load().rules, Options(), Config(prove="require" if required else True))
    snapshot = Snapshot(1, document, {None: ("untitled:a", 1)})
    analysis = Analysis(snapshot, settings, report)
    everywhere = types.Range(types.Position(0, 0), types.Position(9, 0))
    fixes = Actions(analysis, Positions()).at("untitled:a", everywhere, ["quickfix"])[:-1]
    assert len(fixes) == offered and [bool(f.is_preferred) for f in fixes] == [preferred] * offered
    assert (analysis.fixed is not None) is all_at_once
    if status == "refuted":
        (told,) = diagnostics(analysis, Positions())[None]
        assert "WRONG" in told.message


def test_all_at_once_leaves_out_what_starts_otherwise() -> None:
    """The other fixes are made: a rule that a proof has lowered is not asked again without one."""
    head = HEAD.replace("import Conv1D", "import Activation, Conv1D")
    document = Document.of(f'{head}model = Sequential([Input((9, 4)), Conv1D(8, 1), Activation("linear"), LSTM(2)])\n')

    def prove(rewrite: Rewrite, *_: object) -> Proof:
        return Proof("proved", max_error=0.0, starts="otherwise" if rewrite.old[0].kind == "Conv1D" else None)

    report = prove_all(check(document, load().rules), prove)
    settings = Settings(load().rules, Options(), Config())
    analysis = Analysis(Snapshot(1, document, {None: ("untitled:a", 1)}), settings, report)
    assert analysis.fixed is not None and analysis.fixed.document is not None
    assert "Conv1D(8, 1), LSTM(2)" in analysis.fixed.document.cell(None).source


def test_cells_that_move() -> None:
    """Added, removed and reordered cells."""
    texts = Texts()

    def book(**change: Any) -> Opened | None:
        identifier = types.VersionedNotebookDocumentIdentifier(2, "b")
        event = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(**change))
        return texts.change_notebook(types.DidChangeNotebookDocumentParams(identifier, event))

    def cells(*names: str) -> list[types.NotebookCell]:
        return [types.NotebookCell(types.NotebookCellKind.Code, name) for name in names]

    def items(*names: str) -> list[types.TextDocumentItem]:
        return [types.TextDocumentItem(name, "python", 1, f"{name} = 1\n") for name in names]

    notebook = types.NotebookDocument("b", "jupyter-notebook", 1, cells("c1", "c2"))
    opened = texts.open_notebook(types.DidOpenNotebookDocumentParams(notebook, items("c1", "c2")))
    structure = types.NotebookDocumentCellChangeStructure(
        types.NotebookCellArrayChange(0, 1, cells("c3", "c4")),
        items("c3", "c4"),
        [types.TextDocumentIdentifier("c1")],
    )
    assert book(structure=structure) is opened
    assert [c.source for c in opened.snapshot().document.cells] == ["c3 = 1\n", "c4 = 1\n", "c2 = 1\n"]
    assert texts.find("c1") is None and texts.find("c4") is opened
    assert texts.close("b") is opened and texts.find("c4") is None
