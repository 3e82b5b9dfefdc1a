"""One page without scripts: a table of rules, then every finding as the full format prints it."""

from __future__ import annotations

from collections import Counter
from html import escape

from kerlint.report.full import block
from kerlint.report.row import Run
from kerlint.report.style import Style

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>kerlint</title><style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 75em }
pre { background: #f6f8fa; border-left: 4px solid #d9a400; overflow-x: auto; padding: .8em }
pre.error { border-color: #c62828 } pre.info { border-color: #2a7ab0 }
td { padding: .1em 1em .1em 0 }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd } pre { background: #1c1f24 } }
</style></head><body>
"""


def render(run: Run, _style: Style) -> str:
    """The page."""
    counts = Counter((row.data["code"], row.data["rule"]) for row in run.rows)
    rows = [f"<tr><td>{n}<td>{escape(code)}<td>{escape(rule)}</tr>\n" for (code, rule), n in counts.most_common()]
    findings = [f'<pre class="{row.data["severity"]}">{escape(block(row, Style()))}</pre>\n' for row in run.rows]
    errors = [f'<pre class="error">{escape(e["path"])}: {escape(e["message"])}</pre>\n' for e in run.errors]
    head = f"<h1>kerlint {escape(run.version)}</h1>\n<p>Findings: {len(run.rows)}; files: {run.checked}</p>\n"
    return "".join([HEAD, head, "<table>\n", *rows, "</table>\n", *errors, *findings, "</body></html>\n"])
