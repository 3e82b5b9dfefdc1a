"""What holds for every rule: its page, its fixtures, a witness for every silence, the proof of every rewrite.

Nothing here knows a rule. Where a test fails, its message says what to do.
"""

from __future__ import annotations

import ast
import functools
import random
import re
import string
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pytest import MonkeyPatch
from tests.harness import (
    FIXTURES,
    LOADED,
    RULES,
    asked,
    chosen,
    expected,
    fixed,
    name_of,
    options,
    pages_example,
    programs,
    report,
    sections,
    source,
    text_of,
)

from kerlint.edits import distinct
from kerlint.engine import check
from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Node, Tensor
from kerlint.graph.layer import NoFix, Silent, Unknown
from kerlint.graph.weight import Untyped, Weight, concat
from kerlint.host.find import Search
from kerlint.prove.client import Prover
from kerlint.prove.request import request_of
from kerlint.rule import attempt as asking
from kerlint.rule.guard import Notes
from kerlint.rule.rule import Equivalence, Rule
from kerlint.text.document import Document
from kerlint.text.edit import Applicability

HEADINGS = ["Why is this bad?", "Example", "When it stays silent", "Fix safety"]
CATEGORIES = {"1": "redundant", "2": "mistaken", "3": "costly", "4": "removed"}
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_rules_load() -> None:
    """Every rule comes in through the entry point, and codes and names are taken once."""
    assert RULES, "no rule is found: install the package (pip install -e .)"
    assert not LOADED.faults, [fault.message for fault in LOADED.faults]


@every_rule
def test_place(rule: Rule) -> None:
    """A rule stands in the room of its code, in a file with its name."""
    path = Path(rule.place[0])
    wanted = Path(CATEGORIES[rule.code[3]]) / f"{rule.name.replace('-', '_')}.py"
    assert path.parts[-2:] == wanted.parts, f"{rule.code} {rule.name} belongs into {wanted}"
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first == f'"""{rule.code}."""', f"{wanted} begins with its code"


@every_rule
def test_page(rule: Rule) -> None:
    """The docstring is the page: a sentence that stands alone, then four headings in order."""
    first, blank, *_ = rule.page.split("\n")
    assert first.endswith((".", "?")) and not blank, f"{rule.name}: the first line is a sentence of its own"
    found = re.findall(r"^## (.+)$", rule.page, re.MULTILINE)
    assert found == HEADINGS, f"{rule.name}: the page has the headings {HEADINGS}, in this order"
    for heading, text in sections(rule).items():
        assert text.strip(), f"{rule.name}: nothing is said under {heading}"
    for option in rule.options:
        assert f"`{option.replace('_', '-')}" in rule.page, f"{rule.name}: the page explains the option {option}"


@every_rule
def test_message(rule: Rule) -> None:
    """The message is a clause in the user's own numbers; all its fields are filled in the fixtures."""
    assert not rule.message.endswith("."), f"{rule.name}: the message is no sentence with a full stop"
    fields = [field for _, field, _, _ in string.Formatter().parse(rule.message) if field]
    assert fields, f"{rule.name}: the message names what it speaks of, as {{conv}}"
    assert rule.hint is None or not rule.hint.endswith("."), f"{rule.name}: the hint has no full stop"


# --- the page's example ------------------------------------------------------------------------------------

PREAMBLE = """\
from tensorflow.keras.layers import *
from tensorflow.keras.models import *

"""


def _example(rule: Rule) -> tuple[str, str]:
    before, after = pages_example(rule)
    return PREAMBLE + before, PREAMBLE + after


def _codes(text: str, rule: Rule) -> list[str]:
    said = check(Document.of(text), RULES, options(rule.name))
    assert not said.failures, said.failures
    return [checked.finding.rule.code for checked in said.checked]


@every_rule
def test_example(rule: Rule) -> None:
    """The example is found; fixed, if the level is one of a fix, it is what to use instead; there it is not found."""
    before, after = _example(rule)
    assert rule.code in _codes(before, rule), f"{rule.name}: the example has to be a finding"
    assert rule.code not in _codes(after, rule), f"{rule.name}: what to use instead must be none"
    said = check(Document.of(before), RULES, options(rule.name))
    mended = rule.equivalence not in (None, Equivalence.ADVICE)
    fixes = [checked.fix for checked in said.checked if checked.finding.rule is rule]
    assert all((fix is not None) == mended for fix in fixes), f"{rule.name}: the example is fixed if the rule fixes"
    if mended:
        done = fixed(before, rules=(rule,), selected=(rule.name,))
        assert not done.failures, done.failures
        assert text_of(done) == after, f"{rule.name}: the fix of the example is what to use instead, to the letter"


