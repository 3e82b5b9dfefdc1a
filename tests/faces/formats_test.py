"""Every format against what its readers expect."""

from __future__ import annotations

import json
import pickle
import re
import sqlite3
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest
from tests.faces.conftest import Run, write

QUAKE = """\
import pandas as pd
from keras.layers import LSTM, Dense, Input
from keras.models import Model

train_sample = pd.read_csv("train.csv").values


def build_model():
    inputs = Input(shape=(1, train_sample.shape[1]))
    x = LSTM(128, return_sequences=True)(inputs)  # 🎌 é
    return Model(inputs, Dense(1)(x))
"""
HOSTILE = "from keras.layers import Dropout, Dense\n%s = [Dense(3), Dropout(0), Dense(1)]\n"
NEEDED = {
    *("code", "rule", "message", "severity", "path", "cell", "start", "end", "model", "layers", "contexts"),
    *("impact", "equivalence", "dead_params", "hint", "no_fix", "fixes", "symbols"),
}
PROOF = {
    *(
        "status",
        "max_error",
        "gradient_error",
        "inputs",
        "dtype",
        "keras",
        "backend",
        "seconds",
        "cached",
        "reason",
    ),
}


@pytest.fixture
def quake(here: Path) -> Path:
    return write(here / "src" / "quake.py", QUAKE)


def test_full(quake: Path, kerlint: Run) -> None:
    assert kerlint("src", "--no-prove", "--select", "KER104", "-q").out == (
        "src/quake.py:10:9: KER104 [*] LSTM(128) runs on a single timestep: its recurrent kernel and forget gate "
        "can never matter\n"
        "   |\n"
        "10 |     x = LSTM(128, return_sequences=True)(inputs)  # 🎌 é\n"
        "   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "   = shapes  (None, 1, n) -> (None, 1, 128)            n = train_sample.shape[1]\n"
        "   = params  512*n + 66048 -> 384*n + 384              (-128*n - 65664)\n"
        "   = macs    512*n + 65536 -> 384*n                    (-128*n - 65536)\n"
        "   = model   512*n + 66177 -> 384*n + 513 params       (-128*n - 65664)\n"
        "   = dead    128*n + 65664 parameters can never matter\n"
        "   = fix     Replace with 3 Dense, 2 Multiply and 1 Activation (same-function, unsafe: it could bury a "
        "mistake)\n"
        "   = proof   not run: no proof was asked for (--no-prove)\n"
        "   = hint    are the features meant as timesteps? then the input shape is (n, 1)\n"
    )


def test_full_says_the_share(here: Path, kerlint: Run) -> None:
    """Of the layers, and of the model: who reads it knows whether it matters."""
    write(
        here / "small.py",
        "from keras.layers import *\nfrom keras import Sequential\n"
        "m = Sequential([Input((30, 1)), LSTM(50), Dense(25), Dense(1)])\n"
        "n = Sequential([Input((99, 99, 3)), Conv2D(1, 3), BatchNormalization(), Flatten(), Dense(9)])\n",
    )
    out = kerlint("small.py", "--no-prove", "--select", "KER110,KER111", "-q").out
    assert "(-1250)  -96 %" in out.split("= macs")[0]
    assert re.findall(r"= model .*", out) == [
        "= model   11701 -> 10451 params                     (-1250)  -11 %",
        "= model   84722 -> 84721 params                     (-1)  -0.0012 %",
    ]


PLAIN = """
from keras import Input, Model
from keras.layers import LSTM, BatchNormalization, Conv1D, Dense, SimpleRNN
from data import images

inputs = Input((10, 4))
model = Model(inputs, Conv1D(8, 1)(inputs))
lost = LSTM(8, activation="relu")(images())
one = BatchNormalization()(Dense(1)(Input((3,))))
short = SimpleRNN(1)(Input((1, 3)))
"""


