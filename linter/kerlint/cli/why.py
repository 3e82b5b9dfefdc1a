"""``--why [RULE] [PATH:LINE]``: which rules stayed silent, and for which reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from os.path import abspath, exists

from kerlint import selection
from kerlint.cli.flags import Flags
from kerlint.outcome import NearMiss
from kerlint.report.style import Style, harmless
from kerlint.rule.rule import Rule

PLACE = re.compile(r"(.+):(\d+)")
RULE = re.compile(r"[A-Z]{2,}\d*|[a-z0-9]+(-[a-z0-9]+)+")


def sort_words(flags: Flags) -> None:
    """argparse cannot tell what follows ``--why`` from paths: rules and places stay, what else there is are paths."""
    words: list[str] = []
    paths = list(flags.paths)
    for word in flags.why or ():
        place = PLACE.fullmatch(word)
        rules = word.split(",")
        if place:
            words.append(word)
        elif all(RULE.fullmatch(rule) for rule in rules) or not (exists(word) or "." in word or "/" in word):
            words += rules
        else:
            paths.append(word)
        if place and not flags.paths:
            paths.append(place[1])
    flags.why, flags.paths = words, list(dict.fromkeys(paths))


def rules_of(words: Iterable[str]) -> list[str]:
    """The words that name rules."""
    return [word for word in words if not PLACE.fullmatch(word)]


def told(misses: Iterable[NearMiss], path: str, words: Iterable[str], rules: Iterable[Rule]) -> Iterator[NearMiss]:
    """The near misses that were asked for, each once."""
    places = [(m[1], int(m[2])) for m in map(PLACE.fullmatch, words) if m]
    names = rules_of(words)
    asked = {r.code for r in rules if any(selection.matches(name, r) for name in names)}
    for miss in dict.fromkeys(misses):
        if names and miss.rule not in asked:
            continue
        if not places or any(abspath(path) == abspath(p) and line == miss.line for p, line in places):
            yield miss


def line(path: str, miss: NearMiss, style: Style) -> str:
    """One near miss."""
    head = f"{style.paint(f'{harmless(path)}:{miss.line}', 'bold')}: {miss.rule} {miss.name}"
    return f"{head} {style.paint('stayed silent', 'dim')}: {harmless(miss.reason)}\n"
