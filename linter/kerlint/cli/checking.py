"""A run: every file checked, then proved or fixed, then written and told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import kerlint
from kerlint import engine
from kerlint.baseline import Baseline, Known, known, write
from kerlint.cli.ending import Ending
from kerlint.cli.flags import Flags
from kerlint.cli.output import emit, many, tell
from kerlint.cli.session import Session
from kerlint.cli.sources import Sources
from kerlint.graph.answer import Rewrite
from kerlint.outcome import NearMiss, Report
from kerlint.report.row import Row, Run, of_problem, rows_of
from kerlint.report.style import harmless
from kerlint.report.summary import reason_in
from kerlint.rule.ignore import all_ignored
from kerlint.text import document as files
from kerlint.text.document import Document, Problem

if TYPE_CHECKING:
    from kerlint.fixing import Prove


@dataclass
class File:
    """One file on its way through the run."""

    path: str
    data: bytes
    report: Report | None = None
    problem: Problem | None = None
    errors: list[dict[str, str]] = field(default_factory=list)
    after: bytes | None = None  # None: as it was
    before: Report | None = None  # what was said of the file before it was fixed
    rows: tuple[Row, ...] | None = None  # made by another process, which keeps the report
    misses: tuple[NearMiss, ...] = ()
    unresolved: tuple[tuple[int, str], ...] = ()  # line and reason

    def failed(self, message: str) -> None:
        """One of kerlint's own errors in this file."""
        entry = {"path": self.path, "message": message}
        if entry not in self.errors:
            self.errors.append(entry)

    def unwritten(self, message: str) -> None:
        """The fixes are not in the file: what was found before stands."""
        self.failed(message)
        self.report = self.before or self.report


class Checking:
    """One run over files that may speak of Keras."""

    def __init__(self, flags: Flags, sources: Sources) -> None:
        self.flags, self.sources = flags, sources
        self.session = Session(flags, sources)
        name = None if flags.write_baseline else sources.top.baseline
        # Read before anything else: a wrong name should not cost the time of a run.
        self.baseline = None if name is None else (name, Baseline.read(name))

    def run(self, found: Sequence[tuple[str, bytes]], skipped: int) -> int:
        """Check, prove, fix, write, print; the exit status."""
        if self.flags.introspect:
            from kerlint.cli.introspect import add_models

            add_models(self)
        done = self.all_first(found)
        self.second(done)
        done += map(unread, self.sources.problems)
        for path, reason in self.sources.strange:
            tell(harmless(f"kerlint: warning: {path}: {reason}"))
        if self.flags.add_ignore:
            return self._add_ignores(done)
        for file in done if not self.flags.diff else ():
            _write(file)
            if file.after is not None and self.session.real:
                tell(f"kerlint: {file.path} is not what was run any more: run again for what only a run shows of it")
        return self.end(done, skipped)

    def end(self, done: Sequence[File], skipped: int) -> int:
        """Print, and say the exit status."""
        for file in done:
            for message in file.report.refuted if file.report else ():
                file.failed(message)
        return Ending(self.flags, self.sources.top, self.session).of(self.result(done, skipped), done)

    def all_first(self, found: Sequence[tuple[str, bytes]]) -> list[File]:
        """Every file as it is, in several processes where that pays."""
        from kerlint.cli.jobs import number_of, spread

        jobs = 1 if self.flags.add_ignore or self.session.real else number_of(self.flags.jobs, len(found))
        if jobs > 1:
            return spread(self, found, jobs)
        return [self.first(path, data) for path, data in found]

    def first(self, path: str, data: bytes) -> File:
        """A file as it is. A crash is this file's, the others go on."""
        file = File(path, data)
        document = Document.parse(data, path)
        if isinstance(document, Problem):
            file.problem = document
            return file
        settings = self.session.of(path)
        try:
            document = self.sources.load.known(document)  # one object: what follows from it is worked out once
            file.report = engine.check(document, settings.rules, settings.options)
            file.misses = file.report.near_misses
            file.unresolved = tuple(_unresolved(file.report))
        except Exception as error:
            file.failed(f"{type(error).__name__}: {error}")
        return file

    def second(self, done: Sequence[File]) -> None:
        """Proofs and fixes, of those that need some: where nothing can be proved, no TensorFlow starts."""
        rewrites = sum(_rewrites(file) for file in done)
        waiting = [file for file in done if has_fixes(file)]
        proving = [f for f in waiting if self.session.proves(self.session.of(f.path).config) and _rewrites(f)]
        if not proving:
            for file in waiting:
                self._finish(file, None)
            return
        with self.session.prover(None if self.fixes(waiting[0].path) else rewrites) as (prover, prove):
            for file in waiting:
                self._finish(file, prove if file in proving else None)
            unproved = sum(file.report.unproved for file in done if file.report)
            if unproved:
                fixes = f"{many(unproved, 'fix', 'es')} {'of the patch' if self.flags.diff else 'applied'}"
                tell(f"kerlint: {fixes} unproved: {prover.why_not or 'no Keras found'}")

    def goes_on(self, path: str) -> bool:
        """Whether a fix in a file is proved or applied."""
        return self.fixes(path) or self.session.proves(self.session.of(path).config)

    def fixes(self, path: str) -> bool:
        """Whether fixes are applied to a file."""
        return self.flags.diff or bool(self.session.of(path).config.fix)

    def _finish(self, file: File, prove: Prove | None) -> None:
        from kerlint import fixing  # loads libcst: only a run with something to fix

        assert file.report is not None
        rules, options, config = self.session.of(file.path)
        document = file.report.document
        try:
            if self.fixes(file.path):
                policy = fixing.Policy(config.unsafe_fixes, prove, config.prove == "require")
                fixed = fixing.fix(document, rules, options, policy)
                file.after = fixed.document.to_bytes() if fixed.fixed else None
                file.before, file.report = file.report, fixed
            elif prove is not None:
                file.report = fixing.prove_all(file.report, prove)
        except UnicodeEncodeError as error:
            file.failed(f"not fixed: {document.encoding} cannot write {error.object[error.start]!r}")
        except Exception as error:
            file.failed(f"{type(error).__name__}: {error}")

    def result(self, done: Sequence[File], skipped: int) -> Run:
        """What there is to print. Findings that the baseline knows are not among it."""
        rows = [row for file in done for row in self.rows(file)]
        hidden = 0
        positions = {file.path: number for number, file in enumerate(done)}
        rows.sort(key=lambda row: _order(row, positions))
        if self.flags.write_baseline:
            emit(write(_entry(self.flags.write_baseline, row) for row in rows), self.flags.write_baseline)
            tell(f"kerlint: {many(len(rows), 'finding')} written to {self.flags.write_baseline}")
            rows = []
        elif self.baseline is not None:
            name, known_ones = self.baseline
            fresh = [row for row in rows if not known_ones.takes(_entry(name, row))]
            rows, hidden = fresh, len(rows) - len(fresh)
        errors = [*self.session.errors, *(error for file in done for error in file.errors)]
        return Run(
            tuple(rows), tuple(errors), checked=len(done), skipped=skipped,
            fixed=sum(file.report.fixed for file in done if file.report), known=hidden, version=kerlint.__version__,
        )  # fmt: skip

    def rows(self, file: File) -> tuple[Row, ...]:
        """The findings of a file; what crashed in it are errors."""
        if file.problem is not None:
            return () if self.session.unread(file.path) else (of_problem(file.problem),)
        if file.rows is not None:
            return file.rows
        if file.report is None:
            return ()
        for failure in file.report.failures:
            file.failed(failure)
        for note in file.report.notes:
            tell(f"kerlint: {file.path}: {note}")
        rows = rows_of(file.report)
        return tuple(r for r in rows if r.data["code"] != "KER000") if self.session.unread(file.path) else rows

    def _add_ignores(self, done: Sequence[File]) -> int:
        number = 0
        for file in done:
            if file.report is not None and file.report.checked:
                document, written = all_ignored(file.report.document, [c.finding for c in file.report.checked])
                number += written
                file.after = document.to_bytes()
                _write(file)
        tell(f"kerlint: {many(number, 'finding')} silenced")
        errors = [*self.session.errors, *(error for file in done for error in file.errors)]
        for error in errors:
            tell(f"kerlint: error: {error['path']}: {error['message']}")
        return 2 if errors else 0


