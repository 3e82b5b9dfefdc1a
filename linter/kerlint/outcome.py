"""What a run says, as values: Checked and Report. Printing them is report/'s work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from kerlint.graph.facts import Evaluation
from kerlint.prove.proof import Proof
from kerlint.rule.finding import Finding
from kerlint.text.document import Document
from kerlint.text.edit import Fix
from kerlint.text.span import Span

Asked: TypeAlias = tuple[str, Span]  # a rule's code, and where it was asked


@dataclass(frozen=True, eq=False)
class Checked:
    """A finding with its fix, and the proof of that fix (None: not asked for)."""

    finding: Finding
    fix: Fix | None = None
    proof: Proof | None = None


@dataclass(frozen=True)
class NearMiss:
    """A rule that stayed silent at a place, and why (``--why``)."""

    rule: str  # its code
    name: str
    line: int
    reason: str


@dataclass(frozen=True, eq=False)
class Silences:
    """Why rules do not hold at places in some of the runs that come there: the first reason of each kind."""

    own: dict[Asked, str] = field(default_factory=dict)  # known ones
    foreign: dict[Asked, str] = field(default_factory=dict)  # of runs of other files
    unknown: dict[Asked, str] = field(default_factory=dict)  # perhaps: what is not known, of either
    generic: dict[Asked, str] = field(default_factory=dict)  # where nothing is known of the callers

    def add(self, asked: Asked, reason: str, *, foreign: bool) -> None:
        """One of a run that is reported."""
        kind = self.unknown if reason.startswith("perhaps") else self.foreign if foreign else self.own
        kind.setdefault(asked, reason)

    def rest(self, asked: Asked) -> str:
        """What is said of the runs in which a rule does not hold: `` (elsewhere: a kernel of one position)``."""
        reason = (self.own | self.foreign).get(asked, self.unknown.get(asked, "")).removeprefix("perhaps: ")
        return f" (elsewhere: {reason})" if reason and "opaque" not in reason else ""


@dataclass(frozen=True, eq=False)
class Report:
    """Everything about one document."""

    document: Document
    checked: tuple[Checked, ...] = ()
    failures: tuple[str, ...] = ()  # kerlint's own: a crash, a faulty rule
    evaluation: Evaluation = field(default_factory=Evaluation)
    near_misses: tuple[NearMiss, ...] = ()
    fixed: int = 0  # fixes that were applied to get here
    applied: tuple[Checked, ...] = ()  # these fixes, in the order of passes
    unproved: int = 0  # of these, applied without a proof because no Keras was found
    notes: tuple[str, ...] = ()  # fixes that were tried and taken back, through no fault of their rules

    @property
    def refuted(self) -> list[str]:
        """Rules whose replacement is another function, each said once: theirs is the mistake, not the program's."""
        wrong = [c.finding.rule.at for c in self.checked if c.proof is not None and c.proof.status == "refuted"]
        return [f"{rule}: its replacement is another function: the proof was refuted" for rule in dict.fromkeys(wrong)]
