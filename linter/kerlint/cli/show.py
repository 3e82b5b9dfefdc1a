"""``--show-files`` and ``--show-settings``."""

from __future__ import annotations

import os

from kerlint.cli.flags import Flags
from kerlint.cli.output import emit_text, tell
from kerlint.cli.sources import Sources


def show(flags: Flags, sources: Sources) -> int:
    """Prints and checks nothing."""
    if flags.show_files:
        emit_text("".join(f"{path}\n" for path in sources))
        for path, reason in (*sources.problems, *sources.strange):
            tell(f"kerlint: {path}: {reason}")
        return 0
    config = sources.top
    lines = [f"# {os.path.relpath(config.source)}" if config.source else "# no configuration file"]
    from kerlint.cli.session import Session

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