def test_full_says_what_is_not_known_or_stays_as_it_is_only_once(here: Path, kerlint: Run) -> None:
    write(here / "plain.py", PLAIN)
    out = kerlint("plain.py", "--no-prove", "--select", "KER101,KER103,KER111,KER303", "-q").out
    assert "= params  40 -> 40                                  (unchanged)\n" in out
    assert "= model   40 -> 40 params                           (unchanged)\n" in out
    assert "plain.py:8:8: KER303" in out and "(not known)" not in out
    assert "the bias of Dense(1), 1 parameter, has no effect" in out and "= dead    1 parameter can never matter" in out


def test_full_names_three_conditions_of_a_case(here: Path, kerlint: Run) -> None:
    source = "import sys\nfrom keras import Input, Sequential\nfrom keras.layers import Dense, Dropout\nn = 1\n"
    source += "for flag in 'abcde':\n    if flag in sys.argv:\n        n *= 2\n"
    (here / "case.py").write_text(f"{source}m = Sequential([Input((8,)), Dense(n), Dropout(0)])\n")
    told = "'a' in sys.argv, 'b' in sys.argv, 'c' in sys.argv, and 2 conditions more"
    assert f"= note    the figures are those of one case: {told}\n" in kerlint("--no-prove").out


def test_what_has_no_figures_has_none_of_one_case(here: Path, kerlint: Run) -> None:
    source = "import sys\nfrom keras import Input, Sequential\nfrom keras.layers import Dense\n"
    source += "n = 3 if 'a' in sys.argv else 4\nm = Sequential([Input((8,)), Dense(n), Dense(1)])\n"
    (here / "case.py").write_text(f"{source}m.compile('adam', 'mse', metrics=['accuracy'])\n")
    out = kerlint("--no-prove", "--select", "KER214").out
    assert "KER214" in out and "= note" not in out


def test_concise(quake: Path, kerlint: Run) -> None:
    out = kerlint("src", "--no-prove", "--select", "KER104", "--format", "concise").out
    assert out == (
        "src/quake.py:10:9: KER104 [*] LSTM(128) runs on a single timestep: its recurrent kernel and forget gate "
        "can never matter\n"
    )


def test_json_to_the_letter(quake: Path, kerlint: Run) -> None:
    report = kerlint("src", "--no-prove", "--select", "KER104", "--format", "json").json
    assert set(report) == {"version", "kerlint", "findings", "errors", "files", "fixed"}
    assert (report["version"], report["errors"], report["fixed"]) == (1, [], 0)
    assert report["files"] == {"checked": 1, "skipped": 0}
    (finding,) = report["findings"]
    assert set(finding) == NEEDED
    fixes = finding.pop("fixes")
    assert finding == {
        "code": "KER104",
        "rule": "single-step-lstm",
        "message": "LSTM(128) runs on a single timestep: its recurrent kernel and forget gate can never matter",
        "severity": "warning",
        "path": "src/quake.py",
        "cell": None,
        "start": {"line": 10, "column": 9},
        "end": {"line": 10, "column": 41},
        "model": "build_model",
        "layers": [
            {
                "name": "lstm",
                "class": "LSTM",
                "input_shape": [None, 1, "train_sample.shape[1]"],
                "output_shape": [None, 1, 128],
            }
        ],
        "contexts": 1,
        "impact": {
            "params": {"before": "512*n + 66048", "after": "384*n + 384", "delta": "-128*n - 65664"},
            "macs": {"before": "512*n + 65536", "after": "384*n", "delta": "-128*n - 65536"},
            "model_params": {"before": "512*n + 66177", "after": "384*n + 513", "delta": "-128*n - 65664"},
        },
        "equivalence": "same-function",
        "dead_params": "128*n + 65664",
        "hint": "are the features meant as timesteps? then the input shape is (n, 1)",
        "no_fix": "it could bury a mistake: are the features meant as timesteps? then the input shape is (n, 1)",
        "symbols": {"n": "train_sample.shape[1]"},
    }
    (fix,) = fixes
    assert set(fix) == {"applicability", "title", "edits", "proof"}
    assert fix["applicability"] == "unsafe"
    assert set(fix["proof"]) == PROOF
    assert (fix["proof"]["status"], bool(fix["proof"]["reason"])) == ("not-run", True)
    for edit in fix["edits"]:
        assert set(edit) == {"start", "end", "text"}