# --- fixtures ----------------------------------------------------------------------------------------------


def _own(rule: Rule) -> list[Path]:
    return [path for path in programs(fixed=False) if path.parent.name == rule.name]


@every_rule
def test_fixtures(rule: Rule) -> None:
    """A rule without a finding and a silence in its own directory is not tested."""
    home = f"fixtures/{rule.name}/"
    assert _own(rule), f"rule {rule.name} has no fixture: make {home} with at least one finding and one silence"
    said = [announced.subject for path in _own(rule) for announced in expected(path)]
    assert rule.code in said, f"{home} announces no finding: write '#! {rule.code} ...' beside a line"
    if any(guard.path == Path(rule.place[0]) for guard in GUARDS):
        assert f"not {rule.code}" in said, f"{home} announces no silence: write '#! not {rule.code}: reason'"


def test_no_strange_fixtures() -> None:
    """Every directory of fixtures belongs to a rule, or to a test of its own."""
    known = {rule.name for rule in RULES} | {"seeds", "notebooks", "hostile", "wild"}
    strange = [path.name for path in FIXTURES.iterdir() if path.is_dir() and path.name not in known]
    assert not strange, f"no rule has these names: {strange}"


# --- every guard has a witness -----------------------------------------------------------------------------

WORDS = {"require", "fixable", "safe"}


@dataclass(frozen=True)
class Guard:
    """A place at which a rule can fall silent, or lose its fix; one for each argument of ``node.require``."""

    path: Path
    line: int
    last: int
    argument: str | None = None

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}{f' {self.argument}=' if self.argument else ''}"


def _guards(path: Path) -> Iterator[Guard]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and "NoFix" in ast.unparse(node):
            yield Guard(path, node.lineno, node.end_lineno or node.lineno)
        if not isinstance(node, ast.Call):
            continue
        last = node.end_lineno or node.lineno
        if isinstance(node.func, ast.Name) and node.func.id in WORDS:
            yield Guard(path, node.lineno, last)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "require":
            for keyword in node.keywords:
                yield Guard(path, node.lineno, last, keyword.arg)


FILES = sorted({p for rule in RULES for p in Path(rule.place[0]).parent.parent.rglob("*.py")})
GUARDS = [guard for path in FILES for guard in _guards(path)]


@dataclass(frozen=True)
class Stop:
    """An exception or a reason, and a line of a rule's file that led to it."""

    file: str
    line: int
    reason: str
    kind: str


@functools.cache
def _stops() -> list[Stop]:
    """Where rules fell silent, or lost their fix, in any fixture."""
    seen: list[Stop] = []
    rooms = {str(path) for path in FILES}

    def note(kind: str, reason: str) -> None:
        frame = sys._getframe(2)
        while frame is not None:
            if frame.f_code.co_filename in rooms:
                seen.append(Stop(frame.f_code.co_filename, frame.f_lineno, reason, kind))
            frame = frame.f_back  # type: ignore[assignment]

    class Noting(list[str]):
        def append(self, reason: str) -> None:
            note("reason", reason)
            super().append(reason)

    with MonkeyPatch.context() as patch:
        patch.setattr(asking, "Notes", lambda: Notes(Noting(), Noting()))
        for error in (Silent, NoFix, Untyped):
            made = error.__init__
            patch.setattr(error, "__init__", _announcing(note, error.__name__, made))
        for path in programs(fixed=False):
            how = replace(chosen(path), why=False, fixes=False)
            said = check(Document.of(source(path), str(path)), asked(path), how)
            assert not said.failures, said.failures
    return seen


def _announcing(note: Callable[[str, str], None], kind: str, made: Callable[..., None]) -> Callable[..., None]:
    def init(self: Exception, *args: object, **kwargs: object) -> None:
        note(kind, str(args[0]) if args else "")
        made(self, *args, **kwargs)

    return init


def test_no_rewrite_is_of_the_wrong_type() -> None:
    """A replacement that does not fit is a silence for users, and a mistake of the rule."""
    wrong = [f"{Path(stop.file).name}:{stop.line}: {stop.reason}" for stop in _stops() if stop.kind == "Untyped"]
    assert not wrong, f"guard against it with require: {wrong}"


