"""Edits of text: Edit, Fix, which fixes go together, and applying them."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kerlint.text.span import Span


class Applicability(enum.IntEnum):
    """How a fix may be applied, in rising order."""

    DISPLAY = 0
    UNSAFE = 1
    SAFE = 2

    @property
    def label(self) -> str:
        """The word that users see."""
        return self.name.lower()


@dataclass(frozen=True)
class Edit:
    """Text to stand in place of a span. Breaks in it are ``\\n``, whatever the document uses."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """Edits that belong together, all or none. ``reasons`` say why it is not safe.

    ``shared`` are edits that other fixes may ask for as well: a name that changes all over the file.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability
    reasons: tuple[str, ...] = ()
    shared: frozenset[Edit] = frozenset()

    def __post_init__(self) -> None:
        if not self.edits:
            raise ValueError(f"the fix {self.title!r} edits nothing")
        for one, two in pairwise(self.edits):
            if one.span.path != two.span.path:
                raise ValueError(f"the fix {self.title!r} edits two documents")
            if one.span.touches(two.span) or two.span < one.span:
                raise ValueError(f"the edits of the fix {self.title!r} touch or are not in order")


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text of one cell with the edits made. The same edit given twice is made once."""
    pieces: list[str] = []
    done = 0
    for edit in sorted(dict.fromkeys(edits), key=lambda e: e.span):
        if edit.span.start < done:
            raise ValueError(f"edits overlap at offset {edit.span.start}")
        if edit.span.end > len(text):
            raise ValueError(f"an edit ends at offset {edit.span.end} of {len(text)}")
        pieces += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*pieces, text[done:]))


def select(fixes: Sequence[Fix]) -> tuple[list[Fix], list[Fix]]:
    """The fixes that go together, and those that must wait for the next pass.

    The first by position wins; touching counts as overlapping. Two fixes may share an insertion (both add the
    same import) and what they declare as shared, but nothing else: of two fixes that replace the same text by
    the same text, one is enough.
    """
    taken: list[Fix] = []
    postponed: list[Fix] = []
    made: dict[Edit, None] = {}
    for fix in sorted(fixes, key=lambda f: [e.span for e in f.edits]):
        own = [e for e in fix.edits if not (e in made and (e.span.start == e.span.end or e in fix.shared))]
        if own and not any(e.span.touches(m.span) for e in own for m in made):
            taken.append(fix)
            made.update(dict.fromkeys(own))
        else:
            postponed.append(fix)
    return taken, postponed
