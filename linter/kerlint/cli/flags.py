"""What can be asked for on the command line, with the defaults. Imports nothing: every run reads it."""

from __future__ import annotations

COMMANDS = ("check", "summary", "explain", "prove", "introspect", "lsp")
# What the next word belongs to: it is no command.
TAKING = (
    *("--select", "--ignore", "--extend-select", "--python", "--cache-dir", "--output-format", "--format"),
    *("--output-file", "--baseline", "--write-baseline", "--fail-on", "--exclude", "--extend-exclude", "--config"),
    *("--stdin-filename", "--jobs", "-j", "--color", "--timeout", "--memory"),
)


class Usage(Exception):
    """The command line asks for something that cannot be; exit status 2."""


class Flags:
    """One attribute a flag; argparse sets those that are given. None: the configuration decides."""

    paths: list[str]
    select: list[str] | None = None
    ignore: list[str] | tuple[str, ...] = ()
    extend_select: list[str] | tuple[str, ...] = ()
    why: list[str] | None = None
    fix: bool | None = None
    unsafe_fixes: bool | None = None
    diff = False
    show_fixes = False
    prove: bool | None = None
    python: str | None = None
    output_format: str | None = None
    output_file: str | None = None
    statistics = False
    exit_zero = False
    exit_non_zero_on_fix = False
    fail_on: str | None = None
    trust = False
    add_ignore = False
    baseline: str | None = None
    write_baseline: str | None = None
    watch = False
    jobs: int | None = None
    no_cache = False
    cache_dir: str | None = None
    config: str | None = None
    isolated = False
    stdin_filename: str | None = None
    exclude: list[str] | None = None
    extend_exclude: list[str] | None = None
    force_exclude: bool | None = None
    show_files = False
    show_settings = False
    color = "auto"
    verbose = 0
    quiet = False
    introspect = False
    # of other commands
    compare = False
    dead_weights = False
    run_all = False
    timeout: int | None = None
    memory: int | None = None
    arguments: tuple[str, ...] = ()
    code: str | None = None
    all = False

    def __init__(self, paths: list[str] | None = None) -> None:
        self.paths = paths or []
