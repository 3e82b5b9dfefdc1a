"""The formats by name; a format is imported when it is asked for."""

from __future__ import annotations

import importlib

from kerlint.report.row import Run
from kerlint.report.style import Style

FORMATS = {
    "full": "full:render",
    "concise": "concise:render",
    "json": "json:render",
    "jsonl": "json:render_lines",
    "sarif": "sarif:render",
    "github": "github:render",
    "gitlab": "gitlab:render",
    "junit": "junit:render",
    "html": "html:render",
}
FOR_READERS = ("full", "concise")  # their run ends with a word on standard error


def render(name: str, run: Run, style: Style) -> str:
    """A run in a format."""
    module, _, function = FORMATS[name].partition(":")
    text: str = getattr(importlib.import_module(f"kerlint.report.{module}"), function)(run, style)
    return text
