"""``kerlint introspect``: announced, not in this version."""

from __future__ import annotations

from kerlint.cli.flags import Flags, Usage


def run(_flags: Flags) -> int:
    """Says so; exit status 2."""
    raise Usage("introspect is not in this version; kerlint summary shows what is read from the source")
