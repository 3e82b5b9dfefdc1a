"""kerlint: a linter for Keras models that proves its fixes."""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # typing's own costs its import, and this module is on the path of every run
if TYPE_CHECKING:
    from kerlint.outcome import Report


def check(text: str, path: str = "model.py") -> Report:
    """What all default rules say of a Python source text."""
    from kerlint import engine
    from kerlint.rule.load import load
    from kerlint.text.document import Document

    return engine.check(Document.of(text, path), [r for r in load().rules if r.default])
