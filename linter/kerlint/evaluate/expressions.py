"""Expressions: one small function for each node type, in a table."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from kerlint.evaluate import decide, operators
from kerlint.evaluate.assign import iterate
from kerlint.evaluate.attributes import attribute_of
from kerlint.evaluate.calls import call, make_function
from kerlint.evaluate.mutation import PLAIN, born, entry, merge, rest, rest_of
from kerlint.evaluate.mutation import elements as elements_of_set
from kerlint.evaluate.names import BUILTINS, Frame
from kerlint.evaluate.natives import formatted
from kerlint.evaluate.registry import putting
from kerlint.evaluate.state import Raised, Run, TooLarge
from kerlint.evaluate.streams import live
from kerlint.evaluate.subscripts import subscript
from kerlint.evaluate.tries import NATIVE, may_fail
from kerlint.evaluate.values import MISSING, Call, Open, Rest, Value, short_key
from kerlint.graph.graph import Tensor

EXPRESSION: dict[type[ast.expr], Callable[[Run, Any, Frame], Value]] = {}
expression = partial(putting, EXPRESSION)  # puts a function into the table


def value_of(run: Run, node: Any, frame: Frame) -> Value:
    """The value of an expression."""
    kind = node.__class__
    if kind is ast.Constant:
        return node.value
    if kind is ast.Name:
        return _name(run, node, frame)
    run.tick()
    evaluate = EXPRESSION.get(kind)
    if evaluate is None:
        return run.lost("expression", node, frame, f"{type(node).__name__} is not evaluated")
    try:
        return evaluate(run, node, frame)
    except TooLarge as large:
        return run.lost("large", node, frame, f"{large}")


def _name(run: Run, node: ast.Name, frame: Frame) -> Value:
    found = frame.get(node.id)
    if found is MISSING:
        if (home := frame.home(node.id)) is not frame.module:
            kind = "UnboundLocalError" if home is frame else "NameError"
            raise Raised(f"{node.id} is read before it is bound (line {node.lineno})", kind)
        if node.id in BUILTINS:
            return BUILTINS[node.id]
        if node.id == "__name__":
            return "__main__"
        if run.trying:
            may_fail(run, node.id, kind="NameError")
        return Open(node.id, node.id, f"the name {node.id} is not defined here (line {node.lineno})")
    if type(found) is Open and run.pinned:
        return run.pinned.get(run.key(found), found)
    return found


@expression(ast.UnaryOp)
def _unary(run: Run, node: ast.UnaryOp, frame: Frame) -> Value:
    if not isinstance(node.op, ast.Not):
        return operators.unary(run, type(node.op), value_of(run, node.operand, frame), node, frame)
    wanted = run.preference
    with run.preferring(None if wanted is None else not wanted):
        return decide.negated(run, value_of(run, node.operand, frame))


@expression(ast.BoolOp)
def _bool(run: Run, node: ast.BoolOp, frame: Frame) -> Value:
    stop_at = isinstance(node.op, ast.Or)
    *parts, last = node.values
    for part in parts:
        value = value_of(run, part, frame)
        if decide.truth(run, value) is stop_at:
            return value
    return value_of(run, last, frame)


ORDERS = frozenset([ast.Lt, ast.LtE, ast.Gt, ast.GtE])  # of tensors: another tensor


@expression(ast.Compare)
def _compare(run: Run, node: ast.Compare, frame: Frame) -> Value:
    left = value_of(run, node.left, frame)
    answer: Value = True
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = value_of(run, part, frame)
        if op.__class__ in ORDERS and (isinstance(left, Tensor) or isinstance(right, Tensor)):
            return operators.OPERANDS[Tensor](run, op.__class__.__name__, left, right, node, frame)
        answer = decide.compare(run, type(op), left, right)
        if len(node.ops) == 1:
            return answer
        if not decide.truth(run, answer):
            return False
        left = right
    return answer


@expression(ast.NamedExpr)
def _walrus(run: Run, node: ast.NamedExpr, frame: Frame) -> Value:
    value = value_of(run, node.value, frame)
    while frame.within is not None:
        frame = frame.within
    frame.set(node.target.id, value)
    return value


# --- containers --------------------------------------------------------------------------------------------


def elements(run: Run, nodes: list[ast.expr], frame: Frame) -> list[Value]:
    """The values of a list's or call's positions, stars unpacked."""
    found: list[Value] = []
    for node in nodes:
        if node.__class__ is not ast.Starred:
            found.append(value_of(run, node, frame))
            continue
        parts = iterate(run, value_of(run, node.value, frame))
        if parts is None:
            parts = [rest(run, frame.source.text(node), f"an unknown number of elements (line {node.lineno})")]
        found.extend(parts)
    return found


@expression(ast.Dict)
def _dict(run: Run, node: ast.Dict, frame: Frame) -> Value:
    found: dict[Value, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        content = value_of(run, value, frame)
        if key is not None:
            name = value_of(run, key, frame)
            entry(run, found, name, content)
        elif isinstance(content, dict):
            merge(run, found, content)
        else:
            return run.lost("dict", node, frame, "a dictionary with unknown parts")
    return born(run, found)


@expression(ast.JoinedStr)
def _fstring(run: Run, node: ast.JoinedStr, frame: Frame) -> Value:
    parts: list[Any] = [p.value if isinstance(p, ast.Constant) else _formatted(run, p, frame) for p in node.values]
    if not all(isinstance(part, str) for part in parts):
        return run.lost("text", node, frame, "a text with unknown parts")
    return "".join(parts)


def _formatted(run: Run, node: Any, frame: Frame) -> Value:
    value = value_of(run, node.value, frame)
    spec = value_of(run, node.format_spec, frame) if node.format_spec is not None else ""
    conversion = f"!{chr(node.conversion)}" if node.conversion > 0 else ""
    given = Call((value,), {}, node, frame)
    return formatted(run, f"{{{conversion}:{spec}}}", given) if isinstance(spec, str) else spec


# --- functions ---------------------------------------------------------------------------------------------


@expression(ast.Call)
def _call(run: Run, node: ast.Call, frame: Frame) -> Value:
    function = value_of(run, node.func, frame)
    args = elements(run, node.args, frame) if node.args else []
    kwargs: dict[str, Value] = {}
    plain = ast.Starred not in map(type, node.args)
    for keyword in node.keywords:
        value = value_of(run, keyword.value, frame)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
            continue
        plain = False
        if isinstance(value, dict):
            kwargs.update({k: v for k, v in value.items() if isinstance(k, str)})
            more = rest_of(value)
            if more is not None:
                kwargs["**"] = more
        elif value is not None:
            if isinstance(value, NATIVE):
                run.fails(TypeError("what ** stands before is no dictionary"))
            why = f"what ** stands before is not known (line {node.lineno})"
            kwargs["**"] = value if isinstance(value, Open) else run.fresh("**", "...", why)
    return call(run, function, Call(tuple(args), kwargs, node, frame, plain))


@expression(ast.Yield)
def _yield(run: Run, node: ast.Yield, frame: Frame) -> Value:
    value = value_of(run, node.value, frame) if node.value is not None else None
    return None if frame.during is None else frame.during(value)


@expression(ast.YieldFrom)
def _yield_from(run: Run, node: ast.YieldFrom, frame: Frame) -> None:
    source = value_of(run, node.value, frame)
    values = source if isinstance(source, list) else iterate(run, source)
    lost = Rest("*", "...", f"an unknown number of elements (line {node.lineno})")
    for value in [lost] if values is None else live(values):
        frame.during(value)


@expression(ast.Set)
def _set(run: Run, node: ast.Set, frame: Frame) -> Value:
    found = elements(run, node.elts, frame)
    if any(isinstance(value, set) for value in found):  # no Python: {{choice([256, 512])}} is for Hyperas to fill in
        return run.lost("template", node, frame, "a set within a set")
    return born(run, elements_of_set(run, found, f"a set of unknowns (line {node.lineno})"))


def _unchanged(run: Run, node: ast.Attribute | ast.Subscript, frame: Frame, found: Value) -> Value:
    """What is read, unless another file sets that before it calls the function."""
    text = ast.unparse(node) if run.budget.overridden and frame.function and isinstance(found, PLAIN) else ""
    if text not in run.budget.overridden or re.split(r"\W", text, maxsplit=1)[0] in frame.names:
        return found
    return Open(short_key(text), text, "another file sets it")


EXPRESSION |= {
    ast.BinOp: lambda run, node, frame: operators.binary(
        run, type(node.op), value_of(run, node.left, frame), value_of(run, node.right, frame), node, frame),
    ast.Subscript: lambda run, node, frame: _unchanged(run, node, frame, decide.settled(
        run, subscript(run, value_of(run, node.value, frame), value_of(run, node.slice, frame), node, frame))),
    ast.Slice: lambda run, node, frame: slice(
        *(None if p is None else value_of(run, p, frame) for p in (node.lower, node.upper, node.step))),
    ast.IfExp: lambda run, node, frame: value_of(
        run, node.body if decide.truth(run, value_of(run, node.test, frame)) else node.orelse, frame),
    ast.Attribute: lambda run, node, frame: _unchanged(
        run, node, frame, attribute_of(run, value_of(run, node.value, frame), node.attr, node, frame)),
    ast.Tuple: lambda run, node, frame: tuple(elements(run, node.elts, frame)),
    ast.List: lambda run, node, frame: born(run, elements(run, node.elts, frame)),
    ast.Await: lambda run, node, frame: value_of(run, node.value, frame),
    ast.Lambda: make_function,
}  # fmt: skip
