"""Every rule's fixtures show what a user's program may hold: styles, masks, channels first, what travels.

The silences of its guards and the proofs of its fixes are held by ``rules_test``, the fixed texts by ``fixtures_test``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.audit import REQUIREMENTS, STYLES, Program, style_of, styles
from tests.harness import RULES

from kerlint.engine import check
from kerlint.rule.rule import Rule
from kerlint.text.document import Document

HINTS = {
    "styles": f"findings in {STYLES} styles (list, add, functional, subclass, helper, loop); there are",
    "masked": "a layer that is given a mask, as a finding or as a silence that says so",
    "channels-first": "a layer in channels first, as a finding or as a silence that says so",
    "travels": "a layer with a constraint, a regulariser, a seeded initialiser or a dtype",
    "fixed": "a program beside its text after fixing (.fixed.py)",
}


@pytest.mark.parametrize("requirement", REQUIREMENTS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_fixtures_show(rule: Rule, requirement: str) -> None:
    """Whatever applies to the rule is there."""
    applies, there = REQUIREMENTS[requirement]
    found = f" {styles(rule)}" if requirement == "styles" else ""
    assert not applies(rule) or there(rule), f"fixtures/{rule.name}/ lacks {HINTS[requirement]}{found}"


def test_what_applies() -> None:
    """Nobody is left out by mistake: what applies to nearly all is named where it does not."""
    silent = {name: {rule.code for rule in RULES if not applies(rule)} for name, (applies, _) in REQUIREMENTS.items()}
    assert silent["styles"] == set()
    assert silent["masked"] == {"KER403"}  # imports are no layers
    formats = {rule.code for rule in RULES} - silent["channels-first"]
    assert {"KER101", "KER110", "KER115", "KER206", "KER301", "KER402"} <= formats
    assert silent["fixed"].isdisjoint({f"KER{number}" for number in range(101, 120)})


STYLED = """
import tensorflow as tf
from tensorflow.keras import layers, Model, Sequential
from tensorflow.keras.layers import Conv1D, Input


def listed():
    return Sequential([Input((8, 2)), Conv1D(3, 1)])  # list


def added():
    model = Sequential()
    model.add(Conv1D(3, 1, input_shape=(8, 2)))  # add
    return model


def functional():
    x = Input((8, 2))
    return Model(x, Conv1D(3, 1)(x))  # functional


class Net(Model):
    def __init__(self):
        super().__init__()
        self.conv = Conv1D(3, 1)  # subclass

    def call(self, x):
        return self.conv(x)


net = Net()
net.build((None, 8, 2))


def block(x):
    return Conv1D(3, 1)(x)  # helper


def helped():
    x = Input((8, 2))
    return Model(x, block(x))


def looped():
    x = y = Input((8, 2))
    for _ in range(2):
        y = Conv1D(3, 1)(y)  # loop
    return Model(x, y)


helped()
"""


def test_styles_are_told_apart(tmp_path: Path) -> None:
    """By how the expression is written, not by a name."""
    path = tmp_path / "model.py"
    path.write_text(STYLED, encoding="utf-8")
    rules = [rule for rule in RULES if rule.name == "pointwise-conv"]
    found = check(Document.of(STYLED, str(path)), rules).checked
    program = Program.of(path)
    said = [STYLED.split("\n")[program.line(c.finding.span) - 1].partition("# ")[2] for c in found]
    assert len(found) == 6 and [style_of(program, checked) for checked in found] == said