@pytest.mark.parametrize("path", [p for p in FILES if any(g.path == p for g in GUARDS)], ids=lambda p: p.stem)
def test_every_guard_has_a_witness(path: Path) -> None:
    """Each line of a rule that can fall silent, or take the fix away, does so in some fixture."""
    met = [(stop.line, stop.reason) for stop in _stops() if Path(stop.file) == path]
    idle = [
        str(guard)
        for guard in GUARDS
        if guard.path == path
        and not any(
            guard.line <= line <= guard.last and (guard.argument is None or f"{guard.argument}=" in reason)
            for line, reason in met
        )
    ]
    assert not idle, f"write a fixture line that falls silent here: {idle}"


# --- every rewrite is proved, and refuted when a weight is shifted -----------------------------------------


@dataclass(frozen=True, eq=False)
class Claim:
    """A rewrite of a fixture that would be applied, with its level; ``safe``: unasked."""

    name: str
    rule: Rule
    rewrite: Rewrite
    level: str
    safe: bool


SAMPLE = 4  # claims of each rule in the ordinary run


@functools.cache
def _claims() -> list[Claim]:
    """Every rewrite of every context that a fix of a fixture makes, each once."""
    found: dict[str, Claim] = {}
    for path in programs():
        for finding in (checked.finding for checked in report(path).checked if checked.fix is not None):
            for answer, _ in distinct(finding, sizes=True):
                unshaped = isinstance(answer, Rewrite) and isinstance(answer.new.shape, Unknown)  # nobody can run it
                if isinstance(answer, Rewrite) and finding.rule.equivalence is not None and not unshaped:
                    level, safe = finding.rule.equivalence.value, finding.applicability is Applicability.SAFE
                    claim = Claim(f"{name_of(path)} {finding.message}", finding.rule, answer, level, safe)
                    found.setdefault(request_of(answer, level).canonical, claim)
    return list(found.values())


def _of(rule: Rule, *, all_of_them: bool) -> list[Claim]:
    """The claims of a rule, or a sample of them, the same in each run."""
    claims = [claim for claim in _claims() if claim.rule is rule]
    return claims if all_of_them else random.Random(rule.code).sample(claims, min(SAMPLE, len(claims)))


def _shifted(weight: Weight) -> Weight:
    """The same entries, each one further along the first axis that has several; else with the other sign."""
    for axis, size in enumerate(weight.shape):
        if isinstance(size, int) and size > 1:
            before = (slice(None),) * axis
            return concat([weight[(*before, slice(1, size))], weight[(*before, slice(0, 1))]], axis)
    return -weight


def _wrong(rewrite: Rewrite) -> Iterator[tuple[str, Rewrite]]:
    """The rewrite with one weight expression shifted, for each of them."""
    for node in rewrite.new_nodes:
        for name in node.mapped or {}:
            yield f"{node.kind}.{name}", _with_shift(rewrite, node, name)


def _with_shift(rewrite: Rewrite, changed: Node, name: str) -> Rewrite:
    again: dict[Tensor, Tensor] = {}
    for node in rewrite.new_nodes:
        mapped = dict(node.mapped or {})
        if node is changed:
            mapped[name] = _shifted(mapped[name])
        inputs = tuple(again.get(t, t) for t in node.inputs)
        made = Node(node.layer, inputs, node.applied_at, node.form, node.options, mapped)
        again.update(zip(node.outputs, made.outputs, strict=True))
    return Rewrite(rewrite.old, again[rewrite.new])


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    """One worker for all proofs: one start of TensorFlow."""
    with Prover(Search(sys.executable)) as prover:
        yield prover
        assert prover.starts <= 1


proofs = [False, pytest.param(True, marks=pytest.mark.whole)]


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("all_of_them", proofs, ids=["some", "all"])
@every_rule
def test_proved(rule: Rule, all_of_them: bool, prover: Prover) -> None:
    """Every fix of a fixture that is a rewrite holds in Keras."""
    for claim in _of(rule, all_of_them=all_of_them):
        proof = prover.prove(claim.rewrite, claim.level)
        assert proof.proved, f"{claim.name}: {proof.status}: {proof.reason}"
        assert not (claim.safe and proof.starts), f"{claim.name}: not {claim.level}: {proof.starts}"


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("all_of_them", proofs, ids=["some", "all"])
@every_rule
def test_refuted(rule: Rule, all_of_them: bool, prover: Prover) -> None:
    """And does not hold when one weight expression is shifted."""
    for claim in _of(rule, all_of_them=all_of_them):
        for what, wrong in _wrong(claim.rewrite):
            proof = prover.prove(wrong, claim.level)
            assert proof.status == "refuted", f"{claim.name}: {what} shifted: {proof.status}: {proof.reason}"
