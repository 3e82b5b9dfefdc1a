"""``kerlint introspect TARGET...``: builders are run, shut in, and the models that come out are linted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from kerlint import project
from kerlint.cli.checking import Checking
from kerlint.cli.flags import Flags, Usage
from kerlint.cli.output import Bar, emit, emit_text, many, tell
from kerlint.cli.session import Session
from kerlint.cli.sources import Sources
from kerlint.cli.why import sort_words
from kerlint.evaluate.evidence import speaks_two
from kerlint.host.find import Interpreter, shown
from kerlint.host.worker import Limits
from kerlint.introspect.client import SECONDS, Introspection, NotIntrospected, Outcome, Wish
from kerlint.introspect.join import joining
from kerlint.introspect.read import documents
from kerlint.introspect.target import BadTarget, Target, parse
from kerlint.report.json import dumps
from kerlint.report.style import harmless
from kerlint.text.document import Problem

T = TypeVar("T")
MOST = 8  # numbers that stand for data: a program may ask for a thousand


def run(flags: Flags) -> int:
    """1 for findings, differences or unexplained dead weights; 2 where a target gives no model."""
    if flags.why is not None:
        sort_words(flags)
    targets = [replace(_target(word), arguments=flags.arguments) for word in flags.paths]
    sources = Sources(flags, [shown(target.path) if target.path else "." for target in targets])
    flags.fix = False
    targets = targets or [_target(word, sources.top.root) for word in sources.top.models]
    if not targets:
        raise Usage("name a target: path.py:build_model, or models = [...] in [tool.kerlint]")
    if flags.compare:
        from kerlint.cli.comparing import compare

        return told(flags, sources, targets, lambda one, outcome: compare(sources, outcome))
    if flags.dead_weights:
        from kerlint.cli.comparing import dead_weights

        session = Session(flags, sources)
        return told(flags, sources, targets, lambda one, outcome: dead_weights(session, one, outcome))
    return _lint(flags, sources, targets)


def _target(word: str, folder: str | None = None) -> Target:
    try:
        return parse(word, folder)
    except BadTarget as error:
        raise Usage(str(error)) from None


def each(
    session: Session, targets: Sequence[Target], use: Callable[[Introspection, Outcome], T]
) -> Iterator[tuple[Target, T | NotIntrospected]]:
    """Every target run, one after the other, and what is made of it. Raises Usage where there is no Keras."""
    interpreter, why = session.search(demand=True).find()
    if interpreter is None:
        raise Usage(why or "no Keras found")
    limits = Limits() if session.flags.memory is None else Limits(memory=session.flags.memory * 2**30)
    wish = Wish(3, session.flags.run_all, float(session.flags.timeout or SECONDS), limits)
    bar = Bar("running", len(targets), wanted=not session.flags.quiet)
    for target in targets:
        bar.step()
        wish = replace(wish, generation=_generation(session, target, interpreter))
        with Introspection(interpreter, target, wish) as one:
            try:
                outcome = one.outcome()
                bar.end()
                _notes(outcome, session.flags)
                yield target, use(one, outcome)
            except NotIntrospected as error:
                bar.end()
                yield target, error


def _generation(session: Session, target: Target, interpreter: Interpreter) -> int:
    """The Keras that a program is run with: the one that is configured, else 2 where it speaks that and it is there."""
    configured = session.sources.top.generation
    document = session.sources.document(target.path) if configured is None and target.path else None
    if document is None or isinstance(document, Problem) or interpreter.lacks((2,)):
        return configured or 3
    legacy = os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true")
    if not legacy and not speaks_two(document):
        return 3
    tell(f"kerlint: {target.written}: run with Keras 2, which it speaks (keras = 3 in the configuration: with Keras 3)")
    return 2


def _notes(outcome: Outcome, flags: Flags) -> None:
    """What the reader has to know of the run."""
    who = f"kerlint: {outcome.target.written}"
    for warning in outcome.data["open"]:
        tell(f"{who}: warning: {warning}")
    if outcome.data["raised"]:
        tell(harmless(f"{who}: warning: the module raised {outcome.data['raised']}: what it made before is linted"))
    for row in (*outcome.models, *outcome.data["layers"]):
        if row.get("untraced"):
            tell(harmless(f"{who}: warning: {row['name']} ({row['class']}) is not followed: {row['untraced']}"))
    drawn = [*outcome.data["drawn"].items()]
    for name, number in drawn if flags.verbose else drawn[:MOST]:
        tell(harmless(f"{who}: {name} is not read: {number} stands for it (--run-all reads it)"))
    if len(drawn) > MOST and not flags.verbose:
        tell(f"{who}: numbers stand for {len(drawn) - MOST} more that is not read (--verbose lists them)")
    if outcome.data["stood_in"]:
        tell(f"{who}: inert: {', '.join(outcome.data['stood_in'])}")
    if flags.verbose:
        for line in outcome.printed.splitlines()[-200:]:
            tell(harmless(f"{who}: printed: {line}"))


def add_models(checking: Checking) -> None:
    """``check --introspect``: what the configured models really are counts beside what the source says."""
    session = checking.session
    config = session.sources.top
    if not config.models:
        raise Usage("--introspect runs the configured models: set models = [...] in [tool.kerlint]")
    targets = [_target(word, config.root) for word in config.models]
    session.real = joining(_outcomes(session, targets), only=False)


def _outcomes(session: Session, targets: Sequence[Target]) -> list[Outcome]:
    """What came out of the targets; one that gave no model is an error of the run."""
    found: list[Outcome] = []
    for target, outcome in each(session, targets, lambda _one, outcome: outcome):
        if isinstance(outcome, NotIntrospected):
            session.errors.append({"path": target.written, "message": str(outcome)})
        else:
            found.append(outcome)
    return found


def _lint(flags: Flags, sources: Sources, targets: Sequence[Target]) -> int:
    """The findings in the files that made the layers, as ``check`` prints them."""
    checking = Checking(flags, sources)
    outcomes = _outcomes(checking.session, targets)
    models = [model for outcome in outcomes for model in outcome.models if not model["untraced"]]
    if models and not flags.quiet:
        tell(f"kerlint: {many(len(models), 'model')}, {many(sum(len(m['layers']) for m in models), 'layer')} looked at")
    checking.session.real = joining(outcomes, only=True)
    paths = dict.fromkeys(shown(path) for outcome in outcomes for path in documents(outcome))
    data = [(path, project.read(path)) for path in paths]
    files = [checking.first(path, found) for path, found in data if found is not None]
    checking.second(files)
    return checking.end(files, 0)


def told(
    flags: Flags,
    sources: Sources,
    targets: Sequence[Target],
    ask: Callable[[Introspection, Outcome], tuple[list[dict[str, Any]], str, bool]],
) -> int:
    """Prints what is asked of each target: rows for programs, text for readers, and whether it is all right."""
    rows: list[dict[str, Any]] = []
    status = 0
    json = sources.top.output_format in ("json", "jsonl")
    for target, found in each(Session(flags, sources), targets, lambda *one: (ask(*one), one[1].data["raised"])):
        if isinstance(found, NotIntrospected):
            tell(harmless(f"kerlint: error: {target.written}: {found}"))
            status = 2
            continue
        (more, text, fine), raised = found
        rows += [row | {"raised": raised} for row in more]
        status = status or int(not fine)
        if not json:
            emit_text(text + harmless(f"    the program did not come to its end: {raised}\n" if raised else ""))
    if json:
        emit(dumps({"version": 1, "models": rows}), flags.output_file)
    return status
