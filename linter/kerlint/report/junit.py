"""JUnit's XML: a suite a file, a failed case a finding."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kerlint.report.full import block
from kerlint.report.row import Row, Run
from kerlint.report.style import Style

# XML has no form for control characters.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: Run, _style: Style) -> str:
    """A file without findings has no suite; a run without any has one case that passes."""
    root = _element(None, "testsuites", name="kerlint")
    for path, rows in itertools.groupby(run.rows, lambda row: str(row.data["path"])):
        _suite(root, path, list(rows))
    for error in run.errors:
        suite = _element(root, "testsuite", name=error["path"], tests="1", failures="0", errors="1")
        case = _element(suite, "testcase", name="kerlint", classname=error["path"])
        _element(case, "error", message=error["message"])
    if not len(root):
        suite = _element(root, "testsuite", name="kerlint", tests="1", failures="0", errors="0")
        _element(suite, "testcase", name="kerlint", classname="kerlint")
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, path: str, rows: Sequence[Row]) -> None:
    failures = sum(row.data["severity"] != "info" for row in rows)
    suite = _element(root, "testsuite", name=path, tests=str(len(rows)), failures=str(failures), errors="0")
    for row in rows:
        data = row.data
        line, column = str(data["start"]["line"]), str(data["start"]["column"])
        name = f"{data['code']} {data['rule']}:{line}:{column}"
        case = _element(suite, "testcase", name=name, classname=path, line=line, column=column)
        if data["severity"] == "info":  # fails no run
            _element(case, "skipped", message=data["message"])
        else:
            failure = _element(case, "failure", type=data["severity"], message=data["message"])
            failure.text = _clean(block(row, Style()))


def _element(parent: Element | None, tag: str, **attributes: str) -> Element:
    clean = {key: _clean(value) for key, value in attributes.items()}
    return Element(tag, clean) if parent is None else SubElement(parent, tag, clean)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
