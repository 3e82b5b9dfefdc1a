"""Patterns of ``match``."""

from __future__ import annotations

import ast

from kerlint.evaluate import decide
from kerlint.evaluate.names import Frame
from kerlint.evaluate.state import Run
from kerlint.evaluate.values import Value


def matches(run: Run, pattern: ast.pattern, subject: Value, frame: Frame) -> bool:
    """Whether a value has the form of a pattern; what the pattern captures is bound."""
    if isinstance(pattern, ast.MatchValue):
        return decide.truth(run, decide.compare(run, ast.Eq, subject, run.evaluate(run, pattern.value, frame)))
    if isinstance(pattern, ast.MatchSingleton):
        return decide.truth(run, decide.compare(run, ast.Is, subject, pattern.value))
    if isinstance(pattern, ast.MatchOr):
        return any(matches(run, p, subject, frame) for p in pattern.patterns)
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None and not matches(run, pattern.pattern, subject, frame):
            return False
        if pattern.name is not None:
            frame.set(pattern.name, subject)
        return True
    if isinstance(pattern, ast.MatchSequence) and isinstance(subject, (list, tuple)):
        if len(subject) != len(pattern.patterns):
            return False
        return all(matches(run, p, s, frame) for p, s in zip(pattern.patterns, subject, strict=True))
    lost = run.fresh("match", "a pattern", f"a pattern that is not evaluated (line {pattern.lineno})")
    return decide.truth(run, lost)
