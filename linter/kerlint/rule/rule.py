"""What a rule is: a function, with what the engine must know without running it."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kerlint.graph.answer import Answer
from kerlint.rule.match import Subject


class Equivalence(enum.Enum):
    """What a replacement keeps; decides whether its fix is safe (see docs/proofs.md)."""

    IDENTICAL = "identical"
    SAME_TRAINING = "same-training"
    SAME_FUNCTION = "same-function"
    SAME_CLASS = "same-class"
    ADVICE = "advice"


class Severity(enum.Enum):
    """How much a finding counts: error and warning fail a run, info is printed."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Rule:
    """One rule. ``name`` is its identity and says what is seen; ``code`` is the short form."""

    code: str
    name: str
    on: Subject
    message: str
    function: Callable[..., Answer]
    equivalence: Equivalence | None = None
    severity: Severity = Severity.WARNING
    hint: str | None = None  # what the author may have meant; such a fix is never safe
    default: bool = True
    aliases: tuple[str, ...] = ()  # former names
    since: int | None = None  # asked of code for this major version of Keras, or when it is selected by name
    options: Mapping[str, object] = field(default_factory=dict)  # keyword-only parameters and their defaults
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # the least and the largest of an option

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]{2,}\d{3}", self.code):
            raise TypeError(f"{self.code!r} is no rule code: letters and three digits")
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", self.name):
            raise TypeError(f"{self.name!r} is no rule name: lower-case words joined by '-'")
        if not self.page:
            raise TypeError(f"{self.name} has no page: write its docstring")

    @property
    def page(self) -> str:
        """The docstring: what ``kerlint explain``, the site and the editor show."""
        return inspect.getdoc(self.function) or ""

    @property
    def summary(self) -> str:
        """The page's first line."""
        return self.page.partition("\n")[0]

    @property
    def place(self) -> tuple[str, int]:
        """File and line of the rule, for messages about a faulty one."""
        code = self.function.__code__
        return code.co_filename, code.co_firstlineno

    @property
    def words(self) -> tuple[str, ...]:
        """What it is called: code, name, former names."""
        return (self.code, self.name, *self.aliases)

    @property
    def at(self) -> str:
        """Code, name and place, for messages about a faulty one."""
        return f"{self.code} {self.name} ({':'.join(map(str, self.place))})"


def rule(  # noqa: PLR0913 (keyword-only, one for each field of Rule)
    code: str,
    name: str,
    *,
    on: Subject,
    message: str,
    equivalence: Equivalence | None = None,
    severity: Severity = Severity.WARNING,
    hint: str | None = None,
    default: bool = True,
    aliases: tuple[str, ...] = (),
    since: int | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
) -> Callable[[Callable[..., Answer]], Rule]:
    """Make a rule of a function; its docstring is the page, its keyword-only parameters are its options."""

    def make(function: Callable[..., Answer]) -> Rule:
        parameters = inspect.signature(function).parameters.values()
        options: dict[str, Any] = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        what = Rule(code, name, on, message, function, equivalence, severity, hint, default, aliases, since, options)
        return replace(what, bounds=bounds or {})

    return make
