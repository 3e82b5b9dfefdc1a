"""What the fixtures of each rule show: the table that ``tests/audit_test.py`` holds.

PYTHONPATH=linter:rules:. python bench/fixtures.py
"""

from __future__ import annotations

from tests.audit import REQUIREMENTS, styles
from tests.harness import RULES

from kerlint.rule.rule import Rule


def cell(rule: Rule, requirement: str) -> str:
    """One cell: whether it is there, or does not apply."""
    applies, there = REQUIREMENTS[requirement]
    if not applies(rule):
        return "-"
    return "yes" if there(rule) else "MISSING"


def main() -> None:
    """Print a line for each rule, with the number of findings in each style at its end."""
    print("rule".ljust(34), *(name.ljust(14) for name in REQUIREMENTS))
    for rule in RULES:
        found = sorted(styles(rule).items(), key=lambda one: -one[1])
        cells = [cell(rule, requirement).ljust(14) for requirement in REQUIREMENTS]
        print(f"{rule.code} {rule.name}".ljust(34), *cells, ", ".join(f"{count} {style}" for style, count in found))


if __name__ == "__main__":
    main()
