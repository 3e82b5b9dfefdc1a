"""From a document to its models: roots, replay of undecided branches, and what each run says."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import kerlint.evaluate.custom
import kerlint.evaluate.known
import kerlint.layers  # noqa: F401  these fill the tables
from kerlint.evaluate import calls
from kerlint.evaluate.apply import demanded
from kerlint.evaluate.evidence import later, meant_for_three, relying, spoken, standalone, untaught
from kerlint.evaluate.expressions import value_of
from kerlint.evaluate.models import as_layer
from kerlint.evaluate.names import Frame, Source
from kerlint.evaluate.outcome import context_of, reason_of
from kerlint.evaluate.relevance import flow_of, idle_questions, matters
from kerlint.evaluate.roots import Root, called, candidates
from kerlint.evaluate.saved import Saved
from kerlint.evaluate.state import Budget, Exhausted, Raised, Run, Stopped, TooLarge
from kerlint.evaluate.statements import execute
from kerlint.evaluate.trees import parsed
from kerlint.evaluate.values import Function, Value
from kerlint.graph.facts import MODULE, Context, Evaluation
from kerlint.graph.graph import Trace, Unresolved
from kerlint.text.document import Document
from kerlint.text.span import Span

ALL = 4  # questions of which every combination is looked at; of more, each is turned round by itself
DECISIONS = 16  # runs of one root
REPLAY = 15_000  # steps of all runs of one root; one run is always made
LEFT = 50_000  # steps for functions that nobody calls, however many the module took
GENERIC = 8  # runs of a function with nothing known of its parameters
NESTING = 12_000  # Python frames: deep expressions of the program are deep here too
Decided = dict[tuple[str, str], bool]


@dataclass
class _Job:
    """One document while it is evaluated."""

    document: Document
    trees: list[tuple[Source, list[ast.stmt]]]
    begin: Callable[[], Run]
    budget: Budget
    known: Iterator[dict[str, Value]]  # what the runs showed of inputs' shapes before an edit
    wanted: Callable[[Root], bool]  # whether a root is reported
    module: Frame | None = None  # of the first run
    contexts: list[Context] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    explored: int = 0
    met: int = 0
    defined: dict[int, Function] = field(default_factory=dict)  # the functions that the module made
    saved: Saved | None = None  # the state of the module, where functions are run
    counted: dict[str, Any] = field(default_factory=dict)  # what tells unknown values apart, at the module's end
    called: set[object] = field(default_factory=set)
    spent: bool = False  # nothing more is evaluated
    raised: int = 0  # roots of which every run raises, or lacks an argument
    shown: list[dict[str, Value]] = field(default_factory=list)  # what they show of them


def evaluate(  # noqa: PLR0913 (keyword-only, one for each thing that a caller may know)
    document: Document,
    *,
    load: Callable[[str, str], Document | None] | None = None,
    keras: int | None = None,
    data_format: str = "channels_last",
    roots: bool | Callable[[Root], bool] = True,
    evidence: int | None = None,
    call: str | None = None,
    shown: Sequence[dict[str, Any]] = (),
    overridden: frozenset[str] = frozenset(),
) -> Evaluation:
    """Everything that a document says of models. ``load(module, path)`` gives other files of the project.

    ``roots=False`` evaluates the module level only, a function chooses among the roots below it. Generic contexts
    are made when ``Evaluation.vetted`` asks for them.
    ``evidence`` is the major version that the document is known to speak, whatever its own words say, ``shown`` what
    its runs are known to show of the shapes of inputs, ``overridden`` what other files set for its functions.
    ``call`` is one more root: ``build(classes=3)``, written by whoever asks. Raises SyntaxError if it is no call.
    """
    trees, problems = parsed(document)
    if not trees and problems:
        return Evaluation(problems=tuple(problems))
    spoken_by = spoken(document) if evidence is None else evidence
    target = keras or (3 if meant_for_three(document) else None)
    budget = Budget(parsed={document.path: document}, overridden=overridden)
    kept: dict[str, Any] = {"evidence": spoken_by, "standalone": standalone(document), "certain": target or 1}
    begin = partial(Run, budget, load, keras, data_format, value_of, execute, calls.call, as_layer, **kept)
    job = _Job(document, trees, begin, budget, iter(shown), roots if callable(roots) else lambda _: bool(roots))
    with _deep(budget):
        _explore(job, Root(MODULE))
        budget.steps, job.spent = max(budget.steps, LEFT), budget.over()
        if call is not None and job.module is not None:
            _explore(job, called(job.module, call))
        found = candidates(job.module, job.called, job.defined.values()) if roots and job.module is not None else ()
        chosen = [r for r in found if _reported(job, r)]
    called_here = (function for key, function in job.defined.items() if key in job.called)
    lent = [(f.source, [f.node]) for f in called_here if f.source.document is not document]  # by other files
    if facts := tuple(relying([*job.trees, *lent], job.called)):  # of what no run reached
        job.contexts.append(Context(MODULE, (), facts, Trace(), generic=True))
    if names := later(document, job.module, budget.followed):
        job.contexts = [replace(c, trace=replace(c.trace, later=names)) for c in job.contexts]
    return Evaluation(
        tuple(untaught(document, job.contexts)), tuple(job.unresolved), tuple(problems), (job.explored, job.met),
        tuple(r.span for r in chosen if r.span is not None), spoken_by, target,
        cache(lambda: _vetted(job, filter(job.wanted, chosen))),
        shown=job.shown, overridden=overridden,
    )  # fmt: skip


def _reported(job: _Job, root: Root) -> bool:
    """Runs the root, if it is one that is reported and nobody has called it yet; else whether it is generic.

    A function that only raises with its defaults, or makes layers of None, is never called so: then it runs without
    them, and without those that its object is made with.
    """
    if root.generic:
        return True
    if root.key not in job.called and job.wanted(root):
        raised, before = job.raised, len(job.contexts)
        _explore(job, root)
        if job.raised > raised:
            del job.contexts[before:]
            _explore(job, replace(root, bare=True))
    return False


def _vetted(job: _Job, roots: Iterable[Root]) -> tuple[Context, ...]:
    """The contexts of functions with nothing known of their parameters."""
    reported = len(job.contexts)
    with _deep(job.budget):
        for root in roots:
            _explore(job, root)
    return tuple(job.contexts[reported:])


@contextmanager
def _deep(budget: Budget) -> Iterator[None]:
    """Within: the program may be deep, and its time runs."""
    before, collects = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(before, NESTING))
    budget.begin()
    gc.disable()  # graphs are kept anyway: looking for garbage takes a fifth of the time
    try:
        yield
    finally:
        budget.end()
        sys.setrecursionlimit(before)
        if collects:
            gc.enable()


# --- replay ------------------------------------------------------------------------------------------------


def _explore(job: _Job, root: Root) -> None:
    """Runs a root, then again with other assumptions.

    A run that raises may have assumed what is not so: it counts only where all of them raise, for what they finished.
    """
    found: list[Context] = []
    yields = False
    queue: list[Decided] = [{}]
    seen: set[tuple[Any, ...]] = set()
    met: set[tuple[str, str]] = set()
    flipped: set[tuple[str, str]] = set()
    runs = beyond = 0
    limit = GENERIC if root.generic else DECISIONS
    left = REPLAY // (3 if root.generic else 1)
    while queue and runs < limit and (left > 0 or not runs) and not job.spent:
        forced = queue.pop(0)
        runs += 1
        run, context = _run(job, root, forced)
        for generator in [*job.budget.waiting]:
            generator.end()
        left -= run.steps
        lacks = any(fact.data.get("lacks") for fact in run.facts)
        yields = yields or not (run.raised or lacks)
        # Where a run raises, any of its assumptions may be what is wrong.
        made = {k: v for k, v in run.decisions.made.items() if k not in run.decisions.idle or run.raised}
        fresh = made.keys() - met  # also of questions that mattered to no file read so far
        met |= fresh
        beyond = max(beyond, sum(matters(run, place) for place in run.decisions.beyond.values()))
        key = tuple(made.items())
        if key not in seen:
            found.append(context)
        seen.add(key)
        flipped |= {k for k in forced if k in made}
        queue += _others(forced, made, fresh, len(met))
    job.contexts += [c for c in found if not c.raised] or ([] if root.generic else found)
    job.raised += not yields
    if not root.generic:
        job.met += len(met) + beyond
        job.explored += len(met & flipped) if queue else len(met)


def _others(forced: Decided, made: Decided, fresh: set[tuple[str, str]], met: int) -> Iterator[Decided]:
    """The assumptions of this run with one more of them turned round; of many, only what was never met before."""
    every = not forced or met <= ALL
    prefix: Decided = {}
    passed = not forced
    for question, answer in made.items():
        if question not in forced and (question in fresh or (passed and every)):
            yield {**prefix, **forced, question: not answer}
        prefix[question] = answer
        passed = passed or (question in forced and all(q in prefix for q in forced))


def _run(job: _Job, root: Root, forced: Decided, earlier: Run | None = None) -> tuple[Run, Context]:
    """One run of a root under assumptions; run once more, where it shows how many axes an input must have."""
    run = job.begin()
    run.decisions.forced, run.generic = forced, root.generic
    if earlier is not None:
        run.pinned, run.steps = dict(job.shown[-1]), earlier.steps
        run.decisions.forced = {**forced, **earlier.decisions.made}
    frame = Frame(job.trees[0][0]) if root.function is None and root.call is None and job.trees else None
    try:
        if frame is not None:
            _module(run, job, frame)
        elif job.module is not None:
            job.saved = job.saved or Saved(job.module, *job.defined.values())
            job.saved.restore()
            vars(run).update({name: count.copy() for name, count in job.counted.items()})
            root.start(run, job.module)
    except Raised as why:
        run.raised = True
        if root.call is not None:
            job.unresolved.append(Unresolved(root.span, root.line, str(why)))
    except Stopped:
        pass
    except (Exhausted, TooLarge, RecursionError) as spent:
        _spent(job, run, root, spent)
    if earlier is None:
        job.shown.append(next(job.known, {}) | ({} if run.raised or run.spoiled else demanded(run, root.generic)))
        if job.shown[-1]:
            return _run(job, root, forced, run)
    if frame is not None and not job.counted:
        job.module, job.defined = frame, run.defined
        job.counted = {name: getattr(run, name) for name in ("ordinals", "versions", "numbers")}
    run.decisions.idle = idle_questions(run)
    context = context_of(run, root)
    changed = job.saved.restore() if job.saved is not None else set()
    # What else it called, it called in another state than who calls that first.
    job.called |= {root.key} if changed and changed & flow_of(run).reaching else run.called
    if earlier is not None:  # what it decided is decided here, too: this leaves fewer questions, not fewer ways
        run.decisions.idle |= earlier.decisions.idle - run.decisions.made.keys()
        run.decisions.made = {**earlier.decisions.made, **run.decisions.made}
    return run, context


def _module(run: Run, job: _Job, frame: Frame) -> None:
    run.trees[id(frame)] = [statement for _, body in job.trees for statement in body]
    for source, body in job.trees:
        frame.source = source
        try:
            run.execute(run, body, frame)
        except Raised:  # of a notebook, the next cell can be run all the same
            run.raised = True


def _spent(job: _Job, run: Run, root: Root, spent: Exception) -> None:
    span = Span(job.document.path, job.document.cells[0].index if job.document.cells else None, 0, 0)
    place = Unresolved(root.span or span, root.line, reason_of(spent))
    job.spent = job.budget.steps < 0 or job.budget.over()
    job.unresolved.append(place)
    run.spoiled.append(place)
    run.called.clear()  # what it made is in doubt: its functions are looked at alone
