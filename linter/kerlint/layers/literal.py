"""What is written at a constructor call for everyone to see."""

from __future__ import annotations

import ast


def is_literal(node: ast.expr) -> bool:
    """Whether the value stands there, for everyone to see: a number, a string, a tuple of such."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(is_literal(part) for part in node.elts)
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)
