"""``kerlint explain``: a rule's page, or the whole catalogue."""

from __future__ import annotations

import difflib
import sys

import kerlint
from kerlint.cli.flags import Flags, Usage
from kerlint.cli.output import emit, emit_text
from kerlint.report.catalogue import listed, page, printed
from kerlint.report.json import dumps
from kerlint.report.style import style_of
from kerlint.rule.load import Rules, load
from kerlint.rule.own import OWN
from kerlint.rule.rule import Rule


def run(flags: Flags) -> int:
    """Prints; 2 for a rule that does not exist, or a plugin that could not be loaded."""
    loaded = load()
    rules = Rules(tuple(sorted((*OWN, *loaded.rules), key=lambda r: r.code)), loaded.faults)
    for fault in rules.faults:
        print(f"kerlint: error: plugin {fault.plugin}: {fault.message}", file=sys.stderr)
    if flags.all == bool(flags.code):
        raise Usage("explain takes one rule (kerlint explain KER101), or --all")
    style = style_of(sys.stdout, flags.color)
    if flags.all:
        every = {"version": 1, "kerlint": kerlint.__version__, "rules": [page(r) for r in rules.rules]}
        text = dumps(every) if flags.output_format == "json" else "".join(listed(r, style) for r in rules.rules)
    else:
        from kerlint.report.example import found  # evaluates: only where a page is printed

        rule = _found(rules, str(flags.code))
        text = dumps(page(rule)) if flags.output_format == "json" else printed(rule, style, found(rule))
    (emit if flags.output_format == "json" else emit_text)(text)
    return 2 if rules.faults else 0


def _found(rules: Rules, name: str) -> Rule:
    rule = rules.find(name) or rules.find(name.upper()) or rules.find(name.lower())
    if rule is None:
        begun = [r.code for r in rules.rules if name and r.code.startswith(name.upper())]
        if begun:
            raise Usage(f"{name} is the beginning of several rules: {', '.join(begun)}")
        known = [n for r in rules.rules for n in (r.code, r.name)]
        near = difflib.get_close_matches(name, known, 1, 0.5)
        raise Usage(f"no rule {name!r}" + (f"; did you mean {near[0]}?" if near else "; see kerlint explain --all"))
    return rule
