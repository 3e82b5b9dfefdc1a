"""A rule as plain data and as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kerlint.report.style import Style
from kerlint.rule.rule import Rule

LEVELS = {"safe": {"identical", "same-training"}, "unsafe": {"same-function", "same-class"}}


def page(rule: Rule) -> dict[str, Any]:
    """What ``explain --format json`` and SARIF say of a rule."""
    return {
        "code": rule.code, "name": rule.name, "summary": rule.summary, "severity": rule.severity.value,
        "equivalence": rule.equivalence.value if rule.equivalence else None, "hint": rule.hint, "default": rule.default,
        "since": rule.since, "aliases": list(rule.aliases),
        "options": {name.replace("_", "-"): _plain(value) for name, value in rule.options.items()}, "page": rule.page,
    }  # fmt: skip


def _plain(value: object) -> object:
    return list(value) if isinstance(value, (tuple, frozenset, set)) else value


def printed(rule: Rule, style: Style, figures: Sequence[str] = ()) -> str:
    """The page for a terminal: Markdown as it is written, headings standing out; what the example gives."""
    kind = rule.equivalence.value if rule.equivalence else "figures only"
    lines = [
        style.paint(f"{rule.code} {rule.name}", "bold"),
        f"{rule.severity.value}, {kind}, {_fix_level(rule)}{_asked(rule)}",
        "",
    ]
    code = False
    for line in rule.page.splitlines():
        if line.startswith("```"):
            code = not code
        elif code:
            lines.append(style.paint(f"    {line}", "cyan") if line else "")
        else:
            lines.append(style.paint(line.lstrip("#").strip(), "bold") if line.startswith("#") else line)
    if figures:
        lines += ["", style.paint("Found in the example", "bold"), *(f"    {line}" for line in figures)]
    if rule.hint:
        lines += ["", f"Hint: {rule.hint}"]
    if rule.options:
        lines += ["", style.paint(f"Options ([tool.kerlint.rules.{rule.name}])", "bold")]
        lines += [f"    {name.replace('_', '-')} = {json.dumps(_plain(value))}" for name, value in rule.options.items()]
    return "\n".join(lines) + "\n"


def _asked(rule: Rule) -> str:
    """When it is asked, if not always."""
    if rule.since is not None:
        return f"; asked of code for Keras {rule.since}, or where it is selected by name"
    return "" if rule.default else "; off until it is selected"


def _fix_level(rule: Rule) -> str:
    """How its fix is applied where nothing lowers it."""
    level = rule.equivalence.value if rule.equivalence else ""
    if level in LEVELS["safe"] and not rule.hint:
        return "its fix is safe"
    if level in LEVELS["safe"] | LEVELS["unsafe"]:
        return "its fix is unsafe (--unsafe-fixes)"
    return "never applied"


def listed(rule: Rule, style: Style) -> str:
    """One line of ``explain --all``."""
    return f"{style.paint(rule.code, 'bold')}  {rule.name:<32} {rule.summary}\n"
