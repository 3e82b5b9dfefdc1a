"""Formulas as texts: brackets where an operand needs them, and what is left of a long one for readers."""

from __future__ import annotations

import re

LONGEST = 120  # characters of a formula in a message or a table


def grouped(text: str, signs: str) -> str:
    """The text of an operand, in brackets if it has one of these signs outside of brackets of its own."""
    inner, outer = "", text
    while inner != outer:
        inner, outer = outer, re.sub(r"\([^()]*\)|\[[^][]*\]", "", outer)
    return f"({text})" if any(sign in inner for sign in signs) else text


def brief(formula: str) -> str:
    """A formula for readers. Of a long one, what is in brackets goes first, then the last terms, which are counted."""
    if len(formula) <= LONGEST:
        return formula
    depth, kept = 0, ""
    for sign in formula:
        depth -= sign == ")" and depth > 0
        kept += sign if depth == 0 else ""
        depth += sign == "("
        kept += "..." if sign == "(" and depth == 1 else ""
    first, *rest = re.split(r" (?=[+-] )", kept)
    text = first if len(first) <= LONGEST else f"{first[: LONGEST - 4]} ..."
    while rest and len(text) + len(rest[0]) < LONGEST - 20:
        text += f" {rest.pop(0)}"
    return f"{text} + ... ({len(rest)} more term{'s' * (len(rest) > 1)})" if rest else text
