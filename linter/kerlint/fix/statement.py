"""Statements and list elements that go without leaving debris, and statements that come before another."""

from __future__ import annotations

import ast
from functools import partial
from itertools import takewhile
from operator import is_not

from kerlint.fix.syntax import Syntax
from kerlint.fix.values import effect
from kerlint.graph.layer import NoFix

BLOCKS = ("body", "orelse", "finalbody")
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)
# What is inside of these runs later, several times, or perhaps not at all.
DEFERRED = (
    ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.BoolOp,
    ast.JoinedStr, ast.comprehension,
)  # fmt: skip


def block_of(code: Syntax, statement: ast.stmt) -> list[ast.stmt]:
    """The statements among which one stands."""
    blocks = (getattr(code.parents[statement], field, None) for field in BLOCKS)
    return next(block for block in blocks if isinstance(block, list) and statement in block)


def without_statement(code: Syntax, statement: ast.stmt) -> tuple[int, int, str]:
    """The edit that removes a statement: its line, its semicolon, or ``pass`` where nothing else is left."""
    block = block_of(code, statement)
    start, end = code.extent(statement)
    index = block.index(statement)
    if len(block) == 1 and not isinstance(code.parents[statement], ast.Module):
        return start, end, "pass"
    stop = code.line_stop(end)
    if index + 1 < len(block) and (following := code.extent(block[index + 1])[0]) < stop:
        return start, following, ""
    if index and (before := code.extent(block[index - 1])[1]) > code.line_start(start):
        return before, end, ""
    if not code.opens_line(start):
        raise NoFix("the statement shares its line with others")
    return *_with_blank_lines(code, code.line_start(start), code.line_end(end)), ""


def _with_blank_lines(code: Syntax, start: int, end: int) -> tuple[int, int]:
    """A whole line; of the blank lines before and after it only the longer run stays."""
    first, last = start, end
    while first > 0 and not code.code[(previous := code.line_start(first - 1)) : first].strip():
        first = previous
    while last < len(code.code) and not code.code[last : code.line_end(last)].strip():
        last = code.line_end(last)
    if code.code[first:start].count("\n") < code.code[end:last].count("\n"):
        return first, end
    return start, last


def without_element(code: Syntax, element: ast.expr) -> tuple[int, int, str]:
    """The edit that removes an element of a list with its comma, and its line if it stands alone there."""
    parent = code.parents[element]
    if not isinstance(parent, (ast.List, ast.Tuple)):
        raise NoFix("the layer stands in no list that is written out")
    index = parent.elts.index(element)
    if isinstance(parent, ast.Tuple) and len(parent.elts) == 2:
        raise NoFix("the tuple would be left with one layer")
    return *without_one(code, [code.extent(e) for e in parent.elts], index), ""


def without_one(code: Syntax, bounds: list[tuple[int, int]], index: int) -> tuple[int, int]:
    """One of several things between commas, with its comma, and its line if it stands alone there."""
    start, end = bounds[index]
    before = bounds[index - 1][1] if index else start
    behind = code.code[end:].lstrip(" \t\r\n")
    comma = len(code.code) - len(behind) + 1 if behind.startswith(",") else None  # behind the one that follows directly
    if code.opens_line(start) and not code.rest(comma or end):
        if comma is None and index and "#" not in code.code[before:start]:
            return before, code.line_stop(end)
        return _with_blank_lines(code, code.line_start(start), code.line_end(comma or end))
    if index and comma is not None and not code.rest(comma):
        return before, end
    if index + 1 < len(bounds):
        return start, bounds[index + 1][0]
    return (before, end) if index else (start, comma or end)


def place_before(code: Syntax, node: ast.expr) -> int:
    """Where a statement can be put that runs just before the expression; NoFix if there is none."""
    at: ast.AST = node
    while not isinstance(at, ast.stmt):
        outer = code.parents[at]
        if isinstance(outer, DEFERRED):
            raise NoFix("the replacement needs a name for its input, and there is no statement to give it one")
        earlier = takewhile(partial(is_not, at), ast.iter_child_nodes(outer))
        if isinstance(outer, ast.expr) and any(effect(code.text(e)) for e in earlier if isinstance(e, ast.expr)):
            raise NoFix("the replacement needs a name for its input, and something else runs before it")
        at = outer
    start = code.extent(at)[0]
    if not isinstance(at, SIMPLE) or not code.opens_line(start):
        raise NoFix("the replacement uses its input several times; give it a name first")
    return start
