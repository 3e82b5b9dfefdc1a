"""``kerlint lsp``."""

from __future__ import annotations

import importlib.util

from kerlint.cli.flags import Flags, Usage


def run(_flags: Flags) -> int:
    """The server, until the editor ends it."""
    if importlib.util.find_spec("pygls") is None:
        raise Usage("the language server needs pygls: pip install 'kerlint[lsp]'")
    from kerlint.lsp.server import main

    main()
    return 0
