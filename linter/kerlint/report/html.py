"""One page without scripts: a table of rules, then every finding as the full format prints it."""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

from kerlint.report.full import block
from kerlint.report.row import Run
from kerlint.report.style import Style


def render(run: Run, _style: Style) -> str:
    """The page."""
    counts = Counter((row.data["code"], row.data["rule"]) for row in run.rows)
    rows = [f"<tr><td>{n}<td>{escape(code)}<td>{escape(rule)}</tr>\n" for (code, rule), n in counts.most_common()]
    findings = [f'<pre class="{row.data["severity"]}">{escape(block(row, Style()))}</pre>\n' for row in run.rows]
    errors = [f'<pre class="error">{escape(e["path"])}: {escape(e["message"])}</pre>\n' for e in run.errors]
    head = f"<h1>kerlint {escape(run.version)}</h1>\n<p>Findings: {len(run.rows)}; files: {run.checked}</p>\n"
    page = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return "".join([page, head, "<table>\n", *rows, "</table>\n", *errors, *findings, "</body></html>\n"])
