"""What fixtures say beside their lines, and what kerlint says of them: the tests' only door to the API.

    #! KER101 256 -> 256              a finding, with the parameters of its region before and after
    #! KER301 model 500 -> 90         advice, with the parameters of the model both ways
    #! KER105 dead 192                no replacement can be written; so many parameters never matter
    #! KER201 rank 3                  figures only, another text, or any other: these words are in the message
    #! KER104 66 -> 50, no fix: drop  there is a replacement, but no fix, and the reason begins so
    #! KER101 40 -> 40, unsafe: the   the rule's level is safe, this fix is not, and the reason begins so
    #! not KER101: strides=(2,)       silent here, for a reason that begins so
    #! shape (None, 8) params 40      the layer's output and its parameters
    #! option ranks = [1, 2]          an option of the fixture's own rule, in a line by itself, as in TOML

Several of them stand one after the other. What is not announced must not be found.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kerlint.engine import check
from kerlint.fixing import Policy, fix
from kerlint.graph import count
from kerlint.graph.answer import Alternative, Note, Respelling, Rewrite
from kerlint.graph.dim import Dim
from kerlint.graph.graph import Node
from kerlint.graph.layer import Silent, Unknown
from kerlint.layers.shapes import printed
from kerlint.merge import SAFE, Options
from kerlint.outcome import Checked, Report
from kerlint.report.names import Names
from kerlint.rule.load import load
from kerlint.rule.rule import Rule
from kerlint.text.document import Document
from kerlint.text.edit import Applicability
from kerlint.text.span import Span

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
LOADED = load()
RULES: tuple[Rule, ...] = LOADED.rules
ANNOUNCED = re.compile(r"[ \t]*#!.*$", re.MULTILINE)
OPTION = re.compile(r"^#! option (.+)$", re.MULTILINE)
WHY = re.compile(r", (no fix|unsafe): ")


def programs(*, fixed: bool = True) -> list[Path]:
    """The fixtures of all rules and the seeds; with or without the expected texts after fixing."""
    names = [*(rule.name for rule in RULES), "seeds"]
    found = [path for name in names for path in sorted((FIXTURES / name).glob("*.py"))]
    return [path for path in found if fixed or not path.stem.endswith(".fixed")]


def asked(path: Path) -> tuple[Rule, ...]:
    """The rules a fixture is checked with: those that are on, and the one it belongs to."""
    return tuple(rule for rule in RULES if rule.default or rule.name == path.parent.name)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def source(path: Path) -> str:
    """The program without what is announced: that must not count as comments of the user."""
    return ANNOUNCED.sub("", path.read_text(encoding="utf-8"))


# --- expected ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """One announcement."""

    line: int
    subject: str  # a code, "not <code>" or "shape"
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.subject} {self.text}".rstrip()


def expected(path: Path) -> list[Expected]:
    """What the file announces."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        for said in line.split("#!")[1:]:
            words = said.strip()
            if words.startswith("option "):
                continue
            silence = re.fullmatch(r"not (\w+): (.+)", words)
            if silence:
                found.append(Expected(number, f"not {silence[1]}", silence[2]))
            else:
                subject, _, text = words.partition(" ")
                found.append(Expected(number, subject, text.strip()))
    return found


# --- observed ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Observed:
    """One finding, silence or shape; ``forms`` are the ways in which it may be announced."""

    line: int
    subject: str
    forms: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...] = ()  # ("no fix" or "unsafe", why)
    silent: bool = False

    def meets(self, wanted: Expected) -> bool:
        """Whether the announcement speaks of this, and says enough and nothing wrong."""
        if (self.line, self.subject) != (wanted.line, wanted.subject):
            return False
        if self.silent:
            return any(form.startswith(wanted.text) for form in self.forms)
        figures, *why = WHY.split(wanted.text)
        if figures not in self.forms and not any(form.startswith("...") and figures in form for form in self.forms):
            return False
        told = list(zip(why[::2], why[1::2], strict=True))
        met = [any(k == kind and r.startswith(reason) for k, r in self.reasons) for kind, reason in told]
        return all(met) and bool(told) == bool(self.reasons)

    def __str__(self) -> str:
        why = "".join(f", {kind}: {reason}" for kind, reason in self.reasons)
        return f"line {self.line}: {self.subject} {' or '.join(self.forms)}{why}"


@functools.cache
def report(path: Path) -> Report:
    """What kerlint says of a fixture, near misses included."""
    return check(Document.of(source(path), str(path)), asked(path), chosen(path))


def options(*selected: str) -> Options:
    """In its own directory a rule is selected by name: whatever Keras the code is for."""
    return Options(why=True, selected=frozenset(selected))


