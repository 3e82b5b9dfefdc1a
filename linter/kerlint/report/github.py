"""Workflow commands of GitHub Actions: annotations beside the changed lines."""

from __future__ import annotations

from kerlint.report.concise import where
from kerlint.report.row import Row, Run
from kerlint.report.style import Style

LEVEL = {"error": "error", "warning": "warning", "info": "notice"}


def render(run: Run, _style: Style) -> str:
    """One command a finding, and one for each of kerlint's own errors."""
    errors = [f"::error file={_property(e['path'])},title=kerlint::{_text(e['message'])}\n" for e in run.errors]
    return "".join([*map(_command, run.rows), *errors])


def _command(row: Row) -> str:
    data = row.data
    start, end = data["start"], data["end"]
    place = {"title": f"{data['code']} {data['rule']}", "file": data["path"]}
    if data["cell"] is None:  # lines of a notebook's cell are no lines of the file
        place |= {"line": start["line"], "endLine": end["line"]}
        if start["line"] == end["line"]:  # columns of a place of several lines are refused
            place |= {"col": start["column"], "endColumn": end["column"]}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
    text = f"{where(row)}: {data['code']} {data['message']}"
    return f"::{LEVEL[data['severity']]} {properties}::{_text(text)}\n"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