def test_edits_of_the_json_give_the_fixed_text(quake: Path, kerlint: Run) -> None:
    """Columns count code points: an editor that applies the edits gets what --fix writes."""
    quake.write_text(QUAKE.replace("    x = LSTM", "    '🎌'; x = LSTM"))
    report = kerlint("src", "--no-prove", "--select", "KER104", "--format", "json").json
    lines = quake.read_text().split("\n")
    for edit in reversed(report["findings"][0]["fixes"][0]["edits"]):
        start, end = edit["start"], edit["end"]
        assert start["line"] == end["line"]
        line = lines[start["line"] - 1]
        lines[start["line"] - 1] = line[: start["column"] - 1] + edit["text"] + line[end["column"] - 1 :]
    kerlint("src", "--no-prove", "--select", "KER104", "--fix", "--unsafe-fixes")
    assert "\n".join(lines) == quake.read_text()


def test_jsonl(quake: Path, kerlint: Run) -> None:
    whole = kerlint("src", "--no-prove", "--format", "json").json["findings"]
    lines = kerlint("src", "--no-prove", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == whole


def sarif_schema() -> dict[str, Any]:
    """The published schema, out of the package that carries schemastore.org."""
    cache = distribution("schemastore").locate_file("schemastore/cache.sqlite")
    with sqlite3.connect(f"file:{cache}?mode=ro", uri=True) as store:
        for (value,) in store.execute("SELECT value FROM responses"):
            found = pickle.loads(value)
            if found.get("url") == "https://json.schemastore.org/sarif-2.1.0.json":
                schema: dict[str, Any] = json.loads(found["_content"])
                return schema
    raise LookupError("schemastore has no SARIF 2.1.0")


def test_sarif_is_valid(quake: Path, here: Path, kerlint: Run) -> None:
    write(here / "src" / "a b.py", HOSTILE % "l")
    write(here / "src" / "broken.py", "import keras\nx = (\n")
    write(here / "src" / "n.ipynb", NOTEBOOK)
    log = kerlint("src", "--no-prove", "--format", "sarif").json
    schema = sarif_schema()
    assert "2.1.0" in schema["title"]
    jsonschema.Draft7Validator(schema).validate(log)
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    by_rule = {result["ruleId"]: result for result in run["results"]}
    assert {"KER000", "KER101", "KER104"} <= set(by_rule)
    assert "## Why is this bad?" in rules[by_rule["KER104"]["ruleIndex"]]["help"]["markdown"]
    place = by_rule["KER104"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/quake.py"
    assert place["region"] == {"startLine": 10, "startColumn": 9, "endLine": 10, "endColumn": 41}
    assert by_rule["KER104"]["fixes"][0]["artifactChanges"][0]["replacements"]
    assert "fixes" not in by_rule["KER101"], "a notebook's edits are no places of its file"


def test_sarif_without_findings_is_valid(here: Path, kerlint: Run) -> None:
    log = kerlint(".", "--format", "sarif").json
    jsonschema.Draft7Validator(sarif_schema()).validate(log)
    assert log["runs"][0]["results"] == []


def test_github(quake: Path, kerlint: Run) -> None:
    done = kerlint("src", "--no-prove", "--select", "KER104", "--format", "github")
    assert done.out == (
        "::warning title=KER104 single-step-lstm,file=src/quake.py,line=10,endLine=10,col=9,endColumn=41::"
        "src/quake.py:10:9: KER104 LSTM(128) runs on a single timestep: its recurrent kernel and forget gate "
        "can never matter\n"
    )


def test_github_escapes(here: Path, kerlint: Run) -> None:
    write(here / "a,b%c.py", "import keras\nx = (\n")
    out = kerlint(".", "--no-prove", "--format", "github").out
    assert out.startswith("::error title=KER000 parse-error,file=a%2Cb%25c.py,line=2,")
    assert out.count("\n") == 1


def test_gitlab(quake: Path, kerlint: Run) -> None:
    (issue,) = kerlint("src", "--no-prove", "--select", "KER104", "--format", "gitlab").json
    assert issue["location"]["path"] == "src/quake.py"
    assert issue["location"]["positions"]["begin"] == {"line": 10, "column": 9}
    assert issue["severity"] == "major"
    quake.write_text("# one line more\n" + QUAKE)
    (moved,) = kerlint("src", "--no-prove", "--select", "KER104", "--format", "gitlab").json
    assert moved["fingerprint"] == issue["fingerprint"]


def test_junit(quake: Path, here: Path, kerlint: Run) -> None:
    write(here / "src" / "b\x01<&>.py", "import keras\nx = (\n")
    root = ElementTree.fromstring(kerlint("src", "--no-prove", "--format", "junit").out)
    suites = {suite.get("name"): suite for suite in root}
    case = suites["src/quake.py"][0]
    assert case.get("name") == "KER104 single-step-lstm:10:9"
    assert case[0].get("message", "").startswith("LSTM(128) runs on a single timestep")
    assert int(root.get("tests", "0")) == len(root.findall(".//testcase"))
    assert int(root.get("failures", "0")) == len(root.findall(".//failure"))


def test_junit_without_findings(here: Path, kerlint: Run) -> None:
    root = ElementTree.fromstring(kerlint(".", "--format", "junit").out)
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


def test_html(quake: Path, kerlint: Run) -> None:
    out = kerlint("src", "--no-prove", "--format", "html").out
    assert "<td>KER104<td>single-step-lstm" in out
    assert re.search(r"<script|http", out) is None


def test_output_file(quake: Path, here: Path, kerlint: Run) -> None:
    done = kerlint("src", "--no-prove", "--format", "json", "--output-file", "out/report.json")
    assert (done.status, done.out) == (1, "")
    assert json.loads((here / "out" / "report.json").read_text())["findings"]


def test_control_characters_do_not_reach_a_terminal(here: Path, kerlint: Run) -> None:
    write(here / "model.py", QUAKE.replace("# 🎌 é", "# \x1b[2J\x07 \x9b"))
    out = kerlint(".", "--no-prove", "--select", "KER104").out
    assert "\x1b" not in out and "\x07" not in out and "\x9b" not in out
    assert "# \\x1b[2J\\x07 \\x9b" in out


def test_wide_characters_and_tabs_keep_the_underline_in_place(here: Path, kerlint: Run) -> None:
    text = (
        QUAKE.replace("    x = LSTM", "\t'日本'; x = LSTM")
        .replace("    inputs", "\tinputs")
        .replace("    return", "\treturn")
    )
    write(here / "model.py", text)
    lines = kerlint(".", "--no-prove", "--select", "KER104").out.splitlines()
    assert lines[2] == "10 | \t'日本'; x = LSTM(128, return_sequences=True)(inputs)  # 🎌 é"
    assert lines[3] == "   | \t" + " " * len("'日本'; x = ") + "  " + "^" * 32


NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Keras"]},
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": [
                    "%matplotlib inline\n",
                    "from keras.layers import Conv1D, Dense, GlobalMaxPooling1D, Input\n",
                ],
            },
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": [
                    "from keras.models import Sequential\n",
                    "model = Sequential([Input((10, 4)), Conv1D(8, 1), GlobalMaxPooling1D(), Dense(1)])",
                ],
            },
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    },
    indent=1,
)


def test_notebooks_have_places_in_cells(here: Path, kerlint: Run) -> None:
    path = write(here / "n.ipynb", NOTEBOOK)
    (finding,) = kerlint(".", "--no-prove", "--format", "json").json["findings"]
    assert (finding["cell"], finding["start"]) == (2, {"line": 2, "column": 37})
    assert kerlint(".", "--no-prove", "--format", "concise").out.startswith("n.ipynb:cell 3:2:37: KER101 ")
    assert "line=" not in kerlint(".", "--no-prove", "--format", "github").out
    kerlint(".", "--no-prove", "--fix")
    fixed = json.loads(path.read_text())
    assert "Dense(8), GlobalMaxPooling1D()" in "".join(fixed["cells"][2]["source"])
    assert fixed["cells"][:2] == json.loads(NOTEBOOK)["cells"][:2]
