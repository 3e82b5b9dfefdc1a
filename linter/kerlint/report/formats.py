"""The formats by name; a format is imported when it is asked for."""

from __future__ import annotations

import importlib

from kerlint.report.row import Run
from kerlint.report.style import Style

FOR_READERS = ("full", "concise")  # their run ends with a word on standard error


def render(name: str, run: Run, style: Style) -> str:
    """A run in a format: each has its own module."""
    module, function = ("json", "render_lines") if name == "jsonl" else (name, "render")
    text: str = getattr(importlib.import_module(f"kerlint.report.{module}"), function)(run, style)
    return text
