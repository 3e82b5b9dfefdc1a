"""SARIF 2.1.0, as GitHub's code scanning and editors read it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import quote

from kerlint.report.gitlab import fingerprint
from kerlint.report.json import dumps
from kerlint.report.row import Row, Run, refuted
from kerlint.report.style import Style

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVEL = {"error": "error", "warning": "warning", "info": "note"}


def render(run: Run, _style: Style) -> str:
    """One run with the rules that it met."""
    met = list(dict.fromkeys(row.data["code"] for row in run.rows))
    index = {code: i for i, code in enumerate(met)}
    seen: Counter[str] = Counter()
    driver = {
        "name": "kerlint", "version": run.version, "semanticVersion": run.version,
        "rules": [_rule(run.pages[code]) for code in met],
    }  # fmt: skip
    invocation: dict[str, Any] = {"executionSuccessful": not run.errors}
    if run.errors:
        invocation["toolExecutionNotifications"] = [_notification(e) for e in run.errors]
    result = {
        "tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "invocations": [invocation],
        "results": [_result(row, index[row.data["code"]], seen) for row in run.rows],
    }  # fmt: skip
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [result]})


def _rule(page: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": page["code"], "name": page["name"], "shortDescription": {"text": page["summary"]},
        "fullDescription": {"text": page["summary"]}, "help": {"text": page["page"], "markdown": page["page"]},
        "defaultConfiguration": {"level": LEVEL[page["severity"]]},
        "properties": {"equivalence": page["equivalence"], "tags": ["keras"]},
    }  # fmt: skip


def _result(row: Row, index: int, seen: Counter[str]) -> dict[str, Any]:
    data = row.data
    keys = ("impact", "equivalence", "dead_params", "model", "layers", "symbols", "hint", "no_fix", "cell")
    result = {
        "ruleId": data["code"], "ruleIndex": index, "level": LEVEL[data["severity"]],
        "message": {"text": data["message"]}, "locations": [_location(row)],
        "partialFingerprints": {"kerlint/v1": fingerprint(row, seen)},
        "properties": {key: data[key] for key in keys} | {"proof": [f["proof"] for f in row.fixes]},
    }  # fmt: skip
    # SARIF's regions are places of a file: edits of a notebook's cell have none.
    fixes = [_fix(fix, data["path"]) for fix in row.fixes if not refuted(fix)] if data["cell"] is None else []
    return result | ({"fixes": fixes} if fixes else {})


def _location(row: Row) -> dict[str, Any]:
    """In a notebook the file's first line stands for the cell, which is named."""
    data = row.data
    artifact = {"artifactLocation": {"uri": uri(data["path"])}}
    if data["cell"] is None:
        return {"physicalLocation": artifact | {"region": _region(data)}}
    name = f"cell {data['cell'] + 1}, line {data['start']['line']}, column {data['start']['column']}"
    return {
        "physicalLocation": artifact | {"region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": name, "kind": "module"}],
    }


def _region(ends: dict[str, Any]) -> dict[str, int]:
    start, end = ends["start"], ends["end"]
    first = {"startLine": start["line"], "startColumn": start["column"]}
    return first | {"endLine": end["line"], "endColumn": end["column"]}


def _fix(fix: dict[str, Any], path: str) -> dict[str, Any]:
    made = [{"deletedRegion": _region(e), "insertedContent": {"text": e["text"]}} for e in fix["edits"]]
    changes = [{"artifactLocation": {"uri": uri(path)}, "replacements": made}]
    return {"description": {"text": f"{fix['title']} ({fix['applicability']})"}, "artifactChanges": changes}


def _notification(error: dict[str, str]) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": uri(error["path"])}}}
    told = {"level": "error", "message": {"text": error["message"]}}
    return told | ({"locations": [place]} if error["path"] else {})


def uri(path: str) -> str:
    """A relative path stays relative (to the directory of the run), an absolute one is a file URI."""
    path = path.replace("\\", "/")
    if path.startswith("/"):
        return "file://" + quote(path)
    return quote(path.removeprefix("./"))
