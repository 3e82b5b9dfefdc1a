"""How a run ends: what is printed where, and the exit status."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kerlint.cli.flags import Flags
from kerlint.cli.output import emit, emit_text, many, tell
from kerlint.cli.session import Session
from kerlint.config import SEVERITIES, Config
from kerlint.report.catalogue import page
from kerlint.report.formats import FOR_READERS, render, statistics
from kerlint.report.row import Row, Run
from kerlint.report.style import Style, harmless, style_of
from kerlint.selection import matches

if TYPE_CHECKING:
    from kerlint.cli.checking import File

UNQUOTED = re.compile(r"[^\x00-\x1f\x7f\"\\]*")
NO_BREAK = "\n\\ No newline at end of file\n"


class Ending:
    """Prints a run and says its exit status."""

    def __init__(self, flags: Flags, config: Config, session: Session) -> None:
        self.flags, self.config, self.session = flags, config, session

    def of(self, run: Run, files: Sequence[File]) -> int:
        """The exit status; 2 for kerlint's own errors, whatever else there is."""
        for error in run.errors:
            tell(f"kerlint: error: {error['path']}: {error['message']}")
        if self.flags.verbose:
            self._details(files)
        patches = b"".join(patch(f.path, f.data, f.after) for f in files if self.flags.diff and f.after is not None)
        if self.flags.diff:
            emit(patches, self.flags.output_file)
        else:
            self._print(run, files)
        told = run.checked or not run.errors  # where nothing was looked at, nothing found is no news
        if told and not self.flags.quiet and (self.flags.diff or self.config.output_format in FOR_READERS):
            tell(f"kerlint: {self._counted(run)}")
        if run.errors:
            return 2
        if self.flags.diff:
            return int(bool(patches))
        if self.flags.exit_non_zero_on_fix and run.fixed:
            return 1
        counted = SEVERITIES[: SEVERITIES.index(self.config.fail_on) + 1]
        return int(not self.flags.exit_zero and any(row.data["severity"] in counted for row in run.rows))

    def _details(self, files: Sequence[File]) -> None:
        """Which configuration was read, and what was not understood."""
        source = self.config.source
        tell(f"kerlint: configuration: {os.path.relpath(source) if source else 'none'}")
        for file in files:
            for line, reason in file.unresolved:
                tell(harmless(f"{file.path}:{line}: not understood: {reason}"))

    def _print(self, run: Run, files: Sequence[File]) -> None:
        name, target = self.config.output_format, self.flags.output_file
        style = Style() if target else style_of(sys.stdout, self.flags.color)
        if self.flags.statistics:
            text = statistics(name, run, style)
        else:
            met = {row.data["code"] for row in run.rows}
            pages = {rule.code: page(rule) for rule in self.session.known if rule.code in met}
            text = render(name, replace(run, pages=pages), style)
        if name in FOR_READERS and not target:
            emit_text(text)
        else:
            emit(text, target)
        if self.flags.why is not None:
            self._why(files, style, name in FOR_READERS)
        if self.flags.show_fixes:
            self._applied(files)

    def _why(self, files: Sequence[File], style: Style, readable: bool) -> None:
        from kerlint.cli.why import line, told

        words = self.flags.why or []
        found = [(f, m) for f in files for m in told(f.misses, f.path, words, self.session.known)]
        asked_of = {rule.name for file in files for rule in self.session.of(file.path).rules}
        idle = [r for r in self.session.known if r.name not in asked_of and any(matches(w, r) == 100 for w in words)]
        for rule in idle:
            tell(f"kerlint: {rule.code} {rule.name} was not asked: it is not selected (--extend-select {rule.code})")
        if not found and not idle:
            asked = f" ({' '.join(words)})" if words else ""
            tell(harmless(f"kerlint: no rule stayed silent there{asked}"))
        for file, miss in found:
            text = line(file.path, miss, style if readable else Style())
            if readable:
                emit_text(text)
            else:  # no format for programs has a place for it
                tell(text.rstrip("\n"))

    def _applied(self, files: Sequence[File]) -> None:
        """What was fixed, by file."""
        for file in files:
            applied = file.report.applied if file.report else ()
            counts = Counter((c.finding.rule.code, c.finding.rule.name) for c in applied)
            if counts:
                tell(f"fixed in {file.path}:")
            for (code, name), number in sorted(counts.items()):
                tell(f"    {number} x {code} {name}")

    def _counted(self, run: Run) -> str:
        """The last line for a reader."""
        number, files = len(run.rows), len({row.data["path"] for row in run.rows})
        scope = f"{many(run.checked, 'file')} checked, {run.skipped} without Keras"
        found = f"{many(number, 'finding')} in {many(files, 'file')}" if number else "nothing found"
        parts = [f"{found} ({scope})"]
        if run.fixed:
            verb = "would be fixed" if self.flags.diff else "fixed"
            parts.insert(0, f"{run.fixed} {verb}")
        held = sum(map(self._is_held, run.rows))
        if held:
            parts.append(f"{many(held, 'fix', 'es')} not applied: not proved (--no-prove applies unproved fixes)")
        left = [row for row in run.rows if row.fixable and not self._is_held(row)]
        levels = Counter(f["applicability"] for row in left for f in row.fixes)
        run_only = self.session.real and not self.flags.introspect  # the command introspect has no --fix
        words = "kerlint check --introspect --fix" if run_only else "--fix"
        if levels["safe"]:
            parts.append(f"{levels['safe']} fixable with {words}")
        if levels["unsafe"]:
            parts.append(f"{levels['unsafe']} {'more' if levels['safe'] else 'fixable'} with {words} --unsafe-fixes")
        if run_only and left:
            parts[-1] += " (what is run there: models = [...] in [tool.kerlint])"
        if run.known:
            parts.append(f"{run.known} more in the baseline")
        return "; ".join(parts)

    def _is_held(self, row: Row) -> bool:
        """Whether the flags ask for the fix of a finding, and only its proof is missing."""
        if not (self.flags.diff or self.config.fix) or not self.session.proves(self.config) or not row.needs_proof:
            return False
        levels = ("safe", "unsafe") if self.config.unsafe_fixes else ("safe",)
        return any(
            f["applicability"] in levels and f["proof"]["status"] in ("not-run", "unprovable") for f in row.fixes
        )


# --- the patch of --diff -----------------------------------------------------------------------------------


def patch(path: str, before: bytes, after: bytes) -> bytes:
    """The patch of ``--diff`` as ``git apply`` takes it: the difference in unified form; empty where there is none.

    Latin-1 maps every byte to one character and back, so the encoding of the file does not matter. A line
    ends in LF only, as git sees it: CR belongs to the line, form feeds and others are text.
    """
    told = difflib.unified_diff(_lines(before), _lines(after), _name("a", path), _name("b", path))
    return "".join(line if line.endswith("\n") else line + NO_BREAK for line in told).encode("latin-1")


def _lines(data: bytes) -> list[str]:
    *whole, rest = data.decode("latin-1").split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def _name(prefix: str, path: str) -> str:
    """The path from the directory of the run, quoted as git does where it must be."""
    name = f"{prefix}/{os.path.relpath(path).replace(os.sep, '/')}".encode("utf-8", "surrogateescape")
    text = name.decode("latin-1")
    if UNQUOTED.fullmatch(text):
        return text
    escaped = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\{ord(c):03o}" for c in text)
    return f'"{escaped}"'
