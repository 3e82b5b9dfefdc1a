"""The argument list of a call, changed: commas, line breaks and comments stay the way the user has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst

from kerlint.fix.written import Argument, Written, expression, printed


@dataclass(frozen=True, eq=False)
class Item:
    """One argument of the new call; ``source`` is the written one it was (None: added)."""

    name: str | None
    arg: libcst.Arg
    source: Argument | None = None


def laid_out(template: Written, callee: str, items: Sequence[Item]) -> str:
    """The template's text with another callee and other arguments."""
    call = template.cst.with_changes(args=_separated(template.cst, items))
    if callee != template.code.text(template.call.func):
        call = call.with_changes(func=expression(callee))
    if not items:
        call = call.with_changes(whitespace_before_args=libcst.SimpleWhitespace(""))
    return _realigned(template, printed(call))


def _separated(call: libcst.Call, items: Sequence[Item]) -> list[libcst.Arg]:
    """Commas between the arguments; what closes the list stays, and a comment stays with its argument."""
    old_last = call.args[-1] if call.args else None
    separator = _separator(call)
    args = []
    for item in items[:-1]:
        arg = item.arg
        if item.source is None or item.source.cst is old_last or not isinstance(arg.comma, libcst.Comma):
            space = _with_comment(separator.whitespace_after, _comment(arg))
            comma = separator.with_changes(whitespace_after=space)
            arg = arg.with_changes(comma=comma, whitespace_after_arg=libcst.SimpleWhitespace(""))
        args.append(arg)
    return [*args, *(_closing(item, old_last) for item in items[-1:])]


def _closing(item: Item, old_last: libcst.Arg | None) -> libcst.Arg:
    """The last argument with what stood behind the last one before."""
    if old_last is None or (item.source is not None and item.source.cst is old_last):
        return item.arg
    own = _comment(item.arg) if item.source else None
    if isinstance(old_last.comma, libcst.Comma):
        space = _with_comment(_bare(old_last.comma.whitespace_after), own)
        comma = old_last.comma.with_changes(whitespace_after=space)
        return item.arg.with_changes(comma=comma, whitespace_after_arg=libcst.SimpleWhitespace(""))
    space = _with_comment(_bare(old_last.whitespace_after_arg), own)
    return item.arg.with_changes(comma=libcst.MaybeSentinel.DEFAULT, whitespace_after_arg=space)


def _comment(arg: libcst.Arg) -> libcst.TrailingWhitespace | None:
    """The comment in the line of an argument, behind it."""
    space = arg.comma.whitespace_after if isinstance(arg.comma, libcst.Comma) else arg.whitespace_after_arg
    found = isinstance(space, libcst.ParenthesizedWhitespace) and space.first_line.comment is not None
    return space.first_line if found and isinstance(space, libcst.ParenthesizedWhitespace) else None


def _with_comment(
    space: libcst.BaseParenthesizableWhitespace, comment: libcst.TrailingWhitespace | None
) -> libcst.BaseParenthesizableWhitespace:
    """White space that breaks the line, with the comment in front of the break."""
    if comment is None or not isinstance(space, libcst.ParenthesizedWhitespace):
        return space
    return space.with_changes(first_line=comment)


def _separator(call: libcst.Call) -> libcst.Comma:
    """The comma between two arguments, as this call has it, without comments."""
    for arg in reversed(call.args[:-1]):
        if isinstance(arg.comma, libcst.Comma):
            return arg.comma.with_changes(whitespace_after=_bare(arg.comma.whitespace_after))
    before = _bare(call.whitespace_before_args)
    return libcst.Comma(whitespace_after=before if printed(before) else libcst.SimpleWhitespace(" "))


def comma_of(call: libcst.Call) -> str:
    """The comma of a call that is written on one line."""
    text = printed(_separator(call))
    return ", " if "\n" in text else text


def equals_of(written: Written) -> str:
    """The equals sign of a call's named arguments."""
    signs = [printed(a.cst.equal) for a in written.arguments if isinstance(a.cst.equal, libcst.AssignEqual)]
    return signs[0] if signs and "\n" not in signs[0] else "="


def _bare(space: libcst.BaseParenthesizableWhitespace) -> libcst.BaseParenthesizableWhitespace:
    if not isinstance(space, libcst.ParenthesizedWhitespace):
        return space
    first = libcst.TrailingWhitespace(newline=space.first_line.newline)
    return space.with_changes(first_line=first, empty_lines=())


def _realigned(template: Written, text: str) -> str:
    """Lines that were aligned with the first argument stay so when the callee gets shorter or longer."""
    old = template.text
    opening = len(template.code.text(template.call.func))
    column = template.span.start - template.code.line_start(template.span.start) + opening + 1
    lines = text.split("\n")
    rest = old.split("\n")[1:]
    aligned = rest and not any(q in text for q in ('"""', "'''")) and all(_indent(line) >= column for line in rest)
    if not aligned or "\n" in old[: opening + 2]:
        return text
    shift = text.index("(") - opening
    moved = (line[min(-shift, _indent(line)) :] if shift < 0 else " " * shift + line for line in lines[1:])
    return "\n".join([lines[0], *moved])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
