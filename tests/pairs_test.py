"""Two rules on one program come to the same text, whichever is first: all pairs; the ordinary run draws some.

The programs are the fixtures, the examples of two pages, one behind the other in one model where that fits, and
chains drawn from the lines of all examples.
"""

from __future__ import annotations

import functools
import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from tests.harness import RULES, fixed, name_of, options, pages_example, programs, report, source, text_of

from kerlint.engine import check
from kerlint.rule.rule import Rule
from kerlint.text.document import Document

DRAWN = 16  # in the ordinary run, of each kind
ROUNDS = 6  # of each rule, until nothing changes: more than any chain of fixes that feed each other
# What may stand between two examples so that the second takes what the first gives.
ADAPTERS = ("", "Flatten()", "RepeatVector(1)", "Reshape((1, -1))", "Reshape((1, 1, -1))", "Reshape((-1,))")
PREAMBLE, INPUT = "from tensorflow.keras.layers import *\nfrom tensorflow.keras.models import *\n\n", "x = Input("


@dataclass(frozen=True)
class Pair:
    """Two rules that both have something to fix in a program."""

    name: str
    text: str
    rules: tuple[Rule, Rule]

    def __str__(self) -> str:
        return f"{self.rules[0].code} {self.rules[1].code} {self.name}"


def _fixes(rule: Rule) -> bool:
    """Whether the rule has a fix for its own example."""
    text = PREAMBLE + pages_example(rule)[0]
    return rule.code in _fixed_codes(text, (rule,))


def _fixed_codes(text: str, rules: Sequence[Rule]) -> set[str]:
    """Which of the rules have a fix in a program; none where Keras would refuse a layer."""
    said = check(Document.of(text), rules, options(*(rule.name for rule in rules)))
    refused = any(node.refused for context in said.evaluation.contexts for node in context.trace.nodes)
    return set() if refused else {c.finding.rule.code for c in said.checked if c.fix is not None}


@functools.cache
def _of_pages() -> list[Pair]:
    """For each two rules the example of one behind that of the other, both ways; beside it where that does not fit."""
    found = []
    for one, other in itertools.combinations([rule for rule in RULES if _fixes(rule)], 2):
        tried = [p for p in (_joined(one, other), _joined(other, one)) if p is not None]
        found += tried or [Pair("beside", PREAMBLE + pages_example(one)[0] + pages_example(other)[0], (one, other))]
    return found


def _joined(first: Rule, second: Rule) -> Pair | None:
    """The second rule's example behind the first one's, if both then still find something."""
    before, behind = pages_example(first)[0], pages_example(second)[0]
    if not (before.startswith(INPUT) and behind.startswith(INPUT)):
        return None
    for adapter in ADAPTERS:
        between = f"x = {adapter}(x)\n" if adapter else ""
        text = PREAMBLE + before + between + behind.partition("\n")[2]
        if {first.code, second.code} <= _fixed_codes(text, (first, second)):
            return Pair(f"joined by {adapter or 'nothing'}", text, (first, second))
    return None


@functools.cache
def _of_fixtures() -> list[Pair]:
    """Each two rules that have a fix in one fixture."""
    found = []
    for path in programs(fixed=False):
        rules = list({c.finding.rule.code: c.finding.rule for c in report(path).checked if c.fix}.values())
        found += [Pair(name_of(path), source(path), two) for two in itertools.combinations(rules, 2)]
    return found


@functools.cache
def _of_chains(count: int = 30) -> list[Pair]:
    """Each two rules that are on and have a fix in a chain of lines drawn from the examples, as far as they fit."""
    drawn = random.Random(2)
    texts = [pages_example(rule)[0] for rule in RULES if rule.default and _fixes(rule)]
    lines = sorted({line for text in texts for line in text.split("\n") if re.fullmatch(r"x = (?!Input).*\(x\)", line)})
    starts = sorted({line for text in texts for line in text.split("\n") if line.startswith(INPUT)})
    rules = tuple(rule for rule in RULES if rule.default)
    found = []
    for number in range(count):
        text = f"{PREAMBLE}inputs = {drawn.choice(starts)}\n"
        for line in drawn.choices(lines, k=9):
            longer = f"{text}{line}\n"
            text = text if _refused(longer, rules) else longer
        text += "model = Model(inputs, x)\n"
        fixing = [rule for rule in rules if rule.code in _fixed_codes(text, rules)]
        found += [Pair(f"chain {number}", text, two) for two in itertools.combinations(fixing, 2)]
    return found


def _refused(text: str, rules: Sequence[Rule]) -> bool:
    """Whether Keras would refuse a layer of the program."""
    said = check(Document.of(text), rules, replace(options(), fixes=False, why=False))
    return any(node.refused for context in said.evaluation.contexts for node in context.trace.nodes)


def _converged(pair: Pair, *order: Rule) -> str:
    """The text after one rule until nothing is left of it, then the other, and again until neither changes it."""
    text = pair.text
    for rule in itertools.islice(itertools.cycle(order), 2 * ROUNDS):
        before = text
        text = _after(text, (rule,))
        if rule is order[-1] and before == text == _after(text, order[:1]):
            return text
    raise AssertionError(f"{pair}: each undoes what the other one did:\n{text}")


def _after(text: str, rules: tuple[Rule, ...]) -> str:
    done = fixed(text, "model.py", rules, selected=tuple(rule.name for rule in rules))
    assert not done.failures, done.failures
    return text_of(done)


def _differences(pairs: Sequence[Pair]) -> Iterator[str]:
    for pair in pairs:
        one, other = pair.rules
        texts = [_converged(pair, one, other), _converged(pair, other, one)]
        texts += [_after(pair.text, (one, other)), _after(pair.text, (other, one))]
        if len(set(texts)) > 1:
            yield f"--- {pair}\n" + "\n- or\n".join(dict.fromkeys(texts))


def _drawn(pairs: Sequence[Pair]) -> list[Pair]:
    return random.Random(1).sample(pairs, min(DRAWN, len(pairs)))


def test_all_rules_with_a_fix_are_paired() -> None:
    """Nobody is left out."""
    fixing = [rule for rule in RULES if _fixes(rule)]
    paired = {frozenset(rule.code for rule in pair.rules) for pair in _of_pages()}
    assert paired == {frozenset((a.code, b.code)) for a, b in itertools.combinations(fixing, 2)}


KINDS = pytest.mark.parametrize("pairs", [_of_pages, _of_fixtures, _of_chains], ids=["pages", "fixtures", "chains"])


@KINDS
def test_drawn_pairs_converge(pairs: functools._lru_cache_wrapper[list[Pair]]) -> None:
    """A sample of all pairs."""
    wrong = list(_differences(_drawn(pairs())))
    assert not wrong, "\n".join(wrong)


@pytest.mark.whole
@KINDS
def test_all_pairs_converge(pairs: functools._lru_cache_wrapper[list[Pair]]) -> None:
    """All of them, in both orders."""
    wrong = list(_differences(pairs()))
    assert not wrong, f"{len(wrong)} of {len(pairs())}:\n" + "\n".join(wrong)
