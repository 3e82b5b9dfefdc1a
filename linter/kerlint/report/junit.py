"""JUnit's XML: a suite a file, a failed case a finding."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from kerlint.report.full import block
from kerlint.report.row import Row, Run
from kerlint.report.style import Style

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: Run, _style: Style) -> str:
    """What is only printed (``info``) is a skipped case: it fails no run."""
    suites = [_suite(path, list(rows)) for path, rows in itertools.groupby(run.rows, lambda r: str(r.data["path"]))]
    suites += [_case_suite(e["path"], f'<error message={_quoted(e["message"])}/>') for e in run.errors]
    if not suites:
        suites = [_case_suite("kerlint", "")]
    failures = sum(row.data["severity"] != "info" for row in run.rows)
    tests = max(len(run.rows) + len(run.errors), 1)
    head = f'<testsuites name="kerlint" tests="{tests}" failures="{failures}" errors="{len(run.errors)}">'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', head, *suites, "</testsuites>", ""])


def _suite(path: str, rows: list[Row]) -> str:
    failures = sum(row.data["severity"] != "info" for row in rows)
    head = f'  <testsuite name={_quoted(path)} tests="{len(rows)}" failures="{failures}" errors="0" package="kerlint">'
    return "\n".join([head, *itertools.chain.from_iterable(_case(row) for row in rows), "  </testsuite>"])


def _case(row: Row) -> Iterator[str]:
    data = row.data
    line, column = data["start"]["line"], data["start"]["column"]
    name = f"{data['code']} {data['rule']}:{line}:{column}"
    yield f'    <testcase name={_quoted(name)} classname={_quoted(data["path"])} line="{line}" column="{column}">'
    if data["severity"] == "info":
        yield f"      <skipped message={_quoted(data['message'])}/>"
    else:
        text = escape(_clean(block(row, Style())))
        yield f"      <failure type={_quoted(data['severity'])} message={_quoted(data['message'])}>{text}</failure>"
    yield "    </testcase>"


def _case_suite(name: str, inside: str) -> str:
    errors = int(bool(inside))
    case = f"    <testcase name={_quoted(name)} classname={_quoted(name)}>{inside}</testcase>"
    head = f'  <testsuite name={_quoted(name)} tests="1" failures="0" errors="{errors}" package="kerlint">'
    return f"{head}\n{case}\n  </testsuite>"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """XML has no form for control characters."""
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
