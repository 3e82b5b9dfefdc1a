"""``kerlint check``: which files there are, or standard input; whether there is anything to do at all.

Up to there nothing is imported that a run on files without Keras does not need.
"""

from __future__ import annotations

import os
import sys

from kerlint import project
from kerlint.cli.flags import Flags, Usage
from kerlint.cli.output import emit, emit_text, tell
from kerlint.cli.sources import Sources


def run(flags: Flags) -> int:
    """One run, or with ``--watch`` one after each change; the exit status."""
    if flags.watch:
        from kerlint.cli.watch import watch

        return watch(flags, once)
    return once(flags)


def once(flags: Flags) -> int:
    """One run."""
    if flags.why is not None:
        from kerlint.cli.why import sort_words

        sort_words(flags)
    if flags.add_ignore and flags.diff:
        raise Usage("--add-ignore writes files, --diff writes none")
    if flags.stdin_filename and not flags.paths:
        flags.paths = ["-"]
    if "-" in flags.paths:
        return _stdin(flags)
    sources = Sources(flags, flags.paths)
    if flags.show_files or flags.show_settings:
        return (_show_files if flags.show_files else _show_settings)(flags, sources)
    found, skipped = read(sources)
    if not found and not sources.problems and not sources.strange and _silent(flags, sources):
        if not flags.quiet:
            print(f"kerlint: nothing found (0 files checked, {skipped} without Keras)", file=sys.stderr)
        return 0
    from kerlint.cli.checking import Checking

    return Checking(flags, sources).run(found, skipped)


def read(sources: Sources) -> tuple[list[tuple[str, bytes]], int]:
    """The files that may speak of Keras with their bytes, and how many others there are."""
    seen: list[tuple[str, bytes | None]] = []
    for path in sources:
        try:
            seen.append((path, project.read(path)))
        except OSError as error:
            sources.problems.append((path, f"cannot be read: {error.strerror or error}"))
    silent = sum(data is None for _, data in seen)
    if silent and (silent < len(seen) or any(map(os.path.isfile, sources.paths))):  # there may be Keras to import
        seen = [(path, sources.through_imports(path) if data is None else data) for path, data in seen]
    found = [(path, data) for path, data in seen if data is not None]
    return found, len(seen) - len(found)


def _silent(flags: Flags, sources: Sources) -> bool:
    """Whether a run without files has nothing to print and no word to check."""
    words = (flags.select, flags.ignore, flags.extend_select, flags.baseline)
    printed = (flags.output_file, flags.write_baseline, flags.statistics)
    return not any((*words, *printed)) and flags.why is None and sources.top.output_format in ("full", "concise")


# --- standard input, and what is only shown ----------------------------------------------------------------


def _stdin(flags: Flags) -> int:
    """One document, called ``--stdin-filename``; its configuration is the one beside that name.

    With ``--fix``, the fixed source goes to standard output.
    """
    import contextlib

    from kerlint.cli.checking import Checking

    if len(flags.paths) > 1:
        raise Usage("- (standard input) goes with no other path")
    if flags.add_ignore:
        raise Usage("--add-ignore writes files; standard input is none")
    name = flags.stdin_filename or "stdin.py"
    data = sys.stdin.buffer.read()
    sources = Sources(flags, [name])
    checking = Checking(flags, sources)
    speaks = b"keras" in data or b"tensorflow" in data or sources.load.speaks(name)
    speaks = speaks and not sources.left_out(os.path.normpath(name))
    files = [checking.first(name, data)] if speaks else []
    checking.second(files)
    output = sys.stdout
    if checking.fixes(name) and not flags.diff:  # the fixed source has standard output for itself
        emit(files[0].after if files and files[0].after is not None else data)
        output = sys.stdout if flags.output_file else sys.stderr
    with contextlib.redirect_stdout(output):
        return checking.end(files, 0 if speaks else 1)


def _show_files(_flags: Flags, sources: Sources) -> int:
    emit_text("".join(f"{path}\n" for path in sources))
    for path, reason in (*sources.problems, *sources.strange):
        tell(f"kerlint: {path}: {reason}")
    return 0


def _show_settings(flags: Flags, sources: Sources) -> int:
    from kerlint.cli.session import Session

    config = sources.top
    lines = [f"# {os.path.relpath(config.source)}" if config.source else "# no configuration file"]
    session = Session(flags, sources)
    first = sources.paths[0]
    settings = session.of(os.path.join(first, "model.py") if os.path.isdir(first) else first)
    told = {name: value for name, value in config.settings().items() if name not in ("own", "source", "from_project")}
    lines += [f"{name.replace('_', '-')} = {_shown(value)}" for name, value in told.items()]
    lines += ["# rules", *(f"{rule.code}  {rule.name}" for rule in settings.rules)]
    emit_text("".join(f"{line}\n" for line in lines))
    return 0


def _shown(value: object) -> str:
    if isinstance(value, (tuple, frozenset)):
        return f"[{', '.join(_shown(v) for v in value)}]"
    if hasattr(value, "items"):
        return f"{{{', '.join(f'{k} = {_shown(v)}' for k, v in value.items())}}}"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else "(none)" if value is None else str(value)