def chosen(path: Path) -> Options:
    """How a fixture is checked: its own rule is selected, with the options that the program sets."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    table = tomllib.loads("\n".join(OPTION.findall(text)))
    given = {name.replace("-", "_"): value for name, value in table.items()}
    return replace(options(path.parent.name), rules={path.parent.name: given})


def observed(path: Path) -> list[Observed]:
    """Findings, silences and shapes of a fixture."""
    said = report(path)
    assert not said.failures, said.failures
    assert said.document is not None
    found = [_finding(checked, _line(said.document, checked.finding.span)) for checked in said.checked]
    found += [Observed(miss.line, f"not {miss.rule}", (miss.reason,), silent=True) for miss in said.near_misses]
    return found + list(_shapes(said))


def _finding(checked: Checked, line: int) -> Observed:
    finding = checked.finding
    reasons: tuple[tuple[str, str], ...] = ()
    if isinstance(finding.answer, (Rewrite, Respelling, Alternative)):
        if checked.fix is None:
            reasons = tuple(("no fix", reason) for reason in finding.no_fix)
        elif finding.rule.equivalence in SAFE and checked.fix.applicability is not Applicability.SAFE:
            reasons = tuple(("unsafe", reason) for reason in finding.no_fix)
    return Observed(line, finding.rule.code, tuple(_forms(checked)), reasons)


def _forms(checked: Checked) -> Iterator[str]:
    impact = checked.finding.impact
    if isinstance(checked.finding.answer, Rewrite):
        yield " -> ".join(_figures(impact.params.before, impact.params.after))
    elif isinstance(checked.finding.answer, Alternative):
        yield f"model {' -> '.join(_figures(impact.model_params.before, impact.model_params.after))}"
    elif isinstance(checked.finding.answer, (Note, Respelling)):
        yield f"params {_figures(impact.params.before)[0]}"
    else:
        yield f"dead {_figures(checked.finding.dead)[0]}"
    yield f"...{checked.finding.message}"


def _figures(*counts: Dim | None) -> list[str]:
    """The counts as the reports print them, symbols under the same names."""
    names = Names(c for c in counts if c is not None)
    return ["unknown" if c is None else str(names.count(c)) for c in counts]


def _shapes(said: Report) -> Iterator[Observed]:
    assert said.document is not None
    for context in said.evaluation.contexts:
        for node in context.trace.nodes if not context.generic else ():
            for span in {node.applied_at, node.layer.made_at}:
                if isinstance(span, Span):
                    yield Observed(_line(said.document, span), "shape", (_shape(node),))


def _shape(node: Node) -> str:
    shape = node.output.shape
    try:
        params = _figures(count.params(node))[0]
    except Silent:
        params = "unknown"
    return f"{'unknown' if isinstance(shape, Unknown) else printed(shape)} params {params}"


def _line(document: Document, span: Span) -> int:
    return document.lines(span.cell).position(span.start)[0]


# --- compared ----------------------------------------------------------------------------------------------

COUNTED = re.compile(r"[A-Z]{2,}\d{3}")  # findings must be announced; silences and shapes may be


def differences(wanted: Iterable[Expected], found: Iterable[Observed]) -> list[str]:
    """What is announced and not there, and what is there and not announced."""
    left = list(found)
    problems = []
    for one in wanted:
        met = next((o for o in left if o.meets(one)), None)
        if met is None:
            near = [str(o) for o in left if o.line == one.line and o.subject == one.subject]
            problems.append(f"announced, not found: {one}" + "".join(f"\n    there is {o}" for o in near))
        elif COUNTED.fullmatch(met.subject):
            left.remove(met)
    return problems + [f"found, not announced: {o}" for o in left if COUNTED.fullmatch(o.subject)]


# --- pages -------------------------------------------------------------------------------------------------


def sections(rule: Rule) -> dict[str, str]:
    """The page of a rule by its headings."""
    parts = re.split(r"^## (.+)$", rule.page, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def pages_example(rule: Rule) -> tuple[str, str]:
    """The example of a rule's page: what is found, and what to use instead."""
    text = sections(rule)["Example"].strip()
    form = re.fullmatch(r"```python\n(.*?)```\nUse instead:\n```python\n(.*?)```", text, re.DOTALL)
    assert form, f"{rule.name}: the example is one python block, 'Use instead:' and another one"
    return form[1], form[2]


# --- fixed -------------------------------------------------------------------------------------------------


def fixed_name(path: Path) -> Path:
    return path.with_name(f"{path.stem}.fixed.py")


def fixed(
    text: str, path: str = "model.py", rules: tuple[Rule, ...] = RULES, *, selected: tuple[str, ...] = ()
) -> Report:
    """A program after ``--fix --unsafe-fixes --no-prove``; a fixture's own rule is selected by name."""
    how = options(*selected) if selected else chosen(Path(path))
    return fix(Document.of(text, path), rules, how, Policy(unsafe=True))


def text_of(said: Report) -> str:
    assert said.document is not None
    return said.document.cell(None).source