def _unresolved(report: Report) -> Iterator[tuple[int, str]]:
    """What was not understood, each once."""
    graphs = (model.graph for model in report.evaluation.models)
    found = (*report.evaluation.unresolved, *(u for graph in graphs for u in graph.unresolved))
    yield from sorted({(u.line, reason_in(report.document.path, u)) for u in found})


def has_fixes(file: File) -> bool:
    """Whether there is something to prove or to apply."""
    return file.report is not None and any(c.fix for c in file.report.checked)


def _rewrites(file: File) -> int:
    """How many fixes of a file can be proved."""
    checked = file.report.checked if file.report else ()
    return sum(c.fix is not None and isinstance(c.finding.answer, Rewrite) for c in checked)


def unread(problem: tuple[str, str]) -> File:
    """A path that cannot be read, and why."""
    path, reason = problem
    shown = reason if reason.startswith("cannot") else f"cannot be read: {reason}"
    return File(path, b"", problem=Problem.at(path, shown))


def _write(file: File) -> None:
    """One atomic replacement; nothing is lost that somebody else wrote in the meantime."""
    if file.after is None or file.after == file.data:
        return
    try:
        with open(file.path, "rb") as source:
            there = source.read()
        if there == file.data:
            files.replace(file.path, file.after)
        elif there != file.after:  # else it has two names, and was written by the other one
            file.unwritten("not fixed: the file was changed during the run")
    except OSError as error:
        file.unwritten(f"cannot be written: {error.strerror or error}")


def _order(row: Row, positions: dict[str, int]) -> tuple[int, int, int, int, str]:
    start, cell = row.data["start"], row.data["cell"]
    place = positions.get(row.data["path"], 0)
    return place, -1 if cell is None else cell, start["line"], start["column"], row.data["code"]


def _entry(file: str, row: Row) -> Known:
    return known(file, row.data["path"], row.data["rule"], row.source[0] if row.source else "")
